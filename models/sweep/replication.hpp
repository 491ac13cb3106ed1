// How sure a mean over replications is, and how many replications that takes.
#pragma once

#include "models/sweep/sweep.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace switchyard {

// The mean of `count` values and half the width of its interval.
struct MeanInterval {
    std::size_t count = 0;
    double mean = 0;
    double half_width = 0; // infinite for fewer than two values
};

// Student's interval, for values that are independent and about normal ("Student" 1908; Law and Kelton, "Simulation
// Modeling and Analysis", section 4.5). Values that are not finite make it infinite.
[[nodiscard]] MeanInterval student_interval(std::span<const double> values, double confidence);

// Whether a cell needs no more replications than the ones that yielded these values of the rule's metric, in the order
// of their numbers. A value that is not finite ends it, from `at_least` on: no interval will come of more of them.
[[nodiscard]] bool is_enough(const Replications& replications, std::span<const double> values);

// How many replications a cell has: the fewest that are enough. It is looked at replication by replication, so that the
// answer does not depend on how many more were computed meanwhile, or by whom. Nothing where `values` are not enough.
[[nodiscard]] std::optional<std::uint32_t> replications_needed(const Replications& replications,
                                                               std::span<const double> values);

} // namespace switchyard
