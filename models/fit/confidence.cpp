#include "models/fit/confidence.hpp"

#include "models/errors.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace switchyard {

MeanAndDeviation mean_and_deviation(std::span<const double> values) {
    if (values.empty()) throw InputError("no values to take a mean of");
    // Welford 1962: what many large values that hardly differ have in common does not cancel out.
    double mean = 0, squares = 0, count = 0;
    for (const double value : values) {
        const double from_mean = value - mean;
        mean += from_mean / ++count;
        squares += from_mean * (value - mean);
    }
    return {mean, count > 1 ? std::sqrt(squares / (count - 1)) : 0};
}

std::optional<double> half_interval_of_mean(std::span<const double> values, double confidence) {
    if (!(confidence > 0 && confidence < 1)) throw InputError("a confidence is between 0 and 1 (0.95)");
    if (values.size() < 2) return std::nullopt;
    const auto count = static_cast<double>(values.size());
    const boost::math::students_t distribution(count - 1);
    const double t = boost::math::quantile(boost::math::complement(distribution, (1 - confidence) / 2));
    return t * mean_and_deviation(values).deviation / std::sqrt(count);
}

} // namespace switchyard
