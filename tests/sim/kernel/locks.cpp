// Locks: who gets them when, what that costs, and who waits for whom for ever.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr auto system_call = 1us;
constexpr auto context = 2us;
constexpr auto wake_up = 8us;
constexpr auto atomic_operation = 16us;
constexpr auto transfer = 32us;

CostProfile told_apart() {
    CostProfile profile = free_profile();
    profile[Cost::system_call] = Law::constant(system_call);
    profile[Cost::switch_context] = Law::constant(context);
    profile[Cost::wake_up] = Law::constant(wake_up);
    profile[Cost::atomic_operation] = Law::constant(atomic_operation);
    profile[Cost::cache_line_transfer] = Law::constant(transfer);
    return profile;
}

Report run(const ScenarioBuilder& scenario, const CostProfile& profile) {
    const Report report = sim::simulate(scenario.build(), profile);
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    REQUIRE(sum == report.makespan * static_cast<std::int64_t>(report.cores));
    return report;
}

Report run(const ScenarioBuilder& scenario) { return run(scenario, free_profile()); }

ScenarioBuilder cores(std::uint32_t count) {
    return ScenarioBuilder("locks").cores(count).scheduler("rr", {{"slice", "1s"}});
}

Duration in(const Report& report, TimeCategory category) { return (*report.time)[static_cast<std::size_t>(category)]; }

ProgramBuilder::Body holding(Duration work) {
    return [work](ProgramBuilder& task) { task.lock("m").compute(work).unlock("m"); };
}

} // namespace

TEST_CASE("a lock nobody else wants is two atomic operations in user space") {
    const Report report = run(cores(1).lock("m").task("A", TaskKind::thread, holding(1ms)), told_apart());
    CHECK(report.makespan == 1ms + 2 * atomic_operation);
    CHECK(in(report, TimeCategory::synchronisation) == 2 * atomic_operation);
    CHECK(report.counters.system_calls == 0);
    CHECK(report.counters.contentions == 0);
}

namespace {

Report simulate_traced(const ScenarioBuilder& scenario, Trace& trace) {
    sim::SimulationOptions options;
    options.trace = &trace;
    return sim::simulate(scenario.build(), told_apart(), options);
}

// Who does what when: all events of the trace, and what the run came to.
void check_alike(const ScenarioBuilder& mutex, const ScenarioBuilder& semaphore) {
    Trace of_mutex, of_semaphore;
    const Report a = simulate_traced(mutex, of_mutex);
    const Report b = simulate_traced(semaphore, of_semaphore);
    CHECK(a.makespan == b.makespan);
    CHECK(a.time == b.time);
    CHECK(a.counters == b.counters);
    CHECK(of_mutex.events == of_semaphore.events);
}

// One core or two; either a lock or a semaphore of one token.
ScenarioBuilder taken_by_turns(bool mutex, std::uint32_t processors, std::uint32_t tasks) {
    ScenarioBuilder scenario = cores(processors);
    scenario.lock("m").semaphore("s", 1);
    const auto body = [mutex](ProgramBuilder& task) {
        task.repeat(20, [mutex](ProgramBuilder& round) {
            round.compute(300us);
            mutex ? round.lock("m") : round.acquire("s");
            round.compute(200us);
            mutex ? round.unlock("m") : round.release("s");
        });
    };
    for (std::uint32_t i = 0; i < tasks; ++i)
        scenario.task(std::string("T") + std::to_string(i), TaskKind::thread, body,
                      [i](TaskTemplate& task) { task.scheduling.priority = static_cast<std::int32_t>(1 + i % 2); });
    return scenario;
}

} // namespace

TEST_CASE("a mutex and a semaphore of one token give the same schedule at the same cost") {
    for (const std::uint32_t processors : {1u, 2u})
        for (const std::uint32_t tasks : {1u, 2u, 5u}) {
            CAPTURE(processors, tasks);
            check_alike(taken_by_turns(true, processors, tasks), taken_by_turns(false, processors, tasks));
        }
    CHECK(sim::simulate(taken_by_turns(false, 2, 5).build(), told_apart()).counters.contentions > 0);
}

