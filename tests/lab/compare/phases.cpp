#include "lab/compare/phases.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

using namespace switchyard;
using namespace std::chrono_literals;

static Scenario two_hogs(std::uint32_t hz) {
    return ScenarioBuilder("two hogs")
        .cores(1)
        .hz(hz)
        .scheduler("rr", {{"slice", "3ms"}})
        .task("A", TaskKind::process, [](auto& task) { task.compute(30ms); })
        .task(
            "B", TaskKind::process, [](auto& task) { task.compute(60ms); }, [](auto& task) { task.count = 2; })
        .build();
}

TEST_CASE("phases are drawn evenly from a tick, by the scenario's seed") {
    Scenario scenario = two_hogs(250);
    const Duration tick = lab::tick_of(scenario, free_profile());
    CHECK(tick == 4ms);
    const auto phases = lab::random_phases(scenario, tick, 1000);
    CHECK(std::ranges::all_of(phases, [&](Duration phase) { return phase >= 0ms && phase < tick; }));
    const auto early = std::ranges::count_if(phases, [](Duration phase) { return phase < 1ms; });
    CHECK(early > 200); // a quarter of them, give or take more than three standard deviations
    CHECK(early < 300);
    CHECK(lab::random_phases(scenario, tick, 3) == std::vector<Duration>(phases.begin(), phases.begin() + 3));
    scenario.seed = 2;
    CHECK(lab::random_phases(scenario, tick, 1000) != phases);
}

TEST_CASE("a machine without ticks has one phase") {
    const Scenario scenario = two_hogs(0);
    CHECK(lab::tick_of(scenario, free_profile()) == 0ms);
    CHECK(lab::random_phases(scenario, 0ms, 2) == std::vector<Duration>{0ms, 0ms});
}

TEST_CASE("a scenario begun later runs the same but for the ticks it meets") {
    const Scenario scenario = two_hogs(250);
    const auto reports = lab::simulate_phases(scenario, free_profile(), {0ms, 1ms, 3ms});
    REQUIRE(reports.size() == 3);
    std::set<Duration> first_runs;
    for (const Report& report : reports) {
        CHECK(report.outcome == Outcome::completed);
        CHECK(report.tasks[0].cpu.sum == 30ms);
        first_runs.insert(report.tasks[0].run_length.values().front().first);
    }
    CHECK(first_runs.size() > 1); // a slice ends at the tick, and begins at the phase
}

TEST_CASE("simulated at a phase, tasks know their time while all were there") {
    const auto reports = lab::simulate_phases(two_hogs(1000), free_profile(), {0ms});
    const Report& report = reports.front();
    REQUIRE(report.tasks[0].window_cpu.has_value());
    CHECK(*report.tasks[0].window_cpu == 30ms); // A ends first: the window is all of it
    const auto share = metric(report, "task.A.window_share");
    REQUIRE(share.has_value());
    CHECK(number(*share) > 0.3); // of three that take turns
    CHECK(number(*share) < 0.37);
}
