#include "formats/scenario/server.hpp"

#include "formats/scenario/communication.hpp"
#include "formats/scenario/operations.hpp"
#include "formats/scenario/synchronisation.hpp"
#include "formats/scenario/values.hpp"

#include <fmt/format.h>
#include <limits>

namespace switchyard::formats {

namespace {

constexpr std::int64_t most_requests = std::numeric_limits<std::uint32_t>::max();

std::uint32_t read_count(const Node& node, std::int64_t most) {
    return static_cast<std::uint32_t>(read_integer(node, 1, most));
}

ServerLoad read_load(const Node& node) {
    ServerLoad load;
    if (const Node* open = node.find("open")) load.gaps = read_distribution(*open, DrawnUnit::time);
    if (const Node* trace = node.find("trace")) {
        load.kind = ServerLoad::Kind::trace;
        for (const Node& time : trace->children) load.times.push_back(read_time(time));
    }
    if (const Node* closed = node.find("closed")) {
        load.kind = ServerLoad::Kind::closed;
        load.clients = read_count(*closed->find("clients"), most_tasks);
        if (const Node* think = closed->find("think")) load.think = read_distribution(*think, DrawnUnit::time);
    }
    return load;
}

// Operations are read as those of a task; how they wait is the model's to say, except of devices.
std::vector<ServerStep> read_steps(const Node& list, const Scenario& scenario) {
    for (const Node& item : list.children) {
        const Node* sleep = item.is_map() ? item.find("sleep") : nullptr;
        if (const Node* style = sleep ? sleep->find("style") : nullptr)
            throw InputError("how a request waits is its server's model's to say: leave 'style' away",
                             style->key_location());
    }
    const ObjectNames objects = object_names(scenario);
    ProgramBuilder program(objects);
    read_operations(list, program);
    const Program request = program.build();
    std::vector<ServerStep> steps;
    try {
        steps = server_steps(request, objects);
    } catch (const InputError& error) { // a program leaves the file to its scenario
        SourceLocation where = error.where();
        where.file = list.location().file;
        throw InputError(error.message(), where);
    }
    for (std::size_t at = 0; at < steps.size(); ++at) {
        const Node& item = list.children[at];
        const Node* io = item.is_map() ? item.find("io") : nullptr;
        if (const Node* style = io ? io->find("style") : nullptr)
            steps[at].style = read_enumeration<WaitStyle, wait_styles>(*style, "style");
    }
    return steps;
}

std::vector<std::uint32_t> read_cores(const Node* list, const Scenario& scenario) {
    std::vector<std::uint32_t> cores;
    if (!list) return cores;
    for (const Node& item : list->children)
        cores.push_back(static_cast<std::uint32_t>(read_integer(item, 0, std::int64_t{scenario.machine.cores} - 1)));
    return cores;
}

} // namespace

Server read_server(const Node& node, const Scenario& scenario) {
    Server server;
    server.where = node.key_location();
    server.model = read_enumeration<ServerModel, server_models>(*node.find("model"), "model of a server");
    if (const Node* workers = node.find("workers")) server.workers = read_count(*workers, most_server_workers);
    if (const Node* queue = node.find("queue")) server.queue = read_count(*queue, most_requests);
    if (const Node* blocking = node.find("blocking")) server.blocking = read_boolean(*blocking);
    server.steps = placed(node.key_location(), [&] { return read_steps(*node.find("do"), scenario); });
    server.load = read_load(*node.find("load"));
    const Node* requests = node.find("requests");
    const bool is_trace = server.load.kind == ServerLoad::Kind::trace;
    if (requests && is_trace)
        throw InputError("a trace says how many requests there are: leave 'requests' away", requests->key_location());
    if (!requests && !is_trace) throw InputError("'server' needs 'requests': an integer", node.key_location());
    server.requests = requests ? read_count(*requests, most_requests) : server.load.times.size();
    if (const Node* channel = node.find("channel")) server.channel = read_channel(*channel);
    if (const Node* message = node.find("message")) server.message = read_size(*message);
    if (const Node* response = node.find("response")) server.response = read_size(*response);
    if (const Node* state = node.find("state")) server.state = read_size(*state);
    if (const Node* resident = node.find("resident")) server.resident = read_size(*resident);
    if (const Node* interpreter = node.find("interpreter"))
        server.interpreter = read_interpreter(*interpreter, scenario.locks);
    server.cores = read_cores(node.find("cores"), scenario);
    server.client_cores = read_cores(node.find("client_cores"), scenario);
    return server;
}

} // namespace switchyard::formats
