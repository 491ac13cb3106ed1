// The channels of a scenario as the plan has them, and which process has which of their ends.
#pragma once

#include "models/scenario/scenario.hpp"
#include "native/plan/bounds.hpp"
#include "native/plan/house.hpp"
#include "native/plan/plan.hpp"

#include <optional>
#include <string>

namespace switchyard::native {

// Why some channel cannot be had on the real operating system.
[[nodiscard]] std::optional<std::string> why_not_channels(const Scenario& scenario);

void append_channels(Plan& plan, const Scenario& scenario, const Bounds& bounds);

// The ends of the process that was appended last: those its programs use, their children's too.
void append_holdings(Plan& plan, const Scenario& scenario, const ProcessThreads& process);

} // namespace switchyard::native
