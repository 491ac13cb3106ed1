// Intervals by the bootstrap (Efron 1979): draw rounds with replacement, compute the figure anew, look how it scatters.
#pragma once

#include "models/machine/law.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace switchyard {

struct BootstrapOptions {
    std::size_t resamples = 1000;
    double confidence = 0.95;
    std::uint64_t seed = 1; // same seed, same interval, on any machine
};

// The percentile intervals of several figures computed together: `figures` gets the indices of the rounds drawn
// (as many as there are rounds, with repetition) and returns one value a figure, always as many. What is computed from
// several probes thus keeps what they have in common within a round. With few rounds the interval is coarse: of three
// it is about their whole range. Throws InputError for no rounds.
[[nodiscard]] std::vector<Interval>
bootstrap_over_rounds(std::size_t rounds,
                      const std::function<std::vector<double>(std::span<const std::size_t> drawn)>& figures,
                      const BootstrapOptions& options = {});

// The interval of the median of the given values, one a round.
[[nodiscard]] Interval bootstrap_median(std::span<const double> round_values, const BootstrapOptions& options = {});

// How far rounds disagree: the width of that interval as a share of the median. One bad round of seven is no
// disagreement, one of three is. 0 for a single round.
[[nodiscard]] double disagreement_of_rounds(std::span<const double> round_values, const BootstrapOptions& options = {});

// Beyond this, rounds are said to disagree: the figure is not one the machine always gives.
inline constexpr double most_disagreement_of_rounds = 0.10;

} // namespace switchyard
