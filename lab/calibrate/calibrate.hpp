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
    bool quick = false;                        // under 30 s and 3 rounds; else under 5 minutes and 7 (budget.hpp)
    std::optional<std::uint32_t> rounds;       // another number of them
    std::optional<double> probe_milliseconds;  // a fixed time for each probe in each round, however long all take
    std::optional<int> cpu;                    // the processor to measure on; else the last one allowed
    std::vector<std::string> only;             // beginnings of names of probes and laws (selection.hpp); none: all
    std::int64_t most_pages =
        std::numeric_limits<std::int64_t>::max(); // no memory larger than this, or a probe's least
    std::uint64_t seed = 1;                       // of the bootstrap
    bool check_load = false; // refuse to begin where others have too much of the processors (load_gate.hpp) ...
    bool force = false;      // ... or begin all the same, and warn
    std::string journal;     // file that keeps what is measured until the caller removes it (journal.hpp); empty: none
    std::function<void(const std::string&)> say = {}; // is told, in a sentence, what the user should know at once
    std::stop_token stop;
};

struct Calibration {
    CostProfile profile;
    std::vector<ProbeSummary> probes; // raw figures, nothing subtracted
    double seconds = 0;               // that probes ran, in earlier runs of a journal too
};

// How far it is, 0 to 1, and what is being measured.
using Progress = std::function<void(double fraction, std::string_view probe)>;

// Runs every probe once a round, each time in a fresh process, so that whatever drifts on the machine touches all
// alike. What was not available or does not fit together is in the profile's warnings. Nothing where a stop was
// requested; ends within a fraction of a second then and leaves no process behind, only its journal. Throws SystemError
// where no process can be started, the journal cannot be written or the machine is not quiet, and InputError for names
// in `only` that nothing has.
[[nodiscard]] std::optional<Calibration> calibrate(const CalibrationOptions& options = {},
                                                   const Progress& progress = {});

} // namespace switchyard::lab
