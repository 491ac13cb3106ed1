// What the simulator predicts for a scenario, with everything one asks of a prediction: pure work and intervals.
#pragma once

#include "sim/simulate.hpp"

namespace switchyard::lab {

// Simulates the scenario, and once more with everything but the work for free: Report::pure_work is that makespan, so
// that Report::overhead() is what the design costs. References to memory (`memory.reference`) are work.
[[nodiscard]] Report predict(const Scenario& scenario, const CostProfile& profile,
                             const sim::SimulationOptions& options = {});

// The makespan of the scenario if everything but the work were free and noticed at once; absent where that run does not
// complete. What of the work the scenario does not say itself, references to memory, is the profile's.
[[nodiscard]] std::optional<Duration> pure_work(const Scenario& scenario, const CostProfile& profile,
                                                std::stop_token stop = {});

// The run that says so: the scenario with everything but the work for free.
[[nodiscard]] Report simulate_work(const Scenario& scenario, const CostProfile& profile,
                                   const sim::SimulationOptions& options = {});

// The scenario on processors so many times as fast. How often something happens depends on how long the work takes, and
// a clock that has gone up by a tenth since the calibration is no error of the prediction.
[[nodiscard]] Scenario at_speed(Scenario scenario, double speed);

// Report::pure_work of a native run: what the work alone takes at the speed its processors had. Waits take as long at
// any speed. Nothing changes where the report does not know its speed.
void set_pure_work(Report& report, const Scenario& scenario, const CostProfile& profile, std::stop_token stop = {});

// A report, and the same run with every cost at the low and at the high end of its interval: the range the prediction
// is believed to lie in if all costs err the same way.
struct Prediction {
    Report report;
    Report low;
    Report high;
};
[[nodiscard]] Prediction predict_with_interval(const Scenario& scenario, const CostProfile& profile,
                                               std::stop_token stop = {});

} // namespace switchyard::lab
