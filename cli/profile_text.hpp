// A cost profile for people.
#pragma once

#include "models/machine/profile.hpp"

#include <string>

namespace switchyard::cli {

[[nodiscard]] std::string profile_text(const CostProfile& profile, bool coloured);

} // namespace switchyard::cli
