#include "models/fit/statistics.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <cmath>

namespace switchyard {

double quantile(std::span<const double> samples, double share) {
    if (samples.empty()) throw InputError("no samples to take a quantile of");
    std::vector<double> sorted(samples.begin(), samples.end());
    std::sort(sorted.begin(), sorted.end());
    const double position = std::clamp(share, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(std::floor(position));
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (position - std::floor(position)) * (sorted[above] - sorted[below]);
}

double median(std::span<const double> samples) { return quantile(samples, 0.5); }

std::vector<double> least_of_groups(std::span<const double> samples, std::size_t group) {
    if (group == 0) throw InputError("a group of samples has at least one");
    std::vector<double> least;
    for (; samples.size() >= group; samples = samples.subspan(group))
        least.push_back(*std::min_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(group)));
    if (least.empty() && !samples.empty()) least.push_back(*std::min_element(samples.begin(), samples.end()));
    return least;
}

std::vector<double> round_medians(const Rounds& rounds) {
    std::vector<double> medians;
    for (const std::vector<double>& round : rounds)
        if (!round.empty()) medians.push_back(median(round));
    return medians;
}

} // namespace switchyard
