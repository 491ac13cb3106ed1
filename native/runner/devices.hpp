// Devices, natively: nobody computes for them. When an operation will be done follows from when it was asked for, as
// the device serves first come, first served: it begins when the first of its `parallel` servers is free. All tasks of
// the run find out so in shared memory, and a timer of the kernel's, which is exact to its interrupt, stands for the
// device from then on. Asking is thus the system call that sets it:
//
//     blocking    timerfd_settime(2), and a read(2) of it that blocks
//     polling     the same, the reads being such that do not block: EAGAIN until it is done
//     readiness   the same, with epoll(7) before the one read: the event loop's, or the thread's own
//     completion  io_uring(7): an IORING_OP_TIMEOUT that ends at that instant, and nothing else. Where the kernel has
//     no
//                 io_uring, as readiness
//
// A blocking task makes one system call more than it would to read from a device.
#pragma once

#include "native/runner/task.hpp"

#include <optional>

namespace switchyard::native {

// Before any process starts.
void make_devices(const Run& run);

// Whether the task uses devices in that style, in its plan.
[[nodiscard]] bool uses_devices(const Task& task, WaitStyle style);

// What a task needs to wait for them, before the run begins; a child gets it when it first uses one.
void prepare_for_devices(Task& task);

// The `io` the task is at, or what is left of it. Nothing: it is done, and the task behind it; else how it waits.
[[nodiscard]] std::optional<Pause> use_device(Task& task, const PlanOperation& operation);

} // namespace switchyard::native
