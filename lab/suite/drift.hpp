// What the machine does while a suite is run for minutes: one probe of each family of laws is measured again between
// its runs.
#pragma once

#include "lab/compare/cost_drift.hpp"
#include "lab/suite/validation.hpp"
#include "native/measurement/cycles.hpp"

#include <stop_token>
#include <vector>

namespace switchyard::lab {

class DriftWatch {
public:
    DriftWatch(const CostProfile& profile, std::stop_token stop);

    // Measures for half a second or so and says what costs are now, in cycles, as multiples of the profile's, which has
    // to outlive this; nothing of families the profile does not say enough of, or where a stop was requested. Appends
    // the figures, at the clock of the first time. Throws SystemError where no process can be started.
    CostRatios measure();

    [[nodiscard]] const std::vector<Drift>& figures() const { return figures_; }

private:
    const CostProfile& profile_;
    std::stop_token stop_;
    native::TimeStampScale scale_;
    double iteration_picoseconds_ = 0; // of the work loop, the first time
    std::vector<Drift> figures_;
};

} // namespace switchyard::lab
