// A scenario at several random phases against the timer tick. What a scheduler does at ticks (slices, wake-up latency)
// depends on where in a tick a run begins, which on a real machine nobody chooses: one run's latency can be 26 us or 3
// ms.
#pragma once

#include "models/machine/profile.hpp"
#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"

#include <stop_token>
#include <vector>

namespace switchyard::lab {

// The time between two ticks of the machine the scenario is simulated on; 0: it has none.
[[nodiscard]] Duration tick_of(const Scenario& scenario, const CostProfile& profile);

// As many phases, of 0 up to a tick, drawn by the scenario's seed; all 0 where there is no tick.
[[nodiscard]] std::vector<Duration> random_phases(const Scenario& scenario, Duration tick, std::uint32_t count);

// The scenario begun `phase` later: every task becomes ready so much later. Starts that are drawn stay as they are:
// they are at random phases already.
[[nodiscard]] Scenario begun_later(Scenario scenario, Duration phase);

// Simulated at each phase; the reports also know the common window (TaskReport::window_cpu).
[[nodiscard]] std::vector<Report> simulate_phases(const Scenario& scenario, const CostProfile& profile,
                                                  const std::vector<Duration>& phases, std::stop_token stop = {});

} // namespace switchyard::lab
