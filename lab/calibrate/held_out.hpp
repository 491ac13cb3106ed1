// Which amounts a law is judged by without having seen them.
//
// A law that is drawn through all that was measured always looks good. So probes of laws over a quantity are measured
// at further amounts that no law is fitted to, chosen by rule, never by name: between every second pair of neighbouring
// amounts, from the first pair on, the one that is as many times the lower as the higher is of it (the geometric mean,
// on a scale of which costs usually are straight lines), as a whole number, from a page on in whole pages where it is
// bytes; half of the higher where the lower is 0; none where no whole number lies between.
#pragma once

#include "models/machine/law.hpp"
#include "native/probes/probe.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::lab {

// Of the share of the time that a probe has at each of its amounts, what it has at one that is held out.
inline constexpr double held_out_weight = 0.5;

// The amounts to hold out between those given, which increase.
[[nodiscard]] std::vector<std::int64_t> amounts_between(std::span<const std::int64_t> amounts, Quantity over);

// The same for a probe; none where no law is taken over its amounts.
[[nodiscard]] std::vector<std::int64_t> held_out_amounts(const native::Probe& probe);

} // namespace switchyard::lab
