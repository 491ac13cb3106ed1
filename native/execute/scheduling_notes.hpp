// What the kernel was told of a run's tasks, and in what a run differs from what the scenario asks for.
#pragma once

#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"
#include "native/plan/shared_state.hpp"

#include <string>

namespace switchyard::native {

// The policies of a scenario's tasks under their names in sched(7): "SCHED_FIFO, SCHED_OTHER".
[[nodiscard]] std::string kernel_policies(const Scenario& scenario);

// Notes on a policy that is not Linux's, on sessions, on attributes the kernel refused, on reservations that cannot be
// bound to processors, on carried tasks that differ in what they ask for.
void note_scheduling(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state);

} // namespace switchyard::native
