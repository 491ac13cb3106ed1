// From what a run recorded to its report.
#pragma once

#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"
#include "native/plan/shared_state.hpp"

#include <optional>

namespace switchyard::native {

// Everything the records say of a complete run.
void report_run(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state,
                double nominal_iteration_picoseconds, std::optional<Duration> ideal_makespan);

// How far a run came that did not end in time: the outcome, and who waits for what.
void report_unfinished(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state);

} // namespace switchyard::native
