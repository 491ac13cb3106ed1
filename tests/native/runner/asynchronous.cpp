// Coroutines and fibers that wait without their threads, for real.
#include "tests/native/runner/native_run.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("a carried task that waits for a semaphore or lock lets the others of its thread go on") {
    for (const TaskKind kind : {TaskKind::coroutine, TaskKind::fiber}) {
        CAPTURE(name_of(kind));
        const Report report = run_natively(
            ScenarioBuilder("waits")
                .semaphore("s")
                .lock("m")
                .lock("l", LockKind::read_write)
                .task(
                    "owner", kind,
                    [](auto& task) { task.lock("m").lock("l").sleep(20ms, true).unlock("l").unlock("m").release("s"); })
                .task("waiter", kind,
                      [](auto& task) {
                          task.acquire("s", true).lock("m", true).lock_shared("l", true).unlock("l").unlock("m");
                      })
                .task(
                    "reader", kind, [](auto& task) { task.lock_shared("l", true).unlock("l"); },
                    [](TaskTemplate& task) { task.count = 3; })
                .task("other", kind, [](auto& task) { task.compute(100us); })
                .build());
        CHECK(report.outcome == Outcome::completed);
        CHECK(task_of(report, "waiter").turnaround.sum >= 20ms);
        CHECK(task_of(report, "other").turnaround.sum < 20ms);
    }
}

TEST_CASE("threads wake tasks of a sleeping loop, again and again, and none is forgotten") {
    const auto gives = [](ProgramBuilder& task) {
        task.repeat(20'000, [](auto& round) { round.release("s").lock("m").unlock("m"); });
    };
    const auto takes = [](ProgramBuilder& task) {
        task.repeat(5'000, [](auto& round) { round.acquire("s", true).lock("m", true).unlock("m"); });
    };
    const Report report =
        run_natively(ScenarioBuilder("many")
                         .semaphore("s")
                         .lock("m")
                         .task("gives", TaskKind::thread, gives, [](TaskTemplate& task) { task.count = 2; })
                         .task("takes", TaskKind::coroutine, takes, [](TaskTemplate& task) { task.count = 4; })
                         .task("elsewhere", TaskKind::fiber, takes,
                               [](TaskTemplate& task) {
                                   task.count = 4;
                                   task.carrier = "another";
                               })
                         .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "takes").finished == 4);
    CHECK(task_of(report, "elsewhere").finished == 4);
}

TEST_CASE("what a loop cannot wait for natively is refused") {
    CHECK_THROWS_WITH(run_natively(ScenarioBuilder("processes")
                                       .semaphore("s")
                                       .task("A", TaskKind::coroutine, [](auto& task) { task.acquire("s", true); })
                                       .task("B", TaskKind::process, [](auto& task) { task.release("s"); })
                                       .build()),
                      ContainsSubstring("waits asynchronously for what process 'B' uses, too"));
}
