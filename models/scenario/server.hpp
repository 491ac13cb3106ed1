// A server and the load on it, in a few words: the same requests for every design of the server.
//
// No executor knows of it: `lower` writes it out as what it is made of, channels, tasks and operations. What is drawn
// for a request belongs to the request (RequestAmount), so that every design does the same work.
#pragma once

#include "models/errors.hpp"
#include "models/scenario/communication.hpp"
#include "models/scenario/distribution.hpp"
#include "models/scenario/memory.hpp"
#include "models/scenario/program.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

struct Scenario;

// Who works on a request.
enum class ServerModel : std::uint8_t {
    event_loop,               // a coroutine of its own, all of them on one thread
    thread_pool,              // one of some threads, which take what another one has accepted out of a bounded queue
    thread_per_request,       // a thread of its own
    process_per_request,      // a forked process of its own, which nobody waits for
    pre_fork,                 // one of some processes forked beforehand, which all accept
    processes_and_coroutines, // a coroutine in one of some processes, each of which is an event loop that accepts
    work_stealing,            // a coroutine; some threads share them (TaskTemplate::carriers)
};
inline constexpr int server_models = 7;
// "event-loop", "thread-pool", "thread-per-request", "process-per-request", "pre-fork", "processes-and-coroutines",
// "work-stealing".
[[nodiscard]] std::string_view name_of(ServerModel model);

// Whether requests are coroutines.
[[nodiscard]] bool is_event_loop(ServerModel model);

// One step of what is done for a request. Of the operations, these can be one: compute, sleep, io, lock, lock_shared,
// unlock, touch, system_call. How it waits is the model's: a thread blocks, of an event loop only the coroutine waits.
struct ServerStep {
    OperationKind kind = OperationKind::compute;
    std::string object{};                   // the device, the lock
    std::optional<Distribution> amount{};   // compute, sleep, io, in ps; io: none is what the device says
    std::string request_amount{};           // of Scenario::request_amounts instead, where it is not empty
    WaitStyle style = WaitStyle::readiness; // io, in an event loop
    Touch touch{};                          // of the server's `state`
    SourceLocation where{};
    friend bool operator==(const ServerStep& a, const ServerStep& b) {
        return a.kind == b.kind && a.object == b.object && a.amount == b.amount &&
               a.request_amount == b.request_amount && a.style == b.style && a.touch == b.touch;
    }
};

// When requests arrive.
struct ServerLoad {
    enum class Kind : std::uint8_t {
        open,   // one after the other, whatever becomes of them; each arrives when it was meant to, even if it is sent
                // late because the channel is full
        trace,  // at given times
        closed, // each client thinks, asks, waits for the answer, and begins anew
    };
    Kind kind = Kind::open;
    Distribution gaps{};           // open: ps from one arrival to the next
    std::vector<Duration> times{}; // trace: since the beginning, ascending
    std::uint32_t clients = 1;     // closed
    Distribution think{};          // closed: ps
    friend bool operator==(const ServerLoad&, const ServerLoad&) = default;
};

[[nodiscard]] ServerLoad open_load(Distribution gaps);
[[nodiscard]] ServerLoad trace_load(std::vector<Duration> times);
[[nodiscard]] ServerLoad closed_load(std::uint32_t clients, Distribution think = {});

struct Server {
    ServerModel model = ServerModel::event_loop;
    std::uint32_t workers = 1; // threads, processes: of models that have a fixed number of them
    std::uint32_t queue = 128; // thread_pool: accepted requests that no thread has taken yet, at most
    bool blocking = false;     // event loops: waits block the whole loop
    std::vector<ServerStep> steps;
    std::uint64_t requests = 1; // all together; of a trace, as many as it has times
    ServerLoad load;
    Channel channel = default_channel("requests", ChannelKind::fifo); // from the clients to the server
    Bytes message{64};                                                // a request
    Bytes response; // an answer; 0: none, a request ends with its last step. closed: as a request then
    Bytes state;    // region "state" of the server: mapped, and every page of it there, before the first
                    // request
    Bytes resident; // memory a server that forks has touched before (TaskTemplate::resident)
    std::vector<std::uint32_t> cores{};        // of the server; empty: all
    std::vector<std::uint32_t> client_cores{}; // likewise
    std::uint32_t interpreter = no_object;     // as TaskTemplate::interpreter, of all its tasks but the clients
    SourceLocation where{};
};

inline constexpr std::uint32_t most_server_workers = 4096;
inline constexpr std::string_view server_state = "state"; // the region

// Throws InputError for a server that cannot be, at the place of the step where it is one's.
void validate(const Server& server);

// The steps a program says, one for each operation: the one way to write them. Throws InputError for an operation that
// can be none, and for a touch of anything else than "state".
[[nodiscard]] std::vector<ServerStep> server_steps(const Program& program, const ObjectNames& objects);

// Replaces Scenario::server, if there is one, by what it is made of, behind what the scenario has already:
//
//     channels    "requests" and, where there are answers, "answers"; a socket is both; thread_pool: queue "accepted".
//                 As much as fits of whole requests, or answers
//     amounts     "server.0", ...: those of its steps that are drawn
//     variables   "unsent" requests of a closed loop
//     tasks       "clients": a process. Open and trace: a job a request; answers are received by its thread "reader".
//                 Closed: a coroutine a client. The answers are for whichever client waits longest: they are all alike,
//                 and each is answered as soon as its request is
//                 "server": who accepts, and starts a child "request" for each, as the model says
//                 "worker": a thread of the pool; "server-1", ...: the loops of processes_and_coroutines
//
// A request that is answered ends when a client has the answer, another one with its last step. When all requests are
// sent the clients close the channel; the server works on what is left, and ends. Throws InputError, at its place, for
// a server that cannot be; readers and builders call this before they validate.
void lower(Scenario& scenario);

} // namespace switchyard
