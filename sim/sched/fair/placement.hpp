// Which core a task that wakes joins (select_task_rq_fair, kernel/sched/fair.c): the one it ran on last, or its
// waker's, or one that is idle and shares a cache with the one of these that was chosen. New tasks:
// placement_of_new.hpp.
//
// Not known: clusters within a last-level cache are not preferred, energy is not looked at (EAS), and there are no
// kernel threads to stack upon.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// Whether cores share a last-level cache, and how many share this one's.
[[nodiscard]] inline bool cpus_share_cache(const FairState& fair, CoreId one, CoreId other) {
    return fair.machine.topology.cache(one) == fair.machine.topology.cache(other);
}
[[nodiscard]] inline std::uint32_t cores_sharing_cache(const FairState& fair, CoreId core) {
    const Topology& topology = fair.machine.topology;
    return static_cast<std::uint32_t>(topology.cores_of_cache(topology.cache(core)).size());
}

// Whether the core runs nothing and has nothing queued but SCHED_IDLE tasks.
[[nodiscard]] bool is_idle_or_runs_idle_policy(const FairState& fair, CoreId core);

// An idle core near where the task ran or near its waker, whichever promises more; `waker`: no_core for a timer.
// `in_passing`: the waker is about to sleep (WF_SYNC), so that its core counts as one that it has left.
[[nodiscard]] CoreId select_core_of_woken(FairState& fair, TaskId task, CoreId waker, bool in_passing, Nanoseconds now);

} // namespace switchyard::sim
