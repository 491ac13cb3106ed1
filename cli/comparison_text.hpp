// Predicted beside measured, for people.
#pragma once

#include "lab/compare/comparison.hpp"

#include <span>
#include <string>

namespace switchyard::cli {

// One row a metric of each comparison.
[[nodiscard]] std::string comparison_text(std::span<const lab::Comparison> comparisons, bool coloured);

// "21.9 s", "461.2 ns", "1234": a metric's figure to four digits.
[[nodiscard]] std::string figure_text(double value, MetricUnit unit);
[[nodiscard]] std::string interval_text(const Interval& interval, MetricUnit unit);

} // namespace switchyard::cli
