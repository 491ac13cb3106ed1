#include "models/sweep/replication.hpp"

#include "models/fit/confidence.hpp"

#include <algorithm>
#include <cmath>

namespace switchyard {

bool is_enough(const Replications& replications, std::span<const double> values) {
    if (values.size() >= replications.at_most) return true;
    if (!replications.until || values.size() < std::max(2U, replications.at_least)) return false;
    if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) return true;
    const double mean = mean_and_deviation(values).mean;
    const std::optional<double> half_width = half_interval_of_mean(values, replications.until->confidence);
    return half_width && *half_width <= replications.until->within * std::abs(mean);
}

std::optional<std::uint32_t> replications_needed(const Replications& replications, std::span<const double> values) {
    const std::uint32_t first = std::max(1U, replications.until ? replications.at_least : replications.at_most);
    for (std::uint32_t count = first; count <= values.size(); ++count)
        if (is_enough(replications, values.first(count))) return count;
    return std::nullopt;
}

} // namespace switchyard
