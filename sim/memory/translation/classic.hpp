// How addresses were and are translated, from the simplest on: base and bounds, segmentation, a linear page table, a
// table of several levels. (Arpaci-Dusseau, "Operating Systems: Three Easy Pieces", chapters 15, 16, 18 and 20; Denning
// 1970, "Virtual Memory", Computing Surveys 2(3).) Each is plain data, and `translate` makes a physical address of a
// virtual one or a fault with its reason. Addresses and sizes are in bytes; page tables say nothing of permissions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace switchyard::sim::classic {

enum class Fault : std::uint8_t {
    none,
    beyond_limit,   // the address space is smaller
    beyond_segment, // the segment is shorter
    not_permitted,  // the segment does not allow this kind of access
    not_present,    // the entry is not valid
};

struct Translated {
    std::uint64_t address = 0; // that was asked for
    std::uint64_t physical = 0;
    Fault fault = Fault::none;
    std::uint32_t part = 0; // the segment, or the level, from 0 at the top, whose entry is not valid
    friend bool operator==(const Translated&, const Translated&) = default;
};

// "0x2f1 -> 0x3a91", "fault at 0x2f1: beyond the limit of segment 1".
[[nodiscard]] std::string text(const Translated& translated);

// --- Contiguous ---------------------------------------------------------------------------------------------------

// One piece of memory: physical = base + virtual, for virtual < limit.
struct BaseAndBounds {
    std::uint64_t base = 0;
    std::uint64_t limit = 0;
};
[[nodiscard]] Translated translate(const BaseAndBounds& relocation, std::uint64_t address);

struct SegmentAccess {
    bool read = true;
    bool write = true;
    bool execute = true;
};

// A segment that grows down ends at its base, and at the end of its share of the address space: the last `limit` bytes
// of the share are the `limit` bytes below the base. One that grows up begins at both.
struct Segment {
    std::uint64_t base = 0;
    std::uint64_t limit = 0;
    bool grows_down = false;
    SegmentAccess permitted{};
};

// The address space in equal shares, one a segment; so the upper bits of an address name its segment.
struct Segmentation {
    std::uint64_t share = 0; // bytes of the address space a segment
    std::vector<Segment> segments;
};
// `wanted`: all of them have to be permitted.
[[nodiscard]] Translated translate(const Segmentation& segmentation, std::uint64_t address,
                                   SegmentAccess wanted = {true, false, false});

// --- Pages --------------------------------------------------------------------------------------------------------

// How an entry of a page table says whether it is valid and which frame it means.
struct EntryFormat {
    std::uint64_t valid_mask = 0;
    std::uint64_t frame_mask = 0; // of the lowest bits
};

// One entry a page, in an array.
struct LinearPageTable {
    unsigned offset_bits = 12;
    EntryFormat format;
    std::vector<std::uint64_t> entries;
};
[[nodiscard]] Translated translate(const LinearPageTable& table, std::uint64_t address);

// Tables that lie in physical memory, in a frame or several, and name the frames of the tables of the level below.
struct MultiLevelTable {
    std::vector<unsigned> index_bits; // of the address, by level, the root first
    unsigned offset_bits = 12;
    unsigned entry_bytes = 8; // 1 to 8, the lowest byte first
    EntryFormat format;
    std::uint64_t root_frame = 0;
};
// What a walk has read of a level.
struct WalkStep {
    std::uint64_t index;
    std::uint64_t entry;
    friend bool operator==(const WalkStep&, const WalkStep&) = default;
};
// `memory`: all of it, from physical address 0. `path` gets a step for each level that was read. Throws InputError
// where a table lies outside of memory.
[[nodiscard]] Translated translate(const MultiLevelTable& table, std::span<const std::uint8_t> memory,
                                   std::uint64_t address, std::vector<WalkStep>* path = nullptr);

} // namespace switchyard::sim::classic
