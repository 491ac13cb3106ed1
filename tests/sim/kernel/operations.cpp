// What each operation does and costs, told apart by a profile in which every cost is a different power of two.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <numeric>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

constexpr auto system_call = 1us;
constexpr auto context = 2us;
constexpr auto address_space = 4us;
constexpr auto wake_up = 8us;
constexpr auto thread_create = 16us;
constexpr auto thread_exit = 32us;
constexpr auto fork_base = 64us;
constexpr auto exit_base = 128us;
constexpr auto vfork_base = 256us;
constexpr auto exec = 512us;
constexpr auto overshoot = 1024us;
constexpr auto coroutine_switch = 2048us;
constexpr auto transfer = 4096us;

CostProfile told_apart() {
    CostProfile profile = free_profile();
    profile.name = "told apart";
    profile[Cost::system_call] = Law::constant(system_call);
    profile[Cost::switch_context] = Law::constant(context);
    profile[Cost::switch_address_space] = Law::constant(address_space);
    profile[Cost::wake_up] = Law::constant(wake_up);
    profile[Cost::thread_create] = Law::constant(thread_create);
    profile[Cost::thread_exit] = Law::constant(thread_exit);
    profile[Cost::fork] = Law::affine(64e6, {{Quantity::pages, 1e3}}); // 64 us + 1 ns a page
    profile[Cost::process_exit] = Law::constant(exit_base);
    profile[Cost::vfork] = Law::constant(vfork_base);
    profile[Cost::exec] = Law::constant(exec);
    profile[Cost::sleep_overshoot] = Law::constant(overshoot);
    profile[Cost::switch_coroutine] = Law::constant(coroutine_switch);
    profile[Cost::pipe_transfer] = Law::constant(transfer);
    return profile;
}

Report run(const ScenarioBuilder& scenario) {
    const Report report = sim::simulate(scenario.build(), told_apart());
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    REQUIRE(sum == report.makespan * static_cast<std::int64_t>(report.cores)); // every run: nothing lost, nothing twice
    return report;
}

ScenarioBuilder one_core() { return ScenarioBuilder("operations").cores(1).scheduler("rr", {{"slice", "1s"}}); }

} // namespace

TEST_CASE("A system call costs a system call") {
    const Report report = run(one_core().task(
        "A", TaskKind::thread, [](auto& task) { task.repeat(10, [](auto& body) { body.system_call(); }); }));
    CHECK(report.makespan == 10 * system_call);
    CHECK(report.counters.system_calls == 10);
}

TEST_CASE("A yield to nobody is a system call; to another thread a switch as well; to another process dearer still") {
    const auto yields = [](ProgramBuilder& task) { task.repeat(10, [](auto& body) { body.yield(); }); };
    CHECK(run(one_core().task("A", TaskKind::thread, yields)).makespan == 10 * system_call);

    const Report threads = run(one_core().task("A", TaskKind::thread, yields).task("B", TaskKind::thread, yields));
    CHECK(threads.counters.context_switches == 21); // each has eleven stretches, the last one empty
    CHECK(threads.makespan == 20 * system_call + 21 * context + thread_exit); // A ends before B goes on
    CHECK(threads.counters.address_space_switches == 0);

    const Report processes = run(one_core().task("A", TaskKind::process, yields).task("B", TaskKind::process, yields));
    CHECK(processes.makespan == 20 * system_call + 21 * (context + address_space) + exit_base);
    CHECK(processes.counters.address_space_switches == 21);
}

TEST_CASE("A sleeper leaves the core to others and is ready again after the overshoot") {
    const Report alone = run(one_core().task("A", TaskKind::thread, [](auto& task) { task.sleep(5ms); }));
    CHECK(alone.makespan == system_call + 5ms + overshoot);
    CHECK(alone.counters.voluntary_switches == 1);
    const Report both = run(one_core()
                                .task("A", TaskKind::thread, [](auto& task) { task.sleep(5ms); })
                                .task("B", TaskKind::thread, [](auto& task) { task.compute(20ms); }));
    CHECK(both.makespan == system_call + context + 20ms + thread_exit + context); // A ends last
}

