#include "lab/calibrate/budget.hpp"

#include <algorithm>

namespace switchyard::lab {

double probe_seconds(const Budget& budget, const RoundsSoFar& so_far) {
    const double left = std::max(0.0, budget.seconds - so_far.elapsed_seconds);
    const double of_round = left / std::max(so_far.rounds_left, 1u) - so_far.overhead_seconds;
    const double each = so_far.weights > 0 ? of_round / so_far.weights : budget.most_probe_seconds;
    return std::clamp(each, budget.least_probe_seconds, budget.most_probe_seconds);
}

bool another_round_fits(const Budget& budget, double elapsed_seconds, double longest_round_seconds) {
    return elapsed_seconds + longest_round_seconds <= budget.seconds;
}

} // namespace switchyard::lab
