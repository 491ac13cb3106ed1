#include "models/sweep/values.hpp"

#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace switchyard {

namespace {

std::optional<double> plain_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

// What `parse` makes of it, or nothing where it is nothing of that kind.
template <typename Parse>
auto parsed(Parse parse, std::string_view text) -> std::optional<decltype(parse(text))> {
    try {
        return parse(text);
    } catch (const InputError&) {
        return std::nullopt;
    }
}

double rounded(double value, int digits) {
    const std::string text = fmt::format("{:.{}e}", value, digits - 1);
    double result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return result;
}

// Correctly rounded, so that 20.1 s is 20.1.
double in_seconds(Duration time) { return static_cast<double>(time.count()) / 1e12; }

double between(const ParameterRange& range, double position) {
    if (range.logarithmic) return range.low * std::pow(range.high / range.low, position);
    return range.low + (range.high - range.low) * position;
}

std::string without_blanks(std::string text) {
    std::erase(text, ' ');
    return text;
}

std::string size_text(std::int64_t bytes) {
    constexpr std::array<std::pair<std::string_view, int>, 4> units{
        {{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}}};
    for (const auto& [name, shift] : units)
        if (const std::int64_t size = std::int64_t{1} << shift; bytes >= size && bytes % size == 0)
            return fmt::format("{}{}", bytes / size, name);
    return fmt::format("{}B", bytes);
}

void add_once(std::vector<SweepValue>& values, SweepValue value) {
    if (values.empty() || values.back().text != value.text) values.push_back(std::move(value));
}

} // namespace

UnitNumber read_unit_number(std::string_view text) {
    if (const auto number = plain_number(text)) return {ParameterUnit::none, number};
    if (text.ends_with('%'))
        if (const auto share = parsed(parse_share, text)) return {ParameterUnit::share, share};
    if (const auto time = parsed(parse_duration, text)) return {ParameterUnit::time, in_seconds(*time)};
    if (const auto size = parsed(parse_size, text)) return {ParameterUnit::bytes, static_cast<double>(size->count)};
    return {};
}

ParameterUnit settle_units(std::vector<SweepValue>& values) {
    std::optional<ParameterUnit> common;
    bool differ = false;
    for (SweepValue& value : values) {
        const UnitNumber read = read_unit_number(value.text);
        value.number = read.number;
        const auto is_number = [](ParameterUnit unit) {
            return unit == ParameterUnit::none || unit == ParameterUnit::share;
        };
        if (!read.number)
            differ = true;
        else if (!common)
            common = read.unit;
        else if (*common != read.unit && is_number(*common) && is_number(read.unit))
            common = ParameterUnit::share;
        else if (*common != read.unit)
            differ = true;
    }
    if (!differ) return common.value_or(ParameterUnit::none);
    for (SweepValue& value : values) value.number.reset();
    return ParameterUnit::none;
}

SweepValue value_of(double number, ParameterUnit unit, bool whole) {
    switch (unit) {
    case ParameterUnit::time: {
        const Duration time = from_seconds(number);
        return {without_blanks(exact_text(time)), in_seconds(time)};
    }
    case ParameterUnit::bytes: {
        const std::int64_t bytes = std::llround(number);
        return {size_text(bytes), static_cast<double>(bytes)};
    }
    case ParameterUnit::none:
    case ParameterUnit::share:
    case ParameterUnit::factor: break;
    }
    if (!whole) return {fmt::format("{}", number), number};
    const std::int64_t value = std::llround(number);
    return {fmt::format("{}", value), static_cast<double>(value)};
}

std::vector<SweepValue> spaced_values(const ParameterRange& range, ParameterUnit unit, std::uint64_t points) {
    constexpr int digits = 4;
    std::vector<SweepValue> values;
    for (std::uint64_t i = 0; i < points; ++i) {
        const bool is_end = i == 0 || i + 1 == points;
        const double position = points == 1 ? 0 : static_cast<double>(i) / static_cast<double>(points - 1);
        const double number = i == 0 ? range.low : is_end ? range.high : rounded(between(range, position), digits);
        add_once(values, value_of(std::clamp(number, range.low, range.high), unit, range.whole));
    }
    return values;
}

std::vector<SweepValue> stepped_values(const ParameterRange& range, ParameterUnit unit, double step) {
    constexpr int digits = 12;              // of what is written, no noise of the sum
    constexpr double tolerance = 1 + 1e-12; // the last step may miss `high` by a rounding
    std::vector<SweepValue> values;
    for (std::uint64_t i = 0;; ++i) {
        const double number = rounded(range.low + static_cast<double>(i) * step, digits);
        if (number > range.high * tolerance) break;
        values.push_back(value_of(number, unit, range.whole));
    }
    return values;
}

SweepValue value_at(const SweepParameter& parameter, double position) {
    constexpr int digits = 6;
    if (!parameter.range) {
        const std::size_t size = parameter.values.size();
        const auto index = static_cast<std::size_t>(position * static_cast<double>(size));
        return parameter.values[std::min(index, size - 1)];
    }
    ParameterRange range = *parameter.range;
    if (!range.whole || range.high - range.low > 1e6 || range.logarithmic) {
        const double number = std::clamp(rounded(between(range, position), digits), range.low, range.high);
        return value_of(number, parameter.unit, range.whole);
    }
    const double steps = range.high - range.low + 1; // each whole number over as much of the way
    return value_of(range.low + std::min(std::floor(position * steps), steps - 1), parameter.unit, true);
}

} // namespace switchyard
