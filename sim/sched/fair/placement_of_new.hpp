// Which core a new task joins (sched_balance_find_dst_cpu, kernel/sched/fair.c): domain by domain, from the widest
// down, the idlest core of the idlest group, if that is clearly idler than the creator's.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// `creator`: the core it is created on; no_core for an arrival, which is where the task was to be.
[[nodiscard]] CoreId select_core_of_new(FairState& fair, TaskId task, CoreId creator, Nanoseconds now);

} // namespace switchyard::sim