TEST_CASE("who finds a lock taken sleeps in the kernel, and who gives it back wakes him") {
    const Report report = run(cores(2)
                                  .lock("m")
                                  .task("A", TaskKind::thread, holding(1ms))
                                  .task("B", TaskKind::thread, holding(1ms),
                                        [](auto& task) {
                                            task.start = Distribution::constant(500'000'000);
                                            task.cores = {1};
                                        }),
                              told_apart());
    CHECK(report.counters.contentions == 1);
    CHECK(report.counters.wake_ups == 1);
    CHECK(report.counters.system_calls == 2); // one to sleep, one to wake
    // A: both its touches, one of them of a line that B has by then. B is woken at the end of A's call.
    CHECK(report.makespan == 1ms + 2 * atomic_operation + transfer + system_call + wake_up // until B is ready
                                 + 1ms + atomic_operation + transfer);
}

TEST_CASE("a lock that is given back goes to whoever comes first, not to who was woken for it") {
    // A gives it back and takes it again before B is there.
    const Report report =
        run(cores(1)
                .lock("m")
                .task("A", TaskKind::thread,
                      [](auto& task) { task.lock("m").sleep(1ms).unlock("m").lock("m").compute(1ms).unlock("m"); })
                .task("B", TaskKind::thread, holding(1ms)));
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.tasks[1].turnaround.sum == 3ms);
}

TEST_CASE("a recursive lock is given back as often as it was taken; a mutex taken twice waits for itself") {
    const auto twice = [](ProgramBuilder& task) { task.lock("m").lock("m").compute(1ms).unlock("m").unlock("m"); };
    const Report recursive = run(cores(1).lock("m", LockKind::recursive).task("A", TaskKind::thread, twice));
    CHECK(recursive.outcome == Outcome::completed);
    const Report mutex = run(cores(1).lock("m").task("A", TaskKind::thread, twice));
    CHECK(mutex.outcome == Outcome::deadlocked);
    REQUIRE(mutex.deadlocks.size() == 1);
    CHECK(mutex.deadlocks[0].text == "thread 'A' waits for lock 'm', which it has");
}

TEST_CASE("who gives back what it does not have is told so, with the place") {
    const ScenarioBuilder scenario = cores(1).lock("m").task("A", TaskKind::thread, [](auto& task) {
        task.at({"", 7, 12}).compute(1ms).unlock("m");
    });
    CHECK_THROWS_WITH(run(scenario),
                      ContainsSubstring("7:12") && ContainsSubstring("'A' does not have lock 'm' at 1 ms"));
}

TEST_CASE("a mutex is a semaphore that begins at one") {
    const auto with_lock = [](ProgramBuilder& task) {
        task.repeat(5, [](auto& body) { body.compute(300us).lock("m").compute(700us).unlock("m"); });
    };
    const auto with_semaphore = [](ProgramBuilder& task) {
        task.repeat(5, [](auto& body) { body.compute(300us).acquire("s").compute(700us).release("s"); });
    };
    for (const std::uint32_t count : {1u, 2u, 4u}) {
        const auto four = [](TaskTemplate& task) { task.count = 4; };
        const Report lock = run(cores(count).lock("m").task("A", TaskKind::thread, with_lock, four));
        const Report semaphore = run(cores(count).semaphore("s", 1).task("A", TaskKind::thread, with_semaphore, four));
        CHECK(lock.makespan == semaphore.makespan);
        CHECK(lock.counters == semaphore.counters);
        CHECK(lock.tasks[0].blocked == semaphore.tasks[0].blocked);
    }
}

TEST_CASE("readers share a lock, a writer excludes them") {
    const auto reads = [](ProgramBuilder& task) { task.lock_shared("t").compute(5ms).unlock("t"); };
    const auto writes = [](ProgramBuilder& task) { task.lock("t").compute(2ms).unlock("t"); };
    const auto four = [](TaskTemplate& task) { task.count = 4; };
    const Report report = run(cores(5)
                                  .lock("t", LockKind::read_write)
                                  .task("reader", TaskKind::thread, reads, four)
                                  .task("writer", TaskKind::thread, writes));
    CHECK(report.makespan == 7ms);
    const Report writers = run(cores(5).lock("t", LockKind::read_write).task("writer", TaskKind::thread, writes, four));
    CHECK(writers.makespan == 8ms);
}

