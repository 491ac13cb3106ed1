#include "native/plan/units.hpp"

#include <algorithm>
#include <cmath>

namespace switchyard::native {

static constexpr double longest_piece_picoseconds = 100e6;        // 100 us: many pieces between two timer ticks
static constexpr double shortest_sampled_piece_picoseconds = 4e6; // 4 us: a stamp is then less than a per cent of it

static std::int64_t whole(double value) { return std::llround(std::min(value, 9.2e18)); }

RunnerUnits runner_units(double iteration_picoseconds) {
    const auto iterations = [&](double picoseconds) {
        return static_cast<std::uint64_t>(whole(picoseconds / iteration_picoseconds));
    };
    return {iteration_picoseconds, iterations(longest_piece_picoseconds),
            iterations(shortest_sampled_piece_picoseconds)};
}

std::int64_t in_runner_units(const RunnerUnits& units, OperationKind kind, std::int64_t amount) {
    switch (kind) {
    case OperationKind::compute: return whole(static_cast<double>(amount) / units.iteration_picoseconds);
    case OperationKind::sleep:
    case OperationKind::io:
    case OperationKind::job: return amount / 1000 + (amount % 1000 >= 500 ? 1 : 0);
    default: return amount;
    }
}

std::uint64_t timed_pieces(const RunnerUnits& units, std::int64_t iterations) {
    const auto amount = static_cast<std::uint64_t>(iterations);
    return amount / units.longest_piece + (amount % units.longest_piece >= units.shortest_sampled_piece ? 1 : 0);
}

} // namespace switchyard::native
