// Programs: what each operation costs and does. The operations' meanings stand in models/scenario/program.hpp; which
// cost each is charged stands beside it in execute.cpp, one function an operation.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// Executes operations of the thread that `core` runs until one takes time or the thread leaves the core.
void advance(Kernel& kernel, CoreId core);

// Without time passing, no core executes more operations than this; beyond it the run is called a livelock.
inline constexpr std::uint64_t most_operations_an_instant = 20'000'000;

// Thrown by advance() when it is exceeded.
struct Livelock {
    TaskId task;
};

} // namespace switchyard::sim
