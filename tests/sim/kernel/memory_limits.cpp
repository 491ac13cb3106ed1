// Limits of processes' memory, local replacement, and what the report says of each task's memory.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::size_literals;
using namespace std::chrono_literals;

namespace {

const MemoryFigures& memory_of(const Report& report, std::string_view task) {
    for (const TaskReport& row : report.tasks)
        if (row.name == task) return row.memory;
    FAIL("no such row");
    return report.tasks.front().memory;
}

// A worker that goes over its own megabyte, and a stream through much more.
Report neighbours(bool local, Bytes limit_of_stream = {}) {
    MachineMemory memory;
    memory.size = 4_MiB;
    memory.swap = 64_MiB;
    memory.replacement = "lru";
    memory.replacement_is_local = local;
    CostProfile profile = free_profile();
    profile[Cost::disk_read] = Law::constant(100us);
    return sim::simulate(ScenarioBuilder("neighbours")
                             .cores(2)
                             .memory(memory)
                             .task("worker", TaskKind::process,
                                   [](ProgramBuilder& task) {
                                       task.map("own", 1_MiB).touch("own", Access::write);
                                       task.repeat(20,
                                                   [](auto& body) { body.touch("own", Access::read).compute(200ms); });
                                   })
                             .task(
                                 "stream", TaskKind::process,
                                 [](ProgramBuilder& task) {
                                     task.map("input", 16_MiB).touch("input", Access::write);
                                     task.repeat(4, [](auto& body) { body.touch("input", Access::read); });
                                 },
                                 [&](TaskTemplate& task) { task.memory_limit = limit_of_stream; })
                             .build(),
                         profile);
}

} // namespace

TEST_CASE("a stream takes a neighbour's pages under global replacement, and none under local") {
    const Report global = neighbours(false);
    const Report local = neighbours(true);
    CHECK(*memory_of(global, "worker")[MemoryFigure::major_faults] > 256);
    CHECK(memory_of(local, "worker")[MemoryFigure::major_faults] == 0);
    // It is the stream's fate anyhow.
    CHECK(*memory_of(local, "stream")[MemoryFigure::major_faults] == 4 * 4096);
    CHECK(*memory_of(local, "stream")[MemoryFigure::peak_resident] == 2 << 20);
    CHECK(memory_of(local, "stream")[MemoryFigure::major_faults_per_thousand] == 800);
    CHECK(memory_of(local, "worker")[MemoryFigure::major_faults_per_thousand] == 0);
}

TEST_CASE("a limit of the stream alone protects its neighbour likewise") {
    const Report report = neighbours(false, 1_MiB);
    CHECK(memory_of(report, "worker")[MemoryFigure::major_faults] == 0);
    CHECK(*memory_of(report, "stream")[MemoryFigure::peak_resident] == 1 << 20);
    CHECK(memory_of(report, "stream")[MemoryFigure::resident] == 1 << 20);
    CHECK(memory_of(report, "stream")[MemoryFigure::swapped] == 15 << 20);
}

TEST_CASE("a working set counts what was referenced within the window, in memory or not") {
    const Report report = neighbours(true);
    CHECK(memory_of(report, "worker")[MemoryFigure::most_working_set] == 1 << 20);
    CHECK(memory_of(report, "stream")[MemoryFigure::working_set] == 1000 * 4096);
}

TEST_CASE("who reaches the limit of its memory is killed there, whatever else is free, and nobody else is") {
    const Report report =
        sim::simulate(ScenarioBuilder("limit")
                          .task(
                              "greedy", TaskKind::process,
                              [](ProgramBuilder& task) { task.map("much", 8_MiB).touch("much", Access::write); },
                              [](TaskTemplate& task) { task.memory_limit = 1_MiB; })
                          .task("large", TaskKind::process,
                                [](ProgramBuilder& task) { task.map("much", 8_MiB).touch("much", Access::write); })
                          .build(),
                      free_profile());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.out_of_memory_kills == 1);
    CHECK(report.counters.crashes == 0);
    CHECK(report.tasks[0].finished == 0);
    CHECK(report.tasks[1].finished == 1);
    REQUIRE(report.notes.size() == 1);
    CHECK(report.notes[0] == "out of memory: 'greedy' was killed, which had 256 pages");
}

TEST_CASE("children and new images are under the limit of the process they come from") {
    MachineMemory swapping;
    swapping.swap = 64_MiB;
    const Report report = sim::simulate(
        ScenarioBuilder("family")
            .memory(swapping)
            .task(
                "A", TaskKind::process,
                [](ProgramBuilder& task) {
                    task.fork("child",
                              [](ProgramBuilder& child) { child.map("much", 4_MiB).touch("much", Access::write); });
                    task.wait("child");
                    task.exec([](ProgramBuilder& image) { image.map("more", 4_MiB).touch("more", Access::write); });
                },
                [](TaskTemplate& task) { task.memory_limit = 1_MiB; })
            .build(),
        free_profile());
    CHECK(report.outcome == Outcome::completed);
    CHECK(memory_of(report, "A/child")[MemoryFigure::peak_resident] == 1 << 20);
    CHECK(memory_of(report, "A")[MemoryFigure::peak_resident] == 1 << 20);
    CHECK(memory_of(report, "A")[MemoryFigure::swapped] == 3 << 20);
}

