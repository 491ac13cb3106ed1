#include "lab/calibrate/summary.hpp"

#include "models/fit/statistics.hpp"

#include <fmt/format.h>

namespace switchyard::lab {

using native::Bracketing;
using native::Sample;

std::string ProbeSummary::name() const { return amount == 0 ? probe : fmt::format("{} at {}", probe, amount); }

static bool brackets_agree(const Sample& sample) { return sample.disagreement <= native::most_bracket_disagreement; }

double nominal_iteration_picoseconds(std::span<const ProbeRecord> records) {
    std::vector<double> iterations;
    for (const ProbeRecord& record : records)
        for (const std::vector<Sample>& round : record.rounds)
            for (const Sample& sample : round)
                if (sample.iteration_picoseconds > 0 && brackets_agree(sample))
                    iterations.push_back(sample.iteration_picoseconds);
    return iterations.empty() ? 0 : median(iterations);
}

// Picoseconds at nominal speed, or bytes.
static double value_of(const Sample& sample, const native::Probe& probe, double nominal) {
    if (probe.unit == CostUnit::bytes) return sample.value;
    const bool in_cycles = probe.bracketing != Bracketing::none && sample.iteration_picoseconds > 0 && nominal > 0;
    return sample.value * 1000 * (in_cycles ? nominal / sample.iteration_picoseconds : 1);
}

std::optional<ProbeSummary> summarise(const ProbeRecord& record, double nominal, const BootstrapOptions& options) {
    const native::Probe& probe = *record.probe;
    ProbeSummary summary;
    summary.probe = probe.name;
    summary.amount = record.amount;
    summary.unit = probe.unit;
    bool unsteady = false;
    for (const std::vector<Sample>& round : record.rounds) {
        std::vector<double> steady, all;
        for (const Sample& sample : round) {
            all.push_back(value_of(sample, probe, nominal));
            if (probe.bracketing != Bracketing::gated || brackets_agree(sample)) steady.push_back(all.back());
        }
        const bool too_few = steady.size() * 10 < all.size();
        unsteady = unsteady || too_few;
        const std::vector<double>& kept = too_few ? all : steady;
        summary.samples += kept.size();
        summary.dropped += all.size() - kept.size();
        const std::vector<double> values = least_of_groups(kept, probe.least_of);
        summary.rounds.push_back(values.empty() ? std::nullopt : std::optional(switchyard::median(values)));
    }
    std::vector<double> medians;
    for (const std::optional<double>& round : summary.rounds)
        if (round) medians.push_back(*round);
    if (medians.empty()) return std::nullopt;

    summary.median = switchyard::median(medians);
    summary.interval = bootstrap_median(medians, options);
    summary.disagreement = disagreement_of_rounds(medians);
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
