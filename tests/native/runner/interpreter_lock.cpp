// Global interpreter locks, taken, asked for and given up for real.
#include "tests/native/runner/native_run.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;

namespace {

const ProgramBuilder::Body crash = [](ProgramBuilder& task) { task.crash(); };

void under_gil(TaskTemplate& task) { task.interpreter = 0; }

ScenarioBuilder interpreted() {
    ScenarioBuilder scenario("interpreted");
    scenario.cores(2).lock("gil", LockKind::interpreter, [](Lock& lock) { lock.switch_interval = 50us; });
    return scenario;
}

} // namespace

TEST_CASE("under an interpreter a variable that is not atomic loses no count, though its threads take turns") {
    const auto counting = [](ProgramBuilder& task) {
        task.repeat(20000, [](ProgramBuilder& round) { round.add("n").compute(200ns); }).arrive("done");
    };
    const Report report = run_natively(
        interpreted()
            .variable("n")
            .barrier("done", 4)
            .task("T", TaskKind::thread, counting,
                  [](auto& task) {
                      under_gil(task);
                      task.count = 3;
                  })
            .task("judge", TaskKind::thread, [](auto& task) { task.arrive("done").branch("n != 60000", crash); })
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.crashes == 0);
}

TEST_CASE("what waits, forks, spawns and is carried goes on under an interpreter, to its end") {
    const auto mixed = [](ProgramBuilder& task) {
        task.repeat(20, [](ProgramBuilder& round) {
            round.compute(100us).acquire("s").compute(100us).release("s").sleep(50us).yield().system_call();
            round.fork("c", [](ProgramBuilder& child) {
                child.compute(200us);
                child.spawn("t", TaskKind::thread, [](ProgramBuilder& thread) { thread.compute(300us); }).join("t");
            });
            round.wait("c");
        });
        task.vfork("v", [](ProgramBuilder& child) {
            child.exec([](ProgramBuilder& image) { image.compute(100us).sleep(50us).compute(100us); });
        });
        task.wait("v");
    };
    const auto carried = [](ProgramBuilder& task) {
        task.repeat(20, [](ProgramBuilder& round) { round.compute(200us).sleep(100us, true).sleep(50us).yield(); });
        task.spawn("c", TaskKind::coroutine, [](ProgramBuilder& child) { child.compute(200us); }).join("c");
    };
    const Report report = run_natively(interpreted()
                                           .semaphore("s", 1)
                                           .task("T", TaskKind::thread, mixed,
                                                 [](auto& task) {
                                                     under_gil(task);
                                                     task.count = 2;
                                                 })
                                           .task("P", TaskKind::process, mixed, under_gil)
                                           .task("C", TaskKind::coroutine, carried,
                                                 [](auto& task) {
                                                     under_gil(task);
                                                     task.count = 2;
                                                 })
                                           .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.forks == 63);
}
