// What tasks synchronise by, as the plan has it; and which of it only threads of one process ever see: the kernel finds
// such futexes faster.
#pragma once

#include "models/scenario/scenario.hpp"
#include "native/plan/plan.hpp"

#include <optional>
#include <string>

namespace switchyard::native {

// Appends the scenario's semaphores, locks, conditions, barriers and variables to the plan.
void append_shared_objects(Plan& plan, const Scenario& scenario);

// Why carried tasks cannot wait asynchronously as they are to: for what other processes use, too.
[[nodiscard]] std::optional<std::string> why_not_asynchronous(const Scenario& scenario);
// Likewise its devices, once all tasks are counted: none of them asks for two things at once.
void append_devices(Plan& plan, const Scenario& scenario);

} // namespace switchyard::native
