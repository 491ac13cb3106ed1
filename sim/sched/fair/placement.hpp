// Which core a task that becomes ready joins (select_task_rq_fair, kernel/sched/fair.c): the one it ran on last, or its
// waker's, or one that is idle.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// Cores that share a last-level cache, as the kernel's domains see the machine: all of them.
[[nodiscard]] inline bool cpus_share_cache(const FairState&, CoreId, CoreId) { return true; }
[[nodiscard]] inline std::uint32_t cores_sharing_cache(const FairState& fair, CoreId) { return fair.cores; }

// Whether the core runs nothing and has nothing queued (available_idle_cpu), or nothing but SCHED_IDLE tasks.
[[nodiscard]] bool is_idle(const FairState& fair, CoreId core);
[[nodiscard]] bool is_idle_or_runs_idle_policy(const FairState& fair, CoreId core);

// A new task: the idlest core, if that is clearly idler than its creator's (sched_balance_find_dst_cpu).
[[nodiscard]] CoreId select_core_of_new(FairState& fair, TaskId task, CoreId creator);

// A woken one: an idle core near where it ran or near its waker, whichever promises more.
[[nodiscard]] CoreId select_core_of_woken(FairState& fair, TaskId task, CoreId waker, Nanoseconds now);

} // namespace switchyard::sim
