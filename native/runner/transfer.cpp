#include "native/runner/transfer.hpp"

#include "native/runner/queue.hpp"
#include "native/runner/task.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mqueue.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

constexpr std::array<char, 65536> nothing{}; // what is sent; read-only, so that no process copies it
using RequestBytes = decltype(Movement::beginning);

// A channel, and the task that is at one of its ends.
struct Transfer {
    Task& task;
    const PlanOperation& operation;
    const PlanChannel& planned;
    ChannelState& state;

    [[nodiscard]] bool sends() const { return operation.kind == OperationKind::send; }
    [[nodiscard]] int descriptor() const { return sends() ? state.sending : state.receiving; }
    [[nodiscard]] const Run& run() const { return *task.thread->run; }
    // Messages begin with whose request they are for, where there are any.
    [[nodiscard]] bool tells_request(std::int64_t size) const {
        return run().plan.header.requests > 0 && size >= std::ssize(RequestBytes{});
    }
    // Of a system call about a socket.
    [[nodiscard]] int flags() const { return MSG_NOSIGNAL | (operation.asynchronous ? MSG_DONTWAIT : 0); }
};

RequestBytes bytes_of(std::uint32_t request) {
    RequestBytes bytes{};
    std::memcpy(bytes.data(), &request, sizeof request);
    return bytes;
}

// Bytes that are no number of a request are those of a message cut elsewhere.
void take_over_request(Task& task, const char* bytes) {
    std::uint64_t request = 0;
    std::memcpy(&request, bytes, sizeof request);
    if (request != 0 && request <= task.thread->run->state.header->requests.load(std::memory_order_relaxed))
        task.request = static_cast<std::uint32_t>(request);
}

char* room_for(std::vector<char>& buffer, std::int64_t size) {
    if (std::ssize(buffer) < size) buffer.resize(static_cast<std::size_t>(size));
    return buffer.data();
}

// The call said that it would have to wait, which the descriptor does not.
Transferred wait_for(const Transfer& transfer) {
    const bool sends = transfer.sends();
    if (transfer.operation.asynchronous) {
        transfer.task.awaited_descriptor = transfer.descriptor();
        transfer.task.awaited_events = sends ? EPOLLOUT : EPOLLIN;
        transfer.task.awaited_state = TaskState::suspended;
        return Transferred::waits;
    }
    const Waiting waiting(transfer.task);
    pollfd descriptor{transfer.descriptor(), static_cast<short>(sends ? POLLOUT : POLLIN), 0};
    static_cast<void>(poll(&descriptor, 1, -1));
    return Transferred::all;
}

// Makes the call until it moves something. What it returns is >= 0, or -1 where `result` says what became of it.
template <class Call>
ssize_t attempt(const Transfer& transfer, Transferred& result, Call call) {
    for (;;) {
        ssize_t moved = 0;
        if (transfer.operation.asynchronous) {
            moved = call();
        } else {
            const Waiting waiting(transfer.task); // anew for every part: data that flows is no standstill
            moved = call();
        }
        if (moved >= 0) return moved;
        switch (errno) {
        case EINTR: break;
        case EAGAIN:
            if ((result = wait_for(transfer)) == Transferred::waits) return -1;
            break;
        case EPIPE: result = Transferred::broken; return -1;
        case ECONNRESET: // the other end went with data that it had not received
            result = transfer.sends() ? Transferred::broken : Transferred::ended;
            return -1;
        default: fail(transfer.run(), transfer.sends() ? "sending into a channel" : "receiving from a channel", errno);
        }
    }
}

// --- Streams -----------------------------------------------------------------------------------------------------

// So much of what is left, from where it stands; as many pieces as `nothing` takes.
struct Pieces {
    static constexpr std::int64_t most = 8;
    std::array<iovec, most + 1> pieces;
    std::size_t count = 0;

    void add(const char* data, std::int64_t size) {
        pieces[count++] = {const_cast<char*>(data), static_cast<std::size_t>(size)};
    }
};

ssize_t write_pieces(const Transfer& transfer, Pieces& pieces) {
    if (is_two_way(transfer.planned.kind)) {
        if (pieces.count == 1)
            return send(transfer.state.sending, pieces.pieces[0].iov_base, pieces.pieces[0].iov_len, transfer.flags());
        msghdr message{};
        message.msg_iov = pieces.pieces.data();
        message.msg_iovlen = pieces.count;
        return sendmsg(transfer.state.sending, &message, transfer.flags());
    }
    if (pieces.count == 1) return write(transfer.state.sending, pieces.pieces[0].iov_base, pieces.pieces[0].iov_len);
    return writev(transfer.state.sending, pieces.pieces.data(), static_cast<int>(pieces.count));
}

