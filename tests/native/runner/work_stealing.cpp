// Several carriers of one name, for real: who has nothing steals, and tasks go on on other threads than they waited on.
#include "tests/native/runner/native_run.hpp"

#include "native/plan/compile.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::WithinRel;

namespace {

auto carriers(std::uint32_t count, std::uint32_t instances = 1) {
    return [=](TaskTemplate& task) {
        task.carriers = count;
        task.count = instances;
    };
}

std::uint64_t figure(const Report& report, std::string_view name) {
    const std::optional<Metric> known = metric(report, name);
    REQUIRE(known);
    return static_cast<std::uint64_t>(known->value);
}

} // namespace

TEST_CASE("what one carrier spawns, others take: every task runs once, and no work is lost") {
    for (const TaskKind kind : {TaskKind::coroutine, TaskKind::fiber}) {
        CAPTURE(name_of(kind));
        const Report report = run_natively(
            ScenarioBuilder("spawns")
                .semaphore("done")
                .task(
                    "main", kind,
                    [&](auto& task) {
                        task.repeat(300, [&](auto& round) {
                            round.spawn("w", kind, [](auto& worker) { worker.compute(50us).yield().release("done"); });
                        });
                        task.repeat(300, [](auto& round) { round.acquire("done", true); });
                    },
                    carriers(4))
                .build());
        CHECK(report.outcome == Outcome::completed);
        CHECK(task_of(report, "main").finished == 1);
        CHECK(task_of(report, "main/w").instances == 300);
        CHECK(task_of(report, "main/w").finished == 300);
        CHECK(figure(report, "steals") > 0);
        REQUIRE(report.work);
        REQUIRE(report.speed);
        CHECK_THAT(seconds(*report.work) * *report.speed, WithinRel(300 * 50e-6, 1e-3)); // at nominal speed
    }
}

TEST_CASE("instances are dealt to carriers in turn, and some carriers may get none") {
    const auto nothing = [](ProgramBuilder& task) { task.yield(); };
    const Scenario scenario = ScenarioBuilder("dealt")
                                  .task("A", TaskKind::coroutine, nothing, carriers(3, 4))
                                  .task("B", TaskKind::coroutine, nothing, carriers(3, 1))
                                  .task("C", TaskKind::coroutine, nothing,
                                        [](TaskTemplate& task) {
                                            task.carriers = 2;
                                            task.carrier = "others";
                                        })
                                  .build();
    const std::vector<int> cpus{0};
    const Plan plan = compile(scenario, {1000, cpus});
    REQUIRE(plan.threads.size() == 5);
    const auto dealt = [&](std::size_t thread) {
        std::string names;
        for (std::uint32_t i = 0; i < plan.threads[thread].instances; ++i) {
            const PlanInstance& instance = plan.instances[plan.threads[thread].first_instance + i];
            names += scenario.tasks[instance.program].name + std::to_string(instance.number);
        }
        return names;
    };
    CHECK(dealt(0) == "A0A3");
    CHECK(dealt(1) == "A1B0");
    CHECK(dealt(2) == "A2");
    CHECK(dealt(3) == "C0");
    CHECK(dealt(4).empty());
    CHECK(plan.threads[2].first_carrier == 0);
    CHECK(plan.threads[4].first_carrier == 3);
    CHECK(plan.threads[4].program == 2);
    const Report report = run_natively(scenario);
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "A").finished == 4);
}

TEST_CASE("children that ended on other carriers are joined, and those that have not are waited for") {
    for (const TaskKind kind : {TaskKind::coroutine, TaskKind::fiber}) {
        CAPTURE(name_of(kind));
        const Report report = run_natively(
            ScenarioBuilder("joins")
                .semaphore("s")
                .task(
                    "main", kind,
                    [&](auto& task) {
                        task.repeat(200, [&](auto& round) {
                            round.spawn("w", kind, [](auto& worker) {
                                worker.compute(20us).release("s").sleep(20us, true).yield();
                            });
                            round.spawn("v", kind, [](auto& worker) { worker.acquire("s", true).compute(20us); });
                            round.compute(20us).join("w").join("v");
                        });
                    },
                    carriers(3, 3))
                .build());
        CHECK(report.outcome == Outcome::completed);
        CHECK(task_of(report, "main").finished == 3);
        CHECK(task_of(report, "main/w").finished == 600);
        CHECK(task_of(report, "main/v").finished == 600);
    }
}

