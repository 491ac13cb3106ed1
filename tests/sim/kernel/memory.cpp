// Memory in the simulator: what a program's operations on it do, cost, and let the report say.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::size_literals;
using namespace std::chrono_literals;

namespace {

const ObservedFigures& seen(const Report& report, std::string_view name) {
    const auto row = std::ranges::find(report.observations, name, &ObservationReport::name);
    REQUIRE(row != report.observations.end());
    REQUIRE(row->count > 0);
    return row->figures;
}

Duration spent(const Report& report, TimeCategory category) {
    return (*report.time)[static_cast<std::size_t>(category)];
}

CostProfile with(std::initializer_list<std::pair<Cost, Duration>> costs) {
    CostProfile profile = free_profile();
    for (const auto& [cost, value] : costs) profile[cost] = Law::constant(value);
    return profile;
}

Touch pattern(Access access, AccessPattern pattern, std::uint64_t count) {
    Touch touch;
    touch.access = access;
    touch.pattern = pattern;
    touch.count = count;
    return touch;
}

} // namespace

TEST_CASE("the first write to each page of anonymous memory faults once, and what it costs is time of faults") {
    const Report report = sim::simulate(ScenarioBuilder("touch")
                                            .task("A", TaskKind::process,
                                                  [](ProgramBuilder& task) {
                                                      task.map("buffer", 400_KiB)
                                                          .touch("buffer", Access::write)
                                                          .observe("written", "buffer")
                                                          .touch("buffer", Access::write)
                                                          .observe("again", "buffer");
                                                  })
                                            .build(),
                                        with({{Cost::fault_anonymous, 500ns}}));
    CHECK(seen(report, "written").minor_faults == 100);
    CHECK(seen(report, "written").resident == 400 * 1024);
    CHECK(seen(report, "written").page_tables == 3 * 4096);
    CHECK(seen(report, "again").minor_faults == 0);
    CHECK(seen(report, "again").page_tables == 0);
    CHECK(report.counters.minor_faults == 100);
    CHECK(spent(report, TimeCategory::faults) == 100 * 500ns);
    CHECK(report.makespan == 100 * 500ns);
}

TEST_CASE("after a fork pages are shared until somebody writes: the child copies, the parent takes what is left back") {
    const Report report =
        sim::simulate(ScenarioBuilder("copy-on-write")
                          .task("A", TaskKind::process,
                                [](ProgramBuilder& task) {
                                    task.map("buffer", 400_KiB).touch("buffer", Access::write);
                                    task.fork("child", [](ProgramBuilder& child) {
                                        Touch some;
                                        some.access = Access::write;
                                        some.part.length = 120_KiB;
                                        child.touch("buffer", some).observe("child", "buffer");
                                    });
                                    task.wait("child").observe("before", "buffer").touch("buffer", Access::write);
                                    task.observe("after", "buffer");
                                })
                          .build(),
                      with({{Cost::fault_copy, 1us}, {Cost::fault_reuse, 100ns}}));
    CHECK(seen(report, "child").minor_faults == 30);
    CHECK(seen(report, "child").private_ == 120 * 1024);
    CHECK(seen(report, "child").shared == 280 * 1024);
    CHECK(seen(report, "after").minor_faults == 100); // the child is gone: all are taken back
    CHECK(spent(report, TimeCategory::faults) == 30 * 1us + 100 * 100ns);
}

