// Jobs of real-time tasks: when they are released and due, and what becomes of those that are late. Every program has
// them the same way whatever schedules it: Liu and Layland 1973, "Scheduling Algorithms for Multiprogramming in a
// Hard-Real-Time Environment".
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// Task::phase of a task at its next job, which has been released and only has to begin.
inline constexpr std::uint8_t job_is_released = 2;

// A task arrives: what its first job's release and deadline would be.
void release_first_job(Kernel& kernel, TaskId task);

// The task's next job is released `after` the one before; the first one when the task arrived.
void release_job(Kernel& kernel, TaskId task, std::int64_t after);

// The task begins, ends the job that was released last.
void start_job(Kernel& kernel, TaskId task);
void finish_job(Kernel& kernel, TaskId task);

// The deadline of a job that is given up for it has come. One whose work is over at this very instant is in time.
void abort_job(Kernel& kernel, TaskId task);

} // namespace switchyard::sim
