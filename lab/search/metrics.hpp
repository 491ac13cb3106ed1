// The metrics that a search goes by, among those a sweep keeps.
#pragma once

#include "lab/results/database.hpp"
#include "lab/sweep/plan.hpp"

#include <string>
#include <vector>

namespace switchyard::lab {

// Metrics that the sweep does not keep are kept from now on, as figures or expressions. Throws InputError for a name
// that is a parameter's.
void keep_metrics(Sweep& sweep, const std::vector<std::string>& names);

// The unit of a parameter's or metric's values. Throws InputError with a suggestion for what is neither.
[[nodiscard]] ValueUnit unit_of(const SweepPlan& plan, const std::string& name);

} // namespace switchyard::lab
