// Random draws of schedulers: of the scenario's seed and no task's, so that the work stays the same under every policy.
#pragma once

#include "models/random/draw.hpp"

#include <functional>
#include <limits>

namespace switchyard::sim {

// Random bits, one number after the other. Others than the scheduler's own stream may be fed in, to repeat what
// somebody else drew.
using DrawSource = std::function<std::uint64_t()>;

// The StreamKey::task of what schedulers draw: no task template's index.
inline constexpr std::uint32_t drawn_by_scheduler = std::numeric_limits<std::uint32_t>::max();

[[nodiscard]] inline DrawSource scheduler_draws(std::uint64_t seed) {
    return DrawStream({.seed = seed, .task = drawn_by_scheduler, .instance = 0, .operation = 0});
}

} // namespace switchyard::sim
