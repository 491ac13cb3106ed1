// Periodic and sporadic tasks as real-time analysis has them (Liu and Layland 1973, "Scheduling algorithms for
// multiprogramming in a hard-real-time environment", JACM 20(1); Mok 1983 for the sporadic ones): what
// fixed_priority.hpp, earliest_deadline.hpp and multiprocessor.hpp speak about.
//
// Tasks only compute between release and end, do not depend on each other and may be preempted at any instant. Nothing
// is assumed about when they first arrive: the results hold for every offset, and the worst is met where all arrive
// together (on one core under fixed priorities).
#pragma once

#include "models/units/time.hpp"

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard {

// One task: an endless sequence of jobs.
struct PeriodicTask {
    Duration execution{}; // the most that a job works (C)
    Duration period{};    // between two arrivals: exactly (periodic) or at least (sporadic) (T)
    Duration deadline{};  // by when a job must have ended, counted from its arrival; may exceed the period (D)
    Duration jitter{};    // the most that a job's release comes after its arrival (J): a timer's latency, say
    Duration blocking{};  // the most that a job waits for work of lower priority: its longest lock or system call (B)
};

// A task whose deadline is its next arrival.
[[nodiscard]] constexpr PeriodicTask implicit_deadline_task(Duration execution, Duration period) {
    return {.execution = execution, .period = period, .deadline = period};
}

// Throws InputError, with the number of the task counted from 1, unless each one has execution, period and deadline
// above 0 and neither jitter nor blocking below 0.
void require_valid(std::span<const PeriodicTask> tasks);

// Also throws where a deadline is not the period, or there is jitter or blocking: theorems named `theorem` that are
// proven for nothing else.
void require_implicit_deadlines(std::span<const PeriodicTask> tasks, const char* theorem);

// The share of one core that the tasks need, the sum of C/T: 1.5 is one and a half cores. Rounded: where it is to be
// compared, use the next one.
[[nodiscard]] double utilisation(std::span<const PeriodicTask> tasks);

// How the sum of C/T compares with a number of cores; exact for any periods.
[[nodiscard]] std::strong_ordering compare_utilisation(std::span<const PeriodicTask> tasks, std::uint32_t cores);

// The tasks where each job pays for two switches, the one to it and the one to what goes on after it (Katcher, Arakawa
// and Strosnider 1993, "Engineering and analysis of fixed priority schedulers", IEEE TSE 19(9); Burns, Tindell and
// Wellings 1995, "Effective analysis for engineering real-time fixed priority schedulers", IEEE TSE 21(5)). A job
// causes no others, so this bounds every preemptive schedule in which jobs keep their priority. A switch once begun is
// finished: the wait for it, at most one a busy period, is covered by the second switch of the analysed job itself,
// which comes after its end. Throws InputError for a negative cost and TimeOverflow.
[[nodiscard]] std::vector<PeriodicTask> with_switches(std::span<const PeriodicTask> tasks, Duration switch_cost);

} // namespace switchyard
