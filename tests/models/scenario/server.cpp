// What a server is made of, model by model.
#include "models/scenario/server.hpp"

#include "models/scenario/scenario.hpp"
#include "tests/models/says.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <fmt/format.h>
#include <set>

using namespace std::chrono_literals;
using namespace switchyard;
using namespace switchyard::size_literals;

namespace {

const ProgramBuilder::Body computes = [](ProgramBuilder& request) {
    request.compute(Distribution::exponential(1e8)).io("disk");
};

ScenarioBuilder with_disk() {
    ScenarioBuilder scenario("server");
    scenario.cores(4).device("disk", Distribution::exponential(1e9));
    scenario.lock("cache").request_amount("work", Distribution::exponential(1e7));
    return scenario;
}

Scenario lowered(Server server, const ProgramBuilder::Body& request = computes) {
    if (server.requests == 1) server.requests = 100;
    return with_disk().server(std::move(server), request).build();
}

const TaskTemplate& task(const Scenario& scenario, std::string_view name) {
    const auto found = std::ranges::find(scenario.tasks, name, &TaskTemplate::name);
    REQUIRE(found != scenario.tasks.end());
    return *found;
}

// Its operations in words.
std::string kinds(const TaskTemplate& task) {
    std::string all;
    for (const Operation& operation : task.program.code) all += fmt::format("{} ", name_of(operation.kind));
    return all.substr(0, all.size() - 1);
}

std::string error_of(Server server, const ProgramBuilder::Body& request = computes) {
    try {
        lowered(std::move(server), request);
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
}

Server of(ServerModel model) {
    Server server;
    server.model = model;
    return server;
}

} // namespace

TEST_CASE("an event loop accepts in one coroutine and works in one for each request") {
    const Scenario scenario = lowered(of(ServerModel::event_loop));
    CHECK_FALSE(scenario.server);
    REQUIRE(scenario.channels.size() == 1);
    CHECK(scenario.channels[0].name == "requests");
    CHECK(scenario.channels[0].kind == ChannelKind::fifo);
    const TaskTemplate& server = task(scenario, "server");
    CHECK(server.kind == TaskKind::coroutine);
    CHECK(server.process == "server");
    CHECK(kinds(server) == "for_each spawn compute io end_request end jump end");
    CHECK(server.program.code[0].asynchronous);
    CHECK(server.program.code[1].task_kind == TaskKind::coroutine);
    CHECK(server.program.code[3].style == WaitStyle::readiness);
    const TaskTemplate& clients = task(scenario, "clients");
    CHECK(clients.kind == TaskKind::process);
    CHECK(kinds(clients) == "repeat job begin_request send job_end repeat_end close end");
}

TEST_CASE("a blocking event loop waits with its whole thread") {
    Server server = of(ServerModel::event_loop);
    server.blocking = true;
    const Scenario scenario = lowered(server, [](ProgramBuilder& request) { request.sleep(1ms).io("disk"); });
    const std::vector<Operation>& code = task(scenario, "server").program.code;
    CHECK(code[0].asynchronous); // it goes on accepting
    CHECK_FALSE(code[2].asynchronous);
    CHECK(code[3].style == WaitStyle::blocking);
}

TEST_CASE("a pool of threads takes requests out of a bounded queue") {
    Server server = of(ServerModel::thread_pool);
    server.workers = 3;
    server.queue = 16;
    const Scenario scenario = lowered(server);
    REQUIRE(scenario.channels.size() == 2);
    CHECK(scenario.channels[1].kind == ChannelKind::queue);
    CHECK(scenario.channels[1].messages == 16);
    CHECK(kinds(task(scenario, "server")) == "for_each send jump close end");
    const TaskTemplate& workers = task(scenario, "worker");
    CHECK(workers.kind == TaskKind::thread);
    CHECK(workers.count == 3);
    CHECK(workers.process == "server");
    CHECK(kinds(workers) == "for_each compute io end_request jump end");
    CHECK(workers.program.code[2].style == WaitStyle::blocking);
}

TEST_CASE("a thread or a process of its own for each request") {
    CHECK(kinds(task(lowered(of(ServerModel::thread_per_request)), "server")) ==
          "for_each spawn compute io end_request end jump end");
    Server server = of(ServerModel::process_per_request);
    server.resident = 8_MiB;
    const TaskTemplate parent = task(lowered(server), "server");
    CHECK(kinds(parent) == "for_each fork compute io end_request exit jump end");
    CHECK(parent.kind == TaskKind::process);
    CHECK(parent.ignores_children);
    CHECK(parent.resident == 8_MiB);
}

TEST_CASE("processes forked beforehand all accept, and so does every loop of several processes") {
    Server server = of(ServerModel::pre_fork);
    server.workers = 5;
    const TaskTemplate parent = task(lowered(server), "server");
    CHECK(kinds(parent) ==
          "repeat fork for_each compute io end_request jump exit repeat_end repeat wait repeat_end end");
    server.model = ServerModel::processes_and_coroutines;
    const Scenario scenario = lowered(server);
    CHECK(scenario.tasks.size() == 6);
    CHECK(task(scenario, "server-5").process == "server-5");
    server.model = ServerModel::work_stealing;
    CHECK(task(lowered(server), "server").carriers == 5);
}

TEST_CASE("what is drawn for a request is the request's, in the same order in every model") {
    std::set<std::string> seen;
    for (int i = 0; i < server_models; ++i) {
        const Scenario scenario = lowered(of(static_cast<ServerModel>(i)), [](ProgramBuilder& request) {
            request.compute(1ms).compute(Distribution::exponential(1e8)).compute(OfRequest{"work"}).io("disk");
        });
        REQUIRE(scenario.request_amounts.size() == 3);
        CHECK(scenario.request_amounts[0].name == "work");
        CHECK(scenario.request_amounts[1] == RequestAmount{"server.1", Distribution::exponential(1e8)});
        CHECK(scenario.request_amounts[2] == RequestAmount{"server.3", Distribution::exponential(1e9)});
        int of_request = 0;
        for (const TaskTemplate& task : scenario.tasks)
            for (const Operation& operation : task.program.code)
                if (operation.of_request) ++of_request;
        CHECK(of_request == 3);
        seen.insert(std::string(name_of(static_cast<ServerModel>(i))));
    }
    CHECK(seen.size() == server_models);
}

TEST_CASE("requests that are answered end with their clients") {
    Server server = of(ServerModel::thread_pool);
    server.response = 1_KiB;
    const Scenario scenario = lowered(server);
    CHECK(kinds(task(scenario, "worker")) == "for_each compute io send jump end");
    CHECK(kinds(task(scenario, "clients")) ==
          "spawn for_each end_request jump end repeat job begin_request send job_end repeat_end close join end");
    server.channel = default_channel("", ChannelKind::tcp);
    const Scenario by_socket = lowered(server);
    CHECK(by_socket.channels[0].name == "requests.client");
    CHECK(by_socket.channels[1].name == "requests.server");
    CHECK(by_socket.channels.size() == 3);
    const std::vector<Operation>& worker = task(by_socket, "worker").program.code;
    CHECK(by_socket.channels[worker[3].object].name == "requests.server");
}

TEST_CASE("the clients of a closed loop share its requests: whoever is done takes the next one") {
    Server server = of(ServerModel::event_loop);
    server.load.kind = ServerLoad::Kind::closed;
    server.load.think = Distribution::exponential(1e9);
    server.load.clients = 7;
    server.requests = 100;
    const Scenario scenario = lowered(server);
    CHECK(task(scenario, "clients").count == 7);
    CHECK(kinds(task(scenario, "clients")) == "branch add sleep begin_request send receive end_request jump end");
    REQUIRE(scenario.variables.size() == 1);
    CHECK(scenario.variables[0].initial == 100);
    CHECK(scenario.channels.size() == 2);
}

TEST_CASE("a trace has its requests arrive at its times") {
    Server server = of(ServerModel::event_loop);
    server.load.kind = ServerLoad::Kind::trace;
    server.load.times = {2ms, 5ms, 5ms, 9ms};
    const Scenario scenario = lowered(server);
    const TaskTemplate& clients = task(scenario, "clients");
    CHECK(clients.start == Distribution::constant(Duration(2ms).count()));
    std::vector<std::int64_t> gaps;
    for (const Operation& operation : clients.program.code)
        if (operation.kind == OperationKind::job) gaps.push_back(clients.program.amounts[operation.amount].value);
    CHECK(gaps == std::vector<std::int64_t>{0, 3'000'000'000, 0, 4'000'000'000});
}

TEST_CASE("only a coroutine waits for a lock in an event loop, unless the lock passes priorities on") {
    const auto waits_alone = [](bool blocking, LockProtocol protocol) {
        Server server = of(ServerModel::event_loop);
        server.requests = 10;
        server.blocking = blocking;
        ScenarioBuilder scenario = with_disk();
        scenario.lock("l", LockKind::mutex, [&](Lock& lock) { lock.protocol = protocol; });
        const Scenario built =
            scenario.server(server, [](ProgramBuilder& request) { request.lock("l").compute(1us).unlock("l"); })
                .build();
        return task(built, "server").program.code[2].asynchronous;
    };
    CHECK(waits_alone(false, LockProtocol::none));
    CHECK_FALSE(waits_alone(true, LockProtocol::none));
    CHECK_FALSE(waits_alone(false, LockProtocol::inheritance));
}

TEST_CASE("a server's tasks, and not its clients, compute under its interpreter") {
    Server server = of(ServerModel::thread_pool);
    server.interpreter = 1;
    const Scenario scenario = with_disk().lock("gil", LockKind::interpreter).server(server, computes).build();
    CHECK(task(scenario, "worker").interpreter == 1);
    CHECK(task(scenario, "server").interpreter == 1);
    CHECK(task(scenario, "clients").interpreter == no_object);
}

TEST_CASE("relatives share a pipe") {
    Server server = of(ServerModel::processes_and_coroutines);
    server.channel = default_channel("", ChannelKind::pipe);
    server.workers = 2;
    for (const TaskTemplate& task : lowered(server).tasks) CHECK(task.parent == "shell");
}

TEST_CASE("the state of a server is there before the first request, and is what requests touch") {
    Server server = of(ServerModel::pre_fork);
    server.state = 1_MiB;
    const ProgramBuilder::Body touches = [](ProgramBuilder& request) {
        Touch touch;
        touch.part.length = 64_KiB;
        touch.access = Access::write;
        request.touch("state", touch);
    };
    const TaskTemplate parent = task(lowered(server, touches), "server");
    CHECK(parent.program.code[0].kind == OperationKind::map);
    CHECK(parent.program.memory.mappings[0].populate);
    CHECK(parent.program.memory.touches[0].part.length == 64_KiB);
    server.state = 4_KiB;
    CHECK(error_of(server, touches).find("larger 'state'") != std::string::npos);
    CHECK(error_of(server, [](ProgramBuilder& request) { request.touch("heap", Access::read); }).find("not 'heap'") !=
          std::string::npos);
}

TEST_CASE("a server that cannot be is refused, saying why") {
    const auto refused = [](const auto& change, std::string_view why, const ProgramBuilder::Body& request = computes) {
        Server server = of(ServerModel::thread_pool);
        change(server);
        const std::string error = error_of(server, request);
        INFO(error);
        CHECK(error.find(why) != std::string::npos);
    };
    const auto nothing = [](Server&) {};
    refused([](Server& server) { server.workers = 0; }, "0 workers");
    refused([](Server& server) { server.queue = 0; }, "queue of none");
    refused([](Server& server) { server.blocking = true; }, "leave it away");
    refused([](Server& server) { server.requests = 0; }, "at least one request");
    refused([](Server& server) { server.message = {}; }, "at least 1B");
    refused([](Server& server) { server.message = 64_KiB; }, "stay together");
    refused([](Server& server) { server.channel = default_channel("", ChannelKind::message_queue); },
            "no more requests");
    refused([](Server& server) { server.channel = default_channel("", ChannelKind::queue); }, "no more requests");
    refused([](Server& server) { server.load.kind = ServerLoad::Kind::trace; }, "at least one time");
    refused([](Server& server) { server.load = trace_load({2ms, 1ms}); }, "ascend");
    refused([](Server& server) { server.load = closed_load(0); }, "at least one client");
    refused(nothing, "'fork' cannot be done", [](ProgramBuilder& request) { request.fork("c", {}); });
    refused(nothing, "never gives back lock 'cache'", [](ProgramBuilder& request) { request.lock("cache"); });
    refused(nothing, "does not have", [](ProgramBuilder& request) { request.unlock("cache"); });
    refused(nothing, "no device is called 'dsk'", [](ProgramBuilder& request) { request.io("dsk"); });
}
