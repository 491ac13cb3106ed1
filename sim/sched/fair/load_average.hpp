// Load averages (PELT, per-entity load tracking; kernel/sched/pelt.c): how much of its recent time something ran or
// waited, the recent past counting most. Time is cut into periods of 1,024 x 1,024 ns; what was n periods ago counts
// y^n, and y^32 = 1/2. Sums are integers, kept as they are until somebody wants to know: nothing is done while time
// merely passes.
//
// Periods begin at multiples of their length for everybody. In the kernel they begin with the queue that an entity was
// on, which makes no difference of more than a period.
#pragma once

#include "sim/sched/fair/weights.hpp"

#include <algorithm>
#include <array>

namespace switchyard::sim {

// Times of averages: units of 1,024 ns. A period has as many.
using LoadTime = std::int64_t;
inline constexpr std::int64_t load_period = 1024;
[[nodiscard]] constexpr LoadTime load_time(Nanoseconds now) { return now >> 10; }

// What is there for ever is this much (LOAD_AVG_MAX), at the end of a period.
inline constexpr std::int64_t greatest_load_sum = 47742;

// Capacity and utilization of one core (SCHED_CAPACITY_SCALE).
inline constexpr std::int64_t capacity_scale = 1024;

// y^n for n below 32, in 1/2^32: (2^32 - 1) y^n, rounded down (runnable_avg_yN_inv).
extern const std::array<std::uint32_t, 32> decay_factors;

// sum x y^periods (decay_load), of a sum below 2^32.
[[nodiscard]] inline std::uint64_t decay_small(std::uint64_t sum, std::uint64_t periods) {
    if (periods == 0) return sum;
    if (periods >= 64 * 32) return 0;
    return ((sum >> (periods / 32)) * decay_factors[periods % 32]) >> 32;
}

// Of any: in two halves.
[[nodiscard]] inline std::uint64_t decay_load(std::uint64_t sum, std::uint64_t periods) {
    if (periods == 0) return sum;
    if (periods >= 64 * 32) return 0;
    sum >>= periods / 32;
    const std::uint64_t factor = decay_factors[periods % 32];
    return (sum >> 32) * factor + (((sum & 0xffffffffU) * factor) >> 32);
}

// What a sum is divided by to give an average (get_pelt_divider): what it would be if something had always been there.
[[nodiscard]] constexpr std::int64_t load_divider(LoadTime at) {
    return greatest_load_sum - load_period + static_cast<LoadTime>(static_cast<std::uint64_t>(at) % load_period);
}

// What passes between two times, not before 0: sums decay, and grow by what has been there all the while. What has
// always been there stays so, from which follows by how much: what would be missing at the end otherwise
// (__accumulate_pelt_segments adds that up from its parts).
class LoadStep {
public:
    LoadStep(LoadTime from, LoadTime to) {
        if (to <= from) return;
        periods_ = static_cast<std::uint64_t>(to) / load_period - static_cast<std::uint64_t>(from) / load_period;
        growth_ = static_cast<std::uint64_t>(load_divider(to)) -
                  decay_small(static_cast<std::uint64_t>(load_divider(from)), periods_);
    }

    // Of `sum` at the end, if `there` of it was there. 0: it only decays.
    [[nodiscard]] std::uint64_t of(std::uint64_t sum, std::uint64_t there) const {
        return decay_load(sum, periods_) + there * growth_;
    }
    [[nodiscard]] std::uint64_t growth() const { return growth_; }

private:
    std::uint64_t periods_ = 0;
    std::uint64_t growth_ = 0;
};

// A sum below 2^32 that has only decayed between two times.
[[nodiscard]] inline std::uint64_t decayed(std::uint64_t sum, LoadTime from, LoadTime to) {
    if (to <= from) return sum;
    return decay_small(sum,
                       static_cast<std::uint64_t>(to) / load_period - static_cast<std::uint64_t>(from) / load_period);
}

// The average a sum stands for, of things of that worth.
[[nodiscard]] constexpr std::int64_t load_average(std::uint64_t sum, LoadTime at, std::int64_t worth = 1) {
    return static_cast<std::int64_t>(sum) * worth / load_divider(at);
}
// The sum of what has been there for that part of all time.
[[nodiscard]] constexpr std::uint64_t load_sum(std::int64_t average, LoadTime at, std::int64_t worth = 1) {
    return static_cast<std::uint64_t>(average * load_divider(at) / std::max<std::int64_t>(1, worth));
}

} // namespace switchyard::sim
