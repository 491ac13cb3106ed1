// What machine this is, as far as it says.
#pragma once

#include "models/units/size.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard::native {

struct MachineDescription {
    std::string cpu;        // "AMD EPYC", from /proc/cpuinfo; "unknown" where that does not say
    std::string kernel;     // "Linux 6.18.44", from uname(2)
    std::uint32_t cpus = 0; // that this process may use
    std::uint32_t hz =
        0; // timer ticks a second (CONFIG_HZ), from the resolution of the coarse clock, which is one tick
};

[[nodiscard]] MachineDescription describe_machine();

// Processors that are switched on, whoever may use them: what the kernel scales its slices by.
[[nodiscard]] std::uint32_t online_processors();

// The value of a line "Key:   123 kB" of a file below /proc (proc(5): meminfo, PID/status, PID/smaps_rollup), or
// nothing where file or line is missing.
[[nodiscard]] std::optional<Bytes> kernel_figure(const std::string& file, std::string_view key);

// The time now in UTC, to the second: "2025-11-21T04:03:59Z" (ISO 8601).
[[nodiscard]] std::string utc_now();

} // namespace switchyard::native
