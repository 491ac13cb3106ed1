// A page table entry of a simulated address space: one 64-bit word, flags in the low twelve bits as in hardware, above
// them the number of a frame or, of a page that was swapped out, of a slot of the swap device.
//
// An entry of 0 maps nothing. A huge page (2 MiB, in 32-bit layouts 4 MiB) is the entry 0 of the table that Linux
// deposits for it, and a flag of the reference to that table says so (see PageTables).
#pragma once

#include <cstdint>

namespace switchyard::sim::memory {

using Entry = std::uint64_t;
using FrameNumber = std::uint32_t;
using SwapSlot = std::uint32_t;
using PageNumber = std::uint64_t; // address / 4096

inline constexpr unsigned page_bits = 12;
inline constexpr std::uint64_t page_bytes = std::uint64_t{1} << page_bits;
inline constexpr FrameNumber no_frame = 0xffff'ffff;
inline constexpr SwapSlot no_slot = 0xffff'ffff;

namespace entry {
inline constexpr Entry present = 1 << 0;
inline constexpr Entry writable = 1 << 1;
inline constexpr Entry accessed = 1 << 2;  // set by any reference, taken by those who look for idle pages
inline constexpr Entry dirty = 1 << 3;     // set by a write
inline constexpr Entry exclusive = 1 << 4; // an anonymous page nobody else maps (Linux: PageAnonExclusive)
inline constexpr Entry zero = 1 << 5;      // the shared zero page, no frame
inline constexpr Entry anonymous = 1 << 6; // the frame belongs to no file and no shared memory
inline constexpr Entry swapped = 1 << 7;   // not present: the number is that of a swap slot

inline constexpr Entry no_access = 1 << 8; // present, but its region permits nothing

constexpr std::uint32_t number(Entry word) { return static_cast<std::uint32_t>(word >> page_bits); }
constexpr Entry of(std::uint32_t number, Entry flags) { return Entry{number} << page_bits | flags; }
} // namespace entry

} // namespace switchyard::sim::memory
