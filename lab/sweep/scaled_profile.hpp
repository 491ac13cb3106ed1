// A profile some of whose laws are multiplied: "what if switching cost half as much?"
#pragma once

#include "models/machine/profile.hpp"

#include <array>
#include <string_view>
#include <vector>

namespace switchyard::lab {

// One a cost.
using LawFactors = std::array<double, costs>;

// The costs that "switch.context" or "switch.*" names; none where it names nothing.
[[nodiscard]] std::vector<Cost> costs_matching(std::string_view pattern);

// The law with all its figures so many times as large, the ends of its interval too.
[[nodiscard]] Law scaled(const Law& law, double factor);

// The profile as far as results follow from it: without where its figures come from.
[[nodiscard]] CostProfile without_origins(CostProfile profile);

} // namespace switchyard::lab
