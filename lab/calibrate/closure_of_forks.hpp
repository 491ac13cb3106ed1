// Closure cases of what forks and ends of processes take longer for what a process has, and of waits.
#pragma once

#include "lab/calibrate/closure.hpp"

namespace switchyard::lab {

[[nodiscard]] std::optional<ClosureCase> case_of_forking(const std::string& probe);

} // namespace switchyard::lab
