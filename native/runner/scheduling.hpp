// What the kernel is told of a thread: its policy, nice value, priority, slice, reservation, and its control group.
#pragma once

#include "native/runner/task.hpp"

#include <span>
#include <sys/types.h>
#include <vector>

namespace switchyard::native {

// Whether any thread of the plan can keep all others from a processor: SCHED_FIFO, SCHED_RR, SCHED_DEADLINE.
[[nodiscard]] bool has_real_time(const PlanView& plan);

// Applies what is planned for the calling thread; what it starts inherits that, as the kernel has it. What the kernel
// refuses is recorded, and the thread stays what it was. A thread with a reservation is bound to no processor any more:
// the kernel admits it only where it may run on all of them (sched_setattr(2), EPERM), and its children begin without
// (SCHED_FLAG_RESET_ON_FORK), because it could not fork otherwise.
void apply_scheduling(const Run& run, const PlanThread& planned, ThreadRecord& record);

// Makes the calling process, and what it forks, members of the run's control group; 0 or the error.
[[nodiscard]] int join_groups_of_run(const Run& run);

// Makes the calling process a member of the group that limits its memory, if it has one: what it has already is not
// counted. The run fails where the kernel refuses it.
void join_memory_group(const Run& run, std::uint32_t process);

// Puts the calling thread above all others that a plan can have, but for reservations, where it may; 0 or the error.
[[nodiscard]] int take_precedence(const PlanView& plan);

// The processors that stand for the cores the thread may use.
[[nodiscard]] std::vector<int> cpus_of(const PlanView& plan, const PlanThread& thread);

// Binds a thread (0: the calling one) to these processors; gives the run up where that is refused, unless it has ended.
void bind_to(const Run& run, pid_t thread, std::span<const int> cpus);

} // namespace switchyard::native
