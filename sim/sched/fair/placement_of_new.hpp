// Which core a new task joins (sched_balance_find_dst_cpu, kernel/sched/fair.c): domain by domain, from the widest
// down, the idlest core of the idlest group, if that is clearly idler than the creator's.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// `creator`: the core it is created on.
[[nodiscard]] CoreId select_core_of_new(FairState& fair, TaskId task, CoreId creator, Nanoseconds now);

// An arrival: it was there before, waiting for the scenario to begin, and is nobody's child. Where a core is idle it
// begins as if it were created; otherwise on the one with the fewest tasks, the first of these. The runner of native
// runs sees to it that real threads begin like that (PlanThread::home).
[[nodiscard]] CoreId select_core_of_arrival(FairState& fair, TaskId task, Nanoseconds now);

} // namespace switchyard::sim
