#include "models/scenario/scenario.hpp"

#include "models/errors.hpp"
#include "tests/models/says.hpp"

#include <catch2/catch_test_macros.hpp>
#include <chrono>

using namespace std::chrono_literals;
using namespace switchyard;
using namespace switchyard::size_literals;

static const ProgramBuilder::Body works = [](ProgramBuilder& task) { task.compute(10s); };

static ScenarioBuilder two_tasks() {
    ScenarioBuilder scenario("two tasks");
    scenario.cores(2).task("A", TaskKind::thread, works).task("B", TaskKind::thread, works);
    return scenario;
}

TEST_CASE("a scenario is what its builder was told") {
    const Scenario scenario = ScenarioBuilder("two tasks")
                                  .about("What does switching cost?")
                                  .seed(7)
                                  .cores(2)
                                  .profile("textbook")
                                  .hz(250)
                                  .scheduler("rr", {{"slice", "1s"}})
                                  .semaphore("door", 1)
                                  .pipe("news", 4_KiB)
                                  .task("A", TaskKind::thread, [](ProgramBuilder& task) { task.acquire("door"); })
                                  .task("B", TaskKind::process, works,
                                        [](TaskTemplate& task) {
                                            task.count = 3;
                                            task.resident = 1_MiB;
                                        })
                                  .expect("makespan", "21.9s", 0.01)
                                  .target("overhead", 0.1)
                                  .build();
    CHECK(scenario.name == "two tasks");
    CHECK(scenario.about == "What does switching cost?");
    CHECK(scenario.seed == 7);
    CHECK(scenario.machine.cores == 2);
    CHECK(scenario.machine.profile == "textbook");
    CHECK(scenario.machine.hz == 250u);
    CHECK(scenario.scheduler.policy == "rr");
    CHECK(scenario.scheduler.parameters.at(0).name == "slice");
    CHECK(scenario.scheduler.parameters.at(0).text == "1s");
    CHECK(scenario.semaphores.at(0).initial == 1);
    CHECK(scenario.channels.at(0).capacity == 4_KiB);
    CHECK(scenario.tasks.at(0).program.code.at(0).kind == OperationKind::acquire);
    CHECK(scenario.tasks.at(1).count == 3);
    CHECK(scenario.tasks.at(1).resident == 1_MiB);
    CHECK(scenario.expectations.at(0).value == "21.9s");
    CHECK(scenario.targets.at(0).error == 0.1);
}

TEST_CASE("an error in a task's program names the task") {
    ScenarioBuilder scenario("two tasks");
    CHECK_THROWS_MATCHES(scenario.task("A", TaskKind::thread, [](ProgramBuilder& task) { task.compute(-1s); }),
                         InputError, says("task 'A': compute: it cannot be negative"));
    CHECK_THROWS_MATCHES(
        two_tasks().task("C", TaskKind::fiber, [](ProgramBuilder& task) { task.fork("c", works); }).build(), InputError,
        says("task 'C': a fiber cannot fork"));
}

TEST_CASE("a scenario needs a task, a machine and names of its own") {
    CHECK_NOTHROW(two_tasks().build());
    CHECK_THROWS_MATCHES(ScenarioBuilder("none").build(), InputError, says("there is no task"));
    CHECK_THROWS_MATCHES(two_tasks().cores(0).build(), InputError, says("0 cores: write 1 to 4096"));
    CHECK_THROWS_MATCHES(two_tasks().cores(4097).build(), InputError, says("4097 cores"));
    CHECK_NOTHROW(two_tasks().cores(4096).hz(1'000'000).build());
    CHECK_THROWS_MATCHES(two_tasks().hz(1'000'001).build(), InputError, says("1000001 ticks a second"));
    CHECK_THROWS_MATCHES(two_tasks().task("A", TaskKind::fiber, works).build(), InputError,
                         says("two tasks are called 'A'"));
    CHECK_THROWS_MATCHES(two_tasks().task("", TaskKind::fiber, works).build(), InputError, says("needs a name"));
    CHECK_THROWS_MATCHES(two_tasks().semaphore("s").semaphore("s").build(), InputError,
                         says("two semaphores are called 's'"));
    CHECK_THROWS_MATCHES(two_tasks().pipe("p").pipe("p").build(), InputError, says("two channels are called 'p'"));
    CHECK_THROWS_MATCHES(two_tasks().semaphore("s", -1).build(), InputError, says("0 or more"));
    CHECK_THROWS_MATCHES(two_tasks().pipe("p", 0_B).build(), InputError, says("1 or more"));
}

