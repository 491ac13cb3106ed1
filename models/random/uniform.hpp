// Uniform numbers out of random bits: exact integer and power-of-two arithmetic, hence the same everywhere.
//
// What is built on these with log, exp or pow is the same only as far as the mathematics library is: glibc's results do
// not depend on the optimisation level, but a compiler may evaluate a call with constant arguments itself, correctly
// rounded.
#pragma once

#include <cassert>
#include <concepts>
#include <cstdint>

namespace switchyard {

// 64 random bits at a time, all of them used.
template <class Generator>
concept RandomBits = requires(Generator generator) {
    { generator() } -> std::same_as<std::uint64_t>;
    requires Generator::min()
    == 0 && Generator::max() == ~std::uint64_t{0};
};

// A multiple of 2^-53 in [0, 1).
[[nodiscard]] constexpr double uniform_from_zero(std::uint64_t bits) {
    return static_cast<double>(bits >> 11U) * 0x1p-53;
}

// A multiple of 2^-53 in (0, 1]: its logarithm is finite.
[[nodiscard]] constexpr double uniform_to_one(std::uint64_t bits) {
    return static_cast<double>((bits >> 11U) + 1) * 0x1p-53;
}

// An integer in [0, bound), each equally likely: Lemire 2019, "Fast random integer generation in an interval", ACM
// TOMACS 29(1). Draws once, again with probability under bound / 2^64. Precondition: bound > 0.
template <RandomBits Generator>
[[nodiscard]] constexpr std::uint64_t uniform_below(Generator& generator, std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    assert(bound > 0);
    Wide product = Wide{generator()} * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
        const std::uint64_t surplus = (0 - bound) % bound; // 2^64 mod bound: so many values would come once too often
        while (static_cast<std::uint64_t>(product) < surplus) product = Wide{generator()} * bound;
    }
    return static_cast<std::uint64_t>(product >> 64U);
}

} // namespace switchyard
