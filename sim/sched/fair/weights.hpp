// Weights: how much of the processor a task is worth, and virtual time, which passes the slower the more it is.
// Integers throughout, in the kernel's fixed point, so that near-ties fall as they do there.
#pragma once

#include <cstdint>

namespace switchyard::sim {

// What the fair class reckons in; the rest of the simulator counts picoseconds.
using Nanoseconds = std::int64_t;

// A weight carries 10 bits of fraction (SCHED_FIXEDPOINT_SHIFT, include/linux/sched.h); 1 << 20 is nice 0.
using Weight = std::int64_t;
inline constexpr int weight_fraction = 10;
inline constexpr Weight nice_0_load = Weight{1} << (2 * weight_fraction);

// The whole part of a weight, 2 at least for what weighs anything (scale_load_down, kernel/sched/sched.h).
[[nodiscard]] constexpr std::int64_t scale_load_down(Weight weight) {
    if (weight == 0) return 0;
    const Weight whole = weight >> weight_fraction;
    return whole < 2 ? 2 : whole;
}

// A weight with 2^32 / its whole part, which divisions are made with (struct load_weight, include/linux/sched.h).
struct LoadWeight {
    Weight weight = nice_0_load;
    std::uint32_t inverse = 1U << 22;
    friend bool operator==(const LoadWeight&, const LoadWeight&) = default;
};

// Of a task with that nice value, -20 to 19: about 1.25 times as much for each step (sched_prio_to_weight and
// sched_prio_to_wmult, kernel/sched/core.c).
[[nodiscard]] LoadWeight weight_of_nice(int nice);

// Of a SCHED_IDLE task: 3 (WEIGHT_IDLEPRIO, kernel/sched/sched.h).
[[nodiscard]] LoadWeight weight_of_idle();

// Of a group or a queue. Its inverse is rounded down, a task's to the nearest (__update_inv_weight).
[[nodiscard]] LoadWeight weight_of_sum(Weight weight);

// delta x weight / by, the way __calc_delta (kernel/sched/fair.c) computes it: truncated, through the inverse.
[[nodiscard]] Nanoseconds calc_delta(Nanoseconds delta, Weight weight, const LoadWeight& by);

// How virtual time passes for an entity: calc_delta_fair (kernel/sched/fair.c), delta x 1024 / weight, with what does
// not depend on delta worked out beforehand. Times are not negative.
struct VirtualRate {
    std::uint32_t multiplier = 1;
    std::uint8_t shift = 0;

    [[nodiscard]] Nanoseconds virtual_time(Nanoseconds delta) const;

    // The shortest time in which virtual time advances by `advance` or more.
    [[nodiscard]] Nanoseconds time_until(Nanoseconds advance) const;
};
[[nodiscard]] VirtualRate rate_of(const LoadWeight& load);

} // namespace switchyard::sim
