#include "tests/native/runner/native_run.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;

static void bind_to_first_core(TaskTemplate& task) { task.cores = {0}; }

static Scenario one_task(TaskKind kind, const ProgramBuilder::Body& program) {
    return ScenarioBuilder("one task").task("A", kind, program).build();
}

TEST_CASE("computing takes at least the work asked for, at the speed the machine had") {
    for (const TaskKind kind : {TaskKind::process, TaskKind::thread, TaskKind::coroutine, TaskKind::fiber}) {
        CAPTURE(name_of(kind));
        const Report report =
            run_natively(one_task(kind, [](auto& task) { task.compute(20ms); }), {.ideal_makespan = 20ms});
        CHECK(report.outcome == Outcome::completed);
        CHECK(task_of(report, "A").finished == 1);
        REQUIRE(report.pure_work);
        REQUIRE(report.work);
        REQUIRE(report.speed);
        CHECK(*report.speed > 0);
        CHECK(abs(*report.pure_work - *report.work) < 2ns); // the work is whole iterations
        CHECK(report.makespan > *report.pure_work - *report.pure_work / 20);
        CHECK(task_of(report, "A").turnaround.sum <= report.makespan);
        CHECK(task_of(report, "A").response.sum <= task_of(report, "A").turnaround.sum);
    }
}

TEST_CASE("a task's time in the kernel is part of its time on a core, and of no task the kernel does not know") {
    const Report report = run_natively(
        ScenarioBuilder("in the kernel")
            .task("A", TaskKind::thread, [](auto& task) { task.repeat(2000, [](auto& body) { body.yield(); }); })
            .task("B", TaskKind::coroutine, [](auto& task) { task.compute(2ms); })
            .build());
    const TaskReport& thread = task_of(report, "A");
    CHECK(thread.system.count == 1);
    CHECK(thread.system.sum >= Duration{});
    CHECK(thread.system.sum <= thread.cpu.sum);
    CHECK(task_of(report, "B").system.count == 0);
    CHECK(metric(report, "task.A.system") == Metric{MetricUnit::time, thread.system.sum.count()});
}

TEST_CASE("two threads that yield to each other on one core switch at every yield") {
    const auto yields = [](auto& task) { task.repeat(500, [](auto& body) { body.compute(2us).yield(); }); };
    const Report report = run_natively(ScenarioBuilder("yielding threads")
                                           .task("A", TaskKind::thread, yields)
                                           .task("B", TaskKind::thread, yields)
                                           .build());
    CHECK(report.counters.involuntary_switches >= 500); // a yielding thread could have gone on
    CHECK(report.counters.involuntary_switches <= 1500);
}

TEST_CASE("coroutines and fibers of one thread alternate without the kernel") {
    for (const TaskKind kind : {TaskKind::coroutine, TaskKind::fiber}) {
        CAPTURE(name_of(kind));
        const auto yields = [](auto& task) { task.repeat(1000, [](auto& body) { body.yield(); }); };
        const Report report =
            run_natively(ScenarioBuilder("alternating").task("A", kind, yields).task("B", kind, yields).build());
        // A B A B ... : each is resumed 1001 times, every time after the other.
        const std::uint64_t switches =
            kind == TaskKind::fiber ? report.counters.fiber_switches : report.counters.coroutine_switches;
        CHECK(switches == 2001);
        CHECK(report.counters.voluntary_switches == 1); // the end of the thread that carried both
        CHECK(task_of(report, "A").cpu.count == 0);     // the kernel cannot tell them apart
    }
}

TEST_CASE("a coroutine that waits asynchronously lets the others of its thread go on") {
    const Report report =
        run_natively(ScenarioBuilder("asynchronous")
                         .task("sleeper", TaskKind::coroutine, [](auto& task) { task.sleep(50ms, true); })
                         .task("worker", TaskKind::coroutine, [](auto& task) { task.compute(1ms); })
                         .build());
    CHECK(task_of(report, "worker").turnaround.sum < task_of(report, "sleeper").turnaround.sum);
    CHECK(task_of(report, "sleeper").turnaround.sum >= 50ms);
}

TEST_CASE("a coroutine that sleeps blocks its whole thread") {
    const Report report = run_natively(ScenarioBuilder("blocking")
                                           .task("sleeper", TaskKind::coroutine, [](auto& task) { task.sleep(30ms); })
                                           .task("worker", TaskKind::coroutine, [](auto& task) { task.compute(1ms); })
                                           .build());
    CHECK(task_of(report, "worker").response.sum >= 30ms);
}

TEST_CASE("a sleeping thread gives its core up once for every sleep") {
    const Report report = run_natively(
        one_task(TaskKind::thread, [](auto& task) { task.repeat(10, [](auto& body) { body.sleep(1ms); }); }));
    CHECK(report.makespan >= 10ms);
    CHECK(report.counters.voluntary_switches == 11); // and once at its end
}

