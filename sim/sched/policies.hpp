// The registry's lines: one for each file of policies.
#pragma once

#include "sim/sched/policy.hpp"

namespace switchyard::sim {

extern const PolicyDescription fifo_policy;        // fifo.cpp
extern const PolicyDescription round_robin_policy; // round_robin.cpp

} // namespace switchyard::sim
