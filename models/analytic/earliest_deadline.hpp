// Preemptive earliest-deadline-first scheduling on one core in closed form: what SCHED_DEADLINE is measured against.
// Exact, in integer picoseconds.
//
// A job released late has as much less time until its deadline: a task with jitter J demands what one with the deadline
// D - J does. All throw InputError for tasks that `require_valid` refuses, and for tasks with blocking, which these
// tests do not know. For switches that cost something, analyse `with_switches(tasks, cost)`.
#pragma once

#include "models/analytic/periodic_task.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace switchyard {

// The demand bound function: the work of all jobs that may be both released and due within an interval of that length,
//     h(t) = sum of max(0, floor((t - D + J) / T) + 1) C
// (Baruah, Mok and Rosier 1990, "Preemptively scheduling hard-real-time sporadic tasks on one processor", RTSS).
// Throws TimeOverflow, and InputError for a negative interval.
[[nodiscard]] Duration demand_bound(std::span<const PeriodicTask> tasks, Duration interval);

// Whether no deadline is ever missed: h(t) <= t at every deadline up to the end of the first busy period or to
// max(max(D - T), sum((T - D) C / T) / (1 - U)), whichever comes first (Baruah, Rosier and Howell 1990, "Algorithms and
// complexity concerning the preemptive scheduling of periodic, real-time tasks on one processor", Real-Time Systems
// 2(4)). The plain test, as slow as there are deadlines. Throws TimeOverflow where that end is beyond virtual time.
[[nodiscard]] bool earliest_deadline_schedulable_by_demand(std::span<const PeriodicTask> tasks);

// The same answer, looking only at a few of these deadlines, from the last one backwards: quick processor-demand
// analysis (Zhang and Burns 2009, "Schedulability analysis for real-time systems with EDF scheduling", IEEE TC 58(9)).
[[nodiscard]] bool earliest_deadline_schedulable(std::span<const PeriodicTask> tasks);

// The worst time from arrival to end of a job of `tasks[task]`, equal deadlines going against it. Not met where all
// tasks arrive together: for each instant a at which the job could arrive in a busy period begun by all *others*
// together, the work due no later than the job is followed until it is done (Spuri 1996, "Analysis of deadline
// scheduled real-time systems", INRIA report 2772, for the jitter too; George, Rivierre and Spuri 1996, INRIA 2966).
// Right also where deadlines are missed, unless the core has more than it can do: nothing where the utilisation exceeds
// 1, and where it is 1 and there is jitter, as the busy period has no end. Takes time proportional to the number of
// deadlines in a busy period and its length. Throws InputError unless there is such a task, and TimeOverflow where the
// busy period is beyond virtual time.
[[nodiscard]] std::optional<Duration> earliest_deadline_response_time(std::span<const PeriodicTask> tasks,
                                                                      std::size_t task);

} // namespace switchyard
