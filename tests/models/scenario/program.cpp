#include "models/scenario/program.hpp"

#include "models/errors.hpp"
#include "tests/models/says.hpp"

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <set>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace switchyard;
using namespace switchyard::size_literals;

using Kind = OperationKind;

static std::vector<Kind> kinds(const Program& program) {
    std::vector<Kind> all;
    for (const Operation& operation : program.code) all.push_back(operation.kind);
    return all;
}

static std::int64_t constant(const Program& program, std::size_t at) {
    return program.amounts.at(program.code.at(at).amount).value;
}

static const ProgramBuilder::Body works = [](ProgramBuilder& body) { body.compute(1ms); };

TEST_CASE("a program does one operation after another and ends") {
    const Program program = ProgramBuilder().compute(10s).yield().sleep(3ms).system_call().build();
    CHECK(kinds(program) == std::vector{Kind::compute, Kind::yield, Kind::sleep, Kind::system_call, Kind::end});
    CHECK(Duration{constant(program, 0)} == 10s);
    CHECK(Duration{constant(program, 2)} == 3ms);
    CHECK(program.locations.size() == program.code.size());
    CHECK(program.repeat_depth == 0);
}

TEST_CASE("a program without operations ends at once") {
    CHECK(kinds(ProgramBuilder().build()) == std::vector{Kind::end});
}

TEST_CASE("a repeat jumps behind its body at zero, and back to its body while rounds are left") {
    ProgramBuilder builder;
    builder.repeat(100, [](ProgramBuilder& body) { body.compute(50us).yield(); }).compute(1s);
    const Program program = builder.build();
    CHECK(kinds(program) ==
          std::vector{Kind::repeat, Kind::compute, Kind::yield, Kind::repeat_end, Kind::compute, Kind::end});
    CHECK(constant(program, 0) == 100);
    CHECK(program.code[0].target == 4);
    CHECK(program.code[3].target == 1);
    CHECK(program.repeat_depth == 1);
}

TEST_CASE("the depth of repeats is that of the deepest") {
    ProgramBuilder builder;
    builder.repeat(2, works);
    builder.repeat(2, [](ProgramBuilder& outer) { outer.repeat(3, works).compute(1ms); });
    const Program program = builder.build();
    CHECK(program.repeat_depth == 2);
    CHECK(program.code[3].kind == Kind::repeat);
    CHECK(program.code[3].target == 9);
    CHECK(program.code[4].target == 7);
}

TEST_CASE("a forked child exits behind its part, and its parent goes on there") {
    const Program program = ProgramBuilder().fork("child", works).wait("child").build();
    CHECK(kinds(program) == std::vector{Kind::fork, Kind::compute, Kind::exit, Kind::wait, Kind::end});
    CHECK(program.code[0].target == 3);
    CHECK(program.code[0].slot == program.code[3].slot);
    CHECK(program.slots == std::vector<std::string>{"child"});
}

TEST_CASE("a forked child that continues runs on into what its parent does") {
    const Program program = ProgramBuilder().fork("child", works, Afterwards::continues).compute(2s).build();
    CHECK(kinds(program) == std::vector{Kind::fork, Kind::compute, Kind::compute, Kind::end});
    CHECK(program.code[0].target == 2);
    CHECK(ProgramBuilder().fork("child", {}, Afterwards::continues).build().code[0].target == 1);
}

TEST_CASE("a thread ends behind its body, a process exits") {
    CHECK(kinds(ProgramBuilder().spawn("t", TaskKind::thread, works).join("t").build()) ==
          std::vector{Kind::spawn, Kind::compute, Kind::end, Kind::join, Kind::end});
    CHECK(kinds(ProgramBuilder().clone("t", true, works).build()) ==
          std::vector{Kind::clone, Kind::compute, Kind::end, Kind::end});
    CHECK(kinds(ProgramBuilder().clone("p", false, works).build()) ==
          std::vector{Kind::clone, Kind::compute, Kind::exit, Kind::end});
    CHECK(kinds(ProgramBuilder().vfork("p", works).build()) ==
          std::vector{Kind::vfork, Kind::compute, Kind::exit, Kind::end});
    CHECK(ProgramBuilder().spawn("f", TaskKind::fiber, works).build().code[0].task_kind == TaskKind::fiber);
    CHECK(ProgramBuilder().clone("t", true, works).build().code[0].shares_memory);
    CHECK_FALSE(ProgramBuilder().clone("p", false, works).build().code[0].shares_memory);
}

TEST_CASE("exec replaces what would follow it") {
    CHECK(kinds(ProgramBuilder().exec(works).build()) == std::vector{Kind::exec, Kind::compute, Kind::exit, Kind::end});
    CHECK_THROWS_MATCHES(ProgramBuilder().exec(works).compute(1s), InputError, says("after 'exec' is never reached"));

    ProgramBuilder parent;
    parent.vfork("child", [](ProgramBuilder& child) { child.exec(works); }).wait("child");
    CHECK(kinds(parent.build()) ==
          std::vector{Kind::vfork, Kind::exec, Kind::compute, Kind::exit, Kind::wait, Kind::end});
}

