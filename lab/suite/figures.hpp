// Figures of a validation as people read them.
#pragma once

#include "lab/suite/validation.hpp"

#include <string>

namespace switchyard::lab {

// "21.9 s", "461.2 ns", "1234", "12.5 %": to four digits.
[[nodiscard]] std::string figure_text(double value, MetricUnit unit);
[[nodiscard]] std::string interval_text(const Interval& interval, MetricUnit unit);

// "12.5 %", "0.42 %"; signed: "+3.1 %".
[[nodiscard]] std::string share_text(double share);
[[nodiscard]] std::string signed_share_text(double share);

// What a row is held to: "5 %", "50 us"; empty where to nothing.
[[nodiscard]] std::string target_text(const ValidationRow& row);

} // namespace switchyard::lab
