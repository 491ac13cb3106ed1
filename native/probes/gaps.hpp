// When a busy processor was taken away: a loop that reads the time stamp finds gaps.
#pragma once

#include "native/probes/probe.hpp"

#include <vector>

namespace switchyard::native {

struct Gap {
    double at = 0;     // ns since the beginning
    double length = 0; // ns
};

// Whatever takes the processor away for longer than a few turns of the loop, while so long.
[[nodiscard]] std::vector<Gap> find_gaps(const ProbeRun& run, double watch_nanoseconds);

} // namespace switchyard::native
