#include "sim/sched/fair/weights.hpp"

#include "models/units/wide_integer.hpp"

#include <array>
#include <bit>
#include <cassert>
#include <limits>

namespace switchyard::sim {

namespace {

constexpr std::array<std::int64_t, 40> weights{
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904,
    3906,  3121,  2501,  1991,  1586,  1277,  1024,  820,   655,   526,   423,  335,  272,  215,
    172,   137,   110,   87,    70,    56,    45,    36,    29,    23,    18,   15,
};

// (delta x multiplier) >> shift of a number of 64 bits and one of 32.
std::uint64_t multiply_shift(std::uint64_t delta, std::uint64_t multiplier, int shift) {
    return static_cast<std::uint64_t>((static_cast<WideInteger>(delta) * static_cast<WideInteger>(multiplier)) >>
                                      shift);
}

// Takes off as many bits as it takes for `factor` to fit in 32, and that much off the shift.
void fit(std::uint64_t& factor, int& shift) {
    const int excess = static_cast<int>(std::bit_width(factor >> 32));
    factor >>= excess;
    shift -= excess;
}

} // namespace

LoadWeight weight_of_nice(int nice) {
    assert(nice >= -20 && nice <= 19);
    const std::int64_t whole = weights[static_cast<std::size_t>(nice + 20)];
    return {whole << weight_fraction, static_cast<std::uint32_t>(((std::int64_t{1} << 32) + whole / 2) / whole)};
}

LoadWeight weight_of_idle() { return {Weight{3} << weight_fraction, 1431655765U}; }

LoadWeight weight_of_sum(Weight weight) {
    constexpr std::int64_t ones = std::numeric_limits<std::uint32_t>::max();
    const std::int64_t whole = scale_load_down(weight);
    if (whole == 0) return {weight, std::numeric_limits<std::uint32_t>::max()};
    return {weight, whole >= ones ? 1U : static_cast<std::uint32_t>(ones / whole)};
}

Nanoseconds calc_delta(Nanoseconds delta, Weight weight, const LoadWeight& by) {
    auto factor = static_cast<std::uint64_t>(scale_load_down(weight));
    int shift = 32;
    fit(factor, shift);
    factor *= by.inverse;
    fit(factor, shift);
    return static_cast<Nanoseconds>(multiply_shift(static_cast<std::uint64_t>(delta), factor, shift));
}

VirtualRate rate_of(const LoadWeight& load) {
    if (load.weight == nice_0_load) return {};
    std::uint64_t factor = std::uint64_t{1024} * load.inverse;
    int shift = 32;
    fit(factor, shift);
    return {static_cast<std::uint32_t>(factor), static_cast<std::uint8_t>(shift)};
}

Nanoseconds VirtualRate::virtual_time(Nanoseconds delta) const {
    if (shift == 0) return delta;
    return static_cast<Nanoseconds>(multiply_shift(static_cast<std::uint64_t>(delta), multiplier, shift));
}

Nanoseconds VirtualRate::time_until(Nanoseconds advance) const {
    if (shift == 0 || advance <= 0) return advance < 0 ? 0 : advance;
    const WideInteger needed = static_cast<WideInteger>(advance) << shift;
    const WideInteger rounded_up = needed + (multiplier - 1);
    if (const auto small = narrow(rounded_up)) return *small / multiplier; // the cheaper division
    return static_cast<Nanoseconds>(rounded_up / multiplier);
}

} // namespace switchyard::sim