TEST_CASE("one name is one slot, and a name used again the same one") {
    const Program program =
        ProgramBuilder().fork("a", works).fork("b", works).fork("a", works).wait("b").wait("a").build();
    CHECK(program.slots == std::vector<std::string>{"a", "b"});
    CHECK(program.code[0].slot == program.code[6].slot);
    CHECK(program.code[9].slot == program.code[3].slot);
    CHECK(ProgramBuilder().wait_any().build().code[0].slot == no_slot);
}

TEST_CASE("semaphores and pipes are found by name") {
    ProgramBuilder builder({.semaphores = {"keys", "door"},
                            .channels = {default_channel("news", ChannelKind::pipe)},
                            .devices = {},
                            .request_amounts = {},
                            .locks = {},
                            .conditions = {},
                            .barriers = {},
                            .variables = {}});
    const Program program = builder.acquire("door").release("keys").send("news", 1_KiB).receive("news", 1_B).build();
    CHECK(program.code[0].object == 1);
    CHECK(program.code[1].object == 0);
    CHECK(program.code[2].object == 0);
    CHECK(constant(program, 2) == 1024);
    CHECK(constant(program, 3) == 1);
}

TEST_CASE("where a program was written does not matter to what it is") {
    ProgramBuilder placed;
    placed.at({"two.yaml", 3, 5}).compute(1s).at({"two.yaml", 4, 5}).yield();
    const Program program = placed.build();
    CHECK(program.locations[0].line == 3);
    CHECK(program.locations[1].line == 4);
    CHECK(program == ProgramBuilder().compute(1s).yield().build());
    CHECK_FALSE(program == ProgramBuilder().compute(2s).yield().build());
}

TEST_CASE("the operations behind a body stand where the body began") {
    ProgramBuilder builder;
    builder.at({"", 1, 1}).repeat(2, [](ProgramBuilder& body) { body.at({"", 2, 1}).compute(1s); }).yield();
    const Program program = builder.build();
    CHECK(program.locations[1].line == 2);
    CHECK(program.locations[2].line == 1); // repeat_end
    CHECK(program.locations[3].line == 1);
}

TEST_CASE("a builder refuses operands that mean nothing") {
    ProgramBuilder builder({.semaphores = {"door"},
                            .channels = {default_channel("news", ChannelKind::pipe)},
                            .devices = {},
                            .request_amounts = {},
                            .locks = {},
                            .conditions = {},
                            .barriers = {},
                            .variables = {}});
    CHECK_THROWS_MATCHES(builder.compute(-1s), InputError, says("compute: it cannot be negative"));
    CHECK_THROWS_MATCHES(builder.sleep(-1s), InputError, says("sleep: "));
    CHECK_THROWS_MATCHES(builder.repeat(-1, works), InputError, says("0 or more"));
    CHECK_THROWS_MATCHES(builder.repeat(3, {}), InputError, says("nothing to repeat"));
    CHECK_THROWS_MATCHES(builder.send("news", 0_B), InputError, says("at least 1"));
    CHECK_THROWS_MATCHES(builder.receive("news", Bytes{-1}), InputError, says("at least 1"));
    CHECK_THROWS_MATCHES(builder.acquire("dor"), InputError, says("did you mean 'door'?"));
    CHECK_THROWS_MATCHES(builder.send("knews", 1_B), InputError, says("did you mean 'news'?"));
    CHECK_THROWS_MATCHES(builder.fork("", works), InputError, says("needs a name"));
    CHECK_THROWS_MATCHES(builder.spawn("p", TaskKind::process, works), InputError, says("'fork', 'vfork' or 'clone'"));
}

TEST_CASE("a builder refuses to wait for a child that nobody has started") {
    CHECK_THROWS_MATCHES(ProgramBuilder().wait("child"), InputError, says("no child is called 'child'"));
    CHECK_THROWS_MATCHES(ProgramBuilder().fork("child", works).wait("chlid"), InputError,
                         says("did you mean 'child'?"));
}

TEST_CASE("repeats nest up to their limit and no further") {
    const auto nested = [](std::uint32_t depth) {
        ProgramBuilder::Body body = works;
        for (std::uint32_t i = 0; i < depth; ++i)
            body = [inner = body](ProgramBuilder& outer) { outer.repeat(1, inner); };
        ProgramBuilder builder;
        body(builder);
        return builder.build();
    };
    CHECK(nested(most_repeat_depth).repeat_depth == most_repeat_depth);
    CHECK_THROWS_MATCHES(nested(most_repeat_depth + 1), InputError, says("at most 32 deep"));
}

TEST_CASE("a program has at most so many operations") {
    ProgramBuilder builder;
    for (std::size_t i = 0; i + 1 < most_operations; ++i) builder.yield();
    CHECK(ProgramBuilder(builder).build().code.size() == most_operations);
    builder.yield();
    CHECK_THROWS_MATCHES(builder.build(), InputError, says("at most 1000000 operations"));
}

TEST_CASE("kinds of tasks and of operations have names of their own") {
    std::set<std::string_view> names;
    for (int kind = 0; kind < task_kinds; ++kind) names.insert(name_of(static_cast<TaskKind>(kind)));
    CHECK(names.size() == task_kinds);
    names.clear();
    for (int kind = 0; kind < operation_kinds; ++kind) names.insert(name_of(static_cast<Kind>(kind)));
    CHECK(names.size() == operation_kinds);
    CHECK(name_of(Kind::compute) == "compute");
    CHECK(name_of(Kind::repeat_end) == "repeat_end");
    CHECK(name_of(Kind::receive) == "receive");
}
