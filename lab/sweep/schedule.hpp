// Which points a sweep has, in the order of its plan, and when a cell has been replicated often enough.
//
// A unit is what one worker does by itself: a point, or where a stopping rule looks at a cell's replications, all of
// the cell's, one after the other. The rule sees the replications before it in their order and nothing else, so which
// points are computed depends neither on the number of workers nor on who is faster.
#pragma once

#include "lab/sweep/point.hpp"
#include "models/sweep/sweep.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace switchyard::lab {

// The part of a sweep that is computed here: number `index` of `count`, from 0.
struct ShardPart {
    std::uint64_t index = 0;
    std::uint64_t count = 1;
};

// From "2/8", counted from 1. Throws InputError.
[[nodiscard]] ShardPart shard_part_from(std::string_view text);

// Some of a schedule's units, one after the other.
struct UnitRange {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
};

class Schedule {
public:
    // Of `count` units that follow each other each part has one, rotated at random from one such block to the next: all
    // parts have as many units (give or take one), and none has all the dear ones because a parameter's values come
    // round every so many points.
    Schedule(std::uint64_t cells, const Replications& replications, ShardPart part = {});

    [[nodiscard]] std::uint64_t units() const { return units_; }
    // The unit's first point.
    [[nodiscard]] PointIndex first_point(std::uint64_t unit) const;
    // How many of the points from there on it has for certain.
    [[nodiscard]] std::uint32_t certain_points() const { return certain_; }
    // Whether more of them may follow, as the rule has it.
    [[nodiscard]] const std::optional<StoppingRule>& rule() const { return rule_; }
    [[nodiscard]] std::uint32_t most_points() const { return most_; }

private:
    [[nodiscard]] std::uint64_t unit_of_sweep(std::uint64_t unit) const;

    ShardPart part_;
    std::optional<StoppingRule> rule_;
    std::uint32_t units_of_cell_; // 1 with a rule
    std::uint32_t certain_;
    std::uint32_t most_;
    std::uint64_t units_ = 0;
};

// Whether half the width of the interval for the mean (Student's t) is within the rule's share of the mean. Values that
// are not known do not count; of fewer than two nothing is known.
[[nodiscard]] bool is_precise_enough(const StoppingRule& rule, std::span<const double> values);

} // namespace switchyard::lab