TEST_CASE("a frame costs what the pages cost that were gone over since it was used last") {
    // 1 us where less than 1000 pages were, 3 us from there on, and where nobody has had it.
    const std::pair<std::int64_t, double> points[] = {{999, 1e6}, {1000, 3e6}};
    CostProfile profile = free_profile();
    profile[Cost::fault_anonymous] = profile[Cost::fault_copy] = Law::table(Quantity::pages_since, points);
    const auto faults = [&](Bytes size, int times) {
        return spent(sim::simulate(ScenarioBuilder("frames")
                                       .task("A", TaskKind::process,
                                             [=](ProgramBuilder& task) {
                                                 task.repeat(times, [=](ProgramBuilder& body) {
                                                     body.map("buffer", size).touch("buffer", Access::write);
                                                     body.unmap("buffer");
                                                 });
                                             })
                                       .build(),
                                   profile),
                     TimeCategory::faults);
    };
    CHECK(faults(400_KiB, 1) == 100 * 3us);
    CHECK(faults(400_KiB, 3) == 100 * 3us + 200 * 1us); // got back, and warm
    CHECK(faults(8_MiB, 3) == 3 * 2048 * 3us);          // got back, but 2048 pages later
    const auto copies = [&](int children) {
        return spent(sim::simulate(ScenarioBuilder("copies")
                                       .task("A", TaskKind::process,
                                             [=](ProgramBuilder& task) {
                                                 task.map("buffer", 400_KiB).touch("buffer", Access::write);
                                                 task.repeat(children, [](ProgramBuilder& body) {
                                                     body.fork("child",
                                                               [](ProgramBuilder& child) {
                                                                   child.touch("buffer", Access::write);
                                                               })
                                                         .wait("child");
                                                 });
                                             })
                                       .build(),
                                   profile),
                     TimeCategory::faults);
    };
    CHECK(copies(3) - copies(2) == 100 * 1us); // from the last child's frames and into them
    CHECK(copies(2) - copies(1) == 100 * 1us);
    CHECK(copies(1) > 100 * 3us + 100 * 1us); // the first has to fetch new ones
}

TEST_CASE("what a process may not touch kills it and nobody else, and the report says where and why") {
    const Report report = sim::simulate(
        ScenarioBuilder("violation")
            .task("bad", TaskKind::process,
                  [](ProgramBuilder& task) {
                      task.map("buffer", 8_KiB).touch("buffer", Access::write);
                      task.protect("buffer", {true, false, false}, 4_KiB, 4_KiB).touch("buffer", Access::write);
                      task.compute(1s);
                  })
            .task("good", TaskKind::process, [](ProgramBuilder& task) { task.compute(1ms); })
            .build(),
        free_profile());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.crashes == 1);
    CHECK(report.tasks[0].finished == 0);
    CHECK(report.tasks[1].finished == 1);
    CHECK(report.makespan == 1ms);
    REQUIRE(report.notes.size() == 1);
    CHECK(report.notes[0].find("bad died: write to read-only region at 0x100000001000") == 0);
    CHECK(report.notes[0].find("'buffer'") != std::string::npos);
}

// Two tasks that go over their own buffers in turns. Threads keep each other's translations, processes without
// identifiers of address spaces lose them at every switch.
static Report turns(TaskKind kind, std::string identifiers) {
    const auto program = [](std::string name) {
        return [name](ProgramBuilder& task) {
            task.map(name, 64_KiB).touch(name, Access::write);
            task.repeat(10, [&](ProgramBuilder& body) { body.yield().touch(name, Access::read); });
        };
    };
    MachineMemory memory;
    memory.tlb = {{"identifiers", std::move(identifiers), {}}};
    return sim::simulate(ScenarioBuilder("turns")
                             .memory(memory)
                             .scheduler("rr", {{"slice", "1s"}})
                             .task("A", kind, program("one"))
                             .task("B", kind, program("other"))
                             .build(),
                         with({{Cost::walk_level, 10ns}}));
}

TEST_CASE(
    "a switch between processes loses translations where there are no identifiers, one between threads does not") {
    const Report threads = turns(TaskKind::thread, "0");
    const Report processes = turns(TaskKind::process, "0");
    const Report identified = turns(TaskKind::process, "6");
    CHECK(threads.counters.page_walks == 32);
    CHECK(threads.counters.tlb_flushes <= 1);
    CHECK(processes.counters.page_walks == 32 * 11);
    CHECK(processes.counters.tlb_flushes >= 20);
    CHECK(identified.counters.page_walks == 32);
    CHECK(spent(processes, TimeCategory::refill) > 5 * spent(threads, TimeCategory::refill));
}

