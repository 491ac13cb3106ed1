// A cost profile for people.
#pragma once

#include "models/machine/profile.hpp"

#include <string>

namespace switchyard::cli {

// "461.2 ns", "8.4 KiB": a cost in picoseconds or bytes.
[[nodiscard]] std::string cost_text(double value, CostUnit unit);

// One line: what it is called, of which machine, when, under what load.
[[nodiscard]] std::string origin_text(const CostProfile& profile, bool coloured);

// Every law with its interval and how far it is from what was measured, the kernel's parameters, the warnings.
[[nodiscard]] std::string profile_text(const CostProfile& profile, bool coloured);

// One law with every point it was fitted to or judged by.
[[nodiscard]] std::string law_details_text(const CostProfile& profile, Cost cost, bool coloured);

} // namespace switchyard::cli
