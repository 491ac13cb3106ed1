// From the kernel's scheduling events to the trace of a run: the events of its threads, since each was ready.
#pragma once

#include "models/trace/event.hpp"
#include "native/capture/kernel_event.hpp"

#include <span>
#include <vector>

namespace switchyard::native {

// A thread of the run, by the number the kernel gives it.
struct CapturedThread {
    std::int32_t thread_id = 0;
    std::int64_t ready = 0; // CLOCK_MONOTONIC, ns: what it did before, waiting for the start, is not the run's
    std::int64_t end = 0;   // likewise: when its last operation was over; it ends with its next switch, whatever
                            // the kernel still has to do to bury it. 0: it has not
    bool is_child = false;  // made during the run: the kernel tells of its creation
};

// What `threads` did, in the order of `events`; task i of the trace is threads[i] (names are left to the caller). Times
// count from `start`. `cpus` are the processors that stand for cores 0, 1, ...; others get the numbers after them.
[[nodiscard]] Trace trace_of_run(std::span<const KernelEvent> events, std::span<const CapturedThread> threads,
                                 std::span<const std::int32_t> cpus, std::int64_t start);

} // namespace switchyard::native