TEST_CASE("a mapping that shrinks interrupts the cores its other threads run on") {
    const Report report = sim::simulate(ScenarioBuilder("shootdown")
                                            .cores(2)
                                            .task("A", TaskKind::thread,
                                                  [](ProgramBuilder& task) {
                                                      task.map("buffer", 64_KiB).touch("buffer", Access::write);
                                                      task.compute(1ms).unmap("buffer");
                                                  })
                                            .task("B", TaskKind::thread, [](auto& task) { task.compute(10ms); })
                                            .build(),
                                        with({{Cost::tlb_shootdown, 3us}}));
    CHECK(report.counters.tlb_shootdowns == 1);
    CHECK(spent(report, TimeCategory::kernel) == 3us);
}

TEST_CASE("what does not fit into memory goes to the disk and comes back, and whoever needs it waits") {
    MachineMemory memory;
    memory.size = 256_KiB;
    memory.swap = 1_MiB;
    const Scenario scenario = ScenarioBuilder("swap")
                                  .memory(memory)
                                  .task("A", TaskKind::process,
                                        [](ProgramBuilder& task) {
                                            task.map("buffer", 512_KiB).touch("buffer", Access::write);
                                            task.touch("buffer", Access::read).observe("end", "buffer");
                                        })
                                  .task("B", TaskKind::process, [](ProgramBuilder& task) { task.compute(1ms); })
                                  .build();
    const Report report = sim::simulate(scenario, with({{Cost::disk_read, 100us}, {Cost::disk_write, 10us}}));
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.pages_swapped_out > 0);
    CHECK(report.counters.major_faults == 128); // a scan longer than memory finds nothing of itself
    CHECK(report.tasks[0].blocked.sum >= 128 * 100us);
    CHECK(report.tasks[1].turnaround.sum < 2ms); // computes while the other waits
    CHECK(*seen(report, "end").resident <= 256 * 1024);
}

static std::uint64_t major_faults_under(const std::string& policy) {
    MachineMemory memory;
    memory.size = 256_KiB;
    memory.swap = 1_MiB;
    memory.replacement = policy;
    return sim::simulate(ScenarioBuilder("replacement")
                             .memory(memory)
                             .task("A", TaskKind::process,
                                   [](ProgramBuilder& task) {
                                       task.map("buffer", 280_KiB).touch("buffer", Access::write);
                                       task.repeat(5, [](auto& body) { body.touch("buffer", Access::read); });
                                   })
                             .build(),
                         free_profile())
        .counters.major_faults;
}

TEST_CASE(
    "which page goes is the policy's affair: a loop a little larger than memory suits who throws the latest out") {
    CHECK(major_faults_under("lru") == 5 * 70);
    CHECK(major_faults_under("fifo") == 5 * 70);
    CHECK(major_faults_under("mru") < 5 * 20);
    for (const char* policy : {"", "clock", "nru", "ageing", "lfu", "random", "working-set", "wsclock", "2q", "arc",
                               "lirs", "s3-fifo", "sieve", "linux", "mglru"}) {
        INFO(policy);
        const std::uint64_t faults = major_faults_under(policy);
        CHECK(faults >= 5 * 6);
        CHECK(faults <= 5 * 70 + 70);
    }
    CHECK_THROWS_AS(major_faults_under("opt"), InputError);
    CHECK_THROWS_AS(major_faults_under("best"), InputError);
}

TEST_CASE("when nothing is left, the process that has most is killed and the others go on") {
    MachineMemory memory;
    memory.size = 1_MiB;
    const Report report = sim::simulate(
        ScenarioBuilder("out of memory")
            .memory(memory)
            .scheduler("rr", {{"slice", "1s"}})
            .task("large", TaskKind::process,
                  [](ProgramBuilder& task) { task.map("much", 800_KiB).touch("much", Access::write).sleep(1s); })
            .task("small", TaskKind::process,
                  [](ProgramBuilder& task) { task.sleep(1ms).map("some", 400_KiB).touch("some", Access::write); })
            .build(),
        free_profile());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.out_of_memory_kills == 1);
    CHECK(report.tasks[0].finished == 0);
    CHECK(report.tasks[1].finished == 1);
    CHECK(report.makespan < 1s);
    REQUIRE(!report.notes.empty());
    CHECK(report.notes[0].find("out of memory: 'large' was killed") == 0);
}

