// What scenario files say of locks, conditions, barriers and variables.
#include "formats/scenario/read_scenario.hpp"
#include "models/errors.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fmt/format.h>

using namespace switchyard;
using namespace switchyard::formats;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

constexpr const char* objects = R"(locks: {m: mutex, table: {kind: read-write, prefers: writers}}
conditions: [changed]
barriers: {all: 3}
variables: {n: 5, flag: {atomic: true}}
)";

Scenario doing(const std::string& operations) {
    return parse_scenario(fmt::format("{}tasks: {{A: {{do: {}}}}}\n", objects, operations), "f.yaml");
}

Program built(const ProgramBuilder::Body& body) {
    ProgramBuilder program(object_names(doing("[yield]")));
    body(program);
    return program.build();
}

std::string error_in(const std::string& text) {
    try {
        static_cast<void>(parse_scenario(text, "f.yaml"));
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
}

} // namespace

TEST_CASE("locks, conditions, barriers and variables are read with all they may have") {
    const Scenario scenario = parse_scenario(R"(
locks:
  a: mutex
  b: {kind: recursive, protocol: ceiling, ceiling: 7, spin: 20us, robust: true}
  c: {kind: read-write, prefers: writers}
conditions: [x, y]
barriers: {all: 3}
variables: {n: -5, flag: {initial: 1, atomic: true}}
tasks: {A: {do: [yield]}}
)",
                                             "f.yaml");
    REQUIRE(scenario.locks.size() == 3);
    CHECK(scenario.locks[0] == Lock{.name = "a"});
    CHECK(scenario.locks[1].protocol == LockProtocol::ceiling);
    CHECK(scenario.locks[1].ceiling == 7);
    CHECK(scenario.locks[1].spin == 20us);
    CHECK(scenario.locks[1].robust);
    CHECK(scenario.locks[2].kind == LockKind::read_write);
    CHECK(scenario.locks[2].prefers == Preference::writers);
    CHECK(scenario.conditions == std::vector<Condition>{{"x"}, {"y"}});
    CHECK(scenario.barriers == std::vector<Barrier>{{"all", 3}});
    CHECK(scenario.variables == std::vector<Variable>{{"n", -5, false}, {"flag", 1, true}});
}

TEST_CASE("operations of synchronisation are read as a builder writes them") {
    const Program program = doing(R"([lock: m, await: {condition: changed, lock: m, until: n >= 2}, unlock: m,
      lock_shared: table, unlock: table, notify: changed, notify_all: changed, arrive: all,
      read: n, write: {variable: n, value: -3}, add: n, add: {variable: flag, by: -1},
      try_lock: {lock: m, do: [unlock: m], else: [yield]},
      if: {when: n != 0, do: [compute: 1ms]}, while: {when: n < 9, do: [add: n]}])")
                                .tasks[0]
                                .program;
    CHECK(program == built([](ProgramBuilder& task) {
              task.lock("m").await("changed", "m", "n >= 2").unlock("m").lock_shared("table").unlock("table");
              task.notify("changed").notify_all("changed").arrive("all").read("n").write("n", -3).add("n").add("flag",
                                                                                                               -1);
              task.try_lock(
                  "m", [](auto& got) { got.unlock("m"); }, [](auto& taken) { taken.yield(); });
              task.branch("n != 0", [](auto& then) { then.compute(1ms); });
              task.repeat_while("n < 9", [](auto& body) { body.add("n"); });
          }));
}

TEST_CASE("mistakes in synchronisation are told in one line, with the place") {
    const auto in_objects = [](const std::string& line) { return error_in(line + "\ntasks: {A: {do: [yield]}}\n"); };
    CHECK_THAT(in_objects("locks: {m: mutx}"), ContainsSubstring("f.yaml:1:") && ContainsSubstring("'mutex'"));
    CHECK_THAT(in_objects("locks: {m: {kind: spin, protocol: inheritance}}"),
               ContainsSubstring("no priority protocol"));
    CHECK_THAT(in_objects("locks: {m: {kind: mutex, ceiling: 3}}"), ContainsSubstring("protocol: ceiling"));
    CHECK_THAT(in_objects("barriers: {b: 0}"), ContainsSubstring("f.yaml:1:"));
    const auto in_operations = [](const std::string& operations) {
        return error_in(fmt::format("{}tasks: {{A: {{do: {}}}}}\n", objects, operations));
    };
    CHECK_THAT(in_operations("[lock: mm]"),
               ContainsSubstring("f.yaml:5:") && ContainsSubstring("no lock is called 'mm'"));
    CHECK_THAT(in_operations("[lock_shared: m]"), ContainsSubstring("has no readers"));
    CHECK_THAT(in_operations("[await: {condition: changed, lock: table}]"), ContainsSubstring("awaited with a mutex"));
    CHECK_THAT(in_operations("[if: {when: n is 3, do: [yield]}]"), ContainsSubstring("no comparison"));
    CHECK_THAT(in_operations("[if: {when: m == 3, do: [yield]}]"), ContainsSubstring("no variable is called 'm'"));
    CHECK_THAT(in_operations("[if: {when: n == 3, do: []}]"), ContainsSubstring("nothing to do"));
}

TEST_CASE("an interpreter is a lock that tasks run under") {
    const Scenario scenario = parse_scenario(R"(
locks: {usual: interpreter, quick: {kind: interpreter, switch_interval: 1ms}}
tasks:
  A: {interpreter: quick, do: [yield]}
  B: {kind: coroutine, interpreter: usual, do: [yield]}
  C: {do: [yield]}
)",
                                             "f.yaml");
    CHECK(scenario.locks[0].switch_interval == 5ms);
    CHECK(scenario.locks[1].switch_interval == 1ms);
    CHECK(scenario.tasks[0].interpreter == 1);
    CHECK(scenario.tasks[1].interpreter == 0);
    CHECK(scenario.tasks[2].interpreter == no_object);
    CHECK_THAT(error_in("locks: {gil: interpreter}\ntasks: {A: {interpreter: gli, do: [yield]}}\n"),
               ContainsSubstring("no interpreter is called 'gli'") && ContainsSubstring("gil"));
    CHECK_THAT(error_in("locks: {m: mutex}\ntasks: {A: {interpreter: m, do: [yield]}}\n"),
               ContainsSubstring("'m' is a mutex lock, no interpreter's"));
    CHECK_THAT(error_in("locks: {m: {kind: mutex, switch_interval: 1ms}}\ntasks: {A: {do: [yield]}}\n"),
               ContainsSubstring("only an interpreter lock has a 'switch_interval'"));
    CHECK_THAT(error_in("locks: {gil: interpreter}\ntasks: {A: {do: [lock: gil]}}\n"),
               ContainsSubstring("f.yaml:2") && ContainsSubstring("no operation takes an interpreter's lock"));
}
