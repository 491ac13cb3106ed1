// Virtual time moves: everything that happens at the next instant something happens at.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// Handles the events of the next instant, if that is at `limit` at the latest, and runs the cores. What happens at one
// instant happens in the order of KernelEvent::Kind, and of one kind in the order it was scheduled in. Returns how many
// events there were; 0: nothing is left to happen by then.
std::uint64_t next_instant(Kernel& kernel, Time limit = never);

} // namespace switchyard::sim
