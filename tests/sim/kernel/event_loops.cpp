// Event loops: asynchronous waits, stalls, and several carriers that steal from each other.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <numeric>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

CostProfile priced() {
    CostProfile profile = free_profile();
    profile.name = "priced";
    profile[Cost::system_call] = Law::constant(1us);
    profile[Cost::wake_up] = Law::constant(2us);
    profile[Cost::atomic_operation] = Law::constant(4us);
    profile[Cost::cache_line_transfer] = Law::constant(8us);
    profile[Cost::switch_coroutine] = Law::constant(16us);
    return profile;
}

Report run(const Scenario& scenario, const CostProfile& profile = free_profile()) {
    const Report report = sim::simulate(scenario, profile);
    const Duration sum = std::accumulate(report.time->begin(), report.time->end(), Duration{});
    CHECK(sum == report.makespan * static_cast<std::int64_t>(report.cores));
    return report;
}

const TaskReport& row(const Report& report, std::string_view name) {
    for (const TaskReport& task : report.tasks)
        if (task.name == name) return task;
    throw std::logic_error("no such row");
}

ScenarioBuilder cores(std::uint32_t count) { return ScenarioBuilder("loops").cores(count).hz(0); }

auto carriers(std::uint32_t count) {
    return [count](TaskTemplate& task) { task.carriers = count; };
}

const ProgramBuilder::Body spawns_eight = [](ProgramBuilder& task) {
    task.repeat(8,
                [](auto& round) { round.spawn("w", TaskKind::coroutine, [](auto& worker) { worker.compute(10ms); }); });
};

} // namespace

TEST_CASE("A coroutine that waits asynchronously for a semaphore or lock lets its loop go on") {
    for (const bool semaphore : {true, false}) {
        CAPTURE(semaphore);
        const Report report =
            run(cores(1)
                    .semaphore("s")
                    .lock("m")
                    .task("owner", TaskKind::coroutine,
                          [&](auto& task) { task.lock("m").sleep(10ms, true).unlock("m").release("s"); })
                    .task("waiter", TaskKind::coroutine,
                          [&](auto& task) {
                              semaphore ? task.acquire("s", true) : task.lock("m", true);
                              task.compute(1ms);
                          })
                    .task("other", TaskKind::coroutine, [](auto& task) { task.compute(10ms); })
                    .build());
        CHECK(report.outcome == Outcome::completed);
        CHECK(report.makespan == 11ms);
        CHECK(row(report, "waiter").blocked.sum == 10ms);
        CHECK(row(report, "waiter").stalled.sum == 0ms);
        CHECK(report.counters.contentions == 1);
    }
}

TEST_CASE("Waking one that waits without its thread costs nothing where its loop is awake") {
    const auto scenario = [](TaskKind releaser) {
        return cores(2)
            .semaphore("s")
            .task("waiter", TaskKind::coroutine, [](auto& task) { task.acquire("s", true); })
            .task("releaser", releaser, [](auto& task) { task.compute(1ms).release("s"); })
            .build();
    };
    const Report within = run(scenario(TaskKind::coroutine), priced());
    CHECK(within.counters.system_calls == 0);
    CHECK(within.makespan == 1ms + 2 * 16us + 2 * 4us); // to the releaser and back; the semaphore touched twice
    const Report across = run(scenario(TaskKind::thread), priced());
    CHECK(across.counters.system_calls == 2);                // epoll_wait, and the eventfd
    CHECK(across.makespan == 1ms + (4us + 8us) + 1us + 2us); // its word comes from the other core
}

TEST_CASE("Readers that wait asynchronously are woken together, a writer alone") {
    const auto reads = [](ProgramBuilder& task) { task.lock_shared("l", true).sleep(5ms, true).unlock("l"); };
    const Report report = run(
        cores(1)
            .lock("l", LockKind::read_write)
            .task("writer", TaskKind::coroutine, [](auto& task) { task.lock("l", true).sleep(10ms, true).unlock("l"); })
            .task("reader", TaskKind::coroutine, reads, [](TaskTemplate& task) { task.count = 3; })
            .build());
    CHECK(report.makespan == 15ms);
    CHECK(row(report, "reader").blocked.sum == 45ms);
}

TEST_CASE("Coroutines that wait for each other's locks asynchronously are a deadlock, and it is said who") {
    const auto takes = [](const char* first, const char* second) {
        return [=](ProgramBuilder& task) { task.lock(first, true).sleep(1ms, true).lock(second, true); };
    };
    const Report report = sim::simulate(cores(1)
                                            .lock("a")
                                            .lock("b")
                                            .task("A", TaskKind::coroutine, takes("a", "b"))
                                            .task("B", TaskKind::coroutine, takes("b", "a"))
                                            .build(),
                                        free_profile());
    CHECK(report.outcome == Outcome::deadlocked);
    REQUIRE(report.deadlocks.size() == 1);
    CHECK(report.deadlocks[0].text.find("coroutine 'A' waits for lock 'b'") != std::string::npos);
}

