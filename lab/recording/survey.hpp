// What a recording gives away about the machine and its threads, before anybody is chosen.
//
// Three things no event says are inferred, each from many events:
//   ticks     slices end, and the kernel's own threads are woken, at timer ticks: of the usual frequencies (CONFIG_HZ)
//             the lowest at which these instants have a common phase.
//   yields    a thread that could have gone on, and from which neither a tick nor a wake-up took the processor, has
//             given it up by sched_yield(2).
//   timers    perf does not say whether the thread on whose processor a waking happened woke somebody or was only
//             interrupted. Interrupted it was where it hardly ever sleeps itself, and all it wakes sleeps on its own
//             processor; or where the sleeper is mostly woken while nobody runs, and by this thread no more often than
//             its share of the processor explains.
#pragma once

#include "lab/recording/walk.hpp"

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

namespace switchyard::lab {

struct ThreadSurvey {
    std::int64_t first = 0, last = 0;                           // seen, ns of the recording's clock
    std::int64_t cpu = 0;                                       // ns on processors
    std::vector<std::pair<std::uint16_t, std::int64_t>> cpu_on; // of each processor
    std::uint64_t voluntary = 0;
    std::uint64_t preempted = 0;
    std::uint64_t yields = 0;
    bool was_moved = false;                     // by the stopper while it waited: its affinity was changed
    std::vector<std::uint16_t> since_moved;     // the processors it has run on since
    std::uint64_t wakes = 0, crowded_wakes = 0; // of these, onto a busy processor while another had nothing to do
    std::int64_t beside_idle = 0;               // ns it waited for one processor while another had nothing to do
};

struct Survey {
    std::int64_t begin = 0, end = 0;
    std::vector<ThreadSurvey> threads;
    TickGrid ticks;
    std::uint32_t hz = 0; // inferred; 0: not known
    YieldRule rule;
    std::unordered_set<std::uint64_t> interrupted; // pairs of a woken thread and who ran meanwhile (pair_of)
    // From the waking until it runs, on a processor that had nothing to do: medians; none: not seen.
    std::optional<std::int64_t> latency_from_other; // woken by a thread on another processor
    std::optional<std::int64_t> latency_from_timer; // woken by an interrupt

    [[nodiscard]] static std::uint64_t pair_of(ThreadId woken, ThreadId waker) {
        return (std::uint64_t{woken} << 32U) | waker;
    }
    // Whether somebody has woken it, and not an interrupt.
    [[nodiscard]] bool is_by_waker(const Wake& wake) const;
};

// `hz`: what is known of the machine's ticks; 0: to be inferred.
[[nodiscard]] Survey survey(const NumberedRecording& recording, std::uint32_t hz = 0);

} // namespace switchyard::lab