TEST_CASE("memory that cannot be divided, or limits too small for a fault, are refused in one line") {
    MachineMemory memory;
    memory.replacement = "lru";
    memory.replacement_is_local = true;
    ScenarioBuilder scenario("local");
    scenario.task("A", TaskKind::process, [](ProgramBuilder& task) { task.compute(1s); });
    CHECK_THROWS_AS(ScenarioBuilder(scenario).memory(memory).build(), InputError);
    memory.size = 8_KiB;
    CHECK_THROWS_AS(sim::simulate(ScenarioBuilder(scenario).memory(memory).build(), free_profile()), InputError);
    CHECK_THROWS_AS(ScenarioBuilder("limit")
                        .task(
                            "A", TaskKind::process, [](ProgramBuilder& task) { task.compute(1s); },
                            [](TaskTemplate& task) { task.memory_limit = 12_KiB; })
                        .build(),
                    InputError);
}

TEST_CASE("the report has each task's faults by kind, translations and sizes without being asked") {
    const Report report =
        sim::simulate(ScenarioBuilder("figures")
                          .task("A", TaskKind::process,
                                [](ProgramBuilder& task) {
                                    task.map("b", 400_KiB).touch("b", Access::read).touch("b", Access::write);
                                    task.fork("child", [](ProgramBuilder& child) { child.touch("b", Access::write); });
                                    task.wait("child");
                                })
                          .task("T", TaskKind::thread, [](ProgramBuilder& task) { task.sleep(1s); })
                          .build(),
                      free_profile());
    const MemoryFigures& own = memory_of(report, "A");
    CHECK(own[MemoryFigure::references] == 200);
    CHECK(own[MemoryFigure::fault_zero_page] == 100);
    CHECK(own[MemoryFigure::fault_after_zero_page] == 100);
    CHECK(own[MemoryFigure::minor_faults] == 200);
    CHECK(own[MemoryFigure::major_faults] == 0);
    CHECK(*own[MemoryFigure::page_walks] >= 100);
    CHECK(own[MemoryFigure::peak_resident] == 400 << 10);
    CHECK(own[MemoryFigure::resident] == 400 << 10);
    CHECK(own[MemoryFigure::page_tables] == 3 * 4096);
    CHECK_FALSE(own[MemoryFigure::working_set]); // memory is not limited
    const MemoryFigures& child = memory_of(report, "A/child");
    CHECK(child[MemoryFigure::fault_copy] == 100);
    CHECK(child[MemoryFigure::shared] == 0);
    CHECK(metric(report, "faults.copy") == Metric{MetricUnit::count, 100});
    CHECK(memory_of(report, "T")[MemoryFigure::resident] == 0);
}

TEST_CASE("a stack grows downwards as far as it may, and no further") {
    Touch deep;
    deep.access = Access::write;
    deep.pattern = AccessPattern::downwards;
    deep.part.length = 72_KiB;
    const Report report = sim::simulate(ScenarioBuilder("stack")
                                            .task(
                                                "A", TaskKind::process,
                                                [&](ProgramBuilder& task) { task.touch("stack", deep).compute(1s); },
                                                [](TaskTemplate& task) { task.memory.stack = 64_KiB; })
                                            .build(),
                                        free_profile());
    CHECK(report.counters.crashes == 1);
    CHECK(memory_of(report, "A")[MemoryFigure::fault_anonymous] == 16);
    CHECK(memory_of(report, "A")[MemoryFigure::resident] == 64 << 10);
    REQUIRE(report.notes.size() == 1);
    CHECK(report.notes[0] == "A died: stack guard at 0xffffffff000, in or beside its region 'stack'");
    CHECK(report.memory.reserved == Bytes{64 << 10});
}

TEST_CASE("what was asked for in time is there when it is needed; else it is waited for until all of it is") {
    const auto run = [](Duration meanwhile) {
        Mapping file;
        file.kind = RegionKind::file;
        file.size = 400_KiB;
        file.cold = true;
        CostProfile profile = free_profile();
        profile[Cost::disk_read] = Law::constant(10ms);
        return sim::simulate(ScenarioBuilder("willneed")
                                 .task("A", TaskKind::process,
                                       [&](ProgramBuilder& task) {
                                           task.map("file", file).advise("file", Advice::willneed).compute(meanwhile);
                                           task.touch("file", Access::read);
                                       })
                                 .build(),
                             profile);
    };
    const Report in_time = run(20ms);
    CHECK(in_time.makespan == 20ms);
    CHECK(in_time.counters.major_faults == 0);
    CHECK(in_time.counters.minor_faults == 7);
    const Report at_once = run(1ms);
    CHECK(at_once.makespan == 10ms);
    CHECK(at_once.counters.major_faults == 0);
}
