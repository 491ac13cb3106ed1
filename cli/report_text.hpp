// A report for people.
#pragma once

#include "models/report/report.hpp"

#include <string>

namespace switchyard::cli {

[[nodiscard]] std::string report_text(const Report& report, bool coloured);

// "12.3 %", "+4.5 %" (signed).
[[nodiscard]] std::string percent(double share);
[[nodiscard]] std::string signed_percent(double share);

} // namespace switchyard::cli