// The two tasks, and a third one of a kind, adjusted.
static Scenario with_third(TaskKind kind, const std::function<void(TaskTemplate&)>& adjust) {
    return two_tasks().task("C", kind, works, adjust).build();
}

TEST_CASE("a task runs on cores that exist, as often as a machine can hold") {
    CHECK_NOTHROW(with_third(TaskKind::thread, [](TaskTemplate& task) { task.cores = {1, 0}; }));
    CHECK_THROWS_MATCHES(with_third(TaskKind::thread, [](TaskTemplate& task) { task.cores = {2}; }), InputError,
                         says("task 'C': there is no core 2: the machine has 2, counted from 0"));
    CHECK_THROWS_MATCHES(with_third(TaskKind::thread,
                                    [](TaskTemplate& task) {
                                        task.cores = {1, 1};
                                    }),
                         InputError, says("core 1 is named twice"));
    CHECK_THROWS_MATCHES(with_third(TaskKind::thread, [](TaskTemplate& task) { task.count = 0; }), InputError,
                         says("count is 0"));
    CHECK_NOTHROW(with_third(TaskKind::thread, [](TaskTemplate& task) { task.count = most_tasks - 2; }));
    CHECK_THROWS_MATCHES(with_third(TaskKind::thread, [](TaskTemplate& task) { task.count = most_tasks - 1; }),
                         InputError, says("there are 1000001 tasks"));
    CHECK_THROWS_MATCHES(with_third(TaskKind::thread,
                                    [](TaskTemplate& task) {
                                        task.start.kind = Distribution::Kind::uniform;
                                        task.start.first = 2;
                                    }),
                         InputError, says("start: uniform"));
}

TEST_CASE("memory of its own is for processes") {
    CHECK_NOTHROW(with_third(TaskKind::process, [](TaskTemplate& task) { task.resident = 1_MiB; }));
    CHECK_THROWS_MATCHES(with_third(TaskKind::thread, [](TaskTemplate& task) { task.resident = 1_MiB; }), InputError,
                         says("'resident' is for processes only"));
    CHECK_THROWS_MATCHES(with_third(TaskKind::process, [](TaskTemplate& task) { task.resident = Bytes{-1}; }),
                         InputError, says("cannot be negative"));
}

TEST_CASE("a thread lives in a process that is shared, and a process in none") {
    CHECK_NOTHROW(with_third(TaskKind::thread, [](TaskTemplate& task) { task.process = "other"; }));
    CHECK_THROWS_MATCHES(with_third(TaskKind::process, [](TaskTemplate& task) { task.process = "other"; }), InputError,
                         says("a process lives in no other"));
    CHECK_THROWS_MATCHES(two_tasks()
                             .task("P", TaskKind::process, works)
                             .task("T", TaskKind::thread, works, [](TaskTemplate& task) { task.process = "P"; })
                             .build(),
                         InputError, says("task 'T' cannot live in 'P'"));
}

TEST_CASE("a carrier is one thread: of one process, with one kind of task, on the same cores") {
    const auto carried = [](TaskKind first, const std::function<void(TaskTemplate&)>& adjust_first, TaskKind second,
                            const std::function<void(TaskTemplate&)>& adjust_second) {
        return ScenarioBuilder("carriers")
            .cores(2)
            .task("A", first, works, adjust_first)
            .task("B", second, works, adjust_second)
            .build();
    };
    const auto on = [](std::string process, std::string carrier) {
        return [=](TaskTemplate& task) {
            task.process = process;
            task.carrier = carrier;
        };
    };
    constexpr TaskKind coroutine = TaskKind::coroutine;
    constexpr TaskKind fiber = TaskKind::fiber;

    CHECK_NOTHROW(carried(coroutine, {}, coroutine, {}));
    CHECK_NOTHROW(carried(coroutine, on("", "one"), fiber, on("", "two")));
    CHECK_THROWS_MATCHES(carried(coroutine, {}, fiber, {}), InputError, says("a thread carries one kind"));
    CHECK_THROWS_MATCHES(carried(coroutine, {}, fiber, on("main", "loop")), InputError,
                         says("cannot share carrier 'loop'"));

    CHECK_NOTHROW(carried(coroutine, on("p", ""), fiber, on("q", "")));
    CHECK_THROWS_MATCHES(carried(coroutine, on("p", "one"), coroutine, on("q", "one")), InputError,
                         says("carrier 'one' cannot be in processes 'p' and 'q'"));

    const auto pinned = [](std::vector<std::uint32_t> cores) {
        return [=](TaskTemplate& task) { task.cores = cores; };
    };
    CHECK_NOTHROW(carried(coroutine, pinned({0, 1}), coroutine, pinned({1, 0})));
    CHECK_THROWS_MATCHES(carried(coroutine, pinned({0}), coroutine, pinned({1})), InputError,
                         says("on different cores"));

    CHECK_THROWS_MATCHES(with_third(TaskKind::thread, on("", "one")), InputError, says("is carried by nobody"));
}