// A stream part by part; a message whole.
Transferred send_bytes(const Transfer& transfer) {
    Movement& movement = transfer.task.movement;
    const RequestBytes request = bytes_of(transfer.task.request);
    const bool tells = transfer.tells_request(movement.total);
    const bool is_whole = has_messages(transfer.planned.kind);
    Transferred result = Transferred::all;
    while (movement.left > 0) {
        Pieces pieces;
        std::int64_t size = 0;
        const std::int64_t sent = movement.total - movement.left;
        if (tells && sent < std::ssize(request)) {
            size = std::ssize(request) - sent;
            pieces.add(request.data() + sent, size);
        }
        const std::int64_t most = is_whole ? movement.left : std::min<std::int64_t>(movement.left, std::ssize(nothing));
        while (size < most && std::ssize(pieces.pieces) > static_cast<std::ptrdiff_t>(pieces.count)) {
            const std::int64_t part = std::min<std::int64_t>(most - size, std::ssize(nothing));
            pieces.add(nothing.data(), part);
            size += part;
        }
        const ssize_t moved = attempt(transfer, result, [&] { return write_pieces(transfer, pieces); });
        if (moved < 0) return result;
        transfer.state.bytes.fetch_add(static_cast<std::uint64_t>(moved), std::memory_order_relaxed);
        movement.left = is_whole ? 0 : movement.left - moved;
    }
    return Transferred::all;
}

Transferred receive_bytes(const Transfer& transfer) {
    Task& task = transfer.task;
    Movement& movement = task.movement;
    const bool is_socket = is_two_way(transfer.planned.kind);
    const std::int64_t most = std::min<std::int64_t>(movement.total, std::ssize(nothing));
    Transferred result = Transferred::all;
    while (movement.left > 0) {
        char* const buffer = room_for(task.thread->received, most);
        const auto part = static_cast<std::size_t>(std::min(movement.left, most));
        const ssize_t moved = attempt(transfer, result, [&] {
            return is_socket ? recv(transfer.state.receiving, buffer, part, transfer.flags())
                             : read(transfer.state.receiving, buffer, part);
        });
        if (moved < 0 && result != Transferred::ended) return result;
        if (moved <= 0) { // there is no more, but there may have been some
            result = movement.left < movement.total ? Transferred::all : Transferred::ended;
            break;
        }
        const std::int64_t before = movement.total - movement.left;
        for (std::int64_t i = before; i < std::min<std::int64_t>(before + moved, std::ssize(movement.beginning)); ++i)
            movement.beginning[static_cast<std::size_t>(i)] = buffer[i - before];
        movement.left -= moved;
    }
    if (result == Transferred::all && transfer.tells_request(movement.total - movement.left))
        take_over_request(task, movement.beginning.data());
    return result;
}

// --- Messages ----------------------------------------------------------------------------------------------------

// In one piece, behind a place for a System V message's type, which says whose request it is.
char* message_to_send(const Transfer& transfer) {
    const std::int64_t size = transfer.task.movement.total;
    char* const message = room_for(transfer.task.thread->sent, std::ssize(RequestBytes{}) + size);
    if (transfer.planned.kind == ChannelKind::message_queue && transfer.tells_request(size))
        std::memcpy(message + sizeof(long), bytes_of(transfer.task.request).data(), sizeof(RequestBytes));
    return message;
}

Transferred send_message(const Transfer& transfer) {
    char* const message = message_to_send(transfer);
    const auto size = static_cast<std::size_t>(transfer.task.movement.total);
    Transferred result = Transferred::all;
    const ssize_t moved = attempt(transfer, result, [&]() -> ssize_t {
        if (transfer.planned.kind == ChannelKind::message_queue)
            return mq_send(transfer.state.sending, message + sizeof(long), size, 0);
        const long type = 1 + static_cast<long>(transfer.task.request); // a positive number, which anybody receives
        std::memcpy(message, &type, sizeof type);
        return msgsnd(transfer.state.system_v_queue, message, size, 0);
    });
    if (moved >= 0) transfer.state.bytes.fetch_add(size, std::memory_order_relaxed);
    return result;
}

