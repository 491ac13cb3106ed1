// What /proc says of the run's threads, where the kernel's scheduling events cannot be recorded.
#pragma once

#include "native/runner/task.hpp"

namespace switchyard::native {

// Adds what /proc/thread-self/schedstat and /proc/thread-self/sched say of the calling thread; kernels that are built
// without them (CONFIG_SCHED_INFO, CONFIG_SCHED_DEBUG) leave it unknown.
void read_counters(KernelFigures& figures);

// Whether the record is that of an instance of the plan, not of a child.
[[nodiscard]] bool is_instance(const Run& run, const TaskRecord& record);

// The first instance has ended: how much CPU time each of those the kernel knows has used so far
// (/proc/PID/schedstat; of one that runs at this moment, up to its latest tick).
void close_window(const Run& run);

} // namespace switchyard::native
