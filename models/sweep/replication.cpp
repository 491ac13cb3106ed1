#include "models/sweep/replication.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace switchyard {

MeanInterval student_interval(std::span<const double> values, double confidence) {
    MeanInterval interval{values.size(), 0, std::numeric_limits<double>::infinity()};
    double squares = 0; // of distances from the mean (Welford 1962)
    double count = 0;
    for (const double value : values) {
        if (!std::isfinite(value))
            return {values.size(), std::numeric_limits<double>::quiet_NaN(), interval.half_width};
        const double distance = value - interval.mean;
        interval.mean += distance / ++count;
        squares += distance * (value - interval.mean);
    }
    if (values.size() < 2) return interval;
    interval.half_width = 0;
    if (squares > 0) {
        const boost::math::students_t distribution(count - 1);
        interval.half_width =
            boost::math::quantile(distribution, 0.5 + confidence / 2) * std::sqrt(squares / (count - 1) / count);
    }
    return interval;
}

bool is_enough(const Replications& replications, std::span<const double> values) {
    if (values.size() >= replications.at_most) return true;
    if (!replications.until || values.size() < replications.at_least) return false;
    const MeanInterval interval = student_interval(values, replications.until->confidence);
    return std::isnan(interval.mean) || interval.half_width <= replications.until->within * std::abs(interval.mean);
}

std::optional<std::uint32_t> replications_needed(const Replications& replications, std::span<const double> values) {
    const std::uint32_t first = std::max(1U, replications.until ? replications.at_least : replications.at_most);
    for (std::uint32_t count = first; count <= values.size(); ++count)
        if (is_enough(replications, values.first(count))) return count;
    return std::nullopt;
}

} // namespace switchyard
