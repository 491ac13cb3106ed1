// The closure test of a calibration: every probe is also a scenario, and simulated under the profile that was fitted
// from the probes, it takes what the probe's stopwatch saw. It shows that the simulator charges exactly what the laws
// had taken apart: nothing twice, nothing forgotten.
#pragma once

#include "lab/calibrate/calibrate.hpp"
#include "lab/calibrate/laws.hpp"
#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::lab {

using Simulator = std::function<Report(const Scenario&, const CostProfile&)>;

// A probe as two scenarios, one of which does the probe's sequence more often: their difference is free of how runs
// begin and end.
struct ClosureCase {
    std::string probe;
    std::int64_t amount = 0;
    Scenario few;
    Scenario many;
    std::vector<std::string> metrics{"makespan"}; // the figures that grow, added
    std::string count;                            // the counter that tells how often more; empty: `repetitions`
    double repetitions = 1;                       // how often `many` does it more than `few`
    double asked = 0;          // ps of the difference that are the scenario's own wish (a sleep), each time
    Duration work{};           // of the difference that is pure work, altogether
    std::vector<Part> besides; // costs the scenario has and the probe has not, each time
    std::string beyond;        // the probe sees all of this one besides
    std::vector<Cost>
        averaged;         // one constant for several amounts: each may be off by as much as the law's interval says
    double allowance = 0; // share by which one law over several amounts or pairs may miss each: 0 where it is exact
};

// The cases for all probes that have a figure and whose laws are all there. At an amount that was held out the law is a
// prediction, not what was taken apart: no case. A probe that only serves to take another
// apart (futex_thread_shared, call_after_staying) is no case.
[[nodiscard]] std::vector<ClosureCase> closure_cases(const Calibration& calibration);

// The probes that should be cases but are none, because no figure of a report is what they see.
[[nodiscard]] std::span<const std::string_view> not_yet_simulated();

struct ClosureResult {
    std::string probe;
    std::int64_t amount = 0;
    double measured = 0;  // the raw median, in ps or bytes
    Interval interval;    // of it, widened by the allowance
    double simulated = 0; // in ps or bytes

    [[nodiscard]] bool holds() const { return interval.low <= simulated && simulated <= interval.high; }
};

// Simulates one case; nothing where the report does not know the metric.
[[nodiscard]] std::optional<ClosureResult> check_closure(const ClosureCase& one, const Calibration& calibration,
                                                         const Simulator& simulate);

// All of them.
[[nodiscard]] std::vector<ClosureResult> check_closure(const Calibration& calibration, const Simulator& simulate);

} // namespace switchyard::lab
