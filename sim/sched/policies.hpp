// The registry's lines: one for each file of policies.
#pragma once

#include "sim/sched/registry.hpp"

namespace switchyard::sim {

extern const SchedulerDescription fifo_policy;        // fifo.cpp
extern const SchedulerDescription round_robin_policy; // round_robin.cpp

} // namespace switchyard::sim
