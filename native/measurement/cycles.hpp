// Time stamps, the work loop, and measurements held between two runs of it.
//
// A processor's clock frequency wanders by a fifth within seconds, so nanoseconds alone do not repeat. The work loop
// takes a known number of cycles; timing it just before and just after a piece of work tells how fast the processor
// was meanwhile, and the work can be expressed in iterations of the loop: in cycles. At a fixed ("nominal") speed of
// the loop those are nanoseconds again, which do repeat. What waits for memory or for a timer gains nothing from this.
#pragma once

#include <chrono>
#include <cstdint>
#if defined(__x86_64__)
#include <x86intrin.h>
#else
#include <ctime>
#endif

namespace switchyard::native {

// What `compute` is made of: `iterations` times a multiplication and an exclusive or, each needing the result of the
// one before. One iteration is `cycles_per_iteration` cycles on current processors, however many instructions it can
// run at once. Returns the last value, which depends on all of it, so that nothing can be left out.
[[nodiscard]] std::uint64_t run_work_loop(std::uint64_t iterations, std::uint64_t seed = 1);

// Latency of a 64-bit multiplication (3) and of an exclusive or (1) on x86-64 since Haswell and Zen, and on most arm64.
inline constexpr int cycles_per_iteration = 4;

// A reading of the time stamp counter: on x86-64 the processor's (rdtsc, everything before it completed), elsewhere
// CLOCK_MONOTONIC_RAW in nanoseconds.
[[nodiscard]] inline std::uint64_t time_stamp() {
#if defined(__x86_64__)
    _mm_lfence();
    const std::uint64_t now = __rdtsc();
    _mm_lfence();
    return now;
#else
    timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u + static_cast<std::uint64_t>(now.tv_nsec);
#endif
}

// Whether the counter runs at one rate on all processors whatever their frequency (x86: invariant TSC). Where it does
// not, figures are worth little and the caller should say so.
[[nodiscard]] bool time_stamps_are_steady();

// How long a time stamp is.
struct TimeStampScale {
    double nanoseconds_per_stamp = 1;

    [[nodiscard]] double nanoseconds(std::uint64_t from, std::uint64_t to) const {
        return static_cast<double>(to - from) * nanoseconds_per_stamp;
    }
};

// Compares the counter with CLOCK_MONOTONIC_RAW over `window`; 20 ms give about one part in 10^6.
[[nodiscard]] TimeStampScale calibrate_time_stamps(std::chrono::milliseconds window = std::chrono::milliseconds{20});

// How long one iteration of the work loop takes right now, in picoseconds: the shortest of `runs` runs of about 8 us
// each, so that a timer interrupt in one of them does not count.
[[nodiscard]] double iteration_picoseconds_now(const TimeStampScale& scale, int runs = 3);

// The same over `window`, as the median of many short runs: what "nominal" means to whoever calibrates.
[[nodiscard]] double calibrate_iteration_picoseconds(const TimeStampScale& scale, std::chrono::milliseconds window);

// A piece of work between two brackets.
struct BracketedTime {
    double nanoseconds = 0;           // of the whole piece
    double iteration_picoseconds = 0; // of the work loop, mean of before and after
    double disagreement = 0;          // of the two brackets, as a share of their mean

    // What it would have taken at a nominal speed of the loop.
    [[nodiscard]] double nominal_nanoseconds(double nominal_iteration_picoseconds) const {
        return nanoseconds * nominal_iteration_picoseconds / iteration_picoseconds;
    }
    [[nodiscard]] double iterations() const { return nanoseconds * 1000 / iteration_picoseconds; }
    [[nodiscard]] double cycles() const { return iterations() * cycles_per_iteration; }
};

// Two brackets that disagree by more than this say that the processor changed its speed meanwhile, or was taken away.
inline constexpr double most_bracket_disagreement = 0.01;

[[nodiscard]] BracketedTime bracketed(double nanoseconds, double iteration_before, double iteration_after);

// Times `work()` between two runs of the work loop on the calling thread's processor.
template <class Work>
[[nodiscard]] BracketedTime measure_bracketed(const TimeStampScale& scale, Work&& work) {
    const double before = iteration_picoseconds_now(scale);
    const std::uint64_t start = time_stamp();
    work();
    const std::uint64_t end = time_stamp();
    return bracketed(scale.nanoseconds(start, end), before, iteration_picoseconds_now(scale));
}

} // namespace switchyard::native
