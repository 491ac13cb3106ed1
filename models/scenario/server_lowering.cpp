// What a server is made of.
#include "models/scenario/scenario.hpp"
#include "models/scenario/server.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace switchyard {

namespace {

constexpr std::string_view clients = "clients";
constexpr std::string_view accepted = "accepted"; // thread_pool: its queue

class Lowering {
public:
    Lowering(Scenario& scenario, const Server& server)
        : scenario_(scenario),
          server_(server),
          is_loop_(is_event_loop(server.model)),
          waits_asynchronously_(is_loop_ && !server.blocking),
          is_closed_(server.load.kind == ServerLoad::Kind::closed),
          response_(is_closed_ && server.response.count == 0 ? server.message : server.response) {}

    void run() {
        add_channels();
        add_amounts();
        add_clients();
        add_server();
    }

private:
    using Body = ProgramBuilder::Body;

    // Channels. Whoever talks through a socket names its own end.
    [[nodiscard]] bool is_two_way() const { return switchyard::is_two_way(server_.channel.kind); }
    [[nodiscard]] std::string_view to_server() const { return is_two_way() ? "requests.client" : "requests"; }
    [[nodiscard]] std::string_view from_clients() const { return is_two_way() ? "requests.server" : "requests"; }
    [[nodiscard]] std::string_view to_clients() const { return is_two_way() ? "requests.server" : "answers"; }
    [[nodiscard]] std::string_view from_server() const { return is_two_way() ? "requests.client" : "answers"; }
    [[nodiscard]] bool answers() const { return response_.count > 0; }
    // What a receive is told: of messages nothing.
    [[nodiscard]] Bytes taken(Bytes size) const { return has_messages(server_.channel.kind) ? Bytes{} : size; }

    // Streams hold whole requests, so that none is torn apart between several who receive.
    [[nodiscard]] Bytes whole(Bytes size) const {
        const Bytes capacity = server_.channel.capacity;
        return size.count > 0 ? Bytes{capacity.count / size.count * size.count} : capacity;
    }

    void add_channels() {
        std::vector<Channel>& channels = scenario_.channels;
        Channel requests = server_.channel;
        requests.name = "requests";
        const std::size_t first = channels.size();
        add_channel(channels, requests);
        if (answers() && !is_two_way()) {
            requests.name = "answers";
            add_channel(channels, requests);
        }
        channels[first].capacity = whole(server_.message);
        if (channels.size() > first + 1) channels[first + 1].capacity = whole(response_);
        if (server_.model != ServerModel::thread_pool) return;
        Channel queue = default_channel(std::string(accepted), ChannelKind::queue);
        queue.messages = server_.queue;
        queue.capacity = server_.message * server_.queue;
        add_channel(channels, std::move(queue));
    }

    // Where a step draws, what it draws is the request's.
    void add_amounts() {
        for (std::size_t at = 0; at < server_.steps.size(); ++at) {
            const ServerStep& step = server_.steps[at];
            const Distribution* amount = step.amount ? &*step.amount : device_time(step);
            if (amount && step.request_amount.empty() && !amount->is_constant())
                scenario_.request_amounts.push_back({amount_name(at), *amount});
        }
    }

    [[nodiscard]] const Distribution* device_time(const ServerStep& step) const {
        if (step.kind != OperationKind::io) return nullptr;
        const auto device = std::ranges::find(scenario_.devices, step.object, &Device::name);
        return device == scenario_.devices.end() ? nullptr : &device->service;
    }

    static std::string amount_name(std::size_t step) { return fmt::format("server.{}", step); }

    // The clients.
    void add_clients() {
        if (is_closed_) return add_closed_loop();
        const Body asks = [&](ProgramBuilder& task) {
            if (answers())
                task.spawn("reader", TaskKind::thread, [&](ProgramBuilder& reader) {
                    reader.for_each(from_server(), taken(response_),
                                    [](ProgramBuilder& answer) { answer.end_request(); });
                });
            send_all(task);
            task.close(to_server(), ChannelEnd::sending);
            if (answers()) task.join("reader");
        };
        const ServerLoad& load = server_.load;
        add(std::string(clients), TaskKind::process, "", server_.client_cores, asks).start =
            load.kind == ServerLoad::Kind::trace ? Distribution::constant(load.times.front().count()) : load.gaps;
    }

