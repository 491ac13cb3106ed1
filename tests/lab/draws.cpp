// The same work is drawn in the simulator, in the native run and under every policy.
#include "lab/predict.hpp"
#include "native/execute/execute.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>

using namespace switchyard;
using namespace std::chrono_literals;

// Whole nanoseconds, so that nothing is lost where an iteration of the work loop counts for one.
static const Distribution work = Distribution::empirical({5'003'000, 11'017'000, 23'029'000, 41'051'000, 97'103'000});

// Children of every kind, one inside another, with drawn work in drawn numbers of rounds.
static Scenario families() {
    const Distribution rounds = Distribution::uniform(0, 4);
    const auto computes = [=](ProgramBuilder& task) {
        task.repeat(rounds, [](auto& body) { body.compute(work); }).compute(work);
    };
    const auto has_threads = [=](ProgramBuilder& task) {
        task.repeat(rounds, [=](auto& body) {
            body.compute(work).spawn("t", TaskKind::thread, computes).sleep(Distribution::exponential(20e6)).join("t");
        });
    };
    return ScenarioBuilder("families")
        .seed(23)
        .cores(1)
        .task(
            "forks", TaskKind::process,
            [=](auto& task) {
                task.repeat(3, [=](auto& body) { body.fork("c", has_threads).compute(work); });
                task.wait_any().wait_any().wait_any();
            },
            [](auto& task) { task.count = 2; })
        .task("continues", TaskKind::process,
              [=](auto& task) {
                  task.repeat(rounds,
                              [](auto& body) {
                                  body.fork(
                                          "c", [](auto& child) { child.compute(work); }, Afterwards::continues)
                                      .compute(work);
                              })
                      .compute(work);
              })
        .task("executes", TaskKind::process,
              [=](auto& task) {
                  task.repeat(2, [=](auto& body) {
                      body.vfork("v", [=](auto& child) { child.compute(work).exec(has_threads); }).wait("v");
                      body.clone("p", false, computes).wait("p").clone("t", true, computes).join("t");
                  });
              })
        .task("loop", TaskKind::coroutine,
              [=](auto& task) {
                  task.repeat(3, [=](auto& body) { body.spawn("c", TaskKind::coroutine, computes).yield(); });
              })
        .task(
            "fibers", TaskKind::fiber,
            [=](auto& task) {
                task.repeat(3, [=](auto& body) { body.spawn("c", TaskKind::fiber, computes).compute(work); });
            },
            [](auto& task) { task.carrier = "other"; })
        .build();
}

static Duration work_of(const Report& simulated) {
    return simulated.time.value()[static_cast<std::size_t>(TimeCategory::work)];
}

TEST_CASE("The tasks of a scenario and their children compute the same in the simulator and natively") {
    const Scenario scenario = families();
    const Report simulated = sim::simulate(scenario, reference_profile());
    REQUIRE(simulated.outcome == Outcome::completed);
    const Duration nominal = work_of(simulated);

    native::ExecuteOptions options;
    options.iteration_picoseconds = 1000;
    options.runner = SWITCHYARD_RUNNER_FILE;
    const Report run = native::execute(scenario, options);
    REQUIRE(run.outcome == Outcome::completed);
    REQUIRE(run.work);
    REQUIRE(run.speed);
    // The report says it at the speed the machine had; a nanosecond of nominal work is an iteration.
    const std::int64_t iterations = std::llround(static_cast<double>(run.work->count()) * *run.speed / 1000);
    CHECK(iterations * 1000 == nominal.count());
    CHECK(run.counters.forks == simulated.counters.forks);
    CHECK(run.counters.threads_created == simulated.counters.threads_created);
}

TEST_CASE("The same work is drawn under every policy") {
    Scenario scenario = families();
    const Duration expected = work_of(sim::simulate(scenario, reference_profile()));
    for (const std::vector<PolicyParameter>& slice :
         {std::vector<PolicyParameter>{}, {{"slice", "10us", {}}}, {{"slice", "1ms", {}}}}) {
        scenario.scheduler.policy = slice.empty() ? "fifo" : "rr";
        scenario.scheduler.parameters = slice;
        const Report report = sim::simulate(scenario, reference_profile());
        REQUIRE(report.outcome == Outcome::completed);
        CHECK(work_of(report) == expected);
    }
}
