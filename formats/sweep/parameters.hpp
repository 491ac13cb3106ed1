// What a sweep varies, as its file says it.
#pragma once

#include "formats/yaml/node.hpp"
#include "models/sweep/sweep.hpp"

namespace switchyard::formats {

inline constexpr std::int64_t most_parameter_values = 100'000; // of one parameter

// One entry of `parameters`, its form checked. `drawn`: the design draws values from ranges, which then need no points.
[[nodiscard]] SweepParameter read_parameter(const Node& node, bool drawn);

} // namespace switchyard::formats
