// Amounts as the runner counts them, and the pieces it cuts work into.
#pragma once

#include "models/scenario/program.hpp"

#include <cstdint>

namespace switchyard::native {

struct RunnerUnits {
    double iteration_picoseconds = 0; // of the work loop at nominal speed
    std::uint64_t longest_piece = 0;  // iterations: see PlanHeader
    std::uint64_t shortest_sampled_piece = 0;
};

[[nodiscard]] RunnerUnits runner_units(double iteration_picoseconds);

// Compute in iterations, sleep and the time between two jobs in ns, everything else as it is; rounded to the nearest.
[[nodiscard]] std::int64_t in_runner_units(const RunnerUnits& units, OperationKind kind, std::int64_t amount);

// How many pieces of so much work can be timed.
[[nodiscard]] std::uint64_t timed_pieces(const RunnerUnits& units, std::int64_t iterations);

} // namespace switchyard::native
