#include "sim/kernel/channels.hpp"

#include "models/units/wide_integer.hpp"
#include "sim/kernel/dispatch.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

void add_end(std::vector<EndId>& ends, EndId end) {
    if (std::ranges::find(ends, end) == ends.end()) ends.push_back(end);
}

// A socket's descriptor sends and receives.
void add_ends_of(std::vector<EndId>& ends, const Scenario& scenario, std::uint32_t channel, bool receiving) {
    if (!has_ends(scenario.channels[channel].kind)) return;
    add_end(ends, end_id(channel, receiving));
    if (const std::uint32_t peer = scenario.channels[channel].peer; peer != no_channel)
        add_end(ends, end_id(peer, !receiving));
}

std::vector<EndId> ends_used(const Scenario& scenario, const Program& program) {
    std::vector<EndId> ends;
    for (const Operation& operation : program.code) {
        if (operation.kind == OperationKind::send) add_ends_of(ends, scenario, operation.object, false);
        if (operation.kind == OperationKind::receive || operation.kind == OperationKind::for_each)
            add_ends_of(ends, scenario, operation.object, true);
    }
    return ends;
}

std::uint32_t& holders(Kernel& kernel, EndId end) {
    ChannelState& channel = kernel.channels->states[end / 2];
    return end % 2 == 1 ? channel.receivers : channel.senders;
}

void hold(Kernel& kernel, ProcessId process, EndId end) {
    std::vector<EndId>& ends = kernel.processes[process].ends;
    if (std::ranges::find(ends, end) != ends.end()) return;
    ends.push_back(end);
    ++holders(kernel, end);
}

Duration time_on_link(std::int64_t bytes, std::int64_t bytes_per_second) {
    if (bytes_per_second == 0) return {};
    constexpr WideInteger second = Duration{std::chrono::seconds{1}}.count();
    return Duration{narrow((WideInteger{bytes} * second + bytes_per_second - 1) / bytes_per_second)
                        .value_or(Duration::max().count())};
}

} // namespace

std::shared_ptr<Channels> create_channels(const Scenario& scenario) {
    if (scenario.channels.empty()) return nullptr;
    auto channels = std::make_shared<Channels>();
    const bool has_requests = std::ranges::any_of(scenario.tasks, [](const TaskTemplate& task) {
        return std::ranges::any_of(task.program.code, [](const Operation& operation) {
            return operation.kind == OperationKind::begin_request;
        });
    });
    for (const Channel& channel : scenario.channels) channels->states.push_back(make_channel(channel, has_requests));
    channels->answered.assign(scenario.channels.size(), false);
    channels->last_core.assign(scenario.channels.size(), no_core);
    channels->link_free.assign(scenario.channels.size(), Time{});
    for (const TaskTemplate& task : scenario.tasks)
        channels->ends_of_template.push_back(ends_used(scenario, task.program));
    return channels;
}

QueueId receivers_queue(const Kernel& kernel, std::uint32_t channel) {
    return static_cast<QueueId>(kernel.semaphores.size()) + channel;
}

QueueId senders_queue(const Kernel& kernel, std::uint32_t channel) {
    return receivers_queue(kernel, channel) + static_cast<QueueId>(kernel.channels->states.size());
}

// --- Ends --------------------------------------------------------------------------------------------------------

void hold_ends(Kernel& kernel, ProcessId process, std::uint32_t of_template) {
    for (const EndId end : kernel.channels->ends_of_template[of_template]) hold(kernel, process, end);
}

void inherit_ends(Kernel& kernel, ProcessId child, ProcessId parent) {
    kernel.processes[child].ends = kernel.processes[parent].ends;
    for (const EndId end : kernel.processes[child].ends) ++holders(kernel, end);
}

void give_up_end(Kernel& kernel, ProcessId process, EndId end, TaskId by) {
    if (std::erase(kernel.processes[process].ends, end) == 0) return;
    const std::uint32_t id = end / 2;
    ChannelState& channel = kernel.channels->states[id];
    const bool was_sending = end % 2 == 0;
    // It may have been woken for what it no longer does: the next one does it.
    if (--holders(kernel, end) > 0) return wake_first_able(kernel, id, was_sending, by);
    if (was_sending && kernel.scenario->channels[id].link.latency > Duration::zero()) // the end arrives like the rest
        put_or_send_away(kernel, id, {});
    else if (was_sending ? will_get_no_more(channel) : is_broken(channel))
        wake_all(kernel, id, by); // even if there is something left: who gets it does not wake the others
}

