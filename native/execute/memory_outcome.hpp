// What a run recorded of memory, for its report.
#pragma once

#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"
#include "native/plan/shared_state.hpp"

#include <cstdint>
#include <optional>

namespace switchyard::native {

// Observations; what tasks did and their processes had, as far as it is known; who died of a forbidden reference.
// `kills`: of processes that reached their limit, where there are limits. Everything else of the report is there.
//
// Where somebody observes, a task's faults are those of its memory operations, and the sizes its process ends with are
// those of the scenario's regions. Else they are those of the whole thread between its beginning and its end
// (getrusage(2)), the runner's own few among them, and only the peak of what is resident is known, of process tasks: by
// how much the process's has risen since the beginning.
void report_memory(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state,
                   std::optional<std::uint64_t> kills);

} // namespace switchyard::native
