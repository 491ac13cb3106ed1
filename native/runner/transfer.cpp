#include "native/runner/transfer.hpp"

#include "native/runner/queue.hpp"
#include "native/runner/transfer_attempt.hpp"

#include <csignal>
#include <unistd.h>

namespace switchyard::native {

namespace {

Transferred move(const Transfer& transfer) {
    const bool sends = transfer.sends();
    switch (transfer.planned.kind) {
    case ChannelKind::pipe:
    case ChannelKind::fifo:
    case ChannelKind::unix_stream:
    case ChannelKind::tcp: return sends ? send_bytes(transfer) : receive_bytes(transfer);
    case ChannelKind::unix_datagram: return sends ? send_bytes(transfer) : receive_message(transfer);
    case ChannelKind::message_queue:
    case ChannelKind::system_v_queue: return sends ? send_message(transfer) : receive_message(transfer);
    case ChannelKind::eventfd: return sends ? send_event(transfer) : receive_event(transfer);
    case ChannelKind::signal: return sends ? send_signal(transfer) : receive_signal(transfer);
    case ChannelKind::queue: break;
    }
    if (!sends) return receive_from_queue(transfer.task, transfer.operation);
    const Transferred result = send_to_queue(transfer.task, transfer.operation);
    if (result == Transferred::all)
        transfer.state.bytes.fetch_add(static_cast<std::uint64_t>(transfer.task.movement.total),
                                       std::memory_order_relaxed);
    return result;
}

// As SIGPIPE does, which is ignored so that there is time to say so.
[[noreturn]] void die_of_break(Task& task) {
    task.thread->run->state.header->crashes.fetch_add(1, std::memory_order_relaxed);
    record_end(task, Ending::crashed);
    signal(SIGPIPE, SIG_DFL);
    kill(getpid(), SIGPIPE);
    for (;;) pause();
}

void check_end(const Transfer& transfer) {
    const bool sends = transfer.sends();
    const ChannelKind kind = transfer.planned.kind;
    if (!has_ends(kind) || transfer.task.thread->process->ends.has(transfer.operation.object,
                                                                   sends ? HeldEnds::sending : HeldEnds::receiving))
        return;
    fail(transfer.run(),
         sends ? "sending into a channel whose end the process has closed"
               : "receiving from a channel whose end the process has closed",
         EBADF);
}

} // namespace

std::optional<Pause> transfer(Task& task, const PlanOperation& operation) {
    const Run& run = *task.thread->run;
    const Transfer transfer{task, operation, run.plan.channels[operation.object], run.state.channels[operation.object]};
    Movement& movement = task.movement;
    if (movement.left == Movement::not_begun) {
        check_end(transfer);
        movement.total = amount_of(task, operation);
        movement.left = movement.total;
        if (transfer.planned.kind == ChannelKind::eventfd) movement.left = 1;
        if (transfer.sends()) transfer.state.messages.fetch_add(1, std::memory_order_relaxed);
    }
    const Transferred result = move(transfer);
    if (result == Transferred::waits) return Pause::waits_for_descriptor;
    if (result == Transferred::parks) return Pause::waits;
    movement.left = Movement::not_begun;
    if (result == Transferred::broken) {
        transfer.state.breaks.fetch_add(1, std::memory_order_relaxed);
        if (!operation.ignores_break) die_of_break(task);
    }
    const bool is_over = operation.kind == OperationKind::for_each && result == Transferred::ended;
    task.position = is_over ? operation.target : task.position + 1;
    return std::nullopt;
}

void prepare_buffers(const Task& task) {
    const Run& run = *task.thread->run;
    const std::uint32_t operations = run.plan.programs[task.instance->program].operations;
    constexpr std::int64_t most = std::ssize(nothing);
    for (const PlanOperation& operation : std::span(task.code, operations)) {
        const bool sends = operation.kind == OperationKind::send;
        if (!sends && operation.kind != OperationKind::receive && operation.kind != OperationKind::for_each) continue;
        const PlanChannel& planned = run.plan.channels[operation.object];
        const bool in_one_piece =
            planned.kind == ChannelKind::message_queue || planned.kind == ChannelKind::system_v_queue;
        const bool is_datagram = planned.kind == ChannelKind::unix_datagram;
        if (sends && in_one_piece)
            room_for(task.thread->sent, std::ssize(RequestBytes{}) + operation.value);
        else if (!sends && (in_one_piece || is_datagram))
            room_for(task.thread->received, std::ssize(RequestBytes{}) + planned.message_size);
        else if (!sends && !has_messages(planned.kind))
            room_for(task.thread->received, std::min(operation.value, most));
    }
}

void await_signals(const Task& task) {
    const Run& run = *task.thread->run;
    for (std::size_t channel = 0; channel < run.plan.channels.size(); ++channel) {
        const PlanChannel& planned = run.plan.channels[channel];
        if (planned.kind == ChannelKind::signal && planned.receiver == task.instance->program)
            be_receiver(run.state.channels[channel]);
    }
}

} // namespace switchyard::native
