// From the kernel's events of a run to its report and its trace.
#pragma once

#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"
#include "models/trace/event.hpp"
#include "native/capture/captured_text.hpp"
#include "native/plan/shared_state.hpp"

#include <string>

namespace switchyard::native {

// Fills run lengths, wake-up latencies, switches and the processor time in the common window of every template the
// kernel knows the tasks of, and how often they were woken and moved. What was recorded with gaps is not used; the
// notes say what is missing. The trace has all threads of the run, children and carriers too.
[[nodiscard]] Trace report_captured(Report& report, const Scenario& scenario, const PlanView& plan,
                                    const SharedState& state, const CapturedText& captured);

// Fills what the kernel's counters say instead: how often tasks were moved, how long they waited for a core and, where
// all begin together, what each had of the window until the first one's end. A note says `why` there is no more.
void report_counted(Report& report, const PlanView& plan, const SharedState& state, const std::string& why);

} // namespace switchyard::native
