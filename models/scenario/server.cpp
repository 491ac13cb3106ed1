#include "models/scenario/server.hpp"

#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace switchyard {

ServerLoad open_load(Distribution gaps) {
    ServerLoad load;
    load.gaps = std::move(gaps);
    return load;
}

ServerLoad trace_load(std::vector<Duration> times) {
    ServerLoad load;
    load.kind = ServerLoad::Kind::trace;
    load.times = std::move(times);
    return load;
}

ServerLoad closed_load(std::uint32_t clients, Distribution think) {
    ServerLoad load;
    load.kind = ServerLoad::Kind::closed;
    load.clients = clients;
    load.think = std::move(think);
    return load;
}

std::string_view name_of(ServerModel model) {
    static constexpr std::array<std::string_view, server_models> names{"event-loop",         "thread-pool",
                                                                       "thread-per-request", "process-per-request",
                                                                       "pre-fork",           "processes-and-coroutines",
                                                                       "work-stealing"};
    return names[static_cast<std::size_t>(model)];
}

bool is_event_loop(ServerModel model) {
    return model == ServerModel::event_loop || model == ServerModel::processes_and_coroutines ||
           model == ServerModel::work_stealing;
}

namespace {

void check_load(const Server& server) {
    const ServerLoad& load = server.load;
    validate(load.gaps);
    validate(load.think);
    if (load.kind == ServerLoad::Kind::trace && load.times.empty())
        throw InputError("a trace needs at least one time of arrival");
    if (!std::ranges::is_sorted(load.times)) throw InputError("the times of a trace must ascend");
    if (!load.times.empty() && load.times.front() < Duration::zero())
        throw InputError("no request arrives before the beginning: write times of 0 or more");
    if (load.kind != ServerLoad::Kind::trace && server.requests < 1)
        throw InputError("a server needs at least one request");
    if (load.kind == ServerLoad::Kind::closed && load.clients < 1)
        throw InputError("a closed loop needs at least one client");
}

void check_channel(const Server& server) {
    const Channel& channel = server.channel;
    validate(channel);
    if (!has_ends(channel.kind))
        throw InputError(fmt::format("a {} does not tell the server that no more requests will come: make it a pipe, a "
                                     "fifo or a socket",
                                     name_of(channel.kind)));
    if (server.message.count < 1 || server.response.count < 0)
        throw InputError("a request has at least 1B, an answer 0B (none) or more");
    if (std::max(server.message, server.response) > channel.capacity)
        throw InputError(fmt::format("a request or an answer of more than {} does not fit into the channel",
                                     text_of(channel.capacity)));
    // What is larger may be torn apart where several read from one stream (pipe(7), PIPE_BUF).
    if (!has_messages(channel.kind) && std::max(server.message, server.response) > atomic_pipe_write)
        throw InputError(fmt::format("requests and answers through a {} stay together up to {}: write smaller ones, or "
                                     "make it a unix-datagram",
                                     name_of(channel.kind), text_of(atomic_pipe_write)));
}

bool is_step(OperationKind kind) {
    switch (kind) {
    case OperationKind::compute:
    case OperationKind::sleep:
    case OperationKind::io:
    case OperationKind::lock:
    case OperationKind::lock_shared:
    case OperationKind::unlock:
    case OperationKind::touch:
    case OperationKind::system_call: return true;
    default: return false;
    }
}

[[noreturn]] void refuse(const ServerStep& step) {
    throw InputError(fmt::format("'{}' cannot be done for a request: a server may compute, sleep, io, lock, "
                                 "lock_shared, unlock, touch and system_call",
                                 name_of(step.kind)),
                     step.where);
}

// A request gives back every lock it takes.
void check_locks(const Server& server) {
    std::vector<std::string_view> held;
    for (const ServerStep& step : server.steps) {
        if (step.kind == OperationKind::lock || step.kind == OperationKind::lock_shared) held.push_back(step.object);
        if (step.kind != OperationKind::unlock) continue;
        const auto found = std::ranges::find(held, step.object);
        if (found == held.end())
            throw InputError(fmt::format("a request gives back lock '{}', which it does not have", step.object),
                             step.where);
        held.erase(found);
    }
    if (!held.empty()) throw InputError(fmt::format("a request never gives back lock '{}': 'unlock' it", held.front()));
}

void check_steps(const Server& server) {
    for (const ServerStep& step : server.steps) {
        if (!is_step(step.kind)) refuse(step);
        if (step.kind == OperationKind::touch &&
            (server.state.count <= 0 || step.touch.part.offset + step.touch.part.length > server.state))
            throw InputError(fmt::format("there is no so much of the server's state, which is {}: give it a larger "
                                         "'state'",
                                         text_of(server.state)),
                             step.where);
    }
    check_locks(server);
}

} // namespace

void validate(const Server& server) {
    if (server.workers < 1 || server.workers > most_server_workers)
        throw InputError(
            fmt::format("a server cannot have {} workers: write 1 to {}", server.workers, most_server_workers));
    if (server.queue < 1) throw InputError("a queue of none takes no request: write 1 or more");
    if (server.blocking && !is_event_loop(server.model))
        throw InputError(fmt::format("a {} blocks wherever it waits: 'blocking' is for event loops, leave it away",
                                     name_of(server.model)));
    check_load(server);
    check_channel(server);
    check_steps(server);
}

std::vector<ServerStep> server_steps(const Program& program, const ObjectNames& objects) {
    std::vector<ServerStep> steps;
    for (std::size_t at = 0; at < program.code.size(); ++at) {
        const Operation& operation = program.code[at];
        if (operation.kind == OperationKind::end) break;
        ServerStep step{.kind = operation.kind,
                        .where = at < program.locations.size() ? program.locations[at] : SourceLocation{}};
        if (!is_step(operation.kind)) refuse(step);
        switch (operation.kind) {
        case OperationKind::io: step.object = objects.devices[operation.object].name; [[fallthrough]];
        case OperationKind::compute:
        case OperationKind::sleep:
            if (operation.kind == OperationKind::compute && operation.object != no_object)
                throw InputError("what is computed for a request has no working set: leave 'over' away", step.where);
            if (operation.of_request)
                step.request_amount = objects.request_amounts[operation.slot].name;
            else
                step.amount = program.amounts[operation.amount];
            break;
        case OperationKind::lock:
        case OperationKind::lock_shared:
        case OperationKind::unlock: step.object = objects.locks[operation.object]; break;
        case OperationKind::touch: {
            step.touch = program.memory.touches[operation.object];
            const std::string& region = program.memory.regions[step.touch.part.region];
            if (region != server_state || step.touch.pattern == AccessPattern::trace)
                throw InputError(
                    fmt::format("a request touches the server's 'state' only, and by no trace, not '{}'", region),
                    step.where);
            break;
        }
        default: break;
        }
        steps.push_back(std::move(step));
    }
    return steps;
}

} // namespace switchyard
