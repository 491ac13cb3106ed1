// The kernel's scheduling tracepoints as text: what tracefs' `trace` file and `perf script` print.
//
//     hog-9960    [001] d..2.  3293.593441: sched_switch: prev_comm=hog prev_pid=9960 prev_prio=120 prev_state=R ==>
//                                           next_comm=hog next_pid=9959 next_prio=120
//     swapper   0/0    [000]  4689.175772459: sched:sched_wakeup: comm=perf-exec pid=19457 prio=120 target_cpu=000
//
// Formats: events/sched/*/format in tracefs (include/trace/events/sched.h); a name may contain anything, blanks and
// "pid=1" too, so fields are looked for from the right.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace switchyard::native {

struct KernelEvent {
    enum class Kind : std::uint8_t { switches, wakes, wakes_new, migrates };
    Kind kind = Kind::switches;
    std::int64_t nanoseconds = 0; // of the clock that was traced with; whole microseconds from tracefs
    std::uint16_t cpu = 0;        // where it happened
    std::int32_t actor = 0;       // the thread that ran there
    std::int32_t task = 0;        // that leaves the processor, is woken, is moved
    std::int32_t next = 0;        // switches: that gets the processor
    bool is_runnable = false;     // switches: it could have gone on (state R): the switch is involuntary
    bool has_ended = false;       // switches: it is dead (state X or Z)
    std::uint16_t target = 0;     // wakes, migrates: the processor it is to run on

    friend bool operator==(const KernelEvent&, const KernelEvent&) = default;
};

struct KernelEvents {
    std::vector<KernelEvent> events; // in the order of the text, which is that of time
    std::uint64_t lost = 0;          // that the text itself says are missing
    std::uint64_t unreadable = 0;    // lines that name one of these events and are none
};

// Comments and other events are passed over.
[[nodiscard]] KernelEvents parse_kernel_events(std::string_view text);

} // namespace switchyard::native
