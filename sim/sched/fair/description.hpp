// The fair class's parameters as a scenario writes them.
#pragma once

#include "sim/sched/fair/parameters.hpp"
#include "sim/sched/registry.hpp"

#include <span>

namespace switchyard::sim {

// What there is to write, with defaults.
[[nodiscard]] std::span<const ParameterDescription> fair_parameters();

// What was written. Throws InputError, at the parameter's place, for a value that makes no sense. `given` may have
// other parameters besides.
[[nodiscard]] FairParameters read_fair_parameters(const Parameters& given);

} // namespace switchyard::sim