TEST_CASE("A job is released by a timer too: as late as a sleep ends, unless its release is over already") {
    const auto job = [](ProgramBuilder& body) { body.compute(1ms); };
    const Report periodic = run(one_core().task("A", TaskKind::thread, [&](auto& task) {
        task.job(0ms, job).job(10ms, job).job(500us, [](auto& body) { body.compute(1ms); });
    }));
    CHECK(periodic.makespan ==
          10ms + overshoot + 1ms + system_call + 1ms); // the third is due before the second is done
    CHECK(periodic.tasks[0].jobs.response.most() == overshoot + 1ms + system_call + 1ms - 500us);
}

TEST_CASE("fork: the child returns 0, the parent the child's id, both run on; the tables are paid by the page") {
    const Report report = run(one_core().task(
        "A", TaskKind::process,
        [](ProgramBuilder& task) { task.fork("c", [](auto& child) { child.compute(1ms); }).wait("c"); },
        [](TaskTemplate& task) { task.resident = Bytes{4096 * 1000}; }));
    CHECK(report.counters.forks == 1);
    CHECK(report.makespan == fork_base + 1us /* 1000 pages at 1 ns */ + system_call + (context + address_space) + 1ms +
                                 exit_base + wake_up + (context + address_space));
    REQUIRE(report.tasks.size() == 2);
    CHECK(report.tasks[1].name == "A/c");
    CHECK(report.tasks[1].finished == 1);
}

TEST_CASE("A forked child may run on into its parent's program") {
    const Report report = run(one_core().task("A", TaskKind::process, [](ProgramBuilder& task) {
        task.fork(
                "c", [](auto& child) { child.compute(1ms); }, Afterwards::continues)
            .compute(2ms);
    }));
    CHECK((*report.time)[0] == 5ms); // 1 + 2 in the child, 2 in the parent
}

TEST_CASE("vfork: the parent waits until the child exits") {
    const Report report = run(one_core().task("A", TaskKind::process, [](ProgramBuilder& task) {
        task.vfork("c", [](auto& child) { child.compute(1ms); }).wait("c");
    }));
    // One address space: neither switch changes it, and the child has no tables to free.
    CHECK(report.makespan == vfork_base + context + 1ms + wake_up + context + system_call);
}

TEST_CASE("vfork: the parent goes on when the child execs") {
    const Report report = run(one_core().cores(2).task("A", TaskKind::process, [](ProgramBuilder& task) {
        task.vfork("c", [](auto& child) { child.exec([](auto& image) { image.compute(10ms); }); })
            .compute(10ms)
            .wait("c");
    }));
    CHECK(report.makespan < 12ms); // side by side, not one after the other
}

TEST_CASE("exec ends the other threads of its process") {
    const Report report = run(one_core().cores(2).task("A", TaskKind::process, [](ProgramBuilder& task) {
        task.spawn("t", TaskKind::thread, [](auto& thread) { thread.compute(100s); });
        task.compute(1ms);
        task.exec([](auto& image) { image.compute(1ms); });
    }));
    CHECK(report.makespan < 4ms);
    CHECK(report.tasks[1].finished == 0);
}

TEST_CASE("clone: what is shared makes the difference between a thread and a process") {
    const auto with = [](bool shares_memory) {
        return run(one_core().task("A", TaskKind::process, [&](ProgramBuilder& task) {
            task.clone("c", shares_memory, [](auto& child) { child.compute(1ms); });
            task.compute(1ms);
        }));
    };
    CHECK(with(true).counters.threads_created == 1);
    CHECK(with(true).counters.address_space_switches == 0);
    CHECK(with(false).counters.forks == 1);
    CHECK(with(false).counters.address_space_switches > 0);
}

TEST_CASE("spawn and join: creation, two switches, the end, the joiner's wake-up") {
    const Report report = run(one_core().task("A", TaskKind::thread, [](ProgramBuilder& task) {
        task.spawn("t", TaskKind::thread, [](auto& thread) { thread.compute(1ms); }).join("t");
    }));
    CHECK(report.makespan == thread_create + system_call + context + 1ms + thread_exit + wake_up + context);
}

TEST_CASE("A zombie waits for its parent; an orphan is adopted and reaped at once") {
    const Report zombie = run(one_core().cores(2).task(
        "A", TaskKind::process, [](ProgramBuilder& task) { task.fork("c", [](auto&) {}).compute(10ms).wait("c"); }));
    CHECK(zombie.counters.zombies == 1);
    CHECK(zombie.counters.orphans == 0);
    const Report orphan = run(one_core().cores(2).task("A", TaskKind::process, [](ProgramBuilder& task) {
        task.fork("c", [](auto& child) { child.compute(10ms); });
    }));
    CHECK(orphan.counters.orphans == 1);
    CHECK(orphan.counters.zombies == 0);
}

