// What scenario files say of a server and the load on it.
#include "formats/scenario/server.hpp"
#include "formats/scenario/read_scenario.hpp"
#include "formats/yaml/read_yaml.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace switchyard::formats;
using namespace switchyard::size_literals;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

// The server as it is before it is lowered.
Server server_of(const std::string& text) {
    Scenario scenario;
    scenario.machine.cores = 4;
    scenario.devices.push_back({"disk", Distribution::constant(1'000'000'000), 1, 0});
    scenario.locks.emplace_back().name = "m";
    scenario.locks.emplace_back().name = "gil";
    scenario.locks.back().kind = LockKind::interpreter;
    scenario.request_amounts.push_back({"work", Distribution::exponential(1e9)});
    return read_server(*read_yaml(text, "f.yaml").find("server"), scenario);
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

TEST_CASE("a server is read with all it may have") {
    const Server server = server_of(R"(server:
  model: thread-pool
  workers: 8
  queue: 64
  do:
    - compute: {exponential: {mean: 100us}}
    - compute: request.work
    - io: {device: disk, style: completion, for: 3ms}
    - sleep: 1ms
    - lock: m
    - touch: {region: state, access: write, length: 4KiB}
    - unlock: m
    - system_call
  requests: 1000
  load: {open: {exponential: {mean: 1ms}}}
  channel: {kind: unix-stream, capacity: 1MiB}
  message: 100B
  response: 2KiB
  state: 1MiB
  resident: 16MiB
  interpreter: gil
  cores: [0, 1]
  client_cores: [3]
)");
    CHECK(server.model == ServerModel::thread_pool);
    CHECK(server.workers == 8);
    CHECK(server.queue == 64);
    CHECK(server.requests == 1000);
    CHECK(server.load == open_load(Distribution::exponential(1e9)));
    CHECK(server.channel.kind == ChannelKind::unix_stream);
    CHECK(server.channel.capacity == 1_MiB);
    CHECK(server.message == Bytes{100});
    CHECK(server.response == 2_KiB);
    CHECK(server.state == 1_MiB);
    CHECK(server.resident == 16_MiB);
    CHECK(server.interpreter == 1);
    CHECK(server.cores == std::vector<std::uint32_t>{0, 1});
    CHECK(server.client_cores == std::vector<std::uint32_t>{3});
    REQUIRE(server.steps.size() == 8);
    CHECK(server.steps[0] == ServerStep{.amount = Distribution::exponential(1e8)});
    CHECK(server.steps[1] == ServerStep{.request_amount = "work"});
    CHECK(server.steps[2] == ServerStep{.kind = OperationKind::io,
                                        .object = "disk",
                                        .amount = Distribution::constant(3'000'000'000),
                                        .style = WaitStyle::completion});
    CHECK(server.steps[3] == ServerStep{.kind = OperationKind::sleep, .amount = Distribution::constant(1'000'000'000)});
    CHECK(server.steps[4] == ServerStep{.kind = OperationKind::lock, .object = "m"});
    CHECK(server.steps[5].touch.part.length == 4_KiB);
    CHECK(server.steps[7].kind == OperationKind::system_call);
}

TEST_CASE("loads are open, traces or closed") {
    const auto load = [](const std::string& text) {
        return server_of("server: {model: event-loop, do: [compute: 1us], " + text + "}\n");
    };
    CHECK(load("load: {open: 1ms}, requests: 5").load == open_load(Distribution::constant(1'000'000'000)));
    const Server trace = load("load: {trace: [1ms, 2ms]}");
    CHECK(trace.load == trace_load({1ms, 2ms}));
    CHECK(trace.requests == 2);
    CHECK(load("load: {closed: {clients: 10, think: 5ms}}, requests: 5").load ==
          closed_load(10, Distribution::constant(5'000'000'000)));
}

TEST_CASE("a scenario may have nothing but a server, and one may be changed from outside") {
    const std::string text = "server: {model: event-loop, do: [compute: 1us], requests: 5, load: {open: 1ms}}\n";
    CHECK(parse_scenario(text, "f.yaml").tasks.size() == 2);
    const Override pool = parse_override("server.model=thread-pool");
    const Override workers = parse_override("server.workers=7");
    const Scenario scenario = parse_scenario(text, "f.yaml", std::vector{pool, workers});
    REQUIRE(scenario.tasks.size() == 3);
    CHECK(scenario.tasks[2].count == 7);
}

TEST_CASE("what is wrong with a server is said in one line, at its place") {
    const auto error = [](const std::string& rest) {
        return error_in("devices: {disk: 1ms}\nlocks: {m: mutex}\nserver:\n  model: thread-pool\n" + rest);
    };
    const std::string load = "  load: {open: 1ms}\n  requests: 5\n";
    CHECK(error("  do: [compute: 1us]\n" + load).empty());
    CHECK(error("  do: [compute: 1us]\n  load: {open: 1ms}\n") == "f.yaml:3:1: 'server' needs 'requests': an integer");
    CHECK_THAT(error("  do: [fork: {as: c, child: []}]\n" + load),
               ContainsSubstring("f.yaml:5:8: ") && ContainsSubstring("'fork' cannot be done"));
    CHECK_THAT(error("  do: [sleep: {for: 1ms, style: blocking}]\n" + load), ContainsSubstring("leave 'style' away"));
    CHECK_THAT(error("  do: [io: dsk]\n" + load), ContainsSubstring("did you mean 'disk'?"));
    CHECK_THAT(error("  do: [lock: m]\n" + load), ContainsSubstring("never gives back lock 'm'"));
    CHECK_THAT(error("  do: [compute: 1us]\n  load: {opn: 1ms}\n"), ContainsSubstring("did you mean 'open'?"));
    CHECK_THAT(error("  do: [compute: 1us]\n  load: {open: 1ms, trace: [1ms]}\n"), ContainsSubstring("one key"));
    CHECK_THAT(error("  do: [compute: 1us]\n  load: {trace: [1ms]}\n  requests: 4\n"),
               ContainsSubstring("leave 'requests' away"));
    CHECK_THAT(error("  do: [compute: 1us]\n  cores: [7]\n" + load), ContainsSubstring("f.yaml:6:11"));
    CHECK_THAT(error_in("server: {model: thread-pol, do: [compute: 1us], load: {open: 1ms}, requests: 1}\n"),
               ContainsSubstring("did you mean 'thread-pool'?"));
    CHECK_THAT(error_in("tasks: {clients: {do: [yield]}}\nserver: {model: event-loop, do: [compute: 1us], load: {open: "
                        "1ms}, requests: 1}\n"),
               ContainsSubstring("two tasks are called 'clients'"));
}
