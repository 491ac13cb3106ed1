// The registry's lines: one for each file of policies.
#pragma once

#include "sim/sched/registry.hpp"

namespace switchyard::sim {

extern const SchedulerDescription fifo_policy;                    // fifo.cpp
extern const SchedulerDescription first_come_first_served_policy; // likewise
extern const SchedulerDescription round_robin_policy;             // round_robin.cpp
extern const SchedulerDescription shortest_job_first_policy;      // shortest_job_first.cpp
extern const SchedulerDescription shortest_remaining_time_policy; // likewise
extern const SchedulerDescription static_priority_policy;         // static_priority.cpp
extern const SchedulerDescription mlfq_policy;                    // mlfq.cpp
extern const SchedulerDescription lottery_policy;                 // lottery.cpp
extern const SchedulerDescription stride_policy;                  // stride.cpp
extern const SchedulerDescription multiprocessor_policy;          // multiprocessor.cpp
extern const SchedulerDescription multiprogramming_policy;        // multiprogramming.cpp
extern const SchedulerDescription rate_monotonic_policy;          // fixed_priority.cpp
extern const SchedulerDescription deadline_monotonic_policy;      // likewise
extern const SchedulerDescription fixed_priority_policy;          // likewise
extern const SchedulerDescription earliest_deadline_policy;       // earliest_deadline.cpp
extern const SchedulerDescription heavy_first_policy;             // favoured_deadlines.cpp
extern const SchedulerDescription priority_driven_policy;         // likewise
extern const SchedulerDescription zero_laxity_policy;             // zero_laxity.cpp
extern const SchedulerDescription least_laxity_policy;            // least_laxity.cpp
extern const SchedulerDescription fair_lateness_policy;           // fair_lateness.cpp
extern const SchedulerDescription constant_bandwidth_policy;      // constant_bandwidth.cpp
extern const SchedulerDescription linux_stack;                    // linux/linux.cpp
extern const SchedulerDescription eevdf_stack;                    // likewise
extern const SchedulerDescription cfs_stack;                      // likewise

} // namespace switchyard::sim