TEST_CASE("Waiting for a child that is not there returns at once") {
    const Report report = run(one_core().task("A", TaskKind::process, [](ProgramBuilder& task) {
        task.fork("c", [](auto&) {}).wait("c").wait("c").wait_any();
    }));
    CHECK(report.outcome == Outcome::completed);
}

TEST_CASE("A thread's crash takes its process with it, and no other") {
    const Report report = run(one_core()
                                  .cores(2)
                                  .task(
                                      "bad", TaskKind::thread, [](auto& task) { task.compute(1ms).crash(); },
                                      [](auto& task) { task.process = "P"; })
                                  .task(
                                      "neighbour", TaskKind::thread, [](auto& task) { task.compute(1s); },
                                      [](auto& task) { task.process = "P"; })
                                  .task(
                                      "stranger", TaskKind::thread, [](auto& task) { task.compute(5ms); },
                                      [](auto& task) { task.process = "Q"; }));
    CHECK(report.counters.crashes == 1);
    CHECK(report.tasks[0].finished == 0);
    CHECK(report.tasks[1].finished == 0); // shared its fate
    CHECK(report.tasks[2].finished == 1);
    CHECK(report.makespan < 20ms);
}

TEST_CASE("exit takes all threads of the process along, end only its own") {
    const auto with = [](bool exits) {
        return run(one_core().cores(2).task("A", TaskKind::process, [&](ProgramBuilder& task) {
            task.spawn("t", TaskKind::thread, [](auto& thread) { thread.compute(1s); }).compute(1ms);
            if (exits) task.exit();
        }));
    };
    CHECK(with(true).makespan < 10ms);
    CHECK(with(false).makespan > 1s);
}

TEST_CASE("A semaphore handed to and fro: two system calls, a wake-up and a switch a hop") {
    const auto scenario = [](std::int64_t rounds) {
        return one_core()
            .semaphore("ping")
            .semaphore("pong")
            .task("A", TaskKind::thread,
                  [&](auto& task) { task.repeat(rounds, [](auto& body) { body.release("ping").acquire("pong"); }); })
            .task("B", TaskKind::thread,
                  [&](auto& task) { task.repeat(rounds, [](auto& body) { body.acquire("ping").release("pong"); }); });
    };
    const Duration difference = run(scenario(200)).makespan - run(scenario(100)).makespan;
    CHECK(difference == 200 * (2 * system_call + wake_up + context)); // a round is two hops
}

TEST_CASE("An uncontended semaphore stays in user space") {
    const Report report = run(one_core().semaphore("s", 1).task("A", TaskKind::thread, [](auto& task) {
        task.repeat(10, [](auto& body) { body.acquire("s").compute(1us).release("s"); });
    }));
    CHECK(report.counters.system_calls == 0);
    CHECK(report.makespan == 10us);
}

TEST_CASE("A pipe handed to and fro: both system calls, the transfer, a wake-up and a switch a hop") {
    const auto scenario = [](std::int64_t rounds) {
        return one_core()
            .pipe("there")
            .pipe("back")
            .task("A", TaskKind::thread,
                  [&](auto& task) {
                      task.repeat(rounds, [](auto& body) { body.send("there", Bytes{1}).receive("back", Bytes{1}); });
                  })
            .task("B", TaskKind::thread, [&](auto& task) {
                task.repeat(rounds, [](auto& body) { body.receive("there", Bytes{1}).send("back", Bytes{1}); });
            });
    };
    const Duration difference = run(scenario(200)).makespan - run(scenario(100)).makespan;
    CHECK(difference == 200 * (2 * system_call + transfer + wake_up + context));
}

