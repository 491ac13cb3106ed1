// Order statistics of samples.
#pragma once

#include <span>
#include <vector>

namespace switchyard {

// The value below which the share `share` (0 to 1) of the samples lies, interpolated between neighbours (Hyndman and
// Fan 1996, definition 7). Throws InputError for no samples.
[[nodiscard]] double quantile(std::span<const double> samples, double share);

// The middle sample, or the mean of the two middle ones. Throws InputError for no samples.
[[nodiscard]] double median(std::span<const double> samples);

// The least of every `group` consecutive samples (a last, incomplete group counts if it is the only one): what an
// operation costs when nothing disturbs it, where single samples are mostly disturbed.
[[nodiscard]] std::vector<double> least_of_groups(std::span<const double> samples, std::size_t group);

// Samples of one quantity, by the round they were taken in. Rounds are separate processes at separate times: samples of
// one round share their luck, so rounds, not samples, are what statistics counts.
using Rounds = std::vector<std::vector<double>>;

// The median of each round; a round without samples has none and is left out.
[[nodiscard]] std::vector<double> round_medians(const Rounds& rounds);

} // namespace switchyard
