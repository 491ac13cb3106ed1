// A plan in words, and how long it may take: what `switchyard sweep --dry-run` prints.
#pragma once

#include "lab/sweep/plan.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

namespace switchyard::lab {

// What a few points took that were computed to find out, spread over the whole plan.
struct PointEstimate {
    std::size_t points = 0; // computed to their end
    double mean = 0;        // seconds
    double least = 0;
    double most = 0;
    std::size_t failures = 0;   // of these points: failed, or over budget
    std::string reason;         // of the first of them
    bool was_cut_short = false; // the limit ended a point: it takes longer than what was left, and all may
};

// Computes up to 16 points one after the other, for `limit` at most: the first and last cell's, then some in between,
// where the van der Corput sequence says.
[[nodiscard]] PointEstimate estimate_points(const SweepPlan& plan, std::chrono::duration<double> limit,
                                            const std::stop_token& stop = {});

// How many points there are: every cell with the fewest replications it may have, and with the most.
struct PointCount {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
};
[[nodiscard]] PointCount count_points(const SweepPlan& plan);

// Several lines: question, base, parameters, design, replications, points, metrics, budget, and where there is an
// estimate the time on so many workers.
[[nodiscard]] std::string describe(const SweepPlan& plan, const std::optional<PointEstimate>& estimate = {},
                                   unsigned workers = 1);

} // namespace switchyard::lab
