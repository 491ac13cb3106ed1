// Programs: a thread's way through its operations (operations.hpp), and a carrier's way from one of its tasks to the
// next.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// Executes operations of the thread that `core` runs until one takes time or the thread leaves the core.
void advance(Kernel& kernel, CoreId core);

// Without time passing, all cores together execute no more operations than this; beyond it the run is called a
// livelock.
inline constexpr std::uint64_t most_operations_an_instant = 200'000'000;

// Thrown by advance() when it is exceeded.
struct Livelock {
    TaskId task;
};

} // namespace switchyard::sim
