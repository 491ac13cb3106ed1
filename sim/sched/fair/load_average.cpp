#include "sim/sched/fair/load_average.hpp"

namespace switchyard::sim {

namespace {

__extension__ typedef unsigned __int128 Wide;

// The square root, rounded down, of a number in 1/2^64, itself in 1/2^64: bit by bit.
constexpr std::uint64_t square_root(std::uint64_t value) {
    const Wide wanted = static_cast<Wide>(value) << 64;
    std::uint64_t root = 0;
    for (int bit = 63; bit >= 0; --bit) {
        const std::uint64_t tried = root | (std::uint64_t{1} << bit);
        if (static_cast<Wide>(tried) * tried <= wanted) root = tried;
    }
    return root;
}

constexpr std::array<std::uint32_t, 32> make_factors() {
    std::uint64_t y = std::uint64_t{1} << 63; // a half; its root, five times
    for (int time = 0; time < 5; ++time) y = square_root(y);
    std::array<std::uint32_t, 32> factors{0xffffffffU};
    std::uint64_t power = y;
    for (std::size_t n = 1; n < factors.size(); ++n) {
        factors[n] = static_cast<std::uint32_t>((static_cast<Wide>(power) * 0xffffffffU) >> 64);
        power = static_cast<std::uint64_t>((static_cast<Wide>(power) * y) >> 64);
    }
    return factors;
}

// What whole periods of something that is always there add up to.
constexpr std::int64_t limit(std::uint64_t factor) {
    std::uint64_t sum = load_period;
    for (std::uint64_t before = 0; sum != before;) {
        before = sum;
        sum = ((sum * factor) >> 32) + load_period;
    }
    return static_cast<std::int64_t>(sum);
}
static_assert(limit(make_factors()[1]) == greatest_load_sum);

} // namespace

constexpr std::array<std::uint32_t, 32> decay_factors = make_factors();

} // namespace switchyard::sim
