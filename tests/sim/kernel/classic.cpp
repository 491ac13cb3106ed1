// The argument everything started from: two tasks of 10 s, slice 1 s, a switch costs 0.1 s.
#include "models/machine/profile.hpp"
#include "models/units/text.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

static Report run_two_tasks(TaskKind kind, std::uint32_t cores) {
    const auto ten_seconds = [](ProgramBuilder& task) { task.compute(10s); };
    return sim::simulate(ScenarioBuilder("two tasks")
                             .cores(cores)
                             .scheduler("rr", {{"slice", "1s"}})
                             .task("A", kind, ten_seconds)
                             .task("B", kind, ten_seconds)
                             .build(),
                         textbook_profile());
}

TEST_CASE("Two threads or processes share one core in 20 + 19 x 0.1 = 21.9 s") {
    const TaskKind kind = GENERATE(TaskKind::thread, TaskKind::process);
    const Report report = run_two_tasks(kind, 1);
    CHECK(report.makespan == 21900ms);
    CHECK(report.counters.context_switches == 19);
    CHECK(report.counters.involuntary_switches == 18); // the last one follows the end of A
    CHECK((*report.time)[static_cast<std::size_t>(TimeCategory::work)] == 20s);
    CHECK((*report.time)[static_cast<std::size_t>(TimeCategory::switching)] == 1900ms);
    CHECK((*report.time)[static_cast<std::size_t>(TimeCategory::idle)] == 0s);
}

TEST_CASE("Two coroutines on one core hand over once: 20 + 1 x 0.1 = 20.1 s") {
    const TaskKind kind = GENERATE(TaskKind::coroutine, TaskKind::fiber);
    const Report report = run_two_tasks(kind, 1);
    CHECK(report.makespan == 20100ms);
    CHECK(report.counters.coroutine_switches + report.counters.fiber_switches == 1);
    CHECK(report.counters.context_switches == 0);
}

TEST_CASE("Two threads on two cores take 10 s, each alone") {
    const Report report = run_two_tasks(TaskKind::thread, 2);
    CHECK(report.makespan == 10s);
    CHECK(report.counters.context_switches == 0);
}

TEST_CASE("Two coroutines of one thread cannot use a second core: still 20.1 s") {
    const Report report = run_two_tasks(TaskKind::coroutine, 2);
    CHECK(report.makespan == 20100ms);
    CHECK((*report.time)[static_cast<std::size_t>(TimeCategory::idle)] == 20100ms);
}
