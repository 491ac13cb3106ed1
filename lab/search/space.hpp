// What a search for the best cell of a sweep searches: the sweep's parameters, whatever its design.
//
// Ranges are *searched*: a place in [0, 1] each, in proportion where the range is logarithmic, whole numbers where it
// has these. Lists of values and alternatives know no between: every *combination* of them is searched by itself. Where
// there would be more combinations than evaluations, lists of numbers, the longest first, are searched in the order
// they are written in.
#pragma once

#include "lab/sweep/plan.hpp"
#include "models/sweep/sweep.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace switchyard::lab {

using Place = std::vector<double>; // one number in [0, 1] a searched parameter

struct SearchedParameter {
    std::size_t index = 0;   // in the sweep
    bool is_whole = false;   // there are neighbours, and nothing in between
    std::uint64_t steps = 0; // of equal width, one a value; 0: not so
};

class SearchSpace {
public:
    // The sweep stays where it is. Throws InputError, one line with its place in the sweep's file, where there is
    // nothing to be searched: paired lists, seeds, and more combinations than evaluations.
    SearchSpace(const Sweep& sweep, std::uint64_t evaluations);

    [[nodiscard]] std::uint64_t combinations() const { return combinations_; }
    [[nodiscard]] const std::vector<SearchedParameter>& searched() const { return searched_; }
    // Of all combinations, where every one has finitely many, equally wide.
    [[nodiscard]] std::optional<std::uint64_t> cells() const;

    // The cell at a place, one number a searched parameter, of a combination: the first list varies slowest.
    [[nodiscard]] CellPosition cell(std::uint64_t combination, const Place& place) const;
    // Cell `number` < cells().
    [[nodiscard]] CellPosition cell(std::uint64_t number) const;

    // The place with searched parameter `at` that much of its way further, if it is a whole number: by one at least.
    struct Move {
        Place place;
        bool is_neighbour = true; // there is nothing in between
    };
    [[nodiscard]] Move moved(Place place, std::size_t at, double way) const;

private:
    const Sweep* sweep_;
    std::vector<std::uint64_t> sizes_; // of each list that is enumerated; 0: searched
    std::vector<SearchedParameter> searched_;
    std::uint64_t combinations_ = 1;
};

} // namespace switchyard::lab
