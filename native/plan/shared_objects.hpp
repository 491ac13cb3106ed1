// What tasks synchronise by, as the plan has it; and which of it only threads of one process ever see: the kernel finds
// such futexes faster.
#pragma once

#include "models/scenario/scenario.hpp"
#include "native/plan/house.hpp"
#include "native/plan/plan.hpp"

namespace switchyard::native {

// Appends the scenario's semaphores, locks, conditions, barriers and variables to the plan.
void append_shared_objects(Plan& plan, const Scenario& scenario, const std::vector<ProcessThreads>& house);

} // namespace switchyard::native
