// Channels: making them, the ends a process has, and giving them up.
//
// The conductor makes them before it forks the processes, each of which closes the descriptors it does not use; the
// children it forks have its own. POSIX queues are unlinked and FIFOs removed as soon as they are open, so that they go
// with their last descriptor. System V queues have none: the run has an IPC namespace of its own where it may, with
// which they go, whatever happens (ipc_namespaces(7)); otherwise whoever ends the run removes them.
#pragma once

#include "native/plan/shared_state.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace switchyard::native {

struct Run;
struct Task;
struct Process;

// What a process still has, by channel: bit 0 the sending end, bit 1 the receiving one. Threads of one process share
// it, a fork's child has a copy.
class HeldEnds {
public:
    static constexpr std::uint8_t sending = 1, receiving = 2;

    void resize(std::size_t channels) { ends_ = std::vector<std::atomic<std::uint8_t>>(channels); }
    [[nodiscard]] bool has(std::size_t channel, std::uint8_t end) const {
        return (ends_[channel].load(std::memory_order_relaxed) & end) != 0;
    }
    void add(std::size_t channel, std::uint8_t end) { ends_[channel].fetch_or(end); }
    // Whether it was there.
    bool remove(std::size_t channel, std::uint8_t end) {
        return (ends_[channel].fetch_and(static_cast<std::uint8_t>(~end)) & end) != 0;
    }

private:
    std::vector<std::atomic<std::uint8_t>> ends_;
};

// How far a transfer is that is made in several parts.
struct Movement {
    static constexpr std::int64_t not_begun = -1;

    std::int64_t left = not_begun; // bytes
    std::int64_t total = 0;
    std::array<char, 8> beginning{}; // the first bytes received: whose request it is
};

// Before any process starts. Throws SystemError where the kernel has not what is wanted; adds to the notes where it
// gives it otherwise.
void make_channels(const Run& run, std::vector<std::string>& notes);

// The conductor has none of their ends any more: when all processes have started.
void leave_channels(const Run& run);

// All is over: what would stay is removed, what is to be said of it noted.
void remove_channels(const Run& run, std::vector<std::string>& notes);

// In a process that starts, before its threads: it gives up what the plan does not give it, and blocks the signals it
// is sent. A process that executes a new image has what it had.
void take_ends(const Run& run, const PlanProcess& planned, Process& process);
void find_ends(const Run& run, Process& process);

// Data that nobody will receive kills a process only where its program asks for nothing else: SIGPIPE is ignored, and
// what it stands for done by hand. Likewise for children where the plan says so.
void ignore_signals(const PlanProcess& planned);

// `close`.
void close_end(Task& task, const PlanOperation& operation);

// Kills every process of the run, this one included; removes what would stay. Async-signal-safe.
void end_run_at_once();
void remember_run(const Run& run); // that this is about

} // namespace switchyard::native
