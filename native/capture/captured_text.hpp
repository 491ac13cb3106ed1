// What a recording of the kernel's scheduling events yields, whoever made it.
#pragma once

#include <cstdint>
#include <string>

namespace switchyard::native {

// Which of the kernel's scheduling events are recorded.
enum class CapturedEvents : std::uint8_t {
    of_switches, // switches, wake-ups, migrations: what kernel_event.hpp reads
    of_programs, // besides, who wakes whom, forks and ends: what a scenario can be made of
};

struct CapturedText {
    std::string text;       // for parse_kernel_events (kernel_event.hpp)
    std::uint64_t lost = 0; // events for which there was no room, besides those the text names
    std::string error;      // why there is nothing; empty: there is
};

} // namespace switchyard::native