TEST_CASE("where writers are preferred, readers that come later wait behind them") {
    const auto reads = [](ProgramBuilder& task) { task.lock_shared("t").compute(5ms).unlock("t"); };
    const auto writes = [](ProgramBuilder& task) { task.lock("t").compute(2ms).unlock("t"); };
    const auto at = [](std::int64_t milliseconds) {
        return
            [milliseconds](TaskTemplate& task) { task.start = Distribution::constant(milliseconds * 1'000'000'000); };
    };
    const auto turnaround_of_writer = [&](Preference prefers) {
        return run(cores(3)
                       .lock("t", LockKind::read_write, [&](Lock& lock) { lock.prefers = prefers; })
                       .task("first", TaskKind::thread, reads)
                       .task("writer", TaskKind::thread, writes, at(1))
                       .task("second", TaskKind::thread, reads, at(2)))
            .tasks[1]
            .turnaround.sum;
    };
    CHECK(turnaround_of_writer(Preference::readers) == 8ms); // until 9 ms: both readers first
    CHECK(turnaround_of_writer(Preference::writers) == 6ms);
}

TEST_CASE("who spins for a lock keeps its core and needs no wake-up; who spins too long sleeps after all") {
    const auto with_spin = [](Duration spin) {
        return run(cores(2)
                       .lock("m", LockKind::mutex, [&](Lock& lock) { lock.spin = spin; })
                       .task("A", TaskKind::thread, holding(1ms))
                       .task("B", TaskKind::thread, holding(1ms)));
    };
    const Report patient = with_spin(2ms);
    CHECK(patient.makespan == 2ms);
    CHECK(in(patient, TimeCategory::synchronisation) == 1ms);
    CHECK(patient.counters.wake_ups == 0);
    const Report impatient = with_spin(300us);
    CHECK(impatient.makespan == 2ms);
    CHECK(in(impatient, TimeCategory::synchronisation) == 300us);
    CHECK(impatient.counters.wake_ups == 1);
}

TEST_CASE("a spin lock on one core costs the spinner its slice while the owner waits for the core") {
    const Report report = run(ScenarioBuilder("spin")
                                  .cores(1)
                                  .scheduler("rr", {{"slice", "10ms"}})
                                  .lock("m", LockKind::spin)
                                  .task("A", TaskKind::thread, holding(15ms))
                                  .task("B", TaskKind::thread, holding(5ms)));
    // A 10 ms, B spins 10 ms, A 5 ms, B 5 ms.
    CHECK(report.makespan == 30ms);
    CHECK(in(report, TimeCategory::synchronisation) == 10ms);
}

TEST_CASE("a circle of spinning tasks ends the run") {
    const auto both = [](std::string first, std::string second) {
        return [=](ProgramBuilder& task) { task.lock(first).compute(1ms).lock(second).unlock(second).unlock(first); };
    };
    const Report report = run(cores(2)
                                  .lock("a", LockKind::spin)
                                  .lock("b", LockKind::spin)
                                  .task("A", TaskKind::thread, both("a", "b"))
                                  .task("B", TaskKind::thread, both("b", "a")));
    CHECK(report.outcome == Outcome::deadlocked);
    CHECK(report.makespan == 1ms);
    CHECK(report.counters.stranded == 2);
}

TEST_CASE("a deadlock is reported at the instant the circle closes, while others go on") {
    const auto both = [](std::string first, std::string second) {
        return [=](ProgramBuilder& task) { task.lock(first).compute(2ms).lock(second).unlock(second).unlock(first); };
    };
    const Report report = run(cores(3)
                                  .lock("left")
                                  .lock("right")
                                  .task("A", TaskKind::thread, both("left", "right"))
                                  .task("B", TaskKind::thread, both("right", "left"))
                                  .task("C", TaskKind::thread, [](auto& task) { task.compute(10ms); }));
    CHECK(report.outcome == Outcome::deadlocked);
    CHECK(report.makespan == 10ms);
    CHECK(report.counters.stranded == 2);
    REQUIRE(report.deadlocks.size() == 1);
    CHECK(report.deadlocks[0].at == 2ms);
    CHECK(report.deadlocks[0].text ==
          "thread 'A' waits for lock 'right', which thread 'B' has; thread 'B' waits for lock "
          "'left', which thread 'A' has");
    CHECK_THAT(report.deadlocks[0].graph, ContainsSubstring("\"thread 'A'\" -> \"thread 'B'\" [label=\"lock 'right'\", "
                                                            "color=red];"));
    CHECK_THAT(report.diagnosis, ContainsSubstring("deadlock at 2 ms"));
}

TEST_CASE("a parent that joins a child waiting for the parent's lock closes a circle, too") {
    const Report report = run(cores(2).lock("m").task("A", TaskKind::thread, [](auto& task) {
        task.lock("m").spawn("child", TaskKind::thread, holding(1ms)).join("child").unlock("m");
    }));
    REQUIRE(report.deadlocks.size() == 1);
    CHECK(
        report.deadlocks[0].text ==
        "thread 'A' waits for the end of thread 'A/child'; thread 'A/child' waits for lock 'm', which thread 'A' has");
}

TEST_CASE("a lock stays locked when its owner dies, unless it is robust") {
    const auto with = [](bool robust) {
        return run(cores(2)
                       .lock("m", LockKind::mutex, [&](Lock& lock) { lock.robust = robust; })
                       .task("unlucky", TaskKind::process, [](auto& task) { task.lock("m").compute(1ms).crash(); })
                       .task("next", TaskKind::process, holding(1ms),
                             [](auto& task) { task.start = Distribution::constant(1'000'000); }));
    };
    const Report lost = with(false);
    CHECK(lost.counters.stranded == 1);
    CHECK_THAT(lost.diagnosis, ContainsSubstring("which process 'unlucky', who has ended, has"));
    const Report robust = with(true);
    CHECK(robust.outcome == Outcome::completed);
    CHECK(robust.makespan == 2ms);
}

TEST_CASE("try_lock takes a free lock and goes another way where it is taken") {
    const auto tries = [](ProgramBuilder& task) {
        task.compute(1ms).try_lock(
            "m", [](auto& got) { got.compute(1ms).unlock("m"); }, [](auto& taken) { taken.compute(5ms); });
    };
    const Report free = run(cores(2).lock("m").task("A", TaskKind::thread, tries));
    CHECK(free.makespan == 2ms);
    const Report taken =
        run(cores(2).lock("m").task("A", TaskKind::thread, tries).task("B", TaskKind::thread, holding(3ms)));
    CHECK(taken.makespan == 6ms);
    CHECK(taken.counters.contentions == 1);
}

// --- Priorities that locks pass on --------------------------------------------------------------------------------

namespace {

// One of low priority holds a lock, one of high priority wants it, and one between the two keeps the core.
ScenarioBuilder inversion(const std::string& policy, LockProtocol protocol, std::int32_t ceiling,
                          const std::function<void(TaskTemplate&, int)>& rank) {
    const auto at = [&rank](int level) {
        return [&rank, level](TaskTemplate& task) {
            if (level > 1) task.start = Distribution::constant(1'000'000'000);
            rank(task, level);
        };
    };
    return ScenarioBuilder("inversion")
        .cores(1)
        .scheduler(policy)
        .lock("m", LockKind::mutex,
              [&](Lock& lock) {
                  lock.protocol = protocol;
                  lock.ceiling = ceiling;
              })
        .task("low", TaskKind::thread, holding(2ms), at(1))
        .task(
            "middle", TaskKind::thread, [](auto& task) { task.compute(10ms); }, at(2))
        .task("high", TaskKind::thread, holding(1ms), at(3));
}

Duration turnaround_of_high(const ScenarioBuilder& scenario) { return run(scenario).tasks[2].turnaround.sum; }

} // namespace

TEST_CASE("priority inversion is bounded by inheritance and by a ceiling, under every policy of priorities") {
    struct Case {
        std::string policy;
        std::function<void(TaskTemplate&, int)> rank;
        std::int32_t ceiling;
    };
    const auto periodic = [](TaskTemplate& task, int level) { task.scheduling.period = (4 - level) * 100ms; };
    const std::vector<Case> cases{
        {"static_priority", [](TaskTemplate& task, int level) { task.scheduling.priority = level; }, 3},
        {"linux",
         [](TaskTemplate& task, int level) {
             task.scheduling.policy = LinuxPolicy::fifo;
             task.scheduling.priority = level;
         },
         3},
        {"rm", periodic, 0},
        {"dm", periodic, 0},
        {"rm",
         [](TaskTemplate& task, int level) { // the lowly one has no period at all
             if (level > 1) task.scheduling.period = (4 - level) * 100ms;
         },
         0},
    };
    for (const auto& [policy, rank, ceiling] : cases) {
        CAPTURE(policy);
        CHECK(turnaround_of_high(inversion(policy, LockProtocol::none, 0, rank)) == 12ms);
        CHECK(turnaround_of_high(inversion(policy, LockProtocol::inheritance, 0, rank)) == 2ms);
        CHECK(turnaround_of_high(inversion(policy, LockProtocol::ceiling, ceiling, rank)) == 2ms);
    }
}

TEST_CASE("a priority is inherited along a chain of locks") {
    const auto inherits = [](Lock& lock) { lock.protocol = LockProtocol::inheritance; };
    const auto rank = [](std::int32_t priority, std::int64_t milliseconds) {
        return [=](TaskTemplate& task) {
            task.scheduling.priority = priority;
            task.start = Distribution::constant(milliseconds * 1'000'000'000);
        };
    };
    const Report report =
        run(ScenarioBuilder("chain")
                .cores(1)
                .scheduler("static_priority")
                .lock("a", LockKind::mutex, inherits)
                .lock("b", LockKind::mutex, inherits)
                .task(
                    "low", TaskKind::thread, [](auto& task) { task.lock("a").compute(5ms).unlock("a"); }, rank(1, 0))
                .task(
                    "second", TaskKind::thread,
                    [](auto& task) { task.lock("b").lock("a").compute(1ms).unlock("a").unlock("b"); }, rank(2, 1))
                .task(
                    "hog", TaskKind::thread, [](auto& task) { task.compute(100ms); }, rank(3, 2))
                .task(
                    "high", TaskKind::thread, [](auto& task) { task.lock("b").compute(1ms).unlock("b"); }, rank(4, 2)));
    // low until 6 ms less what it had: it computes 5 ms in all, then second 1 ms, then high 1 ms.
    CHECK(report.tasks[3].turnaround.sum == 5ms);
}

TEST_CASE("who has ended with a lock inherits nothing") {
    for (const char* const policy : {"linux", "cfs", "static_priority", "edf"}) {
        CAPTURE(policy);
        const Report report = sim::simulate(
            ScenarioBuilder("left behind")
                .cores(1)
                .scheduler(policy)
                .lock("bus", LockKind::mutex, [](Lock& lock) { lock.protocol = LockProtocol::inheritance; })
                .task("lowly", TaskKind::thread, [](auto& task) { task.lock("bus").compute(2ms); })
                .task("other", TaskKind::thread, [](auto& task) { task.compute(20ms); })
                .task(
                    "urgent", TaskKind::thread, [](auto& task) { task.lock("bus").compute(1ms).unlock("bus"); },
                    [](TaskTemplate& task) {
                        task.start = Distribution::constant(Duration{5ms}.count());
                        task.scheduling.policy = LinuxPolicy::fifo;
                        task.scheduling.priority = 3;
                    })
                .build(),
            free_profile());
        CHECK(report.outcome == Outcome::deadlocked);
    }
}

TEST_CASE("under EDF who has a lock inherits the deadline of who waits for it") {
    const auto due = [](std::int64_t start, Duration deadline) {
        return [=](TaskTemplate& task) {
            task.start = Distribution::constant(start * 1'000'000'000);
            task.scheduling.deadline = deadline;
        };
    };
    const auto job = [](ProgramBuilder::Body body) {
        return [body](ProgramBuilder& task) { task.job(Duration::zero(), body); };
    };
    const auto high = [&](LockProtocol protocol) {
        return run(ScenarioBuilder("edf")
                       .cores(1)
                       .scheduler("edf")
                       .lock("m", LockKind::mutex, [&](Lock& lock) { lock.protocol = protocol; })
                       .task("low", TaskKind::thread, job(holding(2ms)), due(0, 100ms))
                       .task("middle", TaskKind::thread, job([](auto& task) { task.compute(10ms); }), due(1, 50ms))
                       .task("high", TaskKind::thread, job(holding(1ms)), due(1, 20ms)))
            .tasks[2]
            .turnaround.sum;
    };
    CHECK(high(LockProtocol::none) == 12ms);
    CHECK(high(LockProtocol::inheritance) == 2ms);
    CHECK(high(LockProtocol::ceiling) == 2ms);
}
