// A scenario in virtual time: the simulator's front door.
#pragma once

#include "models/machine/profile.hpp"
#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"
#include "models/trace/event.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

namespace switchyard::sim {

struct SimulationOptions {
    Trace* trace = nullptr;                            // recorded here where given
    std::optional<std::uint64_t> shuffle_ties;         // events of one instant in an order drawn from this seed
    std::stop_token stop;                              // requested from outside: the run ends, interrupted
    std::function<void(Time, std::uint64_t)> progress; // now and then: virtual time and events so far
    std::optional<std::uint64_t> most_events = {};     // beyond which the run ends, interrupted; always at the same
};

// Runs the scenario under the profile's costs until every task has ended, nothing can happen any more, or it is
// stopped. The same scenario, profile, seed and options give the same report and trace, byte for byte.
// Report::pure_work is not filled: see lab/predict.hpp.
//
// Throws InputError for an invalid scenario or an unknown policy, TimeOverflow beyond 106 days of virtual time. Several
// simulations may run at once in several threads. Cost: O(log n) in the events pending, see bench/simulation.cpp.
[[nodiscard]] Report simulate(const Scenario& scenario, const CostProfile& profile,
                              const SimulationOptions& options = {});

// Throws what `simulate` would throw before it begins: for an invalid scenario, an unknown policy, a parameter of it
// that makes no sense.
void check(const Scenario& scenario, const CostProfile& profile);

} // namespace switchyard::sim
