// The misses of the optimum for every memory size in one pass: Mattson's stack with priorities (Mattson et al. 1970,
// "Evaluation Techniques for Storage Hierarchies", IBM Systems Journal 9(2), section on OPT). A memory of n frames
// holds the upper n pages of the stack. The page referenced goes on top; the one that was there goes down, and wherever
// it meets one that is needed later it takes its place and that one goes on, until the hole is reached.
//
// A page is the time it is needed next, as no two have the same. The stack lies in blocks whose latest time is known: a
// block with none later than what goes down stays as it is. O(pages / 128) a reference and little in practice.
#pragma once

#include "sim/memory/miss_ratio/stack_distance.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::sim::miss_ratio {

// From the time of each reference's page's next reference (NextUses), the depths of all references.
[[nodiscard]] DepthHistogram optimal_depths(std::span<const std::uint32_t> next_uses);

} // namespace switchyard::sim::miss_ratio