TEST_CASE("what a scenario expects must be something a report can say") {
    CHECK_NOTHROW(two_tasks().expect("task.A.turnaround", "21.8s").expect("task.A/child.cpu", "1s").build());
    CHECK_THROWS_MATCHES(two_tasks().expect("makspan", "21.9s").build(), InputError, says("did you mean 'makespan'?"));
    CHECK_THROWS_MATCHES(two_tasks().expect("task.X.cpu", "1s").build(), InputError, says("no task is called 'X'"));
    CHECK_THROWS_MATCHES(two_tasks().expect("makespan", "21.9").build(), InputError,
                         says("expect makespan: '21.9' needs a unit"));
    CHECK_THROWS_MATCHES(two_tasks().expect("context_switches", "19s").build(), InputError, says("is not a count"));
    CHECK_THROWS_MATCHES(two_tasks().expect("makespan", "1s", -0.1).build(), InputError, says("share of 0 or more"));
    CHECK_THROWS_MATCHES(two_tasks().target("overhed", 0.1).build(), InputError, says("did you mean 'overhead'?"));
    CHECK_THROWS_MATCHES(two_tasks().target("overhead", -0.1).build(), InputError, says("share of 0 or more"));
}

TEST_CASE("an error in a scenario that was read says where, in which file") {
    Scenario scenario = two_tasks().build();
    scenario.file = "two.yaml";
    scenario.tasks[1].where = {"", 8, 3};
    scenario.tasks[1].count = 0;
    CHECK_THROWS_MATCHES(validate(scenario), InputError, says("two.yaml:8:3: task 'B': its count is 0"));

    scenario.tasks[1].count = 1;
    scenario.tasks[1].program.code[0] = {.kind = OperationKind::sleep, .asynchronous = true};
    CHECK_THROWS_MATCHES(validate(scenario), InputError, says("two.yaml:8:3: task 'B': a thread cannot sleep"));
    scenario.tasks[1].program.locations[0] = {"", 9, 11};
    CHECK_THROWS_MATCHES(validate(scenario), InputError, says("two.yaml:9:11: task 'B': a thread cannot sleep"));

    scenario.machine.cores = 0;
    CHECK_THROWS_MATCHES(validate(scenario), InputError, says("two.yaml: a machine cannot have 0 cores"));
}

TEST_CASE("a builder's topology brings its cores; speeds may come before or after it") {
    const auto built = [](ScenarioBuilder& scenario) { return scenario.task("A", TaskKind::thread, works).build(); };
    ScenarioBuilder after("after");
    after.topology(describe({.nodes = 2})).speeds({1000, 500});
    ScenarioBuilder before("before");
    before.speeds({1000, 500}).topology(describe({.nodes = 2}));
    for (const Scenario& scenario : {built(after), built(before)}) {
        CHECK(scenario.machine.cores == 2);
        CHECK(scenario.machine.topology.nodes.size() == 2);
        CHECK(scenario.machine.topology.speeds == std::vector<std::uint32_t>{1000, 500});
    }
}

TEST_CASE("a scenario's topology must be of its cores") {
    CHECK_THROWS_MATCHES(two_tasks().topology(describe({.nodes = 2})).cores(3).build(), InputError,
                         says("core 2 is in no node"));
    CHECK_THROWS_MATCHES(two_tasks().speeds({1000}).build(), InputError, says("there are 1 speeds for 2 cores"));
    CHECK_THROWS_MATCHES(two_tasks().speeds({1000, 0}).build(), InputError, says("core 1 cannot have 0 thousandths"));
    CHECK_NOTHROW(two_tasks().speeds({1000, 1}).build());
}
