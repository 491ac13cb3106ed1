// An imported scenario simulated under the policy it was recorded under, and compared with the recording.
//
// Counts are right within 2 % or one switch, shares within 2 % or one tick of the window, medians of run lengths within
// 50 us, of wake-up latencies within 15 % or 50 us, the makespan within 2 % or one tick. Shares are of the window in
// which all that had at least a hundredth of the work were there.
#pragma once

#include "lab/recording/recorded_trace.hpp"
#include "models/machine/profile.hpp"
#include "models/report/histogram.hpp"
#include "models/report/report.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::lab {

enum class ReplayUnit : std::uint8_t { count, share, time };

struct ReplayFigure {
    std::string task; // empty: of all together
    std::string name; // "voluntary switches"
    ReplayUnit unit = ReplayUnit::count;
    double recorded = 0; // counts, shares, seconds
    double replayed = 0;
    std::optional<double> limit;    // the difference that is allowed, in the same unit; none: shown, not judged
    std::optional<double> distance; // medians: Kolmogorov and Smirnov's, of the distributions they are of
    [[nodiscard]] bool is_met() const;
};

struct Replay {
    Report report;                     // of the simulation
    std::vector<ReplayFigure> figures; // of all together, then by task
    std::uint64_t interludes = 0;      // RecordedTrace
    bool by_name = false;              // many tasks: those of one name are one
    [[nodiscard]] bool passed() const; // it completed, and every figure is met
};

// Throws what reading and simulating a scenario throws.
[[nodiscard]] Replay replay(const Import& import, std::stop_token stop = {});

// {"scenario", "passed", "figures": [{"task", "name", "recorded", "replayed", "limit", "met", "distance"}]}; times in
// seconds.
[[nodiscard]] std::string replay_to_json(const Replay& replay);

} // namespace switchyard::lab