Transferred receive_message(const Transfer& transfer) {
    const std::int64_t most = transfer.planned.message_size;
    char* const message = room_for(transfer.task.thread->received, std::ssize(RequestBytes{}) + most);
    Transferred result = Transferred::all;
    const ssize_t moved = attempt(transfer, result, [&]() -> ssize_t {
        const auto room = static_cast<std::size_t>(most);
        if (transfer.planned.kind == ChannelKind::message_queue)
            return mq_receive(transfer.state.receiving, message, room, nullptr);
        if (transfer.planned.kind == ChannelKind::system_v_queue)
            return msgrcv(transfer.state.system_v_queue, message, room, 0, 0);
        return recv(transfer.state.receiving, message, room, transfer.flags());
    });
    if (moved < 0) return result;
    if (moved == 0 && transfer.planned.kind == ChannelKind::unix_datagram) return Transferred::ended;
    if (transfer.planned.kind == ChannelKind::system_v_queue) {
        long type = 0;
        std::memcpy(&type, message, sizeof type);
        if (type > 1) transfer.task.request = static_cast<std::uint32_t>(type - 1);
    } else if (transfer.tells_request(moved)) {
        take_over_request(transfer.task, message);
    }
    return Transferred::all;
}

// --- Events and signals ------------------------------------------------------------------------------------------

// What an eventfd has in it is a count; whose request it is for stands beside it, in the order of arrival.
MessageSlot* slot_of(const Transfer& transfer, std::atomic<std::uint32_t>& next) {
    if (transfer.planned.slots == 0) return nullptr;
    const std::uint32_t slot = next.fetch_add(1) % transfer.planned.slots;
    return &transfer.run().state.slots[transfer.planned.first_slot + slot];
}

Transferred send_event(const Transfer& transfer) {
    Movement& movement = transfer.task.movement;
    if (movement.left != 0) // not noted yet
        if (MessageSlot* const slot = slot_of(transfer, transfer.state.noted)) slot->request = transfer.task.request;
    movement.left = 0;
    Transferred result = Transferred::all;
    const std::uint64_t one = 1;
    static_cast<void>(attempt(transfer, result, [&] { return write(transfer.state.sending, &one, sizeof one); }));
    return result;
}

Transferred receive_event(const Transfer& transfer) {
    Transferred result = Transferred::all;
    std::uint64_t one = 0;
    if (attempt(transfer, result, [&] { return read(transfer.state.receiving, &one, sizeof one); }) < 0) return result;
    if (const MessageSlot* const slot = slot_of(transfer, transfer.state.taken); slot != nullptr && slot->request != 0)
        transfer.task.request = slot->request;
    return result;
}

void wait_a_little(const Task& task) {
    const Waiting waiting(task);
    const timespec little{0, 50'000};
    nanosleep(&little, nullptr);
}

// To the one thread that waits for it; whoever has ended has it no more.
Transferred send_signal(const Transfer& transfer) {
    const int number = SIGRTMIN + static_cast<int>(transfer.planned.signal);
    siginfo_t information{};
    information.si_code = SI_QUEUE;
    information.si_pid = getpid();
    information.si_uid = getuid();
    information.si_value.sival_int = static_cast<int>(transfer.task.request);
    for (;;) {
        const std::int32_t thread = transfer.state.receiving_thread.load(std::memory_order_acquire);
        if (thread != 0) {
            const std::int32_t process = transfer.state.receiving_process.load(std::memory_order_relaxed);
            if (syscall(SYS_rt_tgsigqueueinfo, process, thread, number, &information) == 0 || errno == ESRCH)
                return Transferred::all;
            if (errno != EAGAIN) fail(transfer.run(), "queueing a signal", errno);
            transfer.state.refusals.fetch_add(1, std::memory_order_relaxed);
        }
        wait_a_little(transfer.task);
    }
}

void be_receiver(ChannelState& state) {
    state.receiving_process.store(getpid(), std::memory_order_relaxed);
    state.receiving_thread.store(gettid(), std::memory_order_release);
}

Transferred receive_signal(const Transfer& transfer) {
    if (transfer.state.receiving_thread.load(std::memory_order_relaxed) != gettid()) be_receiver(transfer.state);
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGRTMIN + static_cast<int>(transfer.planned.signal));
    siginfo_t information{};
    Transferred result = Transferred::all;
    static_cast<void>(attempt(transfer, result, [&] { return sigwaitinfo(&awaited, &information); }));
    if (information.si_value.sival_int != 0)
        transfer.task.request = static_cast<std::uint32_t>(information.si_value.sival_int);
    return result;
}

// --- All ---------------------------------------------------------------------------------------------------------

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
