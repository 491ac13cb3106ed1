// What tasks send each other data through, and the devices they wait for.
//
// A channel goes one way. A socket is two of them, one for what each end sends: of socket `s`, the channel `s.client`
// takes what the client sends to the server, and `s.server` the answers.
#pragma once

#include "models/scenario/distribution.hpp"
#include "models/units/size.hpp"
#include "models/units/time.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace switchyard {

enum class ChannelKind : std::uint8_t {
    pipe,           // pipe(2): bytes, one way, between relatives
    fifo,           // fifo(7): the same between any processes, by a name
    message_queue,  // mq_overview(7): messages, limited in number and size
    system_v_queue, // sysvipc(7), msgsnd(2): messages, limited by their bytes together
    unix_stream,    // unix(7): bytes, two ways
    unix_datagram,  // unix(7): messages, two ways
    tcp,            // tcp(7): bytes, two ways; also to another machine
    eventfd,        // eventfd(2), EFD_SEMAPHORE: a count; nothing is in what is sent
    signal,         // a real-time signal (signal(7)), which is queued, and waited for with sigwaitinfo(2)
    queue,          // messages, in the memory of one process: a mutex and two condition variables, no system call
                    // unless somebody has to wait
};
inline constexpr int channel_kinds = 10;
// "pipe", "fifo", "message-queue", "system-v-queue", "unix-stream", "unix-datagram", "tcp", "eventfd", "signal",
// "queue".
[[nodiscard]] std::string_view name_of(ChannelKind kind);

// Whether what is sent stays together: a receive takes one message. The others are streams of bytes.
[[nodiscard]] bool has_messages(ChannelKind kind);

// Whether a message has a size: eventfds and signals only say that something is the matter.
[[nodiscard]] bool carries_data(ChannelKind kind);

// Sockets.
[[nodiscard]] bool is_two_way(ChannelKind kind);

// Whether its ends are descriptors, which processes hold and forked children inherit: nobody left to send ends it,
// nobody left to receive breaks it (EPIPE).
[[nodiscard]] bool has_ends(ChannelKind kind);

// A connection to another machine. Simulated only.
struct Link {
    Duration latency{};                // of each byte
    std::int64_t bytes_per_second = 0; // 0: no bound
    friend bool operator==(const Link&, const Link&) = default;
};

inline constexpr std::uint32_t no_channel = std::numeric_limits<std::uint32_t>::max();

struct Channel {
    std::string name;
    ChannelKind kind = ChannelKind::pipe;
    Bytes capacity{65536};           // of data, streams and System V queues; who sends more has to wait
    std::uint32_t messages = 0;      // message queues, datagrams, queues: how many it holds; 0: as many as fit
    Bytes message_size;              // of the largest message; 0: no bound
    std::uint32_t peer = no_channel; // of a socket: the channel that goes the other way
    Link link;                       // tcp

    friend bool operator==(const Channel&, const Channel&) = default;
};

// One of that kind with Linux's defaults: pipe(7), 64 KiB; mq_overview(7), msg_max 10 and msgsize_max 8192;
// msgget(2), msgmnb 16384 and msgmax 8192; socket(7), wmem_default 212992; net.unix.max_dgram_qlen 10 (af_unix.c);
// tcp(7), tcp_wmem's largest, 4 MiB, to which a sender's buffer grows before it has ever waited.
[[nodiscard]] Channel default_channel(std::string name, ChannelKind kind);

// The largest write into a pipe or FIFO that stays together (PIPE_BUF, pipe(7)).
inline constexpr Bytes atomic_pipe_write{4096};

// Something outside the processors that takes its time: a disk, a network, another service. It serves `parallel`
// operations at once, each for a time that is drawn, and so many more wait in its queue; beyond them, who asks has to
// wait before the operation is taken (or, where it polls, to ask again).
struct Device {
    std::string name;
    Distribution service;       // ps
    std::uint32_t parallel = 1; // a disk's channels, a service's workers
    std::uint32_t depth = 0;    // operations it takes at most, in service or waiting; 0: no bound

    friend bool operator==(const Device&, const Device&) = default;
};

// How a task that has asked a device for something comes to know that it is done.
enum class WaitStyle : std::uint8_t {
    blocking,   // the call returns when it is: the thread sleeps, with everybody it carries
    polling,    // the call returns at once, and is made again and again until it is (EAGAIN)
    readiness,  // epoll(7): told that it is, the task then fetches it with a call that does not block
    completion, // io_uring(7): the operation is put into a ring, and its result is found in another
};
inline constexpr int wait_styles = 4;
[[nodiscard]] std::string_view name_of(WaitStyle style); // "blocking", "polling", "readiness", "completion"

// An amount that belongs to a request and not to who works on it: whoever executes `compute: request.work` computes
// what was drawn for the request in hand, under every policy and every design of the server.
struct RequestAmount {
    std::string name;
    Distribution amount; // ps, bytes, counts, as what it is used for has it

    friend bool operator==(const RequestAmount&, const RequestAmount&) = default;
};

// The key (DrawKey) of that amount of that request.
[[nodiscard]] DrawKey request_key(std::uint64_t seed, std::uint32_t amount, std::uint32_t request);

// All throw InputError, without a place, for what cannot be: a channel that holds nothing, a device that serves nobody,
// a link where there can be none.
void validate(const Channel& channel);
void validate(const Device& device);
void validate(const RequestAmount& amount);

} // namespace switchyard
