#include "lab/calibrate/summary.hpp"

#include "models/fit/statistics.hpp"

#include <fmt/format.h>

namespace switchyard::lab {

using native::Bracketing;
using native::Sample;

std::string ProbeSummary::name() const { return amount == 0 ? probe : fmt::format("{} at {}", probe, amount); }

static bool brackets_agree(const Sample& sample) { return sample.disagreement <= native::most_bracket_disagreement; }

static bool in_cycles(const native::Probe& probe) {
    return probe.unit != CostUnit::bytes && probe.bracketing != Bracketing::none;
}

static double value_of(const Sample& sample, const native::Probe& probe) {
    return in_cycles(probe) ? sample.value * 1000 / sample.iteration_picoseconds : sample.value;
}

RoundFigure figure_of(const native::Probe& probe, std::span<const Sample> samples) {
    RoundFigure round;
    std::vector<double> steady, all, iterations;
    for (const Sample& sample : samples) {
        all.push_back(value_of(sample, probe));
        if (sample.iteration_picoseconds > 0 && brackets_agree(sample))
            iterations.push_back(sample.iteration_picoseconds);
        if (probe.bracketing != Bracketing::gated || brackets_agree(sample)) steady.push_back(all.back());
    }
    if (!iterations.empty()) round.iteration_picoseconds = median(iterations);
    round.unsteady = steady.size() * 10 < all.size();
    const std::vector<double>& kept = round.unsteady ? all : steady;
    round.samples = kept.size();
    round.dropped = all.size() - kept.size();
    const std::vector<double> values = least_of_groups(kept, probe.least_of);
    if (!values.empty()) round.median = median(values);
    return round;
}

double nominal_iteration_picoseconds(std::span<const ProbeRecord> records) {
    std::vector<double> iterations;
    for (const ProbeRecord& record : records)
        for (const RoundFigure& round : record.rounds)
            if (round.iteration_picoseconds > 0) iterations.push_back(round.iteration_picoseconds);
    return iterations.empty() ? 0 : median(iterations);
}

// What a round's figure is worth in picoseconds at nominal speed, or in bytes.
static double unit_of_figure(const native::Probe& probe, double nominal) {
    if (probe.unit == CostUnit::bytes) return 1;
    return in_cycles(probe) ? nominal : 1000;
}

std::optional<ProbeSummary> summarise(const ProbeRecord& record, double nominal, const BootstrapOptions& options) {
    const native::Probe& probe = *record.probe;
    ProbeSummary summary;
    summary.probe = probe.name;
    summary.amount = record.amount;
    summary.unit = probe.unit;
    summary.held_out = record.held_out;
    bool unsteady = false;
    for (const RoundFigure& round : record.rounds) {
        summary.rounds.push_back(round.median);
        if (round.median) *summary.rounds.back() *= unit_of_figure(probe, nominal);
        summary.samples += round.samples;
        summary.dropped += round.dropped;
        unsteady = unsteady || round.unsteady;
    }
    std::vector<double> medians;
    for (const std::optional<double>& round : summary.rounds)
        if (round) medians.push_back(*round);
    if (medians.empty()) return std::nullopt;

    summary.median = switchyard::median(medians);
    summary.interval = bootstrap_median(medians, options);
    summary.disagreement = disagreement_of_rounds(medians, options);
    if (unsteady) {
        summary.warning = "the processor's speed changed during nearly every sample of a round";
    } else if (summary.disagreement > most_disagreement_of_rounds) {
        summary.warning = fmt::format("rounds disagree by {:.0f} %", summary.disagreement * 100);
    } else if (!record.failures.empty()) {
        summary.warning = fmt::format("{} of {} rounds failed: {}", record.failures.size(), record.rounds.size(),
                                      record.failures.front());
    }
    return summary;
}

} // namespace switchyard::lab
