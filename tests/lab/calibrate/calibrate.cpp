#include "lab/calibrate/calibrate.hpp"

#include "lab/calibrate/laws.hpp"
#include "lab/calibrate/selection.hpp"
#include "models/errors.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <algorithm>
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
    CHECK(profile[Cost::fork]->kind == Law::Kind::table);
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

TEST_CASE("a calibration of a law measures all it is computed from, and no name that nothing has", "[calibrate]") {
    const auto names = [](const std::vector<std::string>& only) {
        std::set<std::string, std::less<>> measured;
        for (const ProbeRecord& record : wanted_records(only, 1 << 30)) measured.emplace(record.probe->name);
        return measured;
    };
    using Set = std::set<std::string, std::less<>>;
    CHECK(names({"epoll.wait"}) == Set{"system_call", "epoll_wait"});
    CHECK(names({"switch.context"}) == Set{"system_call", "yield_alone", "yield_thread"});
    CHECK(names({"tlb.shootdown"}).contains("memory_protect_seen"));
    CHECK(names({"tlb.shootdown"}).contains("memory_protect_few"));
    CHECK(names({"process.exit"}).contains("futex_thread")); // by way of wake_up
    CHECK(names({"epoll.wait", "memory_map"}) == Set{"system_call", "epoll_wait", "memory_map"});
    CHECK(names({}).size() == native::probes().size());
    CHECK_THROWS_AS(names({"epoll_weight"}), InputError);
}

TEST_CASE("amounts that are held out are measured in the order of amounts, for half as long", "[calibrate]") {
    const std::vector<std::string> only{"fork_call"};
    const std::vector<ProbeRecord> records = wanted_records(only, 1 << 30);
    CHECK(std::ranges::is_sorted(records, {}, &ProbeRecord::amount));
    CHECK(std::ranges::count(records, true, &ProbeRecord::held_out) > 0);
    for (const ProbeRecord& record : records)
        CHECK(weight_of(record) == record.probe->weight * (record.held_out ? 0.5 : 1));
    for (const ProbeRecord& record : wanted_records(only, 200)) CHECK(record.amount <= 200);
}

TEST_CASE("a calibration that is broken off goes on from its journal and loses nothing", "[calibrate]") {
    const formats::ScratchFolder folder;
    CalibrationOptions options = briefest();
    options.only = {"system_call", "epoll"};
    options.rounds = 2;
    options.journal = folder / "journal";
    std::vector<std::string> said;
    options.say = [&](const std::string& sentence) { said.push_back(sentence); };
    std::stop_source source;
    options.stop = source.get_token();
    std::size_t begun = 0;
    const auto broken_off = calibrate(options, [&](double, std::string_view) {
        if (++begun == 4) source.request_stop(); // while the fourth is measured
    });
    CHECK_FALSE(broken_off.has_value());
    CHECK(said.empty());
    const std::string kept = folder.read("journal");
    CHECK(std::ranges::count(kept, '\n') == 1 + 3);

    options.stop = {};
    const auto calibration = calibrate(options);
    REQUIRE(calibration.has_value());
    REQUIRE(said.size() == 1);
    CHECK(said.front().starts_with("going on after 3 of "));
    const std::string all = folder.read("journal");
    CHECK(all.starts_with(kept)); // what was measured is not measured again
    const auto measurements = std::ranges::count(all, '\n') - 1;
    CHECK(measurements == 2 * static_cast<std::ptrdiff_t>(calibration->probes.size()));
    for (const ProbeSummary& probe : calibration->probes) CHECK(probe.rounds.size() == 2);

    const auto again = calibrate(options); // nothing is left to be measured
    REQUIRE(again.has_value());
    CHECK(folder.read("journal") == all);
    CHECK(again->profile.law == calibration->profile.law);

    options.only = {"system_call"};
    said.clear();
    REQUIRE(calibrate(options).has_value());
    REQUIRE(said.size() == 1);
    CHECK(said.front().find("other probes") != std::string::npos);
}

TEST_CASE("a calibration keeps what the kernel says, and every point with its fit", "[calibrate]") {
    CalibrationOptions options = briefest();
    options.only = {"memory.protect"};
    const auto calibration = calibrate(options);
    REQUIRE(calibration.has_value());
    CHECK(find_parameter(calibration->profile.kernel, "online_processors") != nullptr);
    const Origin& origin = calibration->profile[Cost::memory_protect]->origin;
    CHECK(quality_of_fit(origin).points > 0);
    CHECK(quality_of_fit(origin, true).points > 0);
    for (const MeasuredPoint& point : origin.points) {
        CHECK(point.samples > 0);
        CHECK(point.rounds == 1);
    }
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
