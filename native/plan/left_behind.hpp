// What the kernel keeps when all processes of a run are gone.
#pragma once

#include "native/plan/shared_state.hpp"

namespace switchyard::native {

// Removes the run's System V queues, once. By a process of the run or, where the run has no IPC namespace of its own
// (then they are gone with it, and their numbers mean others here), by whoever started it. Async-signal-safe.
void remove_system_v_queues(const SharedState& state);

} // namespace switchyard::native
