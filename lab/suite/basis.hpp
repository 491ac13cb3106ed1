// Whether a prediction was charged what had been measured, or what lies between.
//
// A law over a quantity (bytes, pages, tasks) is fitted to some amounts of it. A scenario that is charged at those
// amounts only says how well the fit reproduces its own points; one that is charged at others says how well it
// predicts. Which of the two it is is found out by asking the simulator: the scenario is simulated with laws that are
// the same at every measured amount, and dearer everywhere else. Where that changes nothing, it was charged at measured
// amounts. Laws without a quantity count as measured wherever they are charged.
#pragma once

#include "lab/suite/validation.hpp"
#include "models/machine/cost.hpp"
#include "models/scenario/scenario.hpp"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::lab {

// The amounts of the law's quantity that it was fitted to, ascending; none where it has no quantity, has several, or
// does not say. Those that were held out are not among them.
[[nodiscard]] std::vector<std::int64_t> fitted_amounts(const Law& law);

struct Charged {
    Basis basis = Basis::fitted;
    std::vector<std::string> unmeasured; // names of the laws that were charged at amounts they were not fitted to
};

// Nothing where the simulation does not complete.
[[nodiscard]] std::optional<Charged> how_charged(const Scenario& scenario, const CostProfile& profile,
                                                 std::stop_token stop = {});

} // namespace switchyard::lab