TEST_CASE("A pipe blocks its writer when it is full and its reader when it is empty, and loses no byte") {
    const Report report =
        run(one_core()
                .channel("p", ChannelKind::fifo, [](auto& fifo) { fifo.capacity = Bytes{1024}; })
                .task("writer", TaskKind::process, [](auto& task) { task.send("p", Bytes{100'000}); })
                .task("reader", TaskKind::process, [](auto& task) { task.receive("p", Bytes{100'000}); }));
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.voluntary_switches >= 97); // a kilobyte at a time
}

TEST_CASE("A coroutine's yield is a switch in user space") {
    const auto yields = [](ProgramBuilder& task) { task.repeat(10, [](auto& body) { body.yield(); }); };
    const Report report = run(one_core().task("A", TaskKind::coroutine, yields).task("B", TaskKind::coroutine, yields));
    CHECK(report.counters.coroutine_switches == 21);
    CHECK(report.counters.context_switches == 0);
    CHECK(report.counters.system_calls == 0);
    CHECK(report.makespan == 21 * coroutine_switch);
}

TEST_CASE("A blocking call in one coroutine stalls them all; an asynchronous one does not") {
    const auto with = [](bool asynchronous) {
        return run(one_core()
                       .task("A", TaskKind::coroutine, [&](auto& task) { task.sleep(100ms, asynchronous); })
                       .task("B", TaskKind::coroutine, [](auto& task) { task.compute(90ms); }));
    };
    CHECK(with(false).makespan > 190ms);
    CHECK(with(true).makespan < 110ms);
}

TEST_CASE("Deadlock ends with who waits for what") {
    const Report report =
        run(one_core()
                .semaphore("left", 1)
                .semaphore("right", 1)
                .task("A", TaskKind::thread, [](auto& task) { task.acquire("left").sleep(1ms).acquire("right"); })
                .task("B", TaskKind::thread, [](auto& task) { task.acquire("right").sleep(1ms).acquire("left"); }));
    CHECK(report.outcome == Outcome::deadlocked);
    CHECK(report.diagnosis.find("thread 'A' waits for semaphore 'right'") != std::string::npos);
    CHECK(report.diagnosis.find("thread 'B' waits for semaphore 'left'") != std::string::npos);
}

TEST_CASE("A livelock is noticed, not suffered") {
    const auto forever = [](ProgramBuilder& task) { task.repeat(1'000'000'000'000, [](auto& body) { body.yield(); }); };
    const Report report = sim::simulate(
        one_core().task("A", TaskKind::thread, forever).task("B", TaskKind::thread, forever).build(), free_profile());
    CHECK(report.outcome == Outcome::livelocked);
    CHECK(report.diagnosis.find("no time passes") != std::string::npos);
}

TEST_CASE("A process may end before its carrier has begun") {
    const Report report = run(one_core()
                                  .task("T", TaskKind::thread, [](auto& task) { task.exit(); })
                                  .task("C", TaskKind::coroutine, [](auto& task) { task.compute(1s); })
                                  .task("D", TaskKind::process, [](auto& task) { task.compute(1s); }));
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.tasks[1].finished == 0);
}

TEST_CASE("An affinity may be written in any order") {
    const Report report = run(one_core().cores(3).task(
        "T", TaskKind::thread, [](auto& task) { task.compute(1s); },
        [](auto& task) {
            task.cores = {2, 0};
        }));
    CHECK(report.makespan == 1s);
}

TEST_CASE("No core rests while a thread it may run is ready: after a preemption") {
    const Report report = run(
        one_core()
            .cores(2)
            .task("A", TaskKind::thread, [](auto& task) { task.compute(10s); })
            .task(
                "W", TaskKind::thread, [](auto& task) { task.compute(10s); }, [](auto& task) { task.cores = {0}; }));
    CHECK(report.makespan < 12s); // A moves to core 1 at the end of its first slice
}

TEST_CASE("No core rests while a thread it may run is ready: after a wake-up that another thread profits from") {
    const auto pinned = [](std::uint32_t core) {
        return [core](TaskTemplate& task) {
            task.cores = {core};
            task.start = Distribution::constant(500'000'000'000);
        };
    };
    const Report report =
        run(one_core()
                .cores(3)
                .scheduler("fifo")
                .task("T", TaskKind::process,
                      [](ProgramBuilder& task) {
                          task.fork("c", [](auto& child) {
                              child.spawn("s", TaskKind::thread, [](auto& thread) { thread.compute(100s); });
                              child.compute(1s).exit();
                          });
                          task.wait("c").compute(10s);
                      })
                .task(
                    "W", TaskKind::thread, [](auto& task) { task.compute(10s); }, pinned(0))
                .task(
                    "V", TaskKind::thread, [](auto& task) { task.compute(10s); }, pinned(1)));
    CHECK(report.makespan < 12s);
}

TEST_CASE("Two readers of one pipe: what the first leaves wakes the second") {
    const auto reads = [](ProgramBuilder& task) { task.receive("p", Bytes{1}); };
    const Report report =
        run(one_core()
                .pipe("p")
                .task("R1", TaskKind::thread, reads)
                .task("R2", TaskKind::thread, reads)
                .task("W", TaskKind::thread, [](auto& task) { task.sleep(1ms).send("p", Bytes{2}); }));
    CHECK(report.outcome == Outcome::completed);
}

TEST_CASE(
    "Two writers of one full pipe: the space the first leaves wakes the second, though a large one stands before") {
    const Report report =
        run(one_core()
                .pipe("p", Bytes{4096})
                .task("F", TaskKind::thread, [](auto& task) { task.send("p", Bytes{4096}); })
                .task("large", TaskKind::thread, [](auto& task) { task.sleep(1ms).send("p", Bytes{4096}); })
                .task("small", TaskKind::thread, [](auto& task) { task.sleep(2ms).send("p", Bytes{1}); })
                .task("R", TaskKind::thread,
                      [](auto& task) { task.sleep(9ms).receive("p", Bytes{2}).sleep(9ms).receive("p", Bytes{8191}); }));
    CHECK(report.outcome == Outcome::completed);
}

TEST_CASE("Two threads wait for one child: one reaps it, the other learns that none is left") {
    const Report report = run(one_core().cores(2).task("P", TaskKind::process, [](ProgramBuilder& task) {
        task.fork("c", [](auto& child) { child.compute(10ms); });
        task.spawn("t", TaskKind::thread, [](auto& thread) { thread.wait_any(); });
        task.compute(1ms).wait("c");
    }));
    CHECK(report.outcome == Outcome::completed);
}

TEST_CASE("A thread killed while its core is switching to it has had only the part of the switch that happened") {
    const Report report = sim::simulate(one_core()
                                            .cores(2)
                                            .scheduler("rr", {{"slice", "10s"}})
                                            .task(
                                                "K", TaskKind::thread, [](auto& task) { task.compute(1050ms).exit(); },
                                                [](auto& task) { task.process = "P", task.cores = {0}; })
                                            .task(
                                                "X", TaskKind::thread, [](auto& task) { task.compute(1s); },
                                                [](auto& task) { task.process = "Q", task.cores = {1}; })
                                            .task(
                                                "V", TaskKind::thread, [](auto& task) { task.compute(5s); },
                                                [](auto& task) { task.process = "P", task.cores = {1}; })
                                            .task(
                                                "N", TaskKind::thread, [](auto& task) { task.compute(5s); },
                                                [](auto& task) { task.process = "Q", task.cores = {1}; })
                                            .build(),
                                        textbook_profile());
    CHECK(report.tasks[2].cpu.sum == 50ms);
    CHECK(report.tasks[2].turnaround.sum == report.tasks[2].waiting.sum + report.tasks[2].cpu.sum);
    for (const TimeByCategory& core : *report.core_time)
        for (const Duration part : core) CHECK(part >= Duration::zero());
}

TEST_CASE("A timer's sleeper waits for the rest of the interrupt, which on an idle core is part of its overshoot") {
    CostProfile profile = told_apart();
    const auto sleeper_of = [&](bool beside_another) {
        ScenarioBuilder builder = one_core();
        builder.scheduler("linux");
        builder.task("sleeper", TaskKind::thread, [](auto& task) { task.sleep(10ms).compute(500us); });
        const auto give_way = [](TaskTemplate& task) { task.scheduling.policy = LinuxPolicy::idle; };
        const auto compute = [](auto& task) { task.compute(50ms); };
        if (beside_another) builder.task("other", TaskKind::thread, compute, give_way);
        return sim::simulate(builder.build(), profile).tasks[0];
    };
    const TaskReport before = sleeper_of(false);
    CHECK(before.waiting.mean() == 0us);
    profile[Cost::timer_wake_up_idle] = Law::constant(5us);
    profile[Cost::timer_wake_up_busy] = Law::constant(2us);
    const TaskReport alone = sleeper_of(false);
    CHECK(alone.waiting.mean() == 5us);
    CHECK(alone.turnaround.mean() == before.turnaround.mean());
    CHECK(sleeper_of(true).waiting.mean() == 2us);
}
