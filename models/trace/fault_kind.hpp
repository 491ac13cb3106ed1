// The kinds of page faults.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace switchyard {

// Every fault is of exactly one kind. All are minor but the last two, which wait for a device.
enum class FaultKind : std::uint8_t {
    zero_page,       // first read of anonymous memory: the shared zero page is mapped
    anonymous,       // first write: a frame is zeroed and mapped
    copy,            // write to a page that others map too, or to a private page of a file: copied
    after_zero_page, // first write to what was read before: a frame is zeroed and mapped instead of the zero page
    reuse,           // write to a page mapped read-only that nobody else maps (any more), or to a clean page of a file
    shared,          // a page of shared anonymous memory that nobody touched before: a frame is zeroed and mapped
    page_cache,      // a page that is in memory is mapped, on reads with those around it
    huge,            // first write, of explicit huge pages also read: 2 MiB (1 GiB) are zeroed and mapped
    huge_zero,       // first read: the shared huge zero page is mapped
    huge_reuse,      // write to a huge page that nobody else maps any more
    swap_cache,      // swapped out, but still or again in memory
    swap_in,         // major: read from the swap device
    file_read,       // major: read from the file
};
inline constexpr std::size_t fault_kinds = 13;

// "zero page", "swap in".
[[nodiscard]] std::string_view name_of(FaultKind kind);

} // namespace switchyard
