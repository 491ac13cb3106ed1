#include "models/scenario/program_validation.hpp"

#include "models/errors.hpp"
#include "models/scenario/scenario.hpp"
#include "tests/models/says.hpp"

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <functional>

using namespace std::chrono_literals;
using namespace switchyard;

static const ProgramBuilder::Body works = [](ProgramBuilder& body) { body.compute(1ms); };

static Program written(const ProgramBuilder::Body& body) {
    ProgramBuilder builder({.semaphores = {"door"},
                            .channels = {default_channel("news", ChannelKind::pipe)},
                            .devices = {},
                            .request_amounts = {},
                            .locks = {},
                            .conditions = {},
                            .barriers = {},
                            .variables = {}});
    body(builder);
    return builder.build();
}

// Validates the program as the code of a task of that kind.
static void check(TaskKind kind, const ProgramBuilder::Body& body) {
    validate(written(body), kind, {.semaphores = 1, .channels = {default_channel("news", ChannelKind::pipe)}});
}

TEST_CASE("what threads and processes may do, they may do inside one another") {
    for (const TaskKind kind : {TaskKind::thread, TaskKind::process}) {
        CHECK_NOTHROW(check(kind, [](ProgramBuilder& task) {
            task.compute(1s).sleep(1ms).yield().system_call().acquire("door").release("door");
            task.send("news", {1}).receive("news", {1});
            task.repeat(3, [](ProgramBuilder& body) {
                body.fork("child", [](ProgramBuilder& child) {
                    child.spawn("thread", TaskKind::thread, works).join("thread").exec(works);
                });
                body.vfork("image", [](ProgramBuilder& child) {
                    child.compute(1us).system_call().exec([](ProgramBuilder& image) {
                        image.repeat(2, works).spawn("thread", TaskKind::thread, works).join("thread");
                    });
                });
                body.clone("sharing", true, works).join("sharing").clone("apart", false, works).wait("apart");
                body.wait("child").wait("image").wait_any();
            });
            task.wait("child").crash().exit();
        }));
    }
}

TEST_CASE("a fork whose child continues may be empty, end in another body, or end the program") {
    CHECK_NOTHROW(check(TaskKind::thread,
                        [](ProgramBuilder& task) { task.fork("child", {}, Afterwards::continues).compute(1s); }));
    CHECK_NOTHROW(check(TaskKind::thread, [](ProgramBuilder& task) {
        task.fork(
            "child", [](ProgramBuilder& child) { child.spawn("thread", TaskKind::thread, works); },
            Afterwards::continues);
        task.join("thread"); // the child's, which runs on into this
    }));
    CHECK_NOTHROW(check(TaskKind::thread,
                        [](ProgramBuilder& task) { task.repeat(2, [](ProgramBuilder& body) { body.exec(works); }); }));
}

TEST_CASE("a coroutine or fiber makes no process") {
    for (const TaskKind kind : {TaskKind::coroutine, TaskKind::fiber}) {
        CHECK_THROWS_MATCHES(check(kind, [](ProgramBuilder& task) { task.fork("c", works); }), InputError,
                             says("would copy its thread with every"));
        CHECK_THROWS_MATCHES(check(kind, [](ProgramBuilder& task) { task.vfork("c", works); }), InputError,
                             says("cannot vfork"));
        CHECK_THROWS_MATCHES(check(kind, [](ProgramBuilder& task) { task.clone("c", true, works); }), InputError,
                             says("cannot clone"));
        CHECK_THROWS_MATCHES(check(kind, [](ProgramBuilder& task) { task.exec(works); }), InputError,
                             says("would replace its thread"));
    }
}

TEST_CASE("neither does a coroutine that a coroutine has spawned, but a thread it has spawned does") {
    CHECK_THROWS_MATCHES(check(TaskKind::coroutine,
                               [](ProgramBuilder& task) {
                                   task.spawn("c", TaskKind::coroutine, [](ProgramBuilder& spawned) {
                                       spawned.repeat(2, [](ProgramBuilder& body) { body.fork("p", works); });
                                   });
                               }),
                         InputError, says("a coroutine cannot fork"));
    CHECK_NOTHROW(check(TaskKind::coroutine, [](ProgramBuilder& task) {
        task.spawn("t", TaskKind::thread, [](ProgramBuilder& thread) { thread.fork("p", works).wait("p"); });
    }));
}

