// A reference to memory that nobody permits: why, and how a report says it, in one line for all executors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard {

enum class ViolationReason : std::uint8_t {
    not_mapped,        // "no region here"
    not_readable,      // "read of a region without read permission"
    not_writable,      // "write to read-only region"
    not_executable,    // "execution of a region without execute permission"
    stack_guard,       // "stack guard"
    beyond_the_object, // "beyond the end of the file" (a bus error)
    no_huge_page,      // "no huge page is left" (a bus error)
};
[[nodiscard]] std::string_view text_of(ViolationReason reason);

// "A died: stack guard at 0x7f0000, in or beside its region 'stack'"; the address is that of the page's first byte.
[[nodiscard]] std::string describe_violation(std::string_view task, ViolationReason reason, std::uint64_t address,
                                             std::string_view region);
// "A died: touched its region 'buffer', which is not mapped".
[[nodiscard]] std::string describe_unmapped(std::string_view task, std::string_view region);

} // namespace switchyard