TEST_CASE("a task that starts later is ready later") {
    const Report report =
        run_natively(ScenarioBuilder("later")
                         .task("early", TaskKind::thread, [](auto& task) { task.compute(10us); })
                         .task(
                             "late", TaskKind::process, [](auto& task) { task.compute(10us); },
                             [](TaskTemplate& task) { task.start = Distribution::constant(Duration(20ms).count()); })
                         .build());
    CHECK(report.makespan >= 20ms);
    CHECK(task_of(report, "late").turnaround.sum < report.makespan);
    CHECK(report.counters.voluntary_switches == 2); // the ends of both: waiting for the start is not the run's
}

TEST_CASE("data comes out of a pipe after it went in, however small the pipe") {
    const Report report =
        run_natively(ScenarioBuilder("pipe")
                         .pipe("p", {4096})
                         .task(
                             "writer", TaskKind::process, [](auto& task) { task.sleep(20ms).send("p", {100'000}); },
                             [](auto& task) { task.parent = "shell"; })
                         .task(
                             "reader", TaskKind::process, [](auto& task) { task.receive("p", {100'000}); },
                             [](auto& task) { task.parent = "shell"; })
                         .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "reader").turnaround.sum >= 20ms);
}

TEST_CASE("whoever acquires an empty semaphore waits for its release, in the same process or another") {
    for (const TaskKind kind : {TaskKind::thread, TaskKind::process}) {
        CAPTURE(name_of(kind));
        const Report report = run_natively(ScenarioBuilder("semaphore")
                                               .semaphore("s", 0)
                                               .task("waits", kind, [](auto& task) { task.acquire("s"); })
                                               .task("gives", kind, [](auto& task) { task.sleep(20ms).release("s"); })
                                               .build());
        CHECK(report.outcome == Outcome::completed);
        CHECK(task_of(report, "waits").turnaround.sum >= 20ms);
    }
}

TEST_CASE("an acquired semaphore keeps others out: no token is lost or made") {
    const Report report = run_natively(
        ScenarioBuilder("mutex")
            .cores(1)
            .semaphore("mutex", 1)
            .task(
                "T", TaskKind::thread,
                [](auto& task) {
                    task.repeat(200, [](auto& body) { body.acquire("mutex").compute(1us).yield().release("mutex"); });
                },
                [](TaskTemplate& task) { task.count = 4; })
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "T").finished == 4);
}

TEST_CASE("a forked child runs, is waited for and leaves no zombie") {
    const Report report = run_natively(one_task(TaskKind::process, [](auto& task) {
        task.repeat(5, [](auto& body) { body.fork("c", [](auto& child) { child.sleep(2ms); }).wait("c"); });
    }));
    CHECK(report.counters.forks == 5);
    CHECK(report.makespan >= 10ms);
    CHECK(descendants().empty());
}

TEST_CASE("a forked child that continues does what its parent does") {
    // Two forks in a row make four processes, each of which sleeps; the last one counts.
    const Report report = run_natively(one_task(TaskKind::process, [](auto& task) {
        task.fork("a", {}, Afterwards::continues).fork("b", {}, Afterwards::continues).sleep(5ms).wait_any();
    }));
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.forks == 3);
}

TEST_CASE("an orphan goes on when its parent has ended, and the run ends with it") {
    const Report report = run_natively(
        one_task(TaskKind::process, [](auto& task) { task.fork("orphan", [](auto& child) { child.sleep(30ms); }); }));
    CHECK(task_of(report, "A").turnaround.sum < report.makespan);
    CHECK(report.makespan >= 30ms);
    CHECK(descendants().empty());
}

TEST_CASE("vfork's parent waits until the child has exited") {
    const Report report = run_natively(one_task(TaskKind::process, [](auto& task) {
        task.repeat(3, [](auto& body) { body.vfork("c", [](auto& child) { child.compute(3ms); }).wait("c"); });
    }));
    CHECK(report.counters.forks == 3);
    CHECK(report.outcome == Outcome::completed);
}

TEST_CASE("exec replaces the process, which goes on with its image") {
    const Report report = run_natively(one_task(TaskKind::process, [](auto& task) {
        task.vfork("c", [](auto& child) { child.exec([](auto& image) { image.sleep(10ms); }); }).wait("c");
        task.exec([](auto& image) { image.repeat(2, [](auto& body) { body.sleep(10ms); }); });
    }));
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "A").finished == 1);
    CHECK(report.makespan >= 30ms);
}

TEST_CASE("spawned threads run and are joined") {
    const Report report = run_natively(one_task(TaskKind::thread, [](auto& task) {
        task.repeat(20, [](auto& body) {
            body.spawn("t", TaskKind::thread, [](auto& thread) { thread.compute(5us); }).join("t");
        });
    }));
    CHECK(report.counters.threads_created == 20);
    CHECK(report.outcome == Outcome::completed);
}

TEST_CASE("a clone that shares memory is a thread, one that does not is a process") {
    const Report report = run_natively(one_task(TaskKind::process, [](auto& task) {
        task.clone("thread", true, [](auto& child) { child.compute(5us); }).join("thread");
        task.clone("process", false, [](auto& child) { child.compute(5us); }).wait("process");
    }));
    CHECK(report.counters.threads_created == 1);
    CHECK(report.counters.forks == 1);
}

TEST_CASE("coroutines and fibers spawn others of their kind and join them") {
    for (const TaskKind kind : {TaskKind::coroutine, TaskKind::fiber}) {
        CAPTURE(name_of(kind));
        const Report report = run_natively(one_task(kind, [kind](auto& task) {
            task.repeat(100, [kind](auto& body) {
                body.spawn("c", kind, [](auto& child) { child.yield().sleep(10us, true); }).join("c");
            });
        }));
        CHECK(report.outcome == Outcome::completed);
        const std::uint64_t switches =
            kind == TaskKind::fiber ? report.counters.fiber_switches : report.counters.coroutine_switches;
        CHECK(switches == 200); // to each child and back
    }
}

TEST_CASE("exit ends the whole process, its other threads too") {
    const Report report = run_natively(ScenarioBuilder("exit")
                                           .task("sleeper", TaskKind::thread, [](auto& task) { task.sleep(20s); })
                                           .task("exits", TaskKind::thread, [](auto& task) { task.exit(); })
                                           .task(
                                               "elsewhere", TaskKind::thread, [](auto& task) { task.sleep(20ms); },
                                               [](TaskTemplate& task) { task.process = "other"; })
                                           .build());
    CHECK(task_of(report, "sleeper").finished == 0);
    CHECK(task_of(report, "exits").finished == 1);
    CHECK(task_of(report, "elsewhere").finished == 1);
    CHECK(report.makespan < 20s);
}

TEST_CASE("a thread's crash takes its process with it and no other process") {
    const Report report =
        run_natively(ScenarioBuilder("crash")
                         .task("victim", TaskKind::thread, [](auto& task) { task.sleep(20s); })
                         .task("crashes", TaskKind::thread, [](auto& task) { task.sleep(5ms).crash(); })
                         .task("other", TaskKind::process, [](auto& task) { task.sleep(30ms); })
                         .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.crashes == 1);
    CHECK(task_of(report, "crashes").finished == 0);
    CHECK(task_of(report, "victim").finished == 0);
    CHECK(task_of(report, "other").finished == 1);
    CHECK_FALSE(report.work); // nobody knows how much of it was done
    CHECK_FALSE(metric(report, "voluntary_switches"));
    CHECK(report.makespan < 20s);
}

TEST_CASE("a forked child's crash leaves its parent alone") {
    const Report report = run_natively(one_task(TaskKind::process, [](auto& task) {
        task.fork("c", [](auto& child) { child.crash(); }).wait("c").compute(1ms);
    }));
    CHECK(task_of(report, "A").finished == 1);
    CHECK(report.counters.crashes == 1);
}

TEST_CASE("system calls neither block nor switch") {
    const Report report = run_natively(
        one_task(TaskKind::thread, [](auto& task) { task.repeat(1000, [](auto& body) { body.system_call(); }); }));
    CHECK(report.counters.voluntary_switches == 1);
}

TEST_CASE("tasks stay on the cores they are bound to") {
    const auto yields = [](auto& task) { task.repeat(300, [](auto& body) { body.compute(5us).yield(); }); };
    ScenarioBuilder scenario("bound");
    try {
        static_cast<void>(cpus_for(2));
    } catch (const InputError&) {
        SKIP("needs two processors");
    }
    const Report report = run_natively(scenario.cores(2)
                                           .task("A", TaskKind::thread, yields, bind_to_first_core)
                                           .task("B", TaskKind::thread, yields, bind_to_first_core)
                                           .build());
    CHECK(report.counters.involuntary_switches >= 300); // they had to share, though another core was idle
}

TEST_CASE("tasks that outnumber the cores begin on cores of the plan's choice and are free to leave them") {
    try {
        static_cast<void>(cpus_for(2));
    } catch (const InputError&) {
        SKIP("needs two processors");
    }
    const auto computes = [](std::chrono::milliseconds work) { return [work](auto& task) { task.compute(work); }; };
    ExecuteOptions options;
    options.capture = true;
    options.events = EventSource::counters;
    std::uint64_t migrations = 0; // A's or C's, to where B was, where no other program is just then
    for (int attempt = 0; attempt < 10 && migrations == 0; ++attempt) {
        const Report report =
            run_natively(ScenarioBuilder("leaving")
                             .cores(2)
                             .task("A", TaskKind::process, computes(100ms))
                             .task("B", TaskKind::process, computes(1ms)) // alone on its core, and gone
                             .task("C", TaskKind::process, computes(100ms))
                             .build(),
                         options);
        if (!metric(report, "migrations")) SKIP("the kernel does not tell how often tasks are moved");
        migrations = report.counters.migrations;
    }
    CHECK(migrations >= 1);
}
