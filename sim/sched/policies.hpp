// The registry's lines: one for each file of policies.
#pragma once

#include "sim/sched/registry.hpp"

namespace switchyard::sim {

extern const SchedulerDescription fifo_policy;        // fifo.cpp
extern const SchedulerDescription round_robin_policy; // round_robin.cpp
extern const SchedulerDescription linux_stack;        // linux/linux.cpp, and the next two
extern const SchedulerDescription eevdf_stack;
extern const SchedulerDescription cfs_stack;

} // namespace switchyard::sim
