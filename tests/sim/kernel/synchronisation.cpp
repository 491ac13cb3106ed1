// Conditions, barriers, shared variables, and what depends on them.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

Report run(const ScenarioBuilder& scenario, const CostProfile& profile = free_profile()) {
    const Report report = sim::simulate(scenario.build(), profile);
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    REQUIRE(sum == report.makespan * static_cast<std::int64_t>(report.cores));
    return report;
}

ScenarioBuilder cores(std::uint32_t count) {
    return ScenarioBuilder("synchronisation").cores(count).scheduler("rr", {{"slice", "1s"}});
}

ScenarioBuilder with_condition(std::uint32_t count) { return cores(count).lock("m").condition("c").variable("ready"); }

} // namespace

TEST_CASE("who awaits a condition gives the lock back, and goes on when it is true and the lock is free") {
    const Report report =
        run(with_condition(2)
                .task("waiter", TaskKind::thread,
                      [](auto& task) { task.lock("m").await("c", "m", "ready == 1").compute(1ms).unlock("m"); })
                .task("worker", TaskKind::thread, [](auto& task) {
                    task.compute(5ms).lock("m").write("ready", 1).notify("c").compute(2ms).unlock("m");
                }));
    CHECK(report.makespan == 8ms); // notified at 5 ms, the lock is free at 7 ms
    CHECK(report.data_races.empty());
    CHECK(report.tasks[0].blocked.sum == 7ms);
}

TEST_CASE("a condition that is true already is not waited for") {
    const Report report = run(with_condition(1).task("A", TaskKind::thread, [](auto& task) {
        task.lock("m").write("ready", 1).await("c", "m", "ready >= 1").unlock("m").compute(1ms);
    }));
    CHECK(report.makespan == 1ms);
    CHECK(report.counters.voluntary_switches == 1);
}

TEST_CASE("notify wakes one, notify_all everybody") {
    const auto waits = [](ProgramBuilder& task) { task.lock("m").await("c", "m").unlock("m").compute(1ms); };
    const auto three = [](TaskTemplate& task) { task.count = 3; };
    const auto woken = [&](bool all) {
        return run(with_condition(4)
                       .task("waiter", TaskKind::thread, waits, three)
                       .task("worker", TaskKind::thread,
                             [&](auto& task) {
                                 task.compute(1ms);
                                 all ? task.notify_all("c") : task.notify("c");
                             }))
            .counters;
    };
    CHECK(woken(true).stranded == 0);
    CHECK(woken(false).stranded == 2);
}

TEST_CASE("a notice that nobody waits for is lost, and the diagnosis says so") {
    const Report report = run(with_condition(2)
                                  .task("worker", TaskKind::thread, [](auto& task) { task.compute(1ms).notify("c"); })
                                  .task("waiter", TaskKind::thread,
                                        [](auto& task) { task.compute(2ms).lock("m").await("c", "m").unlock("m"); }));
    CHECK(report.outcome == Outcome::deadlocked);
    CHECK_THAT(report.diagnosis, ContainsSubstring("notified once while nobody waited, last at 1 ms: a lost wake-up?"));
}

TEST_CASE("a barrier holds everybody until all have arrived, again and again") {
    const auto phases = [](Duration work) {
        return [work](ProgramBuilder& task) { task.repeat(3, [work](auto& body) { body.compute(work).arrive("b"); }); };
    };
    const Report report = run(cores(4)
                                  .barrier("b", 4)
                                  .task("quick", TaskKind::thread, phases(1ms), [](auto& task) { task.count = 3; })
                                  .task("slow", TaskKind::thread, phases(4ms)));
    CHECK(report.makespan == 12ms);
    CHECK(report.tasks[0].blocked.sum == 3 * 3 * 3ms);
}

TEST_CASE("a barrier that too few arrive at is a standstill") {
    const Report report = run(cores(1).barrier("b", 3).task(
        "A", TaskKind::thread, [](auto& task) { task.arrive("b"); }, [](auto& task) { task.count = 2; }));
    CHECK(report.counters.stranded == 2);
    CHECK_THAT(report.diagnosis, ContainsSubstring("barrier 'b', where 2 of 3 have arrived"));
}

TEST_CASE("decisions follow the variable's value when the task comes to them") {
    const Report report = run(cores(1).variable("n").task("A", TaskKind::thread, [](auto& task) {
        task.repeat_while("n < 5", [](auto& body) {
            body.compute(1ms).add("n").branch(
                "n == 3", [](auto& then) { then.compute(10ms); }, [](auto& otherwise) { otherwise.compute(100us); });
        });
        task.branch("n != 5", [](auto& then) { then.crash(); });
    }));
    CHECK(report.makespan == 5ms + 10ms + 4 * 100us);
    CHECK(report.counters.crashes == 0);
}

TEST_CASE("a while without a body waits on its core until the variable changes") {
    const Report report =
        run(cores(2)
                .variable("flag", 0, true)
                .task("waiter", TaskKind::thread, [](auto& task) { task.repeat_while("flag == 0", {}).compute(1ms); })
                .task("worker", TaskKind::thread, [](auto& task) { task.compute(5ms).write("flag", 1); }));
    CHECK(report.makespan == 6ms);
    CHECK((*report.time)[static_cast<std::size_t>(TimeCategory::synchronisation)] == 5ms);
}

