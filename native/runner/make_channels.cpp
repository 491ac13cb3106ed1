// Channels of every kind, made by the conductor.
#include "models/errors.hpp"
#include "native/measurement/fifo.hpp"
#include "native/measurement/queue_namespace.hpp"
#include "native/runner/channels.hpp"
#include "native/runner/queue.hpp"
#include "native/runner/task.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <limits>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

using Notes = std::vector<std::string>;

[[noreturn]] void refuse(const std::string& what) { throw SystemError::from_errno(what, errno); }

int as_int(std::int64_t value) {
    return static_cast<int>(std::min<std::int64_t>(value, std::numeric_limits<int>::max()));
}

// --- Pipes and FIFOs ---------------------------------------------------------------------------------------------

void set_pipe_size(ChannelState& state, std::int64_t wanted, Notes& notes) {
    fcntl(state.sending, F_SETPIPE_SZ, as_int(wanted));
    const int granted = fcntl(state.sending, F_GETPIPE_SZ);
    if (granted != wanted)
        notes.push_back("a pipe of " + std::to_string(wanted) + " bytes got " + std::to_string(granted) +
                        ": pipes are whole pages, a power of two of them, up to /proc/sys/fs/pipe-max-size");
}

void make_pipe(ChannelState& state) {
    int ends[2];
    if (pipe(ends) != 0) refuse("making a pipe");
    state.receiving = ends[0];
    state.sending = ends[1];
}

void make_fifo(ChannelState& state) {
    const FifoEnds ends = open_fifo();
    state.receiving = ends.receiving;
    state.sending = ends.sending;
    for (const int end : {ends.receiving, ends.sending}) fcntl(end, F_SETFD, 0); // images have it, too
}

// --- Sockets -----------------------------------------------------------------------------------------------------

// The kernel doubles what it is told (socket(7)); more than net.core.wmem_max takes privilege.
void set_buffer(int socket, int which, int forced, std::int64_t bytes) {
    const int half = as_int(bytes / 2);
    if (setsockopt(socket, SOL_SOCKET, forced, &half, sizeof half) != 0)
        setsockopt(socket, SOL_SOCKET, which, &half, sizeof half);
}

std::int64_t buffer_of(int socket) {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, &size);
    return bytes;
}

// Messages that stay together, over a connection that has an end: datagrams of pairs would have none.
std::array<int, 2> make_pair(ChannelKind kind) {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, kind == ChannelKind::unix_stream ? SOCK_STREAM : SOCK_SEQPACKET, 0, ends.data()) != 0)
        refuse("making a pair of sockets");
    return ends;
}

// The client's end and the server's.
std::array<int, 2> make_connection(const PlanChannel& planned) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const name = reinterpret_cast<sockaddr*>(&address);
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || client < 0) refuse("making a socket");
    for (const int one : {listener, client}) // before it connects: the window follows from it
        if (!planned.is_usual) set_buffer(one, SO_RCVBUF, SO_RCVBUFFORCE, planned.capacity / 2);
    if (bind(listener, name, size) != 0 || listen(listener, 1) != 0 || getsockname(listener, name, &size) != 0 ||
        connect(client, name, size) != 0)
        refuse("connecting to the loopback interface");
    const int server = accept(listener, nullptr, nullptr);
    if (server < 0) refuse("accepting a connection from the loopback interface");
    close(listener);
    for (const int one : {client, server}) {
        const int on = 1;
        setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (!planned.is_usual) set_buffer(one, SO_SNDBUF, SO_SNDBUFFORCE, planned.capacity / 2);
    }
    return {client, server};
}

// Of both directions, the client's being the first.
void make_socket(const Run& run, std::size_t client, Notes& notes) {
    const PlanChannel& planned = run.plan.channels[client];
    ChannelState& there = run.state.channels[client];
    ChannelState& back = run.state.channels[planned.peer];
    const std::array<int, 2> ends =
        planned.kind == ChannelKind::tcp ? make_connection(planned) : make_pair(planned.kind);
    there.sending = back.receiving = ends[0];
    there.receiving = back.sending = ends[1];
    for (const int end : ends)
        if (planned.kind != ChannelKind::tcp && !planned.is_usual)
            set_buffer(end, SO_SNDBUF, SO_SNDBUFFORCE, planned.capacity);
    const std::int64_t granted = buffer_of(ends[0]);
    if (planned.kind != ChannelKind::tcp && !planned.is_usual && granted != planned.capacity / 2 * 2)
        notes.push_back("a socket of " + std::to_string(planned.capacity) + " bytes got " + std::to_string(granted) +
                        ": see SO_SNDBUF and net.core.wmem_max in socket(7)");
    if (planned.messages > 0)
        notes.emplace_back("sockets that are connected to each other are bounded by bytes, what the kernel keeps of a "
                           "message itself included, and not by messages");
}

// --- Queues of the kernel ----------------------------------------------------------------------------------------

// As many as a message queue holds; without a bound of the scenario's, as many as the kernel gives by default.
long messages_of(const PlanChannel& planned) { return planned.messages > 0 ? planned.messages : 10; }

