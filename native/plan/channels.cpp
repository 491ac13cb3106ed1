#include "native/plan/channels.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

namespace switchyard::native {

namespace {

constexpr std::uint32_t most_signals = 30;                   // of real time, signal(7): the C library keeps two
constexpr std::uint32_t most_slots = std::uint32_t{1} << 20; // of one queue
constexpr std::uint32_t slots_of_eventfd = 1 << 16;          // requests noted beside what is in it
constexpr std::int64_t usual_message = 8192;                 // of a POSIX message queue: mq_overview(7)

constexpr bool receives(OperationKind kind) {
    return kind == OperationKind::receive || kind == OperationKind::for_each;
}

// Calls `use` with every operation that sends or receives, and its template.
template <class Use>
void for_each_transfer(const Scenario& scenario, Use use) {
    for (std::uint32_t i = 0; i < scenario.tasks.size(); ++i)
        for (const Operation& operation : scenario.tasks[i].program.code)
            if (operation.kind == OperationKind::send || receives(operation.kind)) use(i, operation);
}

PlanChannel planned_channel(const Channel& channel) {
    const Channel usual = default_channel(channel.name, channel.kind);
    PlanChannel planned;
    planned.kind = channel.kind;
    planned.is_usual = channel.capacity == usual.capacity;
    planned.messages = channel.messages;
    planned.peer = channel.peer;
    planned.capacity = channel.capacity.count;
    planned.message_size = channel.message_size.count;
    return planned;
}

} // namespace

std::optional<std::string> why_not_channels(const Scenario& scenario) {
    std::uint32_t signals = 0;
    for (const Channel& channel : scenario.channels) {
        if (channel.link != Link{})
            return fmt::format("channel '{}' has a link to another machine: it is simulated only", channel.name);
        if (channel.kind == ChannelKind::signal && ++signals > most_signals)
            return fmt::format("channel '{}' is one signal too many: Linux has {} of real time for programs",
                               channel.name, most_signals);
        if (channel.kind == ChannelKind::queue && channel.messages > most_slots)
            return fmt::format("queue '{}' holds {} messages: {} are the most", channel.name, channel.messages,
                               most_slots);
    }
    return std::nullopt;
}

void append_channels(Plan& plan, const Scenario& scenario, const Bounds& bounds) {
    std::uint32_t signals = 0;
    for (const Channel& channel : scenario.channels) {
        PlanChannel& planned = plan.channels.emplace_back(planned_channel(channel));
        if (channel.kind == ChannelKind::signal) planned.signal = signals++;
    }
    for_each_transfer(scenario, [&](std::uint32_t task, const Operation& operation) {
        PlanChannel& planned = plan.channels[operation.object];
        const bool sends = operation.kind == OperationKind::send;
        (sends ? planned.sends_asynchronously : planned.receives_asynchronously) |= operation.asynchronous;
        if (!sends) planned.receiver = task;
        const Distribution& size = scenario.tasks[task].program.amounts[operation.amount];
        if (sends && scenario.channels[operation.object].message_size.count == 0)
            planned.message_size = std::max(planned.message_size, size.value);
    });
    std::uint32_t slots = 0;
    for (std::size_t i = 0; i < plan.channels.size(); ++i) {
        PlanChannel& planned = plan.channels[i];
        if (planned.kind == ChannelKind::message_queue)
            planned.message_size = std::max(planned.message_size, usual_message);
        if (planned.kind == ChannelKind::queue)
            planned.slots = planned.messages > 0
                                ? planned.messages
                                : static_cast<std::uint32_t>(std::clamp<std::uint64_t>(bounds.sends[i], 1, most_slots));
        if (planned.kind == ChannelKind::eventfd && plan.header.requests > 0) planned.slots = slots_of_eventfd;
        planned.first_slot = slots;
        slots += planned.slots;
    }
}

void append_holdings(Plan& plan, const Scenario& scenario, const ProcessThreads& process) {
    std::map<std::uint32_t, PlanHolding> held;
    const auto hold = [&](std::uint32_t channel, bool sends) {
        PlanHolding& holding = held.try_emplace(channel, PlanHolding{channel}).first->second;
        (sends ? holding.sends : holding.receives) = true;
    };
    std::uint32_t latest = no_template;
    for (const ThreadMembers& thread : process.threads)
        for (const Member& member : thread.members) {
            const TaskTemplate& task = scenario.tasks[member.program];
            if (task.ignores_children) plan.processes.back().ignores_children = true;
            if (std::exchange(latest, member.program) == member.program) continue;
            for (const Operation& operation : task.program.code) {
                const bool sends = operation.kind == OperationKind::send;
                if (!sends && !receives(operation.kind)) continue;
                hold(operation.object, sends);
                // A socket's descriptor does both.
                if (const std::uint32_t peer = scenario.channels[operation.object].peer; peer != no_channel)
                    hold(peer, !sends);
            }
        }
    plan.processes.back().first_holding = static_cast<std::uint32_t>(plan.holdings.size());
    plan.processes.back().holdings = static_cast<std::uint32_t>(held.size());
    for (const auto& [channel, holding] : held) plan.holdings.push_back(holding);
}

} // namespace switchyard::native