TEST_CASE("what two cores add to a variable that is not atomic at once is lost") {
    CostProfile slow_lines = free_profile();
    slow_lines[Cost::cache_line_transfer] = Law::constant(1us);
    const auto counted = [&](bool atomic) {
        // Both add a hundred times; who finds less than two hundred computes on.
        const auto adds = [](ProgramBuilder& task) {
            task.repeat(100, [](auto& body) { body.compute(10us).add("n"); }).arrive("b");
        };
        return run(cores(2)
                       .variable("n", 0, atomic)
                       .barrier("b", 3)
                       .task("A", TaskKind::thread, adds, [](auto& task) { task.count = 2; })
                       .task("judge", TaskKind::thread,
                             [](auto& task) { task.arrive("b").branch("n < 200", [](auto& then) { then.crash(); }); }),
                   slow_lines)
            .counters.crashes;
    };
    CHECK(counted(true) == 0);
    CHECK(counted(false) == 1);
}

// --- Data races ---------------------------------------------------------------------------------------------------

namespace {

std::uint64_t races(const ScenarioBuilder& scenario) { return run(scenario).counters.data_races; }

} // namespace

TEST_CASE("two tasks that touch a variable without order race, if one of them changes it") {
    const auto reads = [](ProgramBuilder& task) { task.compute(1ms).read("v"); };
    const auto writes = [](ProgramBuilder& task) { task.compute(2ms).write("v", 1); };
    CHECK(races(cores(2).variable("v").task("A", TaskKind::thread, reads).task("B", TaskKind::thread, reads)) == 0);
    const Report report =
        run(cores(2).variable("v").task("A", TaskKind::thread, reads).task("B", TaskKind::thread, writes));
    REQUIRE(report.data_races.size() == 1);
    CHECK(report.data_races[0].variable == "v");
    CHECK(report.data_races[0].first == "thread 'A' reads it");
    CHECK(report.data_races[0].second == "thread 'B' changes it");
    CHECK(report.data_races[0].at == 2ms);
    CHECK(
        races(cores(2).variable("v", 0, true).task("A", TaskKind::thread, reads).task("B", TaskKind::thread, writes)) ==
        0);
}

TEST_CASE("whatever synchronises two touches keeps them from racing") {
    const auto first = [](auto after) { return [after](ProgramBuilder& task) { after(task.write("v", 1)); }; };
    const auto second = [](auto before) {
        return [before](ProgramBuilder& task) { before(task.compute(1ms)).write("v", 2); };
    };
    const auto pair = [&](const ScenarioBuilder& with, auto after, auto before) {
        return races(ScenarioBuilder(with)
                         .variable("v")
                         .task("A", TaskKind::thread, first(after))
                         .task("B", TaskKind::thread, second(before)));
    };
    using P = ProgramBuilder&;
    CHECK(pair(
              cores(2), [](P task) -> P { return task; }, [](P task) -> P { return task; }) == 1);
    CHECK(pair(
              cores(2).semaphore("s"), [](P task) -> P { return task.release("s"); },
              [](P task) -> P { return task.acquire("s"); }) == 0);
    CHECK(pair(
              cores(2).pipe("p"), [](P task) -> P { return task.send("p", {1}); },
              [](P task) -> P { return task.receive("p", {1}); }) == 0);
    CHECK(pair(
              cores(2).barrier("b", 2), [](P task) -> P { return task.arrive("b"); },
              [](P task) -> P { return task.arrive("b"); }) == 0);
    CHECK(pair(
              cores(2).variable("flag", 0, true), [](P task) -> P { return task.write("flag", 1); },
              [](P task) -> P { return task.repeat_while("flag == 0", {}); }) == 0);
    // A lock that only one of the two takes keeps nobody apart.
    CHECK(pair(
              cores(2).lock("m"), [](P task) -> P { return task; },
              [](P task) -> P { return task.lock("m").unlock("m"); }) == 1);
}

TEST_CASE("among very many tasks races are not looked for, and the report says so") {
    const auto with_tasks = [](std::uint32_t count) {
        return run(cores(1).variable("v").task(
            "A", TaskKind::thread, [](auto& task) { task.add("v"); }, [=](auto& task) { task.count = count; }));
    };
    const Report few = with_tasks(10);
    CHECK(few.counters.data_races == 1);
    CHECK(few.notes.empty());
    const Report many = with_tasks(5000);
    CHECK(many.counters.data_races == 0);
    REQUIRE(many.notes.size() == 1);
    CHECK_THAT(many.notes[0], ContainsSubstring("races were not looked for among more than 4096 tasks"));
}

TEST_CASE("a child begins with what its parent has done, and who joins it learns what it did") {
    const Report report = run(cores(2).variable("v").task("A", TaskKind::thread, [](auto& task) {
        task.write("v", 1)
            .spawn("child", TaskKind::thread, [](auto& child) { child.add("v"); })
            .join("child")
            .write("v", 3);
    }));
    CHECK(report.data_races.empty());
    const Report unjoined = run(cores(2).variable("v").task("A", TaskKind::thread, [](auto& task) {
        task.spawn("child", TaskKind::thread, [](auto& child) { child.add("v"); }).write("v", 3).join("child");
    }));
    CHECK(unjoined.data_races.size() == 1);
}
