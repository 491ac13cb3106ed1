#include "models/scenario/scenario.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace switchyard {

ObjectNames object_names(const Scenario& scenario) {
    const auto names = [](const auto& objects) {
        std::vector<std::string> all;
        for (const auto& object : objects) all.push_back(object.name);
        return all;
    };
    return {names(scenario.semaphores), scenario.channels,        scenario.devices,
            scenario.request_amounts,   names(scenario.locks),    names(scenario.conditions),
            names(scenario.barriers),   names(scenario.variables)};
}

ScenarioBuilder::ScenarioBuilder(std::string name) { scenario_.name = std::move(name); }

void add_channel(std::vector<Channel>& channels, Channel channel) {
    if (!is_two_way(channel.kind)) return channels.push_back(std::move(channel));
    const auto first = static_cast<std::uint32_t>(channels.size());
    Channel answers = channel;
    channel.name += ".client";
    channel.peer = first + 1;
    answers.name += ".server";
    answers.peer = first;
    channels.push_back(std::move(channel));
    channels.push_back(std::move(answers));
}

ScenarioBuilder& ScenarioBuilder::about(std::string text) {
    scenario_.about = std::move(text);
    return *this;
}

ScenarioBuilder& ScenarioBuilder::seed(std::uint64_t value) {
    scenario_.seed = value;
    return *this;
}

ScenarioBuilder& ScenarioBuilder::cores(std::uint32_t count) {
    scenario_.machine.cores = count;
    return *this;
}

ScenarioBuilder& ScenarioBuilder::topology(TopologyDescription description) {
    Machine& machine = scenario_.machine;
    if (const std::uint32_t named = cores_named(description)) machine.cores = named;
    if (description.speeds.empty()) description.speeds = std::move(machine.topology.speeds);
    machine.topology = std::move(description);
    return *this;
}

ScenarioBuilder& ScenarioBuilder::speeds(std::vector<std::uint32_t> thousandths) {
    scenario_.machine.topology.speeds = std::move(thousandths);
    return *this;
}

ScenarioBuilder& ScenarioBuilder::memory(MachineMemory memory) {
    scenario_.machine.memory = std::move(memory);
    return *this;
}

ScenarioBuilder& ScenarioBuilder::caches(CacheSizes sizes) {
    scenario_.machine.caches = sizes;
    return *this;
}

ScenarioBuilder& ScenarioBuilder::profile(std::string name) {
    scenario_.machine.profile = std::move(name);
    return *this;
}

ScenarioBuilder& ScenarioBuilder::hz(std::uint32_t ticks_per_second) {
    scenario_.machine.hz = ticks_per_second;
    return *this;
}

ScenarioBuilder& ScenarioBuilder::scheduler(std::string policy, const std::map<std::string, std::string>& parameters) {
    scenario_.scheduler.policy = std::move(policy);
    scenario_.scheduler.parameters.clear();
    for (const auto& [name, text] : parameters) scenario_.scheduler.parameters.push_back({name, text, {}});
    return *this;
}

ScenarioBuilder& ScenarioBuilder::semaphore(std::string name, std::int64_t initial) {
    scenario_.semaphores.push_back({std::move(name), initial});
    return *this;
}

ScenarioBuilder& ScenarioBuilder::pipe(std::string name, Bytes capacity) {
    return channel(name, ChannelKind::pipe, [&](Channel& pipe) { pipe.capacity = capacity; });
}

ScenarioBuilder& ScenarioBuilder::channel(const std::string& name, ChannelKind kind,
                                          const std::function<void(Channel&)>& adjust) {
    Channel channel = default_channel(name, kind);
    if (adjust) adjust(channel);
    add_channel(scenario_.channels, std::move(channel));
    return *this;
}

ScenarioBuilder& ScenarioBuilder::device(std::string name, Distribution service, std::uint32_t parallel,
                                         std::uint32_t depth) {
    scenario_.devices.push_back({std::move(name), std::move(service), parallel, depth});
    return *this;
}

ScenarioBuilder& ScenarioBuilder::request_amount(std::string name, Distribution amount) {
    scenario_.request_amounts.push_back({std::move(name), std::move(amount)});
    return *this;
}

ScenarioBuilder& ScenarioBuilder::lock(std::string name, LockKind kind, const std::function<void(Lock&)>& adjust) {
    Lock lock;
    lock.name = std::move(name);
    lock.kind = kind;
    if (adjust) adjust(lock);
    scenario_.locks.push_back(std::move(lock));
    return *this;
}

ScenarioBuilder& ScenarioBuilder::condition(std::string name) {
    scenario_.conditions.push_back({std::move(name)});
    return *this;
}

ScenarioBuilder& ScenarioBuilder::barrier(std::string name, std::uint32_t parties) {
    scenario_.barriers.push_back({std::move(name), parties});
    return *this;
}

ScenarioBuilder& ScenarioBuilder::variable(std::string name, std::int64_t initial, bool atomic) {
    scenario_.variables.push_back({std::move(name), initial, atomic});
    return *this;
}

ScenarioBuilder& ScenarioBuilder::group(std::string name, const std::function<void(Group&)>& adjust,
                                        std::string_view parent) {
    Group group;
    group.name = std::move(name);
    if (!parent.empty()) {
        const auto found = std::ranges::find(scenario_.groups, parent, &Group::name);
        if (found == scenario_.groups.end())
            throw InputError(fmt::format("group '{}': no group is called '{}' before it", group.name, parent));
        group.parent = static_cast<std::uint32_t>(found - scenario_.groups.begin());
    }
    if (adjust) adjust(group);
    scenario_.groups.push_back(std::move(group));
    return *this;
}

ScenarioBuilder& ScenarioBuilder::task(std::string name, TaskKind kind, const ProgramBuilder::Body& program,
                                       const std::function<void(TaskTemplate&)>& adjust) {
    TaskTemplate task;
    task.name = std::move(name);
    task.kind = kind;
    ProgramBuilder builder(object_names(scenario_));
    try {
        if (program) program(builder);
        task.program = builder.build();
    } catch (const InputError& error) {
        throw InputError(fmt::format("task '{}': {}", task.name, error.message()), error.where());
    }
    if (adjust) adjust(task);
    scenario_.tasks.push_back(std::move(task));
    return *this;
}

ScenarioBuilder& ScenarioBuilder::server(Server server, const ProgramBuilder::Body& request) {
    const ObjectNames objects = object_names(scenario_);
    ProgramBuilder steps(objects);
    if (request) request(steps);
    server.steps = server_steps(steps.build(), objects);
    scenario_.server = std::move(server);
    return *this;
}

ScenarioBuilder& ScenarioBuilder::expect(std::string metric, std::string value, double tolerance) {
    scenario_.expectations.push_back({std::move(metric), std::move(value), tolerance, {}});
    return *this;
}

ScenarioBuilder& ScenarioBuilder::target(std::string metric, double error) {
    scenario_.targets.push_back({std::move(metric), error, {}});
    return *this;
}

Scenario ScenarioBuilder::build() const {
    Scenario scenario = scenario_;
    lower(scenario);
    validate(scenario);
    return scenario;
}

} // namespace switchyard
