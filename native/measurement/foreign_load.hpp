// How much of a processor other programs used while something was measured on it.
//
// /proc/stat counts all tasks; what this process and its finished children used is taken off. /proc/stat is sampled at
// timer ticks: over an interval of 100 ms the answer is good to a few per cent, over a second to less than one. Time
// the hypervisor took shows only as far as it admits it (`steal`, which many leave at 0).
#pragma once

#include <chrono>
#include <span>

namespace switchyard::native {

// Under this a machine counts as quiet.
inline constexpr double quiet_foreign_load = 0.02;

// The state of the counters at one instant.
struct LoadReading {
    double busy_seconds = 0; // of the given processors, all tasks
    double own_seconds = 0;  // of this process and its reaped children, on whatever processor
    std::chrono::steady_clock::time_point time;
    std::size_t cpus = 0;
};

// Reads the counters of these processors. Throws SystemError where /proc/stat cannot be read.
[[nodiscard]] LoadReading read_load(std::span<const int> cpus);

// The share of the processors' time that foreign tasks had between two readings, 0 to 1. Children still running at
// `after`, and own tasks that ran on other processors, would be mistaken for something else: reap and pin first.
[[nodiscard]] double foreign_load(const LoadReading& before, const LoadReading& after);

} // namespace switchyard::native
