// Random draws that belong to what they are drawn for.
//
// The simulator, the native run and every policy must see the same work, whatever order they come to it in. So a draw
// is not the next number of some generator but a pure function of (seed, task, instance, operation, index): the third
// draw of operation 7 of instance 12 of task 2 is one number for ever.
#pragma once

#include "models/random/philox.hpp"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace switchyard {

// What a stream of draws is made for.
struct StreamKey {
    std::uint64_t seed = 0;      // of the run
    std::uint32_t task = 0;      // which task template of the scenario
    std::uint32_t instance = 0;  // which of that task's instances
    std::uint32_t operation = 0; // which operation of its program

    friend bool operator==(const StreamKey&, const StreamKey&) = default;
};

// Draws a key has before they repeat.
inline constexpr std::uint64_t draws_per_key = std::uint64_t{1} << 33U;

// 64 random bits: draw number `index` of those made for `key`. Precondition: index < draws_per_key. Different keys, and
// different indices, are different counters of Philox: no two draws of one seed share their bits.
[[nodiscard]] constexpr std::uint64_t draw(const StreamKey& key, std::uint64_t index) {
    assert(index < draws_per_key);
    const PhiloxCounter words =
        philox4x32({static_cast<std::uint32_t>(index / 2), key.operation, key.instance, key.task},
                   {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32U)});
    const std::size_t half = index % 2 * 2;
    return std::uint64_t{words[half + 1]} << 32U | words[half];
}

// The draws made for one key, one after the other: a UniformRandomBitGenerator, for <random> and Boost.Random. (What
// the standard's distributions make of its bits differs between libraries; Boost's and ours do not.)
class DrawStream {
public:
    using result_type = std::uint64_t;

    // Continues after the first `index` draws.
    constexpr explicit DrawStream(const StreamKey& key, std::uint64_t index = 0) : key_(key), index_(index) {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
    constexpr result_type operator()() { return draw(key_, index_++); }

    // How many draws have been made, counted from the key's first.
    [[nodiscard]] constexpr std::uint64_t index() const { return index_; }

private:
    StreamKey key_;
    std::uint64_t index_;
};

} // namespace switchyard
