// What sending and receiving by all kinds of channels have in common: the system call, made until it moves something.
#pragma once

#include "native/runner/task.hpp"
#include "native/runner/transfer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <vector>

namespace switchyard::native {

inline constexpr std::array<char, 65536> nothing{}; // what is sent; read-only, so that no process copies it
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

inline RequestBytes bytes_of(std::uint32_t request) {
    RequestBytes bytes{};
    std::memcpy(bytes.data(), &request, sizeof request);
    return bytes;
}

// Bytes that are no number of a request are those of a message cut elsewhere.
inline void take_over_request(Task& task, const char* bytes) {
    std::uint64_t request = 0;
    std::memcpy(&request, bytes, sizeof request);
    if (request != 0 && request <= task.thread->run->state.header->requests.load(std::memory_order_relaxed))
        task.request = static_cast<std::uint32_t>(request);
}

inline char* room_for(std::vector<char>& buffer, std::int64_t size) {
    if (std::ssize(buffer) < size) buffer.resize(static_cast<std::size_t>(size));
    return buffer.data();
}

// The call said that it would have to wait, which the descriptor does not.
inline Transferred wait_for(const Transfer& transfer) {
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

// Streams part by part, datagrams whole (streams.cpp); messages of the kernel's queues, and datagrams (messages.cpp);
// events and signals (events.cpp).
[[nodiscard]] Transferred send_bytes(const Transfer& transfer);
[[nodiscard]] Transferred receive_bytes(const Transfer& transfer);
[[nodiscard]] Transferred send_message(const Transfer& transfer);
[[nodiscard]] Transferred receive_message(const Transfer& transfer);
[[nodiscard]] Transferred send_event(const Transfer& transfer);
[[nodiscard]] Transferred receive_event(const Transfer& transfer);
[[nodiscard]] Transferred send_signal(const Transfer& transfer);
[[nodiscard]] Transferred receive_signal(const Transfer& transfer);

// The calling thread is the one that the channel's signals are sent to.
void be_receiver(ChannelState& state);

} // namespace switchyard::native
