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
    double disagreement = 0;                   // of the rounds: the interval's width as a share of the median
    std::string warning;                       // one sentence, or empty
    bool held_out = false;                     // laws are judged by it, not fitted to it

    // "fork_call at 256", "system_call".
    [[nodiscard]] std::string name() const;
};

// One round's samples of a probe in one figure.
struct RoundFigure {
    std::optional<double> median;     // iterations of the work loop; ns where cycles have no part; bytes
    double iteration_picoseconds = 0; // of the loop, median of agreeing brackets; 0: none
    std::uint64_t samples = 0;        // that count
    std::uint64_t dropped = 0;
    bool unsteady = false; // nearly all brackets disagreed, so that all samples were kept
};

// Drops samples whose brackets disagree where the probe is gated, keeps the least of each group where it wants that,
// and takes the median.
[[nodiscard]] RoundFigure figure_of(const native::Probe& probe, std::span<const native::Sample> samples);

// What one probe said at one amount, round by round; `failures` are the rounds' own words. Single samples are not kept:
// the process that calibrates has to stay small, since every probe starts as a fork of it.
struct ProbeRecord {
    const native::Probe* probe = nullptr;
    std::int64_t amount = 0;
    std::vector<RoundFigure> rounds;
    std::vector<std::string> failures;
    bool held_out = false;
};

// How long an iteration of the work loop takes at nominal speed: the median over all rounds of all probes. 0 for none.
[[nodiscard]] double nominal_iteration_picoseconds(std::span<const ProbeRecord> records);

// The rounds' figures as time at nominal speed, in one. Nothing where no round has any.
[[nodiscard]] std::optional<ProbeSummary> summarise(const ProbeRecord& record, double nominal_iteration_picoseconds,
                                                    const BootstrapOptions& options = {});

} // namespace switchyard::lab
