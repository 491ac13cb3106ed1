// The runner's first process: makes the others, opens the barrier, and buries them all.
#pragma once

#include "native/runner/task.hpp"

namespace switchyard::native {

// Runs the plan in the shared state; returns when nothing of it is left. Throws SystemError where something that the
// run needs is not to be had.
void conduct(const Run& run);

} // namespace switchyard::native
