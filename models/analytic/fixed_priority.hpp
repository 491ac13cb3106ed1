// Preemptive fixed-priority scheduling on one core in closed form: what rate-monotonic and deadline-monotonic sets come
// to under SCHED_FIFO with a priority each, exact to the picosecond for the response times.
//
// All throw InputError for tasks that `require_valid` refuses. For switches that cost something, analyse
// `with_switches(tasks, cost)`.
#pragma once

#include "models/analytic/periodic_task.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace switchyard {

// n (2^(1/n) - 1): up to that utilisation n tasks with implicit deadlines meet them under rate-monotonic priorities
// (Liu and Layland 1973, theorem 5). 1 for one task, ln 2 = 0.693 in the limit. Throws InputError for no task.
[[nodiscard]] double liu_layland_bound(std::size_t tasks);

// Whether the utilisation is within that bound: enough for rate-monotonic priorities to meet all deadlines, not
// necessary. Exact. Throws InputError unless the deadlines are implicit.
[[nodiscard]] bool within_liu_layland_bound(std::span<const PeriodicTask> tasks);

// Whether the product of (C/T + 1) is at most 2: enough for rate-monotonic priorities, not necessary, and never
// stricter than the bound before (Bini, Buttazzo and Buttazzo 2003, "Rate monotonic analysis: the hyperbolic bound",
// IEEE TC 52(7)). Exact. Throws InputError unless the deadlines are implicit.
[[nodiscard]] bool within_hyperbolic_bound(std::span<const PeriodicTask> tasks);

// The worst time from arrival to end of a job of `tasks[task]`, where `tasks` stand in the order of their priorities,
// the highest first. Exact for sporadic tasks (for periodic ones too, where some offsets let all arrive together and
// the jitter and blocking do happen), whatever the deadlines: all jobs of the busy period that begins with an arrival
// of all tasks together are looked at,
//     w(q) = B + (q + 1) C + sum over higher priorities of ceil((w(q) + J_h) / T_h) C_h,
//     R = max over q of w(q) - q T + J
// (Joseph and Pandya 1986, "Finding response times in a real-time system", Computer Journal 29(5); Audsley et al. 1993,
// "Applying new scheduling theory to static priority pre-emptive scheduling", Software Engineering Journal 8(5), for
// jitter and blocking; Lehoczky 1990, "Fixed priority scheduling of periodic task sets with arbitrary deadlines",
// RTSS, for the busy period; Tindell, Burns and Wellings 1994, Real-Time Systems 6(2), for all of it).
//
// Nothing where the response time exceeds `limit`, and where it has no bound because the task and those above need
// more than the core. A job that overruns its deadline is neither aborted nor does the next one overtake it. Takes time
// proportional to the length of the busy period, which is the longer the nearer the utilisation is to 1. Throws
// InputError unless there is such a task, and TimeOverflow where the busy period is beyond virtual time.
[[nodiscard]] std::optional<Duration> fixed_priority_response_time(std::span<const PeriodicTask> tasks,
                                                                   std::size_t task, Duration limit = Duration::max());

// Whether no job of any task ends after its deadline, with priorities in the order of `tasks`: exact, as above.
[[nodiscard]] bool fixed_priority_schedulable(std::span<const PeriodicTask> tasks);

} // namespace switchyard
