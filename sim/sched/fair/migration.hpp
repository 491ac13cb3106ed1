// Moving tasks from one core to another for balancing (kernel/sched/fair.c: detach_tasks, can_migrate_task, task_hot).
#pragma once

#include "sim/sched/fair/imbalance.hpp"

namespace switchyard::sim {

// How far it got.
struct Moved {
    std::uint32_t tasks = 0;
    bool some_pinned = false; // tasks may not run on the other core...
    bool all_pinned = true;   // ...not one of those that were looked at
    std::int64_t left = 0;    // of the imbalance
};

// Moves tasks, those first that have not run for longest, until the imbalance is gone.
Moved move_tasks(FairState& fair, const FairDomain& domain, const Imbalance& imbalance, CoreId to, Balancing when,
                 Nanoseconds now);

// Moves the first task there is that may go, hot or not (detach_one_task). Whether there was one.
bool move_one(FairState& fair, CoreId from, CoreId to, Nanoseconds now);

} // namespace switchyard::sim
