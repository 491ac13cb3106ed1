// What going on on another core costs: caches are cold there.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

// Three threads on two cores: one of them goes on on another core than it began on.
Scenario one_migration() {
    const auto second = [](ProgramBuilder& task) { task.compute(1s); };
    return ScenarioBuilder("one migration")
        .cores(2)
        .scheduler("rr", {{"slice", "400ms"}})
        .task("A", TaskKind::thread, second)
        .task("B", TaskKind::thread, second)
        .task("C", TaskKind::thread, second)
        .build();
}

Duration refill(const Report& report) { return (*report.time)[static_cast<std::size_t>(TimeCategory::refill)]; }

} // namespace

TEST_CASE("A thread that goes on on another core than it ran on last spends the migration's cost first, as refill") {
    CostProfile profile = free_profile();
    profile[Cost::migration] = Law::constant(5ms);
    const Report report = sim::simulate(one_migration(), profile);
    REQUIRE(report.counters.migrations > 0);
    CHECK(refill(report) == 5ms * static_cast<std::int64_t>(report.counters.migrations));
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    CHECK(sum == report.makespan * 2);
    Duration cpu{};
    for (const TaskReport& task : report.tasks) cpu += task.cpu.sum;
    CHECK(cpu == 3s + refill(report)); // the thread's own time: it is on the core
}

TEST_CASE("Staying on a core, sleeping in between or not, and beginning somewhere cost no refill") {
    CostProfile profile = free_profile();
    profile[Cost::migration] = Law::constant(5ms);
    const Report report = sim::simulate(
        ScenarioBuilder("no migration")
            .cores(2)
            .scheduler("rr", {{"slice", "100ms"}})
            .task("A", TaskKind::thread, [](auto& task) { task.compute(1s).sleep(10ms).compute(1s); },
                  [](TaskTemplate& task) { task.cores = {0}; })
            .task("B", TaskKind::thread, [](auto& task) { task.compute(1s); },
                  [](TaskTemplate& task) { task.cores = {0}; })
            .build(),
        profile);
    CHECK(report.counters.migrations == 0);
    CHECK(refill(report) == 0s);
}

TEST_CASE("A profile that does not know the cost of a migration says so where there was one") {
    CostProfile profile = free_profile();
    profile[Cost::migration].reset();
    const Report report = sim::simulate(one_migration(), profile);
    CHECK(refill(report) == 0s);
    REQUIRE(report.notes.size() == 1);
    CHECK(report.notes.front().find("does not know migration") != std::string::npos);
}
