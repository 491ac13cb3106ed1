// What each task gets of the processor under an ideally fair scheduler, in closed form: the fluid that Linux's fair
// class, weighted round robin, stride and lottery scheduling all approximate, each with an error of its own.
//
// Generalised processor sharing (Parekh and Gallager 1993, "A generalized processor sharing approach to flow control in
// integrated services networks: the single-node case", IEEE/ACM Transactions on Networking 1(3)): at each instant every
// task that is ready is served in proportion to its weight, switches being free. Weights have no unit: Linux's nice 0
// is 1024. All throw InputError for a weight of 0.
#pragma once

#include "models/units/time.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard {

// Of one core among tasks that are always ready: weight / sum of the weights.
[[nodiscard]] std::vector<double> proportional_shares(std::span<const std::uint64_t> weights);

// Of `cores` identical cores among tasks that are always ready, in cores: 0.5 is half of one. A task runs on one core
// at a time, so none gets more than 1; what a heavy task's weight would entitle it to beyond that is shared out among
// the others by weight, again capped at 1 (water-filling; the weight readjustment of Chandra, Adler, Goyal and Shenoy
// 2000, "Surplus fair scheduling", OSDI). The shares add up to min(cores, tasks). Which tasks are capped is decided
// exactly. Throws InputError for no core.
[[nodiscard]] std::vector<double> core_shares(std::span<const std::uint64_t> weights, std::uint32_t cores);

// One task that is ready at 0 and computes for `work`.
struct WeightedTask {
    Duration work{};
    std::uint64_t weight = 1;
};

// When each task ends, under those shares, which grow for the others as tasks end; to within rounding of doubles,
// 1e-15 of the makespan or so for each task. Time quadratic in the number of tasks, but for a logarithm. Throws
// InputError for a negative work, TimeOverflow.
[[nodiscard]] std::vector<Duration> fluid_turnarounds(std::span<const WeightedTask> tasks, std::uint32_t cores);

} // namespace switchyard
