// Operations on channels: send, receive, for_each, close.
//
// A call into the kernel costs half of what its channel's law says of a transfer (`pipe.transfer` and its like: one
// send and one receive), and a wake-up where it wakes a thread. A queue is in user space: its lock is taken and given
// back, and the kernel comes into it only where somebody has to wait or be woken (futex(2)).
#include "sim/kernel/channels.hpp"
#include "sim/kernel/diagnosis.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/stealing.hpp"
#include "sim/kernel/synchronisation.hpp"

#include <fmt/format.h>

namespace switchyard::sim {

namespace {

struct Transfer {
    std::uint32_t id;
    ChannelState& channel;
    bool sends;
    bool in_user_space;
};

Transfer transfer_of(const Execution& e) {
    const std::uint32_t id = e.operation().object;
    ChannelState& channel = e.kernel.channels->states[id];
    return {id, channel, e.operation().kind == OperationKind::send, channel.kind == ChannelKind::queue};
}

Cost transfer_cost(ChannelKind kind) {
    switch (kind) {
    case ChannelKind::pipe: return Cost::pipe_transfer;
    case ChannelKind::fifo: return Cost::fifo_transfer;
    case ChannelKind::message_queue: return Cost::message_queue_transfer;
    case ChannelKind::system_v_queue: return Cost::system_v_queue_transfer;
    case ChannelKind::unix_stream: return Cost::unix_stream_transfer;
    case ChannelKind::unix_datagram: return Cost::unix_datagram_transfer;
    case ChannelKind::tcp: return Cost::tcp_transfer;
    case ChannelKind::eventfd: return Cost::eventfd_transfer;
    case ChannelKind::signal: return Cost::signal_delivery;
    case ChannelKind::queue: break; // has none
    }
    __builtin_unreachable();
}

// What is in a queue is passed on where it is: nothing is copied.
Duration half_of_transfer(const Execution& e, const Transfer& transfer, std::int64_t bytes) {
    if (transfer.in_user_space) return Duration::zero();
    return charge(e.kernel, transfer_cost(transfer.channel.kind), Quantity::bytes, bytes) / 2;
}

// A message that is no answer is acknowledged by a packet of its own, which comes within the sender's call: over the
// loopback device both are received there. A full segment always is (__tcp_ack_snd_check, net/ipv4/tcp_input.c).
Duration acknowledgement(const Execution& e, const Transfer& transfer, std::int64_t bytes) {
    constexpr std::int64_t segment = 65536 - 52; // the device's largest packet less its headers
    if (!transfer.sends || transfer.channel.kind != ChannelKind::tcp) return Duration::zero();
    std::vector<bool>& answered = e.kernel.channels->answered;
    if (const std::uint32_t back = e.kernel.scenario->channels[transfer.id].peer; back != no_channel)
        answered[back] = true;
    const bool is_answer = answered[transfer.id];
    answered[transfer.id] = false;
    return is_answer || bytes >= segment ? Duration::zero() : charge(e.kernel, Cost::tcp_acknowledgement);
}

// Getting pages is the sender's half, giving them back the receiver's.
Duration half_of_pages(const Execution& e, const Transfer& transfer, std::int64_t bytes) {
    const std::int64_t pages =
        transfer.sends ? pages_to_get(transfer.channel, bytes) : pages_to_give_back(transfer.channel, bytes);
    return pages == 0 ? Duration::zero() : charge(e.kernel, Cost::pipe_page) * pages / 2;
}

// A queue's lock taken and given back: the word comes from another core once.
Duration lock_and_unlock(const Execution& e, std::uint32_t queue) {
    CoreId& last_core = e.kernel.channels->last_core[queue];
    const Duration lock = touch_word(e, last_core);
    return lock + touch_word(e, last_core);
}

// What waking it costs: nothing where its event loop is awake anyway.
Duration waking(const Execution& e, const Transfer& transfer, TaskId waiter) {
    if (!wakes_thread(e.kernel, waiter, e.actor)) return Duration::zero();
    const Duration wake_up = charge(e.kernel, Cost::wake_up);
    return transfer.in_user_space ? futex_call(e, false) + wake_up : wake_up;
}

std::optional<std::int64_t> movable(const Execution& e, const Transfer& transfer) {
    return transfer.sends ? sendable(transfer.channel, e.task().remaining)
                          : receivable(transfer.channel, e.task().remaining);
}

// Nobody is left to receive: the process dies of it, if it has not asked to be told (SIGPIPE, EPIPE: write(2)).
Step break_off_send(const Execution& e, const Transfer& transfer) {
    ++e.kernel.counters.broken_pipes;
    if (e.operation().ignores_break) return done(e);
    note(e.kernel, fmt::format("{} sent into channel '{}', which nobody is left to receive from: its process died of "
                               "SIGPIPE",
                               described(e.kernel, e.actor), e.kernel.scenario->channels[transfer.id].name));
    ++e.kernel.counters.crashes;
    e.task().phase = 0;
    return end_process(e, Ending::crashed);
}

// Who sleeps in a read of the socket that a message came from is woken when the message has been consumed: the room is
// told of at the same wait queue, and a stream's reader does not ask what for (unix_write_space, unix_stream_data_wait,
// net/unix/af_unix.c). It finds nothing and sleeps again.
TaskId woken_for_nothing(const Execution& e, const Transfer& transfer) {
    const Kernel& kernel = e.kernel;
    if (transfer.sends || transfer.channel.kind != ChannelKind::unix_stream || !wakes_senders(transfer.channel))
        return no_task;
    const std::uint32_t back = kernel.scenario->channels[transfer.id].peer;
    if (back == no_channel) return no_task;
    const TaskId reader = kernel.waiting.front(receivers_queue(kernel, back));
    return reader == no_task || is_carried(kernel.tasks[reader].kind) ? no_task : reader; // epoll asks what for
}

void move(const Execution& e, const Transfer& transfer, std::int64_t bytes) {
    Task& task = e.task();
    if (transfer.sends) {
        e.kernel.counters.bytes_sent += static_cast<std::uint64_t>(bytes);
        put_or_send_away(e.kernel, transfer.id, {bytes, task.request});
        leave_word(e, Meeting::channel, transfer.id);
    } else {
        const Parcel parcel = take_out(e.kernel, transfer.id, bytes);
        if (parcel.request != no_request) task.request = parcel.request;
        take_word(e, Meeting::channel, transfer.id);
    }
    task.remaining = has_messages(transfer.channel.kind) ? 0 : task.remaining - bytes;
}

} // namespace

// send and receive are the two ends of one movement: each moves what fits, wakes the other end, and waits for the rest.
// Who is done and leaves something over wakes the next at its own end, as fs/pipe.c does (wake_next_reader, _writer).
Step transfer(const Execution& e) {
    enum : std::uint8_t { begin, moving, wake, again, pass_on, park, retry };
    Kernel& kernel = e.kernel;
    Task& task = e.task();
    if (kernel.processes[task.process].dying) return end_process(e, Ending::crashed);
    const Transfer transfer = transfer_of(e);
    const bool alone = e.operation().asynchronous;
    const bool in_messages = has_messages(transfer.channel.kind);
    const auto enter = [&] {
        return transfer.in_user_space ? spend_synchronising(e, lock_and_unlock(e, transfer.id), moving)
                                      : spend_in_kernel(e, system_call(e), moving);
    };
    switch (task.phase) {
    case begin: {
        task.remaining = draw(e);
        if (transfer.sends) ++kernel.counters.messages;
        if (transfer.in_user_space) return enter();
        // How long a message is that is received shows when it is taken.
        const bool known = transfer.sends || !in_messages;
        const Duration own = known ? half_of_transfer(e, transfer, task.remaining) : Duration::zero();
        return spend_in_kernel(e, system_call(e) + own + acknowledgement(e, transfer, task.remaining), moving);
    }
    case wake:
        wake_first_able(kernel, transfer.id, !transfer.sends, e.actor);
        if (const TaskId reader = woken_for_nothing(e, transfer); reader != no_task) {
            kernel.waiting.remove(reader);
            make_ready(kernel, reader, e.actor, true);
        }
        // A read returns what there is; the rest is another call's. A write goes on by itself.
        if (transfer.sends || task.remaining == 0 || in_messages) break;
        return spend_in_kernel(e, system_call(e), again);
    case pass_on: wake_first_able(kernel, transfer.id, transfer.sends, e.actor); return done(e);
    case park: {
        task.phase = moving;
        if (movable(e, transfer) || (transfer.sends ? is_broken(transfer.channel) : is_ended(transfer.channel))) break;
        const QueueId queue =
            transfer.sends ? senders_queue(kernel, transfer.id) : receivers_queue(kernel, transfer.id);
        const WaitFor what = transfer.sends ? WaitFor::space : WaitFor::data;
        kernel.waiting.push_back(queue, alone ? e.actor : e.thread);
        if (!alone) return block(e, what, transfer.id);
        if (!transfer.in_user_space) task.phase = retry;
        return suspend(e, what, transfer.id);
    }
    case retry: return enter();
    default: break;
    }
    const bool is_done = task.phase != moving && (task.remaining == 0 || in_messages);
    if (is_done) {
        const TaskId next = first_able(kernel, transfer.id, transfer.sends);
        if (next == no_task) return done(e);
        return spend_in_kernel(e, waking(e, transfer, next), pass_on);
    }
    if (transfer.sends && is_broken(transfer.channel)) return break_off_send(e, transfer);
    const std::optional<std::int64_t> bytes = movable(e, transfer);
    if (!bytes) {
        if (!transfer.sends && is_ended(transfer.channel))
            return e.operation().kind == OperationKind::for_each ? go_to(e, e.operation().target) : done(e);
        // epoll_ctl, or futex; a pipe's thread sleeps in the call it has made.
        if (alone == transfer.in_user_space) return spend_in_kernel(e, Duration::zero(), park);
        return spend_in_kernel(e, alone ? system_call(e) + charge(kernel, Cost::epoll_control) : futex_call(e, false),
                               park);
    }
    const Duration copying =
        (!transfer.sends && in_messages ? half_of_transfer(e, transfer, *bytes) : Duration::zero()) +
        half_of_pages(e, transfer, *bytes);
    move(e, transfer, *bytes);
    const TaskId other = first_able(kernel, transfer.id, !transfer.sends);
    if (const TaskId reader = woken_for_nothing(e, transfer); other != no_task || reader != no_task) {
        Duration woken{};
        for (const TaskId each : {other, reader})
            if (each != no_task) woken += waking(e, transfer, each);
        return spend_in_kernel(e, copying + woken, wake);
    }
    const bool calls_again = !transfer.sends && task.remaining > 0 && !in_messages;
    return spend_in_kernel(e, copying + (calls_again ? system_call(e) : Duration::zero()), again);
}

Step close_end(const Execution& e) {
    Kernel& kernel = e.kernel;
    const Operation& operation = e.operation();
    const std::uint32_t id = operation.object;
    ChannelState& channel = kernel.channels->states[id];
    const bool in_user_space = channel.kind == ChannelKind::queue;
    if (e.task().phase == 0)
        return in_user_space ? spend_synchronising(e, lock_and_unlock(e, id), 1) : enter_kernel(e, system_call(e));
    if (in_user_space) {
        channel.closed = true;
        wake_all(kernel, id, e.actor);
        return done(e);
    }
    const ProcessId process = e.task().process;
    const std::uint32_t peer = kernel.scenario->channels[id].peer;
    if (operation.end != ChannelEnd::receiving) give_up_end(kernel, process, end_id(id, false), e.actor);
    if (operation.end != ChannelEnd::sending)
        give_up_end(kernel, process, end_id(peer == no_channel ? id : peer, true), e.actor);
    return done(e);
}

} // namespace switchyard::sim
