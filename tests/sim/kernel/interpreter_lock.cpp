// Global interpreter locks: who computes when, and for how long one waits to be let in.
#include "models/errors.hpp"
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

ScenarioBuilder interpreted(std::uint32_t cores, Duration interval = 5ms) {
    ScenarioBuilder scenario("interpreted");
    scenario.cores(cores).scheduler("rr", {{"slice", "1s"}});
    scenario.lock("gil", LockKind::interpreter, [interval](Lock& lock) { lock.switch_interval = interval; });
    return scenario;
}

void under_gil(TaskTemplate& task) { task.interpreter = 0; }

Report run(const ScenarioBuilder& scenario, const CostProfile& profile = free_profile()) {
    const Report report = sim::simulate(scenario.build(), profile);
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    REQUIRE(sum == report.makespan * static_cast<std::int64_t>(report.cores));
    for (const TaskReport& task : report.tasks) REQUIRE(task.finished == task.instances);
    return report;
}

const TaskReport& row(const Report& report, std::string_view name) {
    for (const TaskReport& task : report.tasks)
        if (task.name == name) return task;
    FAIL("no such row");
    return report.tasks.front();
}

ProgramBuilder::Body computing(Duration work) {
    return [work](ProgramBuilder& task) { task.compute(work); };
}

} // namespace

TEST_CASE("threads of one interpreter compute one after the other, however many cores there are", "[interpreter]") {
    for (const std::uint32_t cores : {1u, 2u, 4u}) {
        CAPTURE(cores);
        const Report report = run(interpreted(cores).task("T", TaskKind::thread, computing(100ms), [](auto& task) {
            under_gil(task);
            task.count = 4;
        }));
        CHECK(report.makespan == 400ms);
    }
    const Report two = run(interpreted(2).task("T", TaskKind::thread, computing(20ms), [](auto& task) {
        under_gil(task);
        task.count = 2;
    }));
    // In turns of 5 ms: the first is done after 35 ms, the second after 40 ms.
    CHECK(row(two, "T").turnaround.sum == 75ms);
    CHECK(row(two, "T").blocked.sum == 35ms);
    CHECK(two.counters.contentions == 7);
}

TEST_CASE("who waits outside the interpreter does not keep others from it", "[interpreter]") {
    const auto sleeping = [](ProgramBuilder& task) { task.sleep(10ms); };
    const Report report = run(interpreted(1).task("T", TaskKind::thread, sleeping, [](auto& task) {
        under_gil(task);
        task.count = 4;
    }));
    CHECK(report.makespan == 10ms);
    CHECK(report.counters.contentions == 0);
}

TEST_CASE("a thread that mostly waits is let in after the switch interval, each time: the convoy", "[interpreter]") {
    constexpr int calls = 20;
    const auto mostly_waiting = [](ProgramBuilder& task) {
        task.repeat(calls, [](ProgramBuilder& round) { round.sleep(1ms).compute(100us); });
    };
    const auto beside_computing = [&](Duration interval) {
        return run(interpreted(2, interval)
                       .task("waits", TaskKind::thread, mostly_waiting, under_gil)
                       .task("computes", TaskKind::thread, computing(1s), under_gil));
    };
    for (const Duration interval : {Duration{1ms}, Duration{5ms}, Duration{20ms}}) {
        CAPTURE(interval);
        const Report report = beside_computing(interval);
        CHECK(row(report, "waits").turnaround.sum == calls * (1ms + interval + 100us));
        CHECK(row(report, "waits").blocked.sum == calls * (1ms + interval));
        CHECK(report.makespan == 1s + calls * 100us);
    }
    const Report apart = run(interpreted(2)
                                 .task("waits", TaskKind::thread, mostly_waiting)
                                 .task("computes", TaskKind::thread, computing(1s), under_gil));
    CHECK(row(apart, "waits").turnaround.sum == calls * (1ms + 100us));
}

TEST_CASE("every process has an interpreter of its own, also one that is forked", "[interpreter]") {
    const Report processes = run(interpreted(4).task("P", TaskKind::process, computing(100ms), [](auto& task) {
        under_gil(task);
        task.count = 4;
    }));
    CHECK(processes.makespan == 100ms);

    const auto forking = [](ProgramBuilder& task) {
        task.fork("c", [](ProgramBuilder& child) { child.compute(100ms); }).compute(100ms).wait("c");
    };
    CHECK(run(interpreted(2).task("P", TaskKind::process, forking, under_gil)).makespan == 100ms);

    const auto spawning = [](ProgramBuilder& task) {
        for (const char* name : {"a", "b"}) task.spawn(name, TaskKind::thread, computing(100ms));
        task.join("a").join("b");
    };
    CHECK(run(interpreted(2).task("P", TaskKind::process, spawning, under_gil)).makespan == 200ms);
}

