// The probes of hand-overs and messages as scenarios.
#pragma once

#include "lab/calibrate/closure.hpp"

#include <optional>

namespace switchyard::lab {

// Nothing for a probe of something else.
[[nodiscard]] std::optional<ClosureCase> case_of_communication(const std::string& probe, std::int64_t amount);

} // namespace switchyard::lab
