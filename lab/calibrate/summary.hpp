// What a probe said over all rounds, in one figure with its interval.
#pragma once

#include "models/fit/bootstrap.hpp"
#include "models/machine/cost.hpp"
#include "models/machine/law.hpp"
#include "native/probes/probe.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace switchyard::lab {

struct ProbeSummary {
    std::string probe;
    std::int64_t amount = 0; // of the probe's quantity, where it has one
    CostUnit unit = CostUnit::picoseconds;
    double median = 0;                         // over rounds, of each round's median: raw, nothing subtracted
    Interval interval;                         // 95 %
    std::vector<std::optional<double>> rounds; // each round's median; nothing where it had no sample
    std::uint64_t samples = 0;                 // that count
    std::uint64_t dropped = 0;                 // because their brackets disagreed
    double disagreement = 0;                   // of the rounds: (highest - lowest) / middle
    std::string warning;                       // one sentence, or empty

    // "fork_call at 256", "system_call".
    [[nodiscard]] std::string name() const;
};

// What one probe sampled at one amount, round by round; `failures` are the rounds' own words.
struct ProbeRecord {
    const native::Probe* probe = nullptr;
    std::int64_t amount = 0;
    std::vector<std::vector<native::Sample>> rounds;
    std::vector<std::string> failures;
};

// How long an iteration of the work loop takes at nominal speed: the median over all samples with agreeing brackets. 0
// where there is none.
[[nodiscard]] double nominal_iteration_picoseconds(std::span<const ProbeRecord> records);

// Drops what is to be dropped, turns the rest into time at nominal speed, keeps the least of each group where the probe
// wants that, and takes medians. A round in which nearly all brackets disagree is kept whole, with a warning. Nothing
// where no round has a sample.
[[nodiscard]] std::optional<ProbeSummary> summarise(const ProbeRecord& record, double nominal_iteration_picoseconds,
                                                    const BootstrapOptions& options = {});

} // namespace switchyard::lab
