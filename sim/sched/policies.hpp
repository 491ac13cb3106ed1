// The registry's lines: one for each file of policies.
#pragma once

#include "sim/sched/registry.hpp"

namespace switchyard::sim {

extern const SchedulerDescription fifo_policy;                    // fifo.cpp
extern const SchedulerDescription round_robin_policy;             // round_robin.cpp
extern const SchedulerDescription shortest_job_first_policy;      // shortest_job_first.cpp
extern const SchedulerDescription shortest_remaining_time_policy; // likewise
extern const SchedulerDescription static_priority_policy;         // static_priority.cpp
extern const SchedulerDescription mlfq_policy;                    // mlfq.cpp
extern const SchedulerDescription lottery_policy;                 // lottery.cpp
extern const SchedulerDescription stride_policy;                  // stride.cpp
extern const SchedulerDescription multiprogramming_policy;        // multiprogramming.cpp

} // namespace switchyard::sim
