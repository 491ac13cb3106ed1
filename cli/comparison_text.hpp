// Predicted beside measured, for people.
#pragma once

#include "lab/suite/validation.hpp"

#include <string>

namespace switchyard::cli {

// One row a metric of each scenario, and a summary by family where there are any.
[[nodiscard]] std::string validation_text(const lab::Validation& validation, bool coloured);

} // namespace switchyard::cli
