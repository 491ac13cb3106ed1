#include "lab/results/text.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>
#include <span>

namespace switchyard::lab {

namespace {

const UnitScale& largest_below(std::span<const UnitScale> scales, double magnitude) {
    const UnitScale* chosen = &scales.front();
    for (const UnitScale& scale : scales)
        if (magnitude >= scale.size * (1 - 1e-9)) chosen = &scale;
    return *chosen;
}

// Four digits, whole from 1000 on, in no exponent's notation where it can be read otherwise.
std::string digits(double value) {
    const double size = std::abs(value);
    if (size >= 1000 && size < 1e7) return fmt::format("{:.0f}", value);
    return fmt::format("{:.4g}", value);
}

} // namespace

UnitScale scale_of(ValueUnit unit, double magnitude) {
    static const std::array<UnitScale, 6> times{UnitScale{"ps", 1e-12}, {"ns", 1e-9}, {"us", 1e-6},
                                                {"ms", 1e-3},           {"s", 1},     {"h", 3600}};
    static const std::array<UnitScale, 5> sizes{
        UnitScale{"B", 1}, {"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0}};
    const double size = std::abs(magnitude);
    switch (unit) {
    case ValueUnit::seconds: // hours only where seconds would be five digits
        return size == 0 ? times[4] : largest_below(std::span(times).first(size >= 36'000 ? 6 : 5), size);
    case ValueUnit::bytes: return largest_below(sizes, size);
    case ValueUnit::share: return {"%", 0.01};
    case ValueUnit::none:
    case ValueUnit::factor:
    case ValueUnit::count: break;
    }
    return {};
}

std::string number_text(double value, ValueUnit unit) {
    if (!std::isfinite(value)) return "-";
    const UnitScale scale = scale_of(unit, value);
    const std::string number = digits(value / scale.size);
    return scale.name.empty() ? number : number + " " + scale.name;
}

std::string value_text(const ResultValue& value, ValueUnit unit) {
    if (const double* const number = std::get_if<double>(&value)) return number_text(*number, unit);
    if (const std::string* const word = std::get_if<std::string>(&value)) return *word;
    return "-";
}

std::string mean_text(double mean, std::optional<double> half, ValueUnit unit) {
    if (!half || *half == 0) return number_text(mean, unit);
    const UnitScale scale = scale_of(unit, mean);
    const double shown = *half / scale.size;
    return fmt::format("{} ± {}{}{}", digits(mean / scale.size),
                       shown >= 100 && shown < 1e7 ? digits(std::round(shown)) : fmt::format("{:.2g}", shown),
                       scale.name.empty() ? "" : " ", scale.name);
}

std::string exact_number(double value) { return fmt::format("{}", value == 0 ? 0.0 : value); }

} // namespace switchyard::lab
