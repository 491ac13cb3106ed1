// How well a mean is known from independent repetitions.
#pragma once

#include <optional>
#include <span>

namespace switchyard {

struct MeanAndDeviation {
    double mean = 0;
    double deviation = 0; // of the sample: over n - 1; 0 for a single value
};

// Throws InputError for no values.
[[nodiscard]] MeanAndDeviation mean_and_deviation(std::span<const double> values);

// Half the width of the confidence interval of the mean of independent values by Student's t ("Student" 1908): t times
// deviation / sqrt(n). Absent for fewer than two. Throws InputError for a confidence that is not between 0 and 1.
[[nodiscard]] std::optional<double> half_interval_of_mean(std::span<const double> values, double confidence = 0.95);

} // namespace switchyard
