// How often operations are executed, at most, all tasks together: what room their records need where nobody knows
// beforehand how often it will be.
//
// The body of a for_each goes round at most once for every message that is ever sent, and what is sent follows from how
// often the senders get there, who may be in a for_each themselves: the least solution is found by going round all
// programs until nothing changes. The body of a `while` has no bound, unless it counts a
// variable down; and neither has a circle of for_eaches that feed
// each other.
#pragma once

#include "models/scenario/scenario.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace switchyard::native {

inline constexpr std::uint64_t unbounded = std::numeric_limits<std::uint64_t>::max();

struct Bounds {
    std::vector<std::vector<std::uint64_t>> executions; // by template and operation: of all instances and children
    std::vector<std::uint64_t> sends;                   // by channel
};

[[nodiscard]] Bounds bounds_of(const Scenario& scenario);

} // namespace switchyard::native
