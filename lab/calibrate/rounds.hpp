// The measuring itself: every probe once a round, in time, and again where others were in the way.
#pragma once

#include "lab/calibrate/calibrate.hpp"
#include "lab/calibrate/journal.hpp"
#include "lab/calibrate/summary.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace switchyard::lab {

struct RoundsMeasured {
    std::vector<std::string> notes;  // each sentence once
    double seconds = 0;              // by all runs of probes
    double foreign_load = 0;         // meanwhile
    double highest_foreign_load = 0; // in the worst round
    std::uint32_t measured_again = 0;
    std::uint32_t rounds = 0;
};

[[nodiscard]] std::uint32_t rounds_wanted(const CalibrationOptions& options);

// Fills in the records' rounds, with what the journal has and by measuring what it has not. Nothing where a stop was
// requested.
[[nodiscard]] std::optional<RoundsMeasured> measure_rounds(std::vector<ProbeRecord>& records, std::span<const int> cpus,
                                                           Journal& journal, const CalibrationOptions& options,
                                                           const Progress& progress);

} // namespace switchyard::lab