TEST_CASE("coroutines come from coroutines, and fibers from fibers") {
    const auto spawns = [](TaskKind kind) {
        return [kind](ProgramBuilder& task) { task.spawn("c", kind, works).join("c"); };
    };
    CHECK_NOTHROW(check(TaskKind::coroutine, spawns(TaskKind::coroutine)));
    CHECK_NOTHROW(check(TaskKind::fiber, spawns(TaskKind::fiber)));
    CHECK_THROWS_MATCHES(check(TaskKind::thread, spawns(TaskKind::coroutine)), InputError,
                         says("a thread cannot spawn a coroutine"));
    CHECK_THROWS_MATCHES(check(TaskKind::process, spawns(TaskKind::fiber)), InputError, says("cannot spawn a fiber"));
    CHECK_THROWS_MATCHES(check(TaskKind::coroutine, spawns(TaskKind::fiber)), InputError, says("cannot spawn a fiber"));
}

TEST_CASE("nobody waits for a System V queue asynchronously") {
    const auto receives = [](ChannelKind kind) {
        return ScenarioBuilder("asynchronous").channel("q", kind).task("A", TaskKind::coroutine, [](auto& task) {
            task.receive("q", {}, true);
        });
    };
    CHECK_NOTHROW(static_cast<void>(receives(ChannelKind::message_queue).build()));
    CHECK_THROWS_MATCHES(static_cast<void>(receives(ChannelKind::system_v_queue).build()), InputError,
                         says("make it a message-queue"));
}

TEST_CASE("only what has an event loop sleeps asynchronously") {
    const auto sleeps = [](ProgramBuilder& task) { task.sleep(1ms, true); };
    CHECK_NOTHROW(check(TaskKind::coroutine, sleeps));
    CHECK_NOTHROW(check(TaskKind::fiber, sleeps));
    CHECK_THROWS_MATCHES(check(TaskKind::thread, sleeps), InputError, says("no event loop"));
    CHECK_THROWS_MATCHES(
        check(TaskKind::coroutine, [&](ProgramBuilder& task) { task.spawn("t", TaskKind::thread, sleeps); }),
        InputError, says("a thread cannot sleep asynchronously"));
}

TEST_CASE("only what has an event loop waits for semaphores and locks asynchronously, and for spin locks nobody") {
    const auto acquires = [](ProgramBuilder& task) { task.acquire("door", true); };
    CHECK_NOTHROW(check(TaskKind::coroutine, acquires));
    CHECK_THROWS_MATCHES(check(TaskKind::process, acquires), InputError, says("cannot acquire asynchronously"));
    Program locks;
    locks.code = {{.kind = OperationKind::lock, .asynchronous = true, .object = 0}, {}};
    CHECK_NOTHROW(validate(locks, TaskKind::fiber, {.locks = {LockKind::mutex}}));
    CHECK_THROWS_MATCHES(validate(locks, TaskKind::fiber, {.locks = {LockKind::spin}}), InputError,
                         says("never waits"));
    CHECK_THROWS_MATCHES(validate(locks, TaskKind::thread, {.locks = {LockKind::mutex}}), InputError,
                         says("cannot lock asynchronously"));
}

TEST_CASE("the child of a vfork does nothing in its parent's memory that vfork(2) forbids") {
    const std::vector<ProgramBuilder::Body> forbidden{
        [](ProgramBuilder& child) { child.sleep(1ms); },
        [](ProgramBuilder& child) { child.yield(); },
        [](ProgramBuilder& child) { child.fork("p", works); },
        [](ProgramBuilder& child) { child.spawn("t", TaskKind::thread, works); },
        [](ProgramBuilder& child) { child.repeat(2, works); },
        [](ProgramBuilder& child) { child.acquire("door"); },
        [](ProgramBuilder& child) { child.crash(); },
        [](ProgramBuilder& child) { child.wait_any(); },
    };
    for (const ProgramBuilder::Body& body : forbidden)
        CHECK_THROWS_MATCHES(check(TaskKind::process, [&](ProgramBuilder& task) { task.vfork("c", body); }), InputError,
                             says("see vfork(2)"));
}

TEST_CASE("a task joins its threads and waits for its processes, not the other way round") {
    CHECK_THROWS_MATCHES(check(TaskKind::thread, [](ProgramBuilder& task) { task.fork("c", works).join("c"); }),
                         InputError, says("write 'wait'"));
    CHECK_THROWS_MATCHES(
        check(TaskKind::thread, [](ProgramBuilder& task) { task.spawn("c", TaskKind::thread, works).wait("c"); }),
        InputError, says("write 'join'"));
    CHECK_THROWS_MATCHES(check(TaskKind::thread,
                               [](ProgramBuilder& task) { task.spawn("c", TaskKind::thread, works).fork("c", works); }),
                         InputError, says("both a thread and a process"));
}

