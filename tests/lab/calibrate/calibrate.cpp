#include "lab/calibrate/calibrate.hpp"

#include "lab/calibrate/laws.hpp"

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <set>

using namespace switchyard;
using namespace switchyard::lab;

// A few milliseconds a probe, small processes: the figures are worth little, the structure is the same.
static CalibrationOptions briefest() {
    CalibrationOptions options;
    options.rounds = 1;
    options.probe_milliseconds = 1;
    options.most_pages = 256;
    return options;
}

TEST_CASE("a calibration yields a profile of this machine and the raw figures behind it", "[calibrate]") {
    CalibrationOptions options = briefest();
    options.profile_name = "mine";
    options.tool = "a test";
    std::vector<double> fractions;
    std::set<std::string, std::less<>> measured;
    const auto calibration = calibrate(options, [&](double fraction, std::string_view probe) {
        fractions.push_back(fraction);
        measured.emplace(probe);
    });
    REQUIRE(calibration.has_value());
    const CostProfile& profile = calibration->profile;
    CHECK(profile.name == "mine");
    CHECK(profile.origin.tool == "a test");
    CHECK(profile.origin.kernel.starts_with("Linux "));
    CHECK(profile.origin.cpus >= 1);
    CHECK(profile.iteration_picoseconds > 0);

    CHECK(fractions.front() == 0);
    CHECK(fractions.back() == 1);
    CHECK(std::is_sorted(fractions.begin(), fractions.end()));
    for (const native::Probe& probe : native::probes()) CHECK(measured.contains(probe.name));

    for (const ProbeSummary& probe : calibration->probes) {
        INFO(probe.name());
        CHECK(probe.rounds.size() == 1);
        CHECK(probe.interval.low <= probe.median);
        CHECK(probe.median <= probe.interval.high);
    }
    const std::optional<Law>& call = profile[Cost::system_call];
    REQUIRE(call.has_value());
    CHECK(evaluate(*call) > 0);
    CHECK(call->origin.rounds == 1);
    REQUIRE(profile[Cost::fork].has_value());
    CHECK(profile[Cost::fork]->kind == Law::Kind::affine);
    for (const std::optional<Law>& law : profile.law)
        if (law) CHECK(evaluate(*law) >= 0);
}

TEST_CASE("a calibration of some probes knows the laws that need no others", "[calibrate]") {
    CalibrationOptions options = briefest();
    options.only = {"system_call", "memory_m"};
    const auto calibration = calibrate(options);
    REQUIRE(calibration.has_value());
    REQUIRE(calibration->probes.size() == 2);
    CHECK(calibration->probes[0].probe == "system_call");
    CHECK(calibration->probes[1].probe == "memory_map");
    CHECK(calibration->profile[Cost::memory_map].has_value());
    CHECK_FALSE(calibration->profile[Cost::yield].has_value());
}

TEST_CASE("a calibration stops on request and yields nothing", "[calibrate]") {
    CalibrationOptions options = briefest();
    std::stop_source source;
    options.stop = source.get_token();
    std::size_t reported = 0;
    const auto calibration = calibrate(options, [&](double, std::string_view) {
        if (++reported == 3) source.request_stop();
    });
    CHECK_FALSE(calibration.has_value());
    CHECK(reported == 3);
}