// Whose limits are as wide as the run's queues need them; without the privilege, they are the machine's.
void have_own_ipc(const Run& run) {
    long long messages = 0, longest = 0, system_v_longest = 0, system_v_capacity = 0;
    for (const PlanChannel& channel : run.plan.channels) {
        if (channel.kind == ChannelKind::message_queue) {
            messages = std::max<long long>(messages, messages_of(channel));
            longest = std::max<long long>(longest, channel.message_size);
        } else if (channel.kind == ChannelKind::system_v_queue) {
            system_v_longest = std::max<long long>(system_v_longest, channel.message_size);
            system_v_capacity = std::max<long long>(system_v_capacity, channel.capacity);
        }
    }
    if (messages == 0 && system_v_capacity == 0) return;
    if (messages > 0) {
        const rlimit all{RLIM_INFINITY, RLIM_INFINITY};
        setrlimit(RLIMIT_MSGQUEUE, &all);
    }
    if (!enter_own_queue_namespace()) return;
    run.state.header->own_ipc = 1;
    raise_queue_limit("fs/mqueue/msg_max", messages);
    raise_queue_limit("fs/mqueue/msgsize_max", longest);
    raise_queue_limit("kernel/msgmax", system_v_longest);
    raise_queue_limit("kernel/msgmnb", system_v_capacity);
}

void make_message_queue(ChannelState& state, const PlanChannel& planned) {
    mq_attr wanted{};
    wanted.mq_maxmsg = messages_of(planned);
    wanted.mq_msgsize = planned.message_size;
    const std::string name = "/switchyard-queue-" + std::to_string(getpid());
    state.sending = mq_open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600, &wanted);
    const int error = errno;
    state.receiving = state.sending < 0 ? -1 : mq_open(name.c_str(), O_RDONLY);
    mq_unlink(name.c_str());
    if (state.sending >= 0 && state.receiving >= 0) {
        for (const int end : {state.sending, state.receiving}) fcntl(end, F_SETFD, 0); // images have it, too
        return;
    }
    throw SystemError::from_errno("making a message queue for " + std::to_string(wanted.mq_maxmsg) + " messages of " +
                                      std::to_string(wanted.mq_msgsize) +
                                      " bytes (raise /proc/sys/fs/mqueue/msg_max, msgsize_max and ulimit -q, or lower "
                                      "its 'messages' or 'message_size')",
                                  error);
}

void make_system_v_queue(ChannelState& state, const PlanChannel& planned) {
    state.system_v_queue = msgget(IPC_PRIVATE, 0600);
    if (state.system_v_queue < 0) refuse("making a System V queue");
    state.system_v_queue_made.store(1);
    msqid_ds status{};
    if (msgctl(state.system_v_queue, IPC_STAT, &status) != 0) refuse("looking at a System V queue");
    status.msg_qbytes = static_cast<msglen_t>(planned.capacity);
    if (msgctl(state.system_v_queue, IPC_SET, &status) != 0)
        refuse("making a System V queue for " + std::to_string(planned.capacity) +
               " bytes (raise /proc/sys/kernel/msgmnb, or lower its 'capacity')");
}

void make_event(ChannelState& state) {
    state.sending = state.receiving = eventfd(0, EFD_SEMAPHORE);
    if (state.sending < 0) refuse("making an eventfd");
}

// --- All of them -------------------------------------------------------------------------------------------------

// Pipes and their like, where somebody uses them asynchronously. (Sockets are told so with each call.)
void make_non_blocking(ChannelState& state, const PlanChannel& planned) {
    if (is_two_way(planned.kind) || state.sending < 0) return;
    const bool is_shared = state.sending == state.receiving;
    state.sending_waits_not = planned.sends_asynchronously || (is_shared && planned.receives_asynchronously);
    state.receiving_waits_not = planned.receives_asynchronously || (is_shared && planned.sends_asynchronously);
    if (state.sending_waits_not) fcntl(state.sending, F_SETFL, fcntl(state.sending, F_GETFL) | O_NONBLOCK);
    if (state.receiving_waits_not) fcntl(state.receiving, F_SETFL, fcntl(state.receiving, F_GETFL) | O_NONBLOCK);
}

void make_channel(const Run& run, std::size_t channel, Notes& notes) {
    const PlanChannel& planned = run.plan.channels[channel];
    ChannelState& state = run.state.channels[channel];
    switch (planned.kind) {
    case ChannelKind::pipe:
    case ChannelKind::fifo:
        planned.kind == ChannelKind::pipe ? make_pipe(state) : make_fifo(state);
        set_pipe_size(state, planned.capacity, notes);
        break;
    case ChannelKind::unix_stream:
    case ChannelKind::unix_datagram:
    case ChannelKind::tcp:
        if (channel < planned.peer) make_socket(run, channel, notes);
        break;
    case ChannelKind::message_queue: make_message_queue(state, planned); break;
    case ChannelKind::system_v_queue: make_system_v_queue(state, planned); break;
    case ChannelKind::eventfd: make_event(state); break;
    case ChannelKind::signal: break;
    case ChannelKind::queue: make_queue(run, channel); break;
    }
    make_non_blocking(state, planned);
    const bool is_bounded = planned.kind != ChannelKind::message_queue && planned.kind != ChannelKind::queue;
    if (is_bounded && planned.messages > 0 && !is_two_way(planned.kind))
        notes.emplace_back("the kernel does not bound the number of messages in a " +
                           std::string(name_of(planned.kind)));
}

} // namespace

void make_channels(const Run& run, Notes& notes) {
    if (run.plan.channels.empty()) return;
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    have_own_ipc(run);
    for (ChannelState& state : run.state.channels) state.sending = state.receiving = -1;
    for (std::size_t channel = 0; channel < run.plan.channels.size(); ++channel) make_channel(run, channel, notes);
}

} // namespace switchyard::native
