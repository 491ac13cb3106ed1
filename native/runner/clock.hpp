// CLOCK_MONOTONIC, in ns.
#pragma once

#include <cstdint>
#include <ctime>

namespace switchyard::native {

inline std::int64_t monotonic_nanoseconds() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

inline void sleep_until(std::int64_t monotonic) {
    const timespec until{monotonic / 1'000'000'000, monotonic % 1'000'000'000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {
    }
}

} // namespace switchyard::native
