// What a recording of the kernel's scheduling events yields, whoever made it.
#pragma once

#include <cstdint>
#include <string>

namespace switchyard::native {

struct CapturedText {
    std::string text;       // for parse_kernel_events (kernel_event.hpp)
    std::uint64_t lost = 0; // events for which there was no room, besides those the text names
    std::string error;      // why there is nothing; empty: there is
};

} // namespace switchyard::native
