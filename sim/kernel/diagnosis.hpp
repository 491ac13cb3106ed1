// Why a run does not go on: who waits for what and whom, in words and as a graph.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// "thread 'A'", and "thread 'A' #3" where its template has several; "a carrier thread".
[[nodiscard]] std::string described(const Kernel& kernel, TaskId task);

// Looks whether the task, which waits or spins from now on, thereby closes a circle of tasks that wait for each other.
// If so that is part of the report.
void look_for_deadlock(Kernel& kernel, TaskId task);

// Nothing can happen any more: who waits for what.
[[nodiscard]] std::string diagnose_deadlock(const Kernel& kernel);

} // namespace switchyard::sim
