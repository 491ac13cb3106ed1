#include "models/report/violation.hpp"

#include <fmt/format.h>

namespace switchyard {

std::string_view text_of(ViolationReason reason) {
    switch (reason) {
    case ViolationReason::not_mapped: return "no region here";
    case ViolationReason::not_readable: return "read of a region without read permission";
    case ViolationReason::not_writable: return "write to read-only region";
    case ViolationReason::not_executable: return "execution of a region without execute permission";
    case ViolationReason::stack_guard: return "stack guard";
    case ViolationReason::beyond_the_object: return "beyond the end of the file";
    case ViolationReason::no_huge_page: return "no huge page is left";
    }
    return "";
}

std::string describe_violation(std::string_view task, ViolationReason reason, std::uint64_t address,
                               std::string_view region) {
    return fmt::format("{} died: {} at 0x{:x}, in or beside its region '{}'", task, text_of(reason), address, region);
}

std::string describe_unmapped(std::string_view task, std::string_view region) {
    return fmt::format("{} died: touched its region '{}', which is not mapped", task, region);
}

} // namespace switchyard
