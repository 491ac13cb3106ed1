// Balancing: tasks move from cores with many to cores with few (kernel/sched/fair.c, sched_balance_domains and
// sched_balance_newidle). One domain of cores that share a cache. Each core looks for a busier one in its own rhythm:
// every `cores` to 2 x `cores` ms while idle, 16 times as seldom while busy, at ticks; and at once when it runs out of
// tasks. Nothing is done, and no timer set, while no core has more than one task.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// Sets the timer if there may be something to balance and it is not set.
void balance_soon(FairState& fair, Nanoseconds now);

// The timer: every core whose time it is balances.
void balance_domains(FairState& fair, Nanoseconds now);

// The core has nothing to run: it takes a task that is not hot from the busiest one. Whether it has.
[[nodiscard]] bool pull_when_newly_idle(FairState& fair, CoreId core, Nanoseconds now);

} // namespace switchyard::sim
