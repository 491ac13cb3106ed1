// Profiles by the names scenarios, sweeps and users give.
#pragma once

#include "models/errors.hpp"
#include "models/machine/profile.hpp"

#include <filesystem>
#include <string>

namespace switchyard::lab {

// The built-in profile of that name, else the file of that name, relative to `folder`. Throws InputError, at `where`,
// where there is neither.
[[nodiscard]] CostProfile find_profile(const std::string& name, const std::filesystem::path& folder,
                                       const SourceLocation& where);

} // namespace switchyard::lab
