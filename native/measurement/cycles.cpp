#include "native/measurement/cycles.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <vector>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace switchyard::native {

#if defined(__clang__)
[[gnu::noinline]]
#else
[[gnu::noipa]]
#endif
std::uint64_t
run_work_loop(std::uint64_t iterations, std::uint64_t seed) {
    std::uint64_t value = seed;
    const std::uint64_t multiplier = 0x9E3779B97F4A7C15u; // odd: no value is ever lost
    const std::uint64_t mask = 0xD1B54A32D192ED03u;
    for (; iterations > 0; --iterations) value = (value * multiplier) ^ mask;
    return value;
}

// A sink the compiler cannot see through: the loop's result has to exist.
static void consume(std::uint64_t value) { asm volatile("" : : "r"(value)); }

bool time_stamps_are_steady() {
#if defined(__x86_64__)
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(0x80000007u, &a, &b, &c, &d)) return false;
    return (d & (1u << 8)) != 0; // "invariant TSC", AMD64 APM vol. 3 and Intel SDM vol. 2, CPUID
#else
    return true;
#endif
}

// The counter and the clock at the same instant: of several readings the one with the least time between its two ends.
struct SimultaneousReading {
    std::uint64_t stamp = 0;
    double nanoseconds = 0;
};

static SimultaneousReading read_both() {
    SimultaneousReading best;
    std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
    for (int attempt = 0; attempt < 16; ++attempt) {
        const std::uint64_t before = time_stamp();
        timespec now;
        clock_gettime(CLOCK_MONOTONIC_RAW, &now);
        const std::uint64_t after = time_stamp();
        if (after - before >= shortest) continue;
        shortest = after - before;
        best = {before + shortest / 2, static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec)};
    }
    return best;
}

TimeStampScale calibrate_time_stamps(std::chrono::milliseconds window) {
    const SimultaneousReading first = read_both();
    SimultaneousReading last;
    do {
        consume(run_work_loop(100'000));
        last = read_both();
    } while (last.nanoseconds - first.nanoseconds < static_cast<double>(window.count()) * 1e6);
    return {(last.nanoseconds - first.nanoseconds) / static_cast<double>(last.stamp - first.stamp)};
}

double iteration_picoseconds_now(const TimeStampScale& scale, int runs) {
    constexpr std::uint64_t iterations = 8192;
    std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
    for (int run = 0; run < runs; ++run) {
        const std::uint64_t start = time_stamp();
        consume(run_work_loop(iterations));
        shortest = std::min(shortest, time_stamp() - start);
    }
    return scale.nanoseconds(0, shortest) * 1000 / static_cast<double>(iterations);
}

double calibrate_iteration_picoseconds(const TimeStampScale& scale, std::chrono::milliseconds window) {
    const double limit = static_cast<double>(window.count()) * 1e6;
    std::vector<double> readings;
    const std::uint64_t start = time_stamp();
    do readings.push_back(iteration_picoseconds_now(scale));
    while (scale.nanoseconds(start, time_stamp()) < limit);
    const auto middle = readings.begin() + static_cast<std::ptrdiff_t>(readings.size() / 2);
    std::nth_element(readings.begin(), middle, readings.end());
    return *middle;
}

BracketedTime bracketed(double nanoseconds, double iteration_before, double iteration_after) {
    const double mean = (iteration_before + iteration_after) / 2;
    return {nanoseconds, mean, std::abs(iteration_before - iteration_after) / mean};
}

} // namespace switchyard::native
