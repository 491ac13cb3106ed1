// Locks, conditions, barriers, variables and decisions, done for real.
#include "tests/native/runner/native_run.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

// A crash tells a scenario's judgement to the test.
const ProgramBuilder::Body crash = [](ProgramBuilder& task) { task.crash(); };

void count(TaskTemplate& task, std::uint32_t instances) { task.count = instances; }

} // namespace

TEST_CASE("what is counted under a lock is counted exactly, by threads and by processes, with every kind of lock") {
    for (const TaskKind kind : {TaskKind::thread, TaskKind::process})
        for (const LockKind lock : {LockKind::mutex, LockKind::recursive, LockKind::read_write, LockKind::spin}) {
            CAPTURE(name_of(kind), name_of(lock));
            const Scenario scenario =
                ScenarioBuilder("counted")
                    .cores(2)
                    .lock("m", lock)
                    .variable("n")
                    .barrier("done", 4)
                    .task(
                        "A", kind,
                        [](auto& task) {
                            task.repeat(2000, [](auto& body) { body.lock("m").add("n").unlock("m"); }).arrive("done");
                        },
                        [](auto& task) { count(task, 3); })
                    .task("judge", kind, [](auto& task) { task.arrive("done").branch("n != 6000", crash); })
                    .build();
            const Report report = run_natively(scenario);
            CHECK(report.outcome == Outcome::completed);
            CHECK(report.counters.crashes == 0);
        }
}

TEST_CASE("a bounded buffer with conditions moves everything, and nobody is left behind") {
    const Scenario scenario =
        ScenarioBuilder("buffer")
            .cores(2)
            .lock("buffer")
            .condition("not empty")
            .condition("not full")
            .variable("count")
            .task("producer", TaskKind::thread,
                  [](auto& task) {
                      task.repeat(500, [](auto& body) {
                          body.lock("buffer").await("not full", "buffer", "count < 2").add("count").unlock("buffer");
                          body.notify("not empty");
                      });
                  })
            .task("consumer", TaskKind::process,
                  [](auto& task) {
                      task.repeat(500, [](auto& body) {
                          body.lock("buffer").await("not empty", "buffer", "count > 0").add("count", -1);
                          body.unlock("buffer").notify("not full");
                      });
                      task.branch("count != 0", crash);
                  })
            .build();
    const Report report = run_natively(scenario);
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.crashes == 0);
}

TEST_CASE("a native deadlock is noticed, told, and cleaned up") {
    const auto both = [](std::string first, std::string second) {
        return [=](ProgramBuilder& task) { task.lock(first).arrive("b").lock(second).unlock(second).unlock(first); };
    };
    const Scenario scenario = ScenarioBuilder("deadlock")
                                  .cores(2)
                                  .lock("left")
                                  .lock("right")
                                  .barrier("b", 2)
                                  .task("A", TaskKind::thread, both("left", "right"))
                                  .task("B", TaskKind::process, both("right", "left"))
                                  .build();
    const std::set<pid_t> before = descendants();
    const Report report = run_natively(scenario);
    CHECK(report.outcome == Outcome::deadlocked);
    CHECK_THAT(report.diagnosis, ContainsSubstring("A waits for lock 'right', which B has"));
    CHECK_THAT(report.diagnosis, ContainsSubstring("B waits for lock 'left', which A has"));
    CHECK(descendants() == before);
}

TEST_CASE("a robust lock goes on to the next one when its owner dies") {
    const Scenario scenario =
        ScenarioBuilder("robust")
            .cores(2)
            .lock("m", LockKind::mutex, [](Lock& lock) { lock.robust = true; })
            .barrier("b", 2)
            .task("unlucky", TaskKind::process, [](auto& task) { task.lock("m").arrive("b").crash(); })
            .task("next", TaskKind::process, [](auto& task) { task.arrive("b").lock("m").unlock("m"); })
            .build();
    const Report report = run_natively(scenario);
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "next").finished == 1);
}

TEST_CASE("decisions follow variables, and what is drawn in their bodies is drawn as simulated") {
    const Distribution work = Distribution::uniform(10e6, 90e6);
    const Scenario scenario =
        ScenarioBuilder("decisions")
            .seed(5)
            .variable("n")
            .task("A", TaskKind::thread,
                  [&](auto& task) {
                      task.repeat_while("n < 4", [&](auto& body) { body.compute(work).add("n"); });
                      task.branch(
                          "n == 4", [](auto&) {}, crash);
                  })
            .build();
    std::int64_t expected = 0;
    for (std::uint64_t draw = 0; draw < 4; ++draw) expected += (sample(work, {5, 0, 0, 1, draw}) + 500) / 1000;
    const Report report = run_natively(scenario, {.iteration_picoseconds = 1000});
    CHECK(report.counters.crashes == 0);
    REQUIRE(report.work);
    CHECK(std::llround(static_cast<double>(report.work->count()) * *report.speed / 1000) == expected);
}

TEST_CASE("who gives back what it does not have ends the run with the reason") {
    const Scenario scenario =
        ScenarioBuilder("stranger").lock("m").task("A", TaskKind::thread, [](auto& task) { task.unlock("m"); }).build();
    CHECK_THROWS_WITH(run_natively(scenario), ContainsSubstring("only who has taken a lock can give it back"));
}