TEST_CASE("a task waits for what it has started itself") {
    CHECK_THROWS_MATCHES(check(TaskKind::thread,
                               [](ProgramBuilder& task) {
                                   task.fork("a", works);
                                   task.fork("b", [](ProgramBuilder& sibling) { sibling.wait("a"); });
                               }),
                         InputError, says("'a' is not a child of this task"));
    CHECK_THROWS_MATCHES(check(TaskKind::thread,
                               [](ProgramBuilder& task) {
                                   task.spawn("t", TaskKind::thread,
                                              [](ProgramBuilder& thread) { thread.fork("grandchild", works); });
                                   task.wait("grandchild");
                               }),
                         InputError, says("what the task itself has started further up"));
    CHECK_NOTHROW(check(TaskKind::thread, [](ProgramBuilder& task) {
        task.repeat(3, [](ProgramBuilder& body) { body.fork("c", works); }).wait("c");
    }));
}

TEST_CASE("an error in a program has the place of its operation") {
    const Program program = written([](ProgramBuilder& task) {
        task.at({"", 4, 9}).compute(1s);
        task.at({"", 5, 9}).repeat(2, [](ProgramBuilder& body) { body.at({"", 6, 13}).sleep(1ms, true); });
    });
    try {
        validate(program, TaskKind::thread, {});
        FAIL("accepted");
    } catch (const InputError& error) {
        CHECK(error.where().line == 6);
        CHECK(error.where().column == 13);
    }
}

TEST_CASE("code written by hand must nest, end, and point at what exists") {
    const Program good = written([](ProgramBuilder& task) {
        task.repeat(2, works).fork("c", works).wait("c").acquire("door").send("news", {1});
    });
    // 0 repeat, 1 compute, 2 repeat_end, 3 fork, 4 compute, 5 exit, 6 wait, 7 acquire, 8 send, 9 end
    CHECK_NOTHROW(
        validate(good, TaskKind::thread, {.semaphores = 1, .channels = {default_channel("news", ChannelKind::pipe)}}));
    const auto refused = [&](const std::function<void(Program&)>& spoil) {
        Program program = good;
        spoil(program);
        CHECK_THROWS_AS(validate(program, TaskKind::thread,
                                 {.semaphores = 1, .channels = {default_channel("news", ChannelKind::pipe)}}),
                        InputError);
    };
    refused([](Program& program) { program.code.clear(); });
    refused([](Program& program) { program.code.pop_back(); });
    refused([](Program& program) { program.code[0].target = 2; });
    refused([](Program& program) { program.code[0].target = 0; });
    refused([](Program& program) { program.code[0].target = 4; });
    refused([](Program& program) { program.code[0].target = 100; });
    refused([](Program& program) { program.code[2].target = 0; });
    refused([](Program& program) { program.code[2].kind = OperationKind::yield; });
    refused([](Program& program) { program.code[1].kind = OperationKind::repeat_end; });
    refused([](Program& program) { program.code[3].target = 3; });
    refused([](Program& program) { program.code[3].target = 10; });
    refused([](Program& program) { program.code[3].slot = 1; });
    refused([](Program& program) {
        program.code[3].kind = OperationKind::spawn, program.code[5].kind = OperationKind::yield;
    });
    refused([](Program& program) { program.code[6].slot = 7; });
    refused([](Program& program) { program.code[7].object = 1; });
    refused([](Program& program) { program.code[8].object = no_object; });
    refused([](Program& program) { program.code[8].amount = 99; });
    refused([](Program& program) { program.amounts[0].value = -1; });
    refused([](Program& program) { program.repeat_depth = 0; });
}

TEST_CASE("a body may not run out into what its parent does, even where a body inside it ends properly") {
    Program program = written([](ProgramBuilder& task) {
        task.spawn("outer", TaskKind::thread,
                   [](ProgramBuilder& outer) { outer.spawn("inner", TaskKind::thread, works); });
    });
    // 0 spawn, 1 spawn, 2 compute, 3 end, 4 end, 5 end
    CHECK_NOTHROW(validate(program, TaskKind::thread, {}));
    program.code[0].target = 4;
    CHECK_THROWS_MATCHES(validate(program, TaskKind::thread, {}), InputError, says("does not end with"));
}
