// A cost profile for people.
#pragma once

#include "models/machine/profile.hpp"

#include <string>

namespace switchyard::cli {

// "461.2 ns", "8.4 KiB": a cost in picoseconds or bytes.
[[nodiscard]] std::string cost_text(double value, CostUnit unit);

[[nodiscard]] std::string profile_text(const CostProfile& profile, bool coloured);

} // namespace switchyard::cli