TEST_CASE("an event loop is outside the interpreter while it has nothing to do", "[interpreter]") {
    const auto sleeping = [](ProgramBuilder& task) { task.sleep(10ms, true).compute(1ms); };
    const Report report = run(interpreted(2)
                                  .task("C", TaskKind::coroutine, sleeping,
                                        [](auto& task) {
                                            under_gil(task);
                                            task.count = 3;
                                        })
                                  .task("T", TaskKind::thread, computing(50ms), [](auto& task) {
                                      under_gil(task);
                                      task.start = Distribution::constant(1'000'000'000);
                                  }));
    // Let in after 15 ms, all three compute before the loop waits again.
    CHECK(row(report, "C").turnaround.least == 16ms);
    CHECK(row(report, "C").turnaround.most == 18ms);
    CHECK(report.makespan == 54ms);
}

TEST_CASE("who waits on its core under an interpreter gives it up when it is asked", "[interpreter]") {
    const auto waiting = [](ProgramBuilder& task) { task.repeat_while("flag == 0", {}); };
    const auto setting = [](ProgramBuilder& task) { task.compute(1ms).write("flag", 1); };
    const Report report = run(interpreted(2)
                                  .variable("flag", 0, true)
                                  .task("waits", TaskKind::thread, waiting, under_gil)
                                  .task("sets", TaskKind::thread, setting, under_gil));
    CHECK(report.makespan == 6ms); // who spins is asked after 5 ms, too
}

TEST_CASE("the interpreter's lock costs its mutex, and waiting for it what a condition variable costs",
          "[interpreter]") {
    constexpr auto system_call = 1us;
    constexpr auto wake_up = 8us;
    constexpr auto atomic_operation = 16us;
    CostProfile profile = free_profile();
    profile[Cost::system_call] = Law::constant(system_call);
    profile[Cost::wake_up] = Law::constant(wake_up);
    profile[Cost::atomic_operation] = Law::constant(atomic_operation);
    const Report alone = run(interpreted(1).task("T", TaskKind::thread, computing(1ms), under_gil), profile);
    CHECK(alone.makespan == 1ms + 4 * atomic_operation);
    CHECK(alone.counters.system_calls == 0);

    const Report two = run(interpreted(2).task("T", TaskKind::thread, computing(1ms),
                                               [](auto& task) {
                                                   under_gil(task);
                                                   task.count = 2;
                                               }),
                           profile);
    CHECK(two.counters.contentions == 1);
    CHECK(two.counters.system_calls == 2); // to wait, and to wake
    CHECK(two.makespan == 2ms + 6 * atomic_operation + system_call + wake_up);
}

TEST_CASE("runs of what is interpreted end, and are the same again", "[interpreter]") {
    const auto mixed = [](ProgramBuilder& task) {
        task.repeat(50, [](ProgramBuilder& round) {
            round.compute(Distribution::exponential(1e9)).acquire("s").compute(300us).release("s");
            round.lock("m").compute(200us).unlock("m").sleep(Distribution::exponential(1e9)).yield();
            round.fork("c", [](ProgramBuilder& child) { child.compute(1ms).sleep(1ms); }).wait("c");
            round.spawn("t", TaskKind::thread, [](ProgramBuilder& thread) { thread.compute(700us).system_call(); });
            round.join("t");
        });
    };
    for (const std::uint32_t cores : {1u, 3u})
        for (const char* policy : {"rr", "eevdf", "fcfs"}) {
            CAPTURE(cores, policy);
            ScenarioBuilder scenario("mixed");
            scenario.cores(cores).scheduler(policy).semaphore("s", 1).lock("gil", LockKind::interpreter).lock("m");
            scenario.task("T", TaskKind::thread, mixed, [](auto& task) {
                under_gil(task);
                task.count = 4;
            });
            const Report report = run(scenario, reference_profile());
            CHECK(report == run(scenario, reference_profile()));
            if (cores > 1) CHECK(report.counters.contentions > 0);
        }
}

TEST_CASE("what cannot be interpreted is refused", "[interpreter]") {
    using Catch::Matchers::ContainsSubstring;
    const auto refused = [](const ScenarioBuilder& scenario) {
        try {
            static_cast<void>(scenario.build());
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    const auto locking = [](ProgramBuilder& task) { task.lock("gil").unlock("gil"); };
    CHECK_THAT(refused(interpreted(1).task("T", TaskKind::thread, locking)),
               ContainsSubstring("no operation takes an interpreter's lock"));
    CHECK_THAT(refused(interpreted(1).lock("m").task("T", TaskKind::thread, computing(1ms),
                                                     [](TaskTemplate& task) { task.interpreter = 1; })),
               ContainsSubstring("'m' is a mutex lock, no interpreter's"));
    CHECK_THAT(refused(interpreted(1)
                           .task("A", TaskKind::coroutine, computing(1ms), under_gil)
                           .task("B", TaskKind::coroutine, computing(1ms))),
               ContainsSubstring("not under one interpreter"));
    CHECK_THAT(refused(interpreted(1, 0ms).task("T", TaskKind::thread, computing(1ms), under_gil)),
               ContainsSubstring("1us or more"));
}

TEST_CASE("whoever waits for a device or for a message lets the others have the interpreter", "[interpreter]") {
    for (const WaitStyle style : {WaitStyle::blocking, WaitStyle::readiness, WaitStyle::completion}) {
        CAPTURE(name_of(style));
        const Report report =
            run(interpreted(4)
                    .device("disk", Distribution::constant(Duration{100ms}.count()), 8)
                    .channel("f", ChannelKind::fifo)
                    .task(
                        "waits", TaskKind::thread, [&](auto& task) { task.io("disk", style); },
                        [](auto& task) {
                            under_gil(task);
                            task.count = 4;
                        })
                    .task(
                        "receives", TaskKind::thread, [](auto& task) { task.receive("f", Bytes{8}); }, under_gil)
                    .task("computes", TaskKind::thread, computing(100ms), under_gil)
                    .task("sends", TaskKind::process, [](auto& task) { task.sleep(100ms).send("f", Bytes{8}); }));
        CHECK(report.makespan == 100ms);
    }
}
