// Two distributions of durations side by side.
#pragma once

#include "models/report/histogram.hpp"
#include "models/report/report.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::lab {

// The largest difference between the shares of values up to any duration: the two-sample statistic of Kolmogorov and
// Smirnov, 0 (alike) to 1 (nothing in common). Both must have values. Values that differ by the tolerance or less count
// as equal.
[[nodiscard]] double kolmogorov_smirnov(const DurationHistogram& a, const DurationHistogram& b,
                                        Duration tolerance = {});

// tracefs prints whole microseconds, cut off: what passes between two of its events is known to one of them.
inline constexpr Duration resolution_of_events = std::chrono::microseconds{1};

// How far apart two samples of so many values of one and the same distribution are in one case of twenty: 1.358
// sqrt((n + m) / (n m)) (Smirnov 1948, "Table for estimating the goodness of fit of empirical distributions").
[[nodiscard]] double distance_by_chance(std::uint64_t n, std::uint64_t m);

// A figure of a task as a distribution over all rounds: "task.hog.run_length".
struct DistributionComparison {
    std::string name;
    DurationHistogram predicted; // over as many random phases as there were rounds
    DurationHistogram measured;  // empty: the machine did not tell
    // How far from the whole prediction its own values are, in one case of twenty, at as few phases as there were
    // rounds: values of one round share its phase, so they tell less than as many independent ones would.
    double spread = 0;
    bool is_of_events = false; // measured with `resolution_of_events`
    std::optional<double> target;

    [[nodiscard]] std::optional<double> distance() const; // where both are there
    [[nodiscard]] double by_chance() const; // distance_by_chance of so many values, or `spread` where that is more
    // Whether the distance is at most the target and what chance alone makes of so few values; nothing without target,
    // and where chance is more than the target and the distance inside both: too noisy to tell.
    [[nodiscard]] std::optional<bool> met() const;
    [[nodiscard]] bool is_too_noisy() const;
};

// The distributions of those tasks, wherever one side knows one: run lengths where a task was interrupted, wake-up
// latencies, responses of jobs.
[[nodiscard]] std::vector<DistributionComparison> compare_distributions(std::span<const Report> predicted,
                                                                        std::span<const Report> measured,
                                                                        std::span<const std::string> tasks);

} // namespace switchyard::lab