    // A job each, whose release is when the request arrives; the first one's is when the task starts.
    void send_all(ProgramBuilder& task) const {
        const Body request = [&](ProgramBuilder& job) { job.begin_request().send(to_server(), server_.message); };
        const ServerLoad& load = server_.load;
        if (load.kind == ServerLoad::Kind::open) {
            task.repeat(static_cast<std::int64_t>(server_.requests),
                        [&](ProgramBuilder& body) { body.job(load.gaps, request); });
            return;
        }
        Duration before = load.times.front();
        for (const Duration time : load.times) task.job(time - std::exchange(before, time), request);
    }

    // Whoever has done with a request takes the next one, so that all clients are at it until the last one is sent. In
    // their one event loop nobody comes in between looking and taking.
    void add_closed_loop() {
        constexpr std::string_view unsent = "unsent";
        const auto requests = static_cast<std::int64_t>(server_.requests);
        scenario_.variables.push_back({.name = std::string(unsent), .initial = requests, .atomic = true});
        const Body asks = [&](ProgramBuilder& client) {
            client.repeat_while(fmt::format("{} > 0", unsent), [&](ProgramBuilder& body) {
                body.add(unsent, -1);
                if (!is_nothing(server_.load.think)) body.sleep(server_.load.think, true);
                body.begin_request().send(to_server(), server_.message, {.asynchronous = true});
                body.receive(from_server(), taken(response_), true).end_request();
            });
        };
        const std::string name(clients);
        add(name, TaskKind::coroutine, name, server_.client_cores, asks).count = server_.load.clients;
    }

    static bool is_nothing(const Distribution& amount) { return amount.is_constant() && amount.value == 0; }

    // The server.
    void add_server() {
        const auto accept = [&](ProgramBuilder& task, const Body& body) {
            task.for_each(from_clients(), taken(server_.message), body, is_loop_);
        };
        const Body works = [&](ProgramBuilder& task) { work(task); };
        const auto starts = [&](TaskKind kind) {
            return [&accept, &works, kind, this](ProgramBuilder& task) {
                map_state(task);
                accept(task, [&](ProgramBuilder& body) { body.spawn("request", kind, works); });
            };
        };
        switch (server_.model) {
        case ServerModel::event_loop:
            add("server", TaskKind::coroutine, "server", server_.cores, starts(TaskKind::coroutine));
            return;
        case ServerModel::work_stealing:
            add("server", TaskKind::coroutine, "server", server_.cores, starts(TaskKind::coroutine)).carriers =
                server_.workers;
            return;
        case ServerModel::processes_and_coroutines:
            for (std::uint32_t number = 1; number <= server_.workers; ++number) {
                const std::string name = fmt::format("server-{}", number);
                add(name, TaskKind::coroutine, name, server_.cores, starts(TaskKind::coroutine));
            }
            return;
        case ServerModel::thread_per_request:
            add("server", TaskKind::thread, "server", server_.cores, starts(TaskKind::thread));
            return;
        case ServerModel::thread_pool:
            add("server", TaskKind::thread, "server", server_.cores, [&](ProgramBuilder& task) {
                map_state(task);
                accept(task, [&](ProgramBuilder& body) { body.send(accepted, server_.message); });
                task.close(accepted);
            });
            add("worker", TaskKind::thread, "server", server_.cores, [&](ProgramBuilder& task) {
                task.for_each(accepted, {}, works);
            }).count = server_.workers;
            return;
        case ServerModel::process_per_request: {
            TaskTemplate& task = add("server", TaskKind::process, "", server_.cores, [&](ProgramBuilder& parent) {
                map_state(parent);
                accept(parent, [&](ProgramBuilder& body) { body.fork("request", works); });
            });
            task.resident = server_.resident;
            task.ignores_children = true;
            return;
        }
        case ServerModel::pre_fork:
            add("server", TaskKind::process, "", server_.cores, [&](ProgramBuilder& parent) {
                map_state(parent);
                parent.repeat(server_.workers, [&](ProgramBuilder& body) {
                    body.fork("worker", [&](ProgramBuilder& worker) { accept(worker, works); });
                });
                parent.repeat(server_.workers, [](ProgramBuilder& body) { body.wait_any(); });
            }).resident = server_.resident;
            return;
        }
    }

