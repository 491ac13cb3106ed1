#include "lab/suite/figures.hpp"

#include "models/units/text.hpp"

#include <cmath>
#include <fmt/format.h>

namespace switchyard::lab {

std::string figure_text(double value, MetricUnit unit) {
    switch (unit) {
    case MetricUnit::time: return (value < 0 ? "-" : "") + rounded_text(from_seconds(std::abs(value)));
    case MetricUnit::bytes: return text_of(Bytes{std::llround(value)});
    case MetricUnit::share: return share_text(value);
    case MetricUnit::count: break;
    }
    return fmt::format("{:.6g}", value);
}

std::string interval_text(const Interval& interval, MetricUnit unit) {
    return fmt::format("{} .. {}", figure_text(interval.low, unit), figure_text(interval.high, unit));
}

static int decimals_of(double share) { return std::abs(share) < 0.01 ? 2 : std::abs(share) < 1 ? 1 : 0; }

std::string share_text(double share) { return fmt::format("{:.{}f} %", 100 * share, decimals_of(share)); }

std::string signed_share_text(double share) { return fmt::format("{:+.{}f} %", 100 * share, decimals_of(share)); }

std::string target_text(const ValidationRow& row) {
    if (row.within) return figure_text(*row.within, row.unit);
    return row.target ? fmt::format("{:.4g} %", 100 * *row.target) : "";
}

} // namespace switchyard::lab
