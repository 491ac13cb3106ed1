// What a machine does to its costs after it was calibrated.
//
// A virtual machine's host and its neighbours make whole families of primitives dearer or cheaper for minutes. So one
// probe of each family is measured again while scenarios are run (lab/suite/drift.hpp), and what a scenario is
// predicted with is the profile with every law of the family multiplied by what that probe takes now over what the
// profile says it took then, both in cycles, divided by the speed of the scenario's own runs where they know it: a
// processor's clock wanders within seconds. They are raw figures: a probe's parts are taken to move together. Laws of
// user space, caches, remote wake-ups and disks are in no family.
#pragma once

#include "models/machine/profile.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace switchyard::lab {

struct DriftFamily {
    std::string_view name;
    std::string_view probe;
    std::int64_t amount = 0; // of the probe's quantity
    std::span<const Cost> costs;
};

inline constexpr std::size_t drift_families = 10;
[[nodiscard]] const std::array<DriftFamily, drift_families>& families_of_drift();

// By family, 1 being what the profile says; nothing where it is not known.
using CostRatios = std::array<std::optional<double>, drift_families>;

// What the profile's stopwatch saw of the family's probe, in picoseconds; nothing in profiles without measured points.
[[nodiscard]] std::optional<double> calibrated_figure(const CostProfile& profile, const DriftFamily& family);

// By family: of two readings the geometric mean, of several the median, of those that are known.
[[nodiscard]] CostRatios between(const CostRatios& before, const CostRatios& after);
[[nodiscard]] CostRatios median_of(std::span<const CostRatios> readings);

// What takes so many times the cycles, in time, on a processor so many times as fast.
[[nodiscard]] CostRatios at_speed(const CostRatios& in_cycles, double speed);

[[nodiscard]] CostProfile scaled(CostProfile profile, const CostRatios& ratios);

} // namespace switchyard::lab
