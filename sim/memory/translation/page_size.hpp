// The sizes of pages a radix page table translates: an entry of its lowest level maps a small page, one of the level
// above a large one, one of the third a huge one. On x86-64 these are 4 KiB, 2 MiB and 1 GiB; with the two levels of 32
// bits a large page is 4 MiB and there are no huge ones.
#pragma once

#include "models/errors.hpp"

#include <cstdint>

namespace switchyard::sim {

enum class PageSize : std::uint8_t { small, large, huge };
inline constexpr unsigned page_size_count = 3;
inline constexpr unsigned small_page_bits = 12;

// How many levels a table has and how many bits of the address each takes: 2 levels of 10 (32-bit addresses), 4 or 5 of
// 9 (48 and 57 bits).
struct RadixLevels {
    unsigned levels = 4;
    [[nodiscard]] constexpr unsigned bits() const { return levels == 2 ? 10 : 9; }
    [[nodiscard]] constexpr unsigned address_bits() const { return small_page_bits + levels * bits(); }
    // log2 of the bytes of a page.
    [[nodiscard]] constexpr unsigned page_bits(PageSize size) const {
        return small_page_bits + static_cast<unsigned>(size) * bits();
    }
    friend constexpr bool operator==(const RadixLevels&, const RadixLevels&) = default;
};

// Throws InputError for what is not 2, 4 or 5 levels.
inline RadixLevels radix_levels(unsigned levels) {
    if (levels != 2 && levels != 4 && levels != 5)
        throw InputError("page tables have 2 levels (32 bits), 4 or 5 (64 bits), not " + std::to_string(levels));
    return {levels};
}

} // namespace switchyard::sim
