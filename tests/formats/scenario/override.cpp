#include "formats/scenario/override.hpp"

#include "formats/scenario/read_scenario.hpp"
#include "tests/formats/input_error.hpp"

#include <catch2/catch_test_macros.hpp>
#include <vector>

using namespace switchyard;
using namespace switchyard::formats;
using namespace std::chrono_literals;

constexpr const char* text = R"(
scheduler: {policy: rr}
pipes: {p: 64KiB}
tasks:
  A: {do: [compute: 10s, {sleep: {for: 1ms}}, yield]}
  B: {do: [{send: {to: p, size: 1KiB}}]}
)";

static Scenario with(const std::vector<const char*>& settings) {
    std::vector<Override> changes;
    for (const char* setting : settings) changes.push_back(parse_override(setting));
    return parse_scenario(text, "f.yaml", changes);
}

static std::string error_with(const char* setting) {
    return error_of([&] { static_cast<void>(with({setting})); });
}

TEST_CASE("a value that is there can be set") {
    CHECK(with({"scheduler.policy=fifo"}).scheduler.policy == "fifo");
    CHECK(with({"tasks.A.do.0.compute=1ms"}).tasks[0].program.amounts[0] ==
          Distribution::constant(Duration(1ms).count()));
    CHECK(with({"tasks.A.do.2=system_call"}).tasks[0].program.code[2].kind == OperationKind::system_call);
    CHECK(with({"tasks.A.do=[yield]"}).tasks[0].program.code.size() == 2);
    CHECK(with({"tasks.A.do.0.compute={exponential: {mean: 1ms}}"}).tasks[0].program.amounts[0] ==
          Distribution::exponential(1e9));
    CHECK(with({"pipes.p=4KiB"}).channels[0].capacity == Bytes{4096});
}

TEST_CASE("a key a scenario may have can be added, with the map it stands in") {
    CHECK(with({"machine.cores=2"}).machine.cores == 2);
    CHECK(with({"tasks.A.count=3"}).tasks[0].count == 3);
    CHECK(with({"seed=7"}).seed == 7);
    CHECK(with({"expect.makespan=10s"}).expectations.at(0).value == "10s");
    CHECK(with({"validate.targets.overhead=5%"}).targets.at(0).error == 0.05);
    CHECK(with({"tasks.A.do.1.sleep.style=blocking"}).tasks[0].program.code[1].kind == OperationKind::sleep);
    const Scenario scenario = with({"scheduler.slice=1ms", "scheduler.slice=2ms"}); // the last one counts
    REQUIRE(scenario.scheduler.parameters.size() == 1);
    CHECK(scenario.scheduler.parameters[0].text == "2ms");
    CHECK(scenario.scheduler.parameters[0].where.text() == "--set scheduler.slice=2ms");
}

TEST_CASE("the machine's topology and speeds are set like everything else") {
    CHECK(with({"machine.topology.nodes=2", "machine.topology.threads_per_core=4"}).machine.cores == 8);
    CHECK(with({"machine.topology={nodes: 3}"}).machine.topology.nodes.size() == 3);
    const Scenario scenario = with({"machine.speeds=[1, 1, 100%]", "machine.speeds.1=25%"});
    CHECK(scenario.machine.topology.speeds == std::vector<std::uint32_t>{1000, 250, 1000});
    CHECK(scenario.machine.cores == 3);
    CHECK(error_with("machine.topology.threads=2") ==
          "--set machine.topology.threads=2: there is no 'threads' in 'machine.topology'");
    CHECK(error_with("machine.topology.nodes=0") ==
          "--set machine.topology.nodes=0: 'nodes' takes an integer from 1 to 1024, not '0'");
}

TEST_CASE("a path that names nothing says so, and what it may have meant") {
    const Broken table[] = {
        {"machin.cores=2", "--set machin.cores=2: there is no 'machin' in the scenario (did you mean 'machine'?)"},
        {"machine.coers=2", "--set machine.coers=2: there is no 'coers' in 'machine' (did you mean 'cores'?)"},
        {"tasks.AA.count=2", "--set tasks.AA.count=2: there is no 'AA' in 'tasks' (did you mean 'A'?)"},
        {"tasks.A.do.0.compte=1s",
         "--set tasks.A.do.0.compte=1s: there is no 'compte' in 'tasks.A.do.0' (did you mean 'compute'?)"},
        {"tasks.A.do.0.yield=", "--set tasks.A.do.0.yield=: there is no 'yield' in 'tasks.A.do.0'"},
        {"tasks.A.do.3=yield", "--set tasks.A.do.3=yield: 'tasks.A.do' has 3 items: there is no index 3"},
        {"tasks.A.do.x=yield",
         "--set tasks.A.do.x=yield: 'tasks.A.do' is a list: an index from 0 must follow, not 'x'"},
        {"tasks.A.do.-1=yield",
         "--set tasks.A.do.-1=yield: 'tasks.A.do' is a list: an index from 0 must follow, not '-1'"},
        {"pipes.p.capacity=1B", "--set pipes.p.capacity=1B: 'pipes.p' is a single value: there is no 'capacity' in it"},
        {"pipes.q=1B", "--set pipes.q=1B: there is no 'q' in 'pipes'"},
        {"tasks..count=1", "--set tasks..count=1: there is no '' in 'tasks'"},
        {"include=[a.yaml]",
         "--set include=[a.yaml]: includes are read before anything is set: change what they bring in instead"},
    };
    for (const Broken& broken : table) CHECK(error_with(broken.text) == broken.message);
}

TEST_CASE("an error in the value is placed at the override") {
    CHECK(error_with("machine.cores=0") == "--set machine.cores=0: 'cores' takes an integer from 1 to 4096, not '0'");
    CHECK(error_with("machine={coers: 1}") ==
          "--set machine={coers: 1}: unknown key 'coers' in 'machine' (did you mean 'cores'?)");
    CHECK(error_with("tasks.A.do.0.compute=1KiB") ==
          "--set tasks.A.do.0.compute=1KiB: 'compute' takes a time with its unit (10s, 250us): '1KiB' is a size");
    CHECK(error_with("machine.cores=[1") == "--set machine.cores=[1: this list is not closed: ']' is missing");
}

TEST_CASE("an override is a path, an equals sign and a value") {
    CHECK(parse_override("a.b=c=d").path == "a.b");
    CHECK(parse_override("a.b=c=d").value == "c=d");
    CHECK(parse_override("a=").value.empty());
    for (const char* broken : {"a.b", "=x", ""})
        CHECK(error_of([&] {
                  static_cast<void>(parse_override(broken));
              }).ends_with("is not 'path=value', as in scheduler.slice=1ms"));
}
