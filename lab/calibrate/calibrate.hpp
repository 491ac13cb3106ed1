// Measures this machine: every probe, in rounds, and the cost profile that follows.
#pragma once

#include "lab/calibrate/summary.hpp"
#include "models/machine/profile.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::lab {

struct CalibrationOptions {
    std::string profile_name = "this machine";
    std::string tool = "switchyard calibrate"; // noted in the profile
    bool quick = false;                        // under 30 s and 3 rounds; else about 4 minutes and 7
    std::optional<std::uint32_t> rounds;       // another number of them
    std::optional<double> probe_milliseconds;  // another time for each probe in each round
    std::optional<int> cpu;                    // the processor to measure on; else the last one allowed
    std::vector<std::string> only;             // probes whose names begin with one of these; all, where there are none
    std::int64_t most_pages =
        std::numeric_limits<std::int64_t>::max(); // no memory larger than this, or a probe's least
    std::uint64_t seed = 1;                       // of the bootstrap
    std::stop_token stop;
};

struct Calibration {
    CostProfile profile;
    std::vector<ProbeSummary> probes; // raw figures, nothing subtracted
};

// How far it is, 0 to 1, and what is being measured.
using Progress = std::function<void(double fraction, std::string_view probe)>;

// Runs every probe once a round, each time in a fresh process, so that whatever drifts on the machine touches all
// alike. What was not available or does not fit together is in the profile's warnings. Nothing where a stop was
// requested; ends within a fraction of a second then and leaves no process behind. Throws SystemError where no process
// can be started.
[[nodiscard]] std::optional<Calibration> calibrate(const CalibrationOptions& options = {},
                                                   const Progress& progress = {});

} // namespace switchyard::lab
