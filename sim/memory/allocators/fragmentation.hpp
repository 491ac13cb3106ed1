// What of a memory an allocator cannot give away. External fragmentation: memory that is free, but in pieces too small.
// Internal: memory that is taken, but nobody asked for (headers, rounding, the rest of a slab).
#pragma once

#include <cstdint>

namespace switchyard::sim {

struct Fragmentation {
    std::uint64_t requested = 0; // bytes (pages, with pages) that were asked for and are in use
    std::uint64_t taken = 0;     // what is in use for them
    std::uint64_t free = 0;
    std::uint64_t largest_free = 0; // piece
    std::uint64_t pieces = 0;       // of free memory

    // Both in thousandths. External: the share of the free memory that is not in the largest piece; internal: the share
    // of what is taken that was not asked for.
    [[nodiscard]] std::uint64_t external_permille() const {
        return free == 0 ? 0 : (free - largest_free) * 1000 / free;
    }
    [[nodiscard]] std::uint64_t internal_permille() const {
        return taken == 0 ? 0 : (taken - requested) * 1000 / taken;
    }
    friend bool operator==(const Fragmentation&, const Fragmentation&) = default;
};

} // namespace switchyard::sim
