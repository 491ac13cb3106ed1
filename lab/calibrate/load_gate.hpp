// Whether a machine is quiet enough to be calibrated.
#pragma once

#include "native/measurement/busy_processes.hpp"
#include "native/measurement/foreign_load.hpp"

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace switchyard::lab {

// Before the start: above this nobody should calibrate. Below it and above what counts as quiet the profile warns.
inline constexpr double most_load_to_begin = 0.10;

// During a run of a probe: above native::quiet_foreign_load, by more than /proc/stat can tell (it counts in hundredths
// of a second, and in two places), the samples are taken again, so often at most.
inline constexpr double load_resolution_seconds = 0.02;
inline constexpr std::uint32_t most_repetitions = 2;

struct LoadOfOthers {
    double share = 0; // of the processors' time
    std::vector<native::BusyProcess> who;
};

// What others use of these processors, by watching for a while.
[[nodiscard]] LoadOfOthers watch_load(std::span<const int> cpus,
                                      std::chrono::milliseconds window = std::chrono::milliseconds{1000});

// "other programs use 43 % of processors 0, 1 (cc1plus (71) 80 % of one)".
[[nodiscard]] std::string text_of(const LoadOfOthers& load, std::span<const int> cpus);

// Whether samples taken between two readings should be taken again.
[[nodiscard]] bool is_disturbed(const native::LoadReading& before, const native::LoadReading& after);

} // namespace switchyard::lab
