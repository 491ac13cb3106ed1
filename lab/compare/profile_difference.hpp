// Two cost profiles beside each other: what got dearer, what cheaper, and what of it is more than measuring twice would
// be.
#pragma once

#include "models/machine/profile.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace switchyard::lab {

// A figure of a law in both profiles, in picoseconds or bytes.
struct FigureDifference {
    Cost cost = Cost::system_call;
    std::string part; // "", "per pages", "at 4096 bytes"
    double left = 0;
    double right = 0;
    std::optional<Interval> left_interval, right_interval; // 95 %

    // right / left; nothing where left is nothing.
    [[nodiscard]] std::optional<double> ratio() const;
    // Whether the intervals have nothing in common; nothing where one of the profiles has none for it.
    [[nodiscard]] std::optional<bool> beyond_intervals() const;
};

struct ParameterDifference {
    std::string name;
    std::string left, right; // "" where the profile does not say
};

struct ProfileDifference {
    std::vector<FigureDifference> figures;
    std::vector<Cost> only_left, only_right;
    std::vector<ParameterDifference> machine; // processor, kernel, processors, ticks: where they differ
    std::vector<ParameterDifference> kernel;  // parameters that differ, or that one of them does not have
    std::optional<double> speed;              // of the right one's processor, that of the left one being 1
};

// Of these costs. A constant law is one figure; an affine one its base and what each unit adds; a table its values at
// the least and at the largest amount that both were measured at, or the smaller of their last points. Kernel
// parameters are compared only where both profiles have some.
[[nodiscard]] ProfileDifference difference_of(const CostProfile& left, const CostProfile& right,
                                              std::span<const Cost> of);

} // namespace switchyard::lab
