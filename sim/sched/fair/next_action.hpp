// The tick, and when the next one will matter: the kernel looks at every tick whether the running task is to be taken
// off; here it is worked out beforehand which tick that will be.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// A tick on a core that runs a task of this class (task_tick_fair): time is accounted for on every level, shares are
// brought up to date, and `need_resched` is set if the task has had its turn.
void tick(FairState& fair, CoreId core, Nanoseconds now);

// The first instant at which `tick` would do that if nothing else happened.
[[nodiscard]] Action next_action_of(FairState& fair, CoreId core, Nanoseconds now);

} // namespace switchyard::sim