TEST_CASE("a blocking call in one carrier does not stop what another can take") {
    const auto with = [](std::uint32_t count) {
        return run_natively(
            ScenarioBuilder("blocked")
                .task(
                    "caller", TaskKind::coroutine, [](auto& task) { task.sleep(600ms); }, carriers(count))
                .task(
                    "others", TaskKind::coroutine,
                    [](auto& task) { task.repeat(5, [](auto& round) { round.sleep(1ms, true).compute(100us); }); },
                    carriers(count, 9))
                .build());
    };
    const Report alone = with(1);
    CHECK(task_of(alone, "others").turnaround.least >= 600ms);
    CHECK(task_of(alone, "others").stalled.least >= 600ms);
    CHECK(task_of(alone, "others").stalled.most <= task_of(alone, "others").turnaround.most);
    CHECK(task_of(alone, "caller").stalled.sum == Duration{});
    const Report shared = with(2);
    CHECK(task_of(shared, "others").turnaround.most < 600ms);
    CHECK(task_of(shared, "others").stalled.sum < task_of(alone, "others").stalled.sum / 2);
}

TEST_CASE("locks, queues and pipes work for tasks that are resumed on other threads") {
    for (const TaskKind kind : {TaskKind::coroutine, TaskKind::fiber}) {
        CAPTURE(name_of(kind));
        const Report report = run_natively(
            ScenarioBuilder("meets")
                .lock("m")
                .lock("r", LockKind::recursive)
                .lock("t", LockKind::read_write)
                .variable("count")
                .channel("q", ChannelKind::queue)
                .pipe("p", {4096})
                .task(
                    "holds", kind,
                    [](auto& task) {
                        task.repeat(300, [](auto& round) {
                            round.lock("m", true).add("count").yield().add("count").unlock("m");
                            round.lock("r", true).lock("r", true).sleep(10us, true).unlock("r").unlock("r");
                            round.lock("t", true).add("count").yield().unlock("t").lock_shared("t", true).unlock("t");
                        });
                    },
                    carriers(3, 6))
                .task(
                    "gives", kind,
                    [](auto& task) {
                        task.repeat(500, [](auto& round) {
                            round.send("q", {8}, {.asynchronous = true}).send("p", {8}, {.asynchronous = true}).yield();
                        });
                    },
                    carriers(3, 2))
                .task(
                    "takes", kind,
                    [](auto& task) {
                        task.repeat(500, [](auto& round) { round.receive("q", {}, true).receive("p", {8}, true); });
                    },
                    carriers(3, 2))
                .task("thread", TaskKind::thread,
                      [](auto& task) {
                          task.repeat(300, [](auto& round) { round.lock("t").unlock("t").lock("m").unlock("m"); });
                      })
                .build());
        CHECK(report.outcome == Outcome::completed);
        CHECK(task_of(report, "holds").finished == 6);
        CHECK(task_of(report, "takes").finished == 2);
        CHECK(figure(report, "messages") == 2000);
    }
}

TEST_CASE("devices are waited for by several carriers, in each style") {
    for (const WaitStyle style : {WaitStyle::readiness, WaitStyle::completion, WaitStyle::blocking}) {
        const Report report = run_natively(
            ScenarioBuilder("devices")
                .device("disk", Distribution::constant(Duration(100us).count()))
                .task(
                    "A", TaskKind::coroutine,
                    [&](auto& task) { task.repeat(20, [&](auto& round) { round.io("disk", style).compute(20us); }); },
                    carriers(3, 8))
                .build());
        CHECK(report.outcome == Outcome::completed);
        CHECK(figure(report, "device_operations") == 160);
    }
}

