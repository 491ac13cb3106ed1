// Philox4x32-10: a counter-based generator of random numbers.
//
// Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", SC '11. A block cipher without
// secrets: ten rounds scramble a counter of 128 bits under a key of 64, and every counter gives four independent words.
// There is no state: any number can be drawn by itself, in any order, on any machine, and is the same. Passes BigCrush.
#pragma once

#include <array>
#include <cstdint>

namespace switchyard {

using PhiloxCounter = std::array<std::uint32_t, 4>;
using PhiloxKey = std::array<std::uint32_t, 2>;

// The four random words that belong to `counter` under `key`. About 10 ns.
[[nodiscard]] constexpr PhiloxCounter philox4x32(PhiloxCounter counter, PhiloxKey key) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0];
        const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * counter[2];
        counter = {
            static_cast<std::uint32_t>(product1 >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
            static_cast<std::uint32_t>(product0 >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
        key[0] += 0x9E3779B9; // the golden ratio
        key[1] += 0xBB67AE85; // the square root of three, less one
    }
    return counter;
}

} // namespace switchyard