void give_up_ends(Kernel& kernel, ProcessId process, TaskId by) {
    while (!kernel.processes[process].ends.empty())
        give_up_end(kernel, process, EndId{kernel.processes[process].ends.back()}, by);
    kernel.processes[process].ends = {}; // its memory too: there may be a process for each of a million requests
}

std::int64_t descriptors_of(const Kernel& kernel, ProcessId process) {
    const std::vector<EndId>& ends = kernel.processes[process].ends;
    return std::ranges::count_if(ends, [&](EndId end) {
        const Channel& channel = kernel.scenario->channels[end / 2];
        const bool receives = end % 2 == 1;
        if (!receives || channel.kind == ChannelKind::pipe || channel.kind == ChannelKind::fifo) return true;
        const EndId other = channel.peer != no_channel ? end_id(channel.peer, false) : end_id(end / 2, false);
        return std::ranges::find(ends, other) == ends.end(); // the same descriptor sends
    });
}

// --- Who waits ---------------------------------------------------------------------------------------------------

TaskId who_waits(const Kernel& kernel, TaskId in_queue) {
    const LoopId loop = kernel.tasks[in_queue].loop;
    return loop == nothing ? in_queue : kernel.loops[loop].current;
}

TaskId first_able(const Kernel& kernel, std::uint32_t id, bool to_send) {
    const QueueId queue = to_send ? senders_queue(kernel, id) : receivers_queue(kernel, id);
    const ChannelState& channel = kernel.channels->states[id];
    // Where nothing moves, nobody needs to be asked: there may be very many.
    if (to_send ? !sendable(channel, 1) || !wakes_senders(channel) : !receivable(channel, 1)) return no_task;
    for (TaskId waiter = kernel.waiting.front(queue); waiter != no_task; waiter = kernel.waiting.after(waiter)) {
        const std::int64_t wanted = kernel.tasks[who_waits(kernel, waiter)].remaining;
        if (to_send ? sendable(channel, wanted) : receivable(channel, wanted)) return waiter;
    }
    return no_task;
}

static void wake(Kernel& kernel, TaskId waiter, TaskId by) {
    kernel.waiting.remove(waiter);
    make_ready(kernel, waiter, by, true); // wake_up_interruptible_sync_poll, fs/pipe.c and net/
}

void wake_first_able(Kernel& kernel, std::uint32_t id, bool to_send, TaskId by) {
    if (const TaskId waiter = first_able(kernel, id, to_send); waiter != no_task) wake(kernel, waiter, by);
}

void wake_all(Kernel& kernel, std::uint32_t id, TaskId by) {
    for (const QueueId queue : {receivers_queue(kernel, id), senders_queue(kernel, id)})
        while (!kernel.waiting.empty(queue)) wake(kernel, kernel.waiting.front(queue), by);
}

// --- Links -------------------------------------------------------------------------------------------------------

// Bytes leave one after another at the link's bandwidth, and each is under way for its latency.
void put_or_send_away(Kernel& kernel, std::uint32_t id, const Parcel& parcel) {
    ChannelState& channel = kernel.channels->states[id];
    const Link& link = kernel.scenario->channels[id].link;
    if (link == Link{}) return put(channel, parcel);
    Time& free = kernel.channels->link_free[id];
    free = std::max(free, kernel.now()) + time_on_link(parcel.size, link.bytes_per_second);
    send_away(channel, parcel);
    kernel.events.schedule(free + link.latency, {KernelEvent::Kind::arrival_over_link, id});
}

Parcel take_out(Kernel& kernel, std::uint32_t id, std::int64_t size) {
    const Duration latency = kernel.scenario->channels[id].link.latency;
    const bool later = latency > Duration::zero();
    if (later && size > 0) kernel.events.schedule_after(latency, {KernelEvent::Kind::room_over_link, id});
    return take(kernel.channels->states[id], size, later);
}

void on_arrival(Kernel& kernel, std::uint32_t id) {
    arrive(kernel.channels->states[id]);
    if (will_get_no_more(kernel.channels->states[id]))
        wake_all(kernel, id, no_task);
    else
        wake_first_able(kernel, id, false, no_task);
}

void on_room_returned(Kernel& kernel, std::uint32_t id) {
    room_returned(kernel.channels->states[id]);
    wake_first_able(kernel, id, true, no_task);
}

} // namespace switchyard::sim