    void map_state(ProgramBuilder& task) const {
        if (server_.state.count == 0) return;
        Mapping mapping;
        mapping.size = server_.state;
        mapping.populate = true;
        task.map(server_state, mapping);
    }

    // What is done for a request, and its end.
    void work(ProgramBuilder& task) const {
        for (std::size_t at = 0; at < server_.steps.size(); ++at) {
            const ServerStep& step = server_.steps[at];
            task.at(step.where);
            try {
                write(task, step, at);
            } catch (const InputError& error) {
                throw error.at(step.where);
            }
        }
        task.at(server_.where);
        if (answers())
            task.send(to_clients(), response_, {.asynchronous = is_loop_});
        else
            task.end_request();
    }

    void write(ProgramBuilder& task, const ServerStep& step, std::size_t at) const {
        // Calls `with` with what the step's amount is: the request's, or always the same.
        const auto amount = [&](const auto& with) {
            const Distribution* drawn = step.amount ? &*step.amount : device_time(step);
            if (!step.request_amount.empty()) return void(with(OfRequest{step.request_amount}));
            if (drawn && !drawn->is_constant()) return void(with(OfRequest{amount_name(at)}));
            with(drawn ? *drawn : Distribution{});
        };
        const bool waits = waits_asynchronously_;
        switch (step.kind) {
        case OperationKind::compute: return amount([&](const auto& work) { task.compute(work); });
        case OperationKind::sleep: return amount([&](const auto& length) { task.sleep(length, waits); });
        case OperationKind::io:
            return amount(
                [&](const auto& time) { task.io(step.object, waits ? step.style : WaitStyle::blocking, time); });
        case OperationKind::lock: return void(task.lock(step.object, waits_for(step.object)));
        case OperationKind::lock_shared: return void(task.lock_shared(step.object, waits_for(step.object)));
        case OperationKind::unlock: return void(task.unlock(step.object));
        case OperationKind::touch: return void(task.touch(server_state, step.touch));
        default: task.system_call();
        }
    }

    // Whether only the coroutine waits for the lock: one that passes priorities on does so from thread to thread.
    [[nodiscard]] bool waits_for(std::string_view lock) const {
        const auto found = std::ranges::find(scenario_.locks, lock, &Lock::name);
        return waits_asynchronously_ && found != scenario_.locks.end() && found->protocol == LockProtocol::none;
    }

    TaskTemplate& add(std::string name, TaskKind kind, std::string process, const std::vector<std::uint32_t>& cores,
                      const Body& body) {
        ProgramBuilder program(object_names(scenario_));
        body(program.at(server_.where));
        TaskTemplate& task = scenario_.tasks.emplace_back();
        task.name = std::move(name);
        task.where = server_.where;
        task.kind = kind;
        task.process = std::move(process);
        task.cores = cores;
        if (server_.channel.kind == ChannelKind::pipe) task.parent = "shell"; // who has made the pipe
        if (task.name != clients) task.interpreter = server_.interpreter;
        task.program = program.build();
        return task;
    }

    Scenario& scenario_;
    const Server& server_;
    bool is_loop_;
    bool waits_asynchronously_;
    bool is_closed_;
    Bytes response_;
};

} // namespace

void lower(Scenario& scenario) {
    if (!scenario.server) return;
    const Server server = *std::exchange(scenario.server, std::nullopt);
    SourceLocation where = server.where;
    where.file = scenario.file;
    try {
        validate(server);
        Lowering(scenario, server).run();
    } catch (const InputError& error) {
        SourceLocation place = error.where().line > 0 ? error.where() : where;
        if (place.file.empty()) place.file = scenario.file;
        throw InputError(fmt::format("server: {}", error.message()), place);
    }
}

} // namespace switchyard