TEST_CASE("when memory runs out, a process that lends its memory to a vfork's child goes with it") {
    MachineMemory memory;
    memory.size = 1_MiB;
    const Report report = sim::simulate(
        ScenarioBuilder("out of memory in a vfork")
            .memory(memory)
            .scheduler("rr", {{"slice", "1ms"}})
            .task("large", TaskKind::process,
                  [](ProgramBuilder& task) {
                      task.map("much", 800_KiB).touch("much", Access::write);
                      task.vfork("child", [](auto& child) { child.compute(1s); }).compute(1s);
                  })
            .task("small", TaskKind::process,
                  [](ProgramBuilder& task) { task.sleep(10ms).map("some", 400_KiB).touch("some", Access::write); })
            .build(),
        free_profile());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.out_of_memory_kills == 2);
    CHECK(report.tasks[1].finished == 1);
    CHECK(report.makespan < 100ms);
}

TEST_CASE("a long touch can be preempted between its steps") {
    const Report report = sim::simulate(
        ScenarioBuilder("preemption")
            .scheduler("rr", {{"slice", "1ms"}})
            .task("A", TaskKind::process, [](ProgramBuilder& task) { task.map("b", 40_MiB).touch("b", Access::write); })
            .task("B", TaskKind::process, [](ProgramBuilder& task) { task.compute(3ms); })
            .build(),
        with({{Cost::fault_anonymous, 1us}}));
    CHECK(report.makespan == 3ms + 10240 * 1us);
    CHECK(report.tasks[1].turnaround.sum < 7ms);
}

TEST_CASE("drawn references are the same whoever else runs") {
    const auto faults = [](bool others, TaskKind kind) {
        ScenarioBuilder scenario("drawn");
        scenario.seed(7).scheduler("rr", {{"slice", "10us"}});
        scenario.task("A", kind, [](ProgramBuilder& task) {
            task.map("b", 4_MiB).touch("b", pattern(Access::write, AccessPattern::zipf, 2000));
            task.touch("b", pattern(Access::write, AccessPattern::uniform, 500)).observe("end", "b");
        });
        if (others)
            scenario.task("B", TaskKind::process, [](ProgramBuilder& task) {
                task.map("b", 1_MiB).touch("b", pattern(Access::write, AccessPattern::uniform, 3000));
            });
        return *seen(sim::simulate(scenario.build(), with({{Cost::fault_anonymous, 1us}})), "end").minor_faults;
    };
    const std::int64_t alone = faults(false, TaskKind::process);
    CHECK(alone > 200);
    CHECK(alone < 1024);
    CHECK(faults(true, TaskKind::process) == alone);
    CHECK(faults(true, TaskKind::thread) == alone);
}

TEST_CASE("time by category is complete where memory costs something in every way") {
    MachineMemory memory;
    memory.size = 2_MiB;
    memory.swap = 8_MiB;
    ScenarioBuilder scenario("all");
    scenario.cores(2).memory(memory).scheduler("rr", {{"slice", "50us"}});
    for (const char* name : {"A", "B", "C"})
        scenario.task(name, TaskKind::process, [](ProgramBuilder& task) {
            task.map("b", 1_MiB).touch("b", pattern(Access::write, AccessPattern::uniform, 600));
            task.fork("child", [](ProgramBuilder& child) {
                child.touch("b", pattern(Access::write, AccessPattern::uniform, 300));
            });
            task.touch("b", pattern(Access::write, AccessPattern::uniform, 300)).wait("child").unmap("b");
        });
    const Report report = sim::simulate(scenario.build(), with({{Cost::fault_anonymous, 500ns},
                                                                {Cost::fault_copy, 900ns},
                                                                {Cost::fault_reuse, 300ns},
                                                                {Cost::walk_level, 5ns},
                                                                {Cost::disk_read, 80us},
                                                                {Cost::disk_write, 20us},
                                                                {Cost::memory_unmap, 2us},
                                                                {Cost::tlb_shootdown, 3us},
                                                                {Cost::switch_context, 1us}}));
    CHECK(report.outcome == Outcome::completed);
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    CHECK(sum == report.makespan * 2);
    CHECK(spent(report, TimeCategory::faults) > Duration::zero());
    CHECK(report.memory.resident.has_value());
}
