// Profiles and laws by the names users give.
#pragma once

#include "models/machine/profile.hpp"

#include <span>
#include <string>
#include <vector>

namespace switchyard::cli {

// A built-in profile's name, or a file that calibrate wrote. Throws InputError.
[[nodiscard]] CostProfile profile_named(const std::string& name);

// The cost of that name. Throws InputError, with what may have been meant.
[[nodiscard]] Cost law_named(const std::string& name);

// The costs whose names begin with one of these, in their order; all where there are none. Throws InputError for a
// beginning that no name has.
[[nodiscard]] std::vector<Cost> laws_named(std::span<const std::string> beginnings);

} // namespace switchyard::cli