TEST_CASE("Who is ready while another's blocking call has the thread is stalled, and nobody else") {
    const Report report =
        run(cores(2)
                .task("caller", TaskKind::coroutine, [](auto& task) { task.sleep(10ms); })
                .task("ready", TaskKind::coroutine, [](auto& task) { task.compute(1ms); })
                .task(
                    "woken", TaskKind::coroutine, [](auto& task) { task.compute(1ms); },
                    [](TaskTemplate& task) { task.start = Distribution::constant(Duration(4ms).count()); })
                .task(
                    "later", TaskKind::coroutine, [](auto& task) { task.compute(1ms); },
                    [](TaskTemplate& task) { task.start = Distribution::constant(Duration(20ms).count()); })
                .task("thread", TaskKind::thread, [](auto& task) { task.compute(1ms); })
                .build());
    CHECK(row(report, "caller").stalled.sum == 0ms);
    CHECK(row(report, "ready").stalled.sum == 10ms);
    CHECK(row(report, "woken").stalled.sum == 6ms);
    CHECK(row(report, "later").stalled.sum == 0ms);
    CHECK(row(report, "thread").stalled.count == 0);
    CHECK(metric(report, "stall")->value == Duration(16ms).count());
}

TEST_CASE("Carriers of one name do uneven work evenly") {
    for (const std::uint32_t count : {1u, 2u, 4u, 8u}) {
        CAPTURE(count);
        const Report report = run(cores(8).task("main", TaskKind::coroutine, spawns_eight, carriers(count)).build());
        CHECK(report.makespan == 80ms / count);
        CHECK((report.counters.steals > 0) == (count > 1));
    }
}

TEST_CASE("Stealing, and waking a carrier for it, takes its time; nobody is carried to and fro for ever") {
    const Report report = run(cores(4).task("main", TaskKind::coroutine, spawns_eight, carriers(4)).build(), priced());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.makespan < 21ms);
    CHECK((*report.time)[static_cast<std::size_t>(TimeCategory::synchronisation)] >= report.counters.steals * 12us);
    CostProfile slow = priced();
    slow[Cost::switch_coroutine] = Law::constant(100ms);
    CHECK(run(cores(4).task("main", TaskKind::coroutine, spawns_eight, carriers(4)).build(), slow).makespan < 10s);
}

TEST_CASE("What a blocking call would stall, another carrier takes") {
    const auto with = [](std::uint32_t count) {
        return run(cores(2)
                       .task(
                           "caller", TaskKind::coroutine, [](auto& task) { task.sleep(100ms); }, carriers(count))
                       .task(
                           "others", TaskKind::coroutine, [](auto& task) { task.compute(1ms); },
                           [&](TaskTemplate& task) {
                               task.count = 9;
                               task.carriers = count;
                           })
                       .build());
    };
    CHECK(row(with(1), "others").stalled.sum == 900ms);
    // Four are dealt to the caller's carrier. The other one has five of its own, and takes two, one and one.
    CHECK(row(with(2), "others").stalled.sum == 2 * 5ms + 7ms + 8ms);
}

TEST_CASE("Tasks of several carriers join each other, wait and are woken across them") {
    for (const CostProfile& profile : {free_profile(), priced()}) {
        const Report report = run(cores(3)
                                      .semaphore("s")
                                      .task(
                                          "main", TaskKind::coroutine,
                                          [](auto& task) {
                                              task.repeat(20, [](auto& round) {
                                                  round.spawn("w", TaskKind::coroutine, [](auto& worker) {
                                                      worker.compute(1ms).release("s").sleep(1ms, true).yield();
                                                  });
                                                  round.spawn("v", TaskKind::coroutine, [](auto& worker) {
                                                      worker.acquire("s", true).compute(1ms);
                                                  });
                                                  round.compute(1ms).join("w").join("v");
                                              });
                                          },
                                          carriers(3))
                                      .build(),
                                  profile);
        CHECK(report.outcome == Outcome::completed);
        CHECK(row(report, "main/w").finished == 20);
        CHECK(row(report, "main/v").finished == 20);
    }
}

TEST_CASE("Coroutines of one thread never race: it does one after the other") {
    const auto adds = [](ProgramBuilder& task) {
        task.repeat(3, [](auto& round) { round.compute(1us).add("v").yield(); });
    };
    const auto with = [&](std::uint32_t count) {
        return run(cores(2)
                       .variable("v")
                       .task("A", TaskKind::coroutine, adds, carriers(count))
                       .task("B", TaskKind::coroutine, adds, carriers(count))
                       .build());
    };
    CHECK(with(1).counters.data_races == 0);
    CHECK(with(2).counters.data_races > 0);
}
