// Balancing: tasks move from cores with many to cores with few, within each scheduling domain in its own rhythm, from
// the lowest up (kernel/sched/fair.c: sched_balance_domains, sched_balance_newidle, sched_balance_rq). Every core looks
// for a busier one every `span` to 2 x `span` ms while idle, 16 times as seldom while busy, at ticks; and at once when
// it runs out of tasks, until something has been pulled.
//
// Tasks that have just run stay where their data is, until nothing else has helped for a few times. What waits is
// pulled; a task that runs is pushed (active balancing) from a core it is too slow on, or, when pulling has failed
// again and again, where two run on one physical core while another is idle, or in a crowded cache while another has
// room.
//
// Nothing is done, and no timer set, while there is nothing that balancing could change: while no core has more than
// one task, unless some core is idle and another one slow, or two of those that share a cache are busy in a machine of
// more than one domain.
//
// Left out: what balancing costs, and so giving it up where it does not pay (max_newidle_lb_cost, NI_RANDOM),
// asymmetric packing, energy (EAS), core scheduling, NUMA balancing, capacity taken by higher classes and interrupts.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// Sets the timer if there may be something to balance and it is not set.
void balance_soon(FairState& fair, Nanoseconds now);

// The timer: every core whose time it is balances.
void balance_domains(FairState& fair, Nanoseconds now);

// The core has nothing to run: it takes a task that is not hot from the nearest core that has too many. Whether it has.
[[nodiscard]] bool pull_when_newly_idle(FairState& fair, CoreId core, Nanoseconds now);

// The core's task has been taken off to be pushed elsewhere: does so.
void push_away(FairState& fair, CoreId core, Nanoseconds now);

} // namespace switchyard::sim
