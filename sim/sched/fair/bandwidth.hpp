// Bandwidth: a group with a quota may run for so long in each period, all cores together (cpu.max, cgroups(7);
// kernel/sched/fair.c, "CFS bandwidth control machinery"). A core takes its queue's time from the group's in slices; a
// queue that has used up its own and finds none left is throttled: its entity leaves the parent's queue, and with it
// everything below. The period's timer brings new time and lets throttled queues go on, in the order they stopped; what
// a core that goes idle does not need it gives back. Time is noticed at ticks, so that a queue overdraws, and pays
// later. Periods end at multiples of their length; the kernel offsets them at random.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// The bandwidth a group as described has at the beginning.
void init_bandwidth(Bandwidth& bandwidth, const Group& description);

// The queue's running entity has used `ran` (account_cfs_rq_runtime).
void account_cfs_rq_runtime(FairState& fair, FairQueue& queue, Nanoseconds ran, Nanoseconds now);

// Throttles the queue if it has no time left; whether it is throttled.
bool throttle_without_runtime(FairState& fair, FairQueue& queue, Nanoseconds now);
inline bool check_cfs_rq_runtime(FairState& fair, FairQueue& queue, Nanoseconds now) {
    return queue.bounded && queue.runtime_remaining <= 0 && throttle_without_runtime(fair, queue, now);
}

// The same for a queue that something has joined.
void check_enqueue_throttle(FairState& fair, FairQueue& queue, Nanoseconds now);

// The queue is empty: it gives back what it has, but a little.
void return_cfs_rq_runtime(FairState& fair, FairQueue& queue, Nanoseconds now);

// The timers: a period is over; what was given back is handed out.
void end_period(FairState& fair, std::uint32_t group, Nanoseconds now);
void hand_out_slack(FairState& fair, std::uint32_t group, Nanoseconds now);

} // namespace switchyard::sim
