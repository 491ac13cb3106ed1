// Virtual time: an integer count of picoseconds.
//
// A coroutine switch costs under 2 ns, so nanoseconds are too coarse; 2^63 ps is 106 days, so doubles are not needed.
// Durations and instants are std::chrono types: they add, subtract and compare as one expects, never mix up by
// accident, and cost nothing. chrono arithmetic itself does not check for overflow: whatever makes a new instant from
// outside figures goes through `checked_add` / `checked_multiply`.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>

namespace switchyard {

// A length of time, in picoseconds.
using Duration = std::chrono::duration<std::int64_t, std::pico>;

// The clock of a simulation. It has no `now()`: the time of a simulation belongs to that simulation.
struct VirtualClock {
    using duration = Duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<VirtualClock>;
    static constexpr bool is_steady = true;
};

// An instant of virtual time; a simulation starts at Time{} (0 ps).
using Time = VirtualClock::time_point;

// Later than everything that happens.
inline constexpr Time never = Time::max();

// Thrown when an instant or a length of time would not fit in 2^63 ps (106 days).
struct TimeOverflow : std::overflow_error {
    using std::overflow_error::overflow_error;
};

namespace detail {
// Out of line of the fast path; throws TimeOverflow.
[[noreturn]] void throw_time_overflow(const char* what);
} // namespace detail

// `a + b`, or TimeOverflow.
[[nodiscard]] inline Duration checked_add(Duration a, Duration b) {
    std::int64_t sum;
    if (__builtin_add_overflow(a.count(), b.count(), &sum)) detail::throw_time_overflow("adding two durations");
    return Duration{sum};
}

// `instant + length`, or TimeOverflow.
[[nodiscard]] inline Time checked_add(Time instant, Duration length) {
    return Time{checked_add(instant.time_since_epoch(), length)};
}

// `length * factor`, or TimeOverflow.
[[nodiscard]] inline Duration checked_multiply(Duration length, std::int64_t factor) {
    std::int64_t product;
    if (__builtin_mul_overflow(length.count(), factor, &product)) detail::throw_time_overflow("multiplying a duration");
    return Duration{product};
}

// Seconds as a floating-point number, for people and statistics; never fed back into a simulation.
[[nodiscard]] constexpr double seconds(Duration length) { return static_cast<double>(length.count()) * 1e-12; }

// The nearest duration to a number of seconds; TimeOverflow when it does not fit or is not a number.
[[nodiscard]] Duration from_seconds(double value);

} // namespace switchyard
