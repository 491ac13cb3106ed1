#include "lab/calibrate/closure.hpp"

#include "tests/lab/calibrate/synthetic.hpp"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <set>

using namespace switchyard;
using namespace switchyard::lab;
using Catch::Approx;

namespace {

Calibration known_calibration() {
    Calibration calibration;
    calibration.probes = probes_of({});
    calibration.profile.law = fit_laws(calibration.probes).law;
    calibration.profile.hz = 250;
    return calibration;
}

ClosureCase case_for(const Calibration& calibration, std::string_view probe) {
    const std::vector<ClosureCase> cases = closure_cases(calibration);
    const auto found = std::find_if(cases.begin(), cases.end(), [&](const ClosureCase& c) { return c.probe == probe; });
    REQUIRE(found != cases.end());
    return *found;
}

// How often the first task repeats its sequence.
std::int64_t times_of(const Scenario& scenario) {
    const Program& program = scenario.tasks.front().program;
    REQUIRE(program.code.front().kind == OperationKind::repeat);
    return program.amounts[program.code.front().amount].value;
}

// A simulator that needs `start` for anything and `each` for a repetition.
Simulator linear(Duration start, Duration each) {
    return [=](const Scenario& scenario, const CostProfile&) {
        Report report;
        report.makespan = start + each * times_of(scenario);
        return report;
    };
}

} // namespace

static bool only_takes_another_apart(std::string_view probe) {
    return probe == "futex_thread_shared" || probe == "call_after_staying";
}

static bool is_not_yet_simulated(std::string_view probe) {
    return std::ranges::find(not_yet_simulated(), probe) != not_yet_simulated().end();
}

TEST_CASE("every probe the simulator can charge is a scenario too, at every amount", "[closure]") {
    const Calibration calibration = known_calibration();
    std::set<std::pair<std::string, std::int64_t>> cases;
    for (const ClosureCase& one : closure_cases(calibration)) {
        INFO(one.probe);
        CHECK(cases.emplace(one.probe, one.amount).second);
        CHECK_NOTHROW(validate(one.few));
        CHECK_NOTHROW(validate(one.many));
        CHECK(one.few.machine.cores == (native::probe_named(one.probe)->needs_two_processors ? 2 : 1));
        CHECK(one.repetitions > 0);
    }
    for (const ProbeSummary& probe : calibration.probes) {
        INFO(probe.name());
        const bool expected = !only_takes_another_apart(probe.probe) && !is_not_yet_simulated(probe.probe);
        CHECK(cases.contains({probe.probe, probe.amount}) == expected);
    }
}

// As soon as a report says what one of them sees, it has to become a case, and leave this list and not_yet_simulated().
TEST_CASE("what no report tells is what writing to the disk takes, sizes of caches, and what no task does",
          "[closure]") {
    const std::set<std::string_view> declared(not_yet_simulated().begin(), not_yet_simulated().end());
    CHECK(declared == std::set<std::string_view>{"disk_write", "cache_private", "cache_private_way", "cache_shared",
                                                 "unix_packets_alone", "signal_handler", "epoll_add", "memory_copy",
                                                 "shared_memory_thread", "semaphore_alone", "futex_alone"});
    for (const std::string_view probe : declared) CHECK(native::probe_named(probe) != nullptr);
}

TEST_CASE("only what grows with repetition counts", "[closure]") {
    const Calibration calibration = known_calibration();
    const ClosureCase one = case_for(calibration, "system_call");
    const auto exact = check_closure(one, calibration, linear(Duration{123'456'789}, Duration{80'000}));
    REQUIRE(exact.has_value());
    CHECK(exact->simulated == Approx(80'000));
    CHECK(exact->measured == Approx(80'000));
    CHECK(exact->holds());
    CHECK_FALSE(check_closure(one, calibration, linear(Duration{0}, Duration{80'100}))->holds());
    CHECK_FALSE(check_closure(one, calibration, linear(Duration{0}, Duration{79'900}))->holds());
}

TEST_CASE("a round trip is two hops", "[closure]") {
    const Calibration calibration = known_calibration();
    const ClosureCase one = case_for(calibration, "yield_thread");
    CHECK(check_closure(one, calibration, linear(Duration{0}, Duration{2 * 610'000}))->holds());
}

TEST_CASE("the sleep that was asked for is no overshoot", "[closure]") {
    const Calibration calibration = known_calibration();
    const KnownMachine known;
    const auto each =
        Duration{1'000'000'000 + static_cast<std::int64_t>(known.overshoot + known.timer_slack + known.system_call)};
    CHECK(check_closure(case_for(calibration, "sleep_overshoot"), calibration, linear(Duration{0}, each))->holds());
}

TEST_CASE("what the scenario does besides the probe is taken off by its law", "[closure]") {
    const Calibration calibration = known_calibration();
    const KnownMachine known;
    const auto each = Duration{static_cast<std::int64_t>(known.coroutine_create + 2 * known.coroutine)};
    CHECK(check_closure(case_for(calibration, "coroutine_create"), calibration, linear(Duration{0}, each))->holds());
}

TEST_CASE("a tick's cost is the growth of a computation over the growth of the count of ticks", "[closure]") {
    const Calibration calibration = known_calibration();
    const auto ticking = [](Duration each) {
        return [=](const Scenario& scenario, const CostProfile& profile) {
            const Program& program = scenario.tasks.front().program;
            Report report;
            const Duration work{program.amounts[program.code.front().amount].value};
            report.counters.ticks = static_cast<std::uint64_t>(seconds(work) * profile.hz);
            report.makespan = work + each * static_cast<std::int64_t>(report.counters.ticks);
            return report;
        };
    };
    for (const char* const probe : {"tick", "busy_tick_period"}) { // each with the other interruptions of its period
        INFO(probe);
        CHECK(check_closure(case_for(calibration, probe), calibration, ticking(Duration{2'700'000}))->holds());
        CHECK_FALSE(check_closure(case_for(calibration, probe), calibration, ticking(Duration{2'800'000}))->holds());
    }
}

TEST_CASE("a metric the report does not know makes no result", "[closure]") {
    const Calibration calibration = known_calibration();
    CHECK_FALSE(
        check_closure(case_for(calibration, "thread_kernel"), calibration, [](const Scenario&, const CostProfile&) {
            return Report{};
        }).has_value());
}