TEST_CASE("threads wake tasks of carriers that sleep, again and again, and none is forgotten") {
    const Report report = run_natively(
        ScenarioBuilder("woken")
            .semaphore("s")
            .task(
                "gives", TaskKind::thread,
                [](auto& task) { task.repeat(5'000, [](auto& round) { round.release("s").compute(2us); }); },
                [](TaskTemplate& task) { task.count = 2; })
            .task(
                "takes", TaskKind::coroutine,
                [](auto& task) { task.repeat(1'000, [](auto& round) { round.acquire("s", true); }); }, carriers(4, 10))
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "takes").finished == 10);
}

TEST_CASE("carriers that are blocked for ever are a deadlock, be it one that has nobody else to carry or all of them") {
    const auto with = [](std::uint32_t callers) {
        return run_natively(
            ScenarioBuilder("standstill")
                .semaphore("never")
                .task(
                    "caller", TaskKind::coroutine, [](auto& task) { task.acquire("never"); }, carriers(2, callers))
                .build());
    };
    CHECK(with(1).outcome == Outcome::deadlocked);
    CHECK(with(3).outcome == Outcome::deadlocked);
}

TEST_CASE("what belongs to a thread cannot be used by tasks of several carriers") {
    const auto inherits = [](Lock& lock) { lock.protocol = LockProtocol::inheritance; };
    CHECK_THROWS_WITH(
        run_natively(ScenarioBuilder("inheritance")
                         .lock("m", LockKind::mutex, inherits)
                         .task(
                             "A", TaskKind::coroutine, [](auto& task) { task.lock("m").unlock("m"); }, carriers(2))
                         .build()),
        ContainsSubstring("whose owner is a thread to the kernel"));
}

TEST_CASE("a lock or semaphore that is found taken is counted once, natively as in the simulator") {
    const Report report = run_natively(
        ScenarioBuilder("contended")
            .lock("m")
            .semaphore("s")
            .task("A", TaskKind::coroutine, [](auto& task) { task.lock("m").sleep(10ms, true).unlock("m"); })
            .task("B", TaskKind::coroutine, [](auto& task) { task.lock("m", true).unlock("m").release("s"); })
            .task("C", TaskKind::coroutine, [](auto& task) { task.acquire("s", true); })
            .build());
    CHECK(figure(report, "contentions") == 2);
    CHECK_FALSE(metric(report, "steals")); // nobody could
}

TEST_CASE("who is ready while another's blocking call has the thread is stalled, and nobody else") {
    const auto computes = [](ProgramBuilder& task) { task.compute(10us); };
    const auto starts = [](Duration at) {
        return [at](TaskTemplate& task) { task.start = Distribution::constant(at.count()); };
    };
    const Report report = run_natively(ScenarioBuilder("stalled")
                                           .task("caller", TaskKind::coroutine, [](auto& task) { task.sleep(200ms); })
                                           .task("ready", TaskKind::coroutine, computes)
                                           .task("woken", TaskKind::coroutine, computes, starts(50ms))
                                           .task("later", TaskKind::coroutine, computes, starts(800ms))
                                           .task("thread", TaskKind::thread, computes)
                                           .build());
    CHECK(task_of(report, "caller").stalled.sum == Duration{});
    CHECK(task_of(report, "ready").stalled.sum >= 200ms);
    // The call began after the run did, and ended when everybody went on.
    CHECK(task_of(report, "woken").stalled.sum >= 150ms);
    CHECK(task_of(report, "woken").stalled.sum <= task_of(report, "ready").stalled.sum);
    CHECK(task_of(report, "later").stalled.sum == Duration{});
    CHECK(task_of(report, "thread").stalled.count == 0);
    CHECK(metric(report, "stall")->value ==
          (task_of(report, "ready").stalled.sum + task_of(report, "woken").stalled.sum).count());
}

TEST_CASE("since when a channel has had something epoll does not tell, so stalls are not known there") {
    const Report report =
        run_natively(ScenarioBuilder("unknown")
                         .pipe("p")
                         .task("A", TaskKind::coroutine, [](auto& task) { task.receive("p", {8}, true); })
                         .task("B", TaskKind::coroutine, [](auto& task) { task.sleep(1ms).send("p", {8}); })
                         .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK_FALSE(metric(report, "stall"));
}
