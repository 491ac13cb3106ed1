#include "lab/plot/axis.hpp"

#include "lab/plot/gnuplot.hpp"
#include "lab/results/text.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

constexpr double least_factor_of_a_parameter = 8;
constexpr double least_factor_of_a_figure = 50;
constexpr std::size_t most_marks = 9;
constexpr std::size_t longest_mark = 7;
constexpr double hardly_more = 1 + 1e-9; // what rounding does to a value does not move it over a mark

// A mark's text with its unit; no hours, so that decades of seconds stay what they are.
std::string mark_text(double value, ValueUnit unit) {
    const UnitScale scale = scale_of(unit, std::min(std::abs(value), 30'000.0));
    if (unit == ValueUnit::bytes) return number_text(value, unit);
    const double shown = value / scale.size;
    std::string text =
        std::abs(shown) < 1e6 && std::abs(shown) >= 1000 ? fmt::format("{:.0f}", shown) : fmt::format("{:.4g}", shown);
    return scale.name.empty() ? text : text + " " + scale.name;
}

// Relative scatter: deviation over mean.
double scatter(std::span<const double> steps) {
    double sum = 0, squares = 0;
    for (const double step : steps) sum += step;
    const double mean = sum / static_cast<double>(steps.size());
    for (const double step : steps) squares += (step - mean) * (step - mean);
    return std::sqrt(squares / static_cast<double>(steps.size())) / mean;
}

void mark_powers(Axis& axis, double base) {
    const int first = static_cast<int>(std::ceil(std::log(axis.low) / std::log(base) - 1e-9));
    const int last = static_cast<int>(std::floor(std::log(axis.high) / std::log(base) + 1e-9));
    const int stride = std::max(1, (last - first) / static_cast<int>(most_marks) + 1);
    for (int power = first; power <= last; power += stride) {
        const double at = std::pow(base, power);
        axis.marks.push_back({at, mark_text(at, axis.unit)});
    }
}

// 1, 2 and 5 of each decade.
void mark_within_decades(Axis& axis) {
    const int first = static_cast<int>(std::floor(std::log10(axis.low)));
    for (int decade = first; std::pow(10, decade) <= axis.high; ++decade)
        for (const double digit : {1.0, 2.0, 5.0}) {
            const double at = digit * std::pow(10, decade);
            if (at * hardly_more >= axis.low && at <= axis.high * hardly_more)
                axis.marks.push_back({at, mark_text(at, axis.unit)});
        }
}

void mark_logarithmically(Axis& axis) {
    if (axis.unit == ValueUnit::bytes) return mark_powers(axis, 2);
    if (axis.high / axis.low < 500) return mark_within_decades(axis);
    mark_powers(axis, 10);
}

// A round step: of bytes a power of two, else 1, 2 or 5 of a decade.
double round_step(double length, bool binary) {
    if (binary) return std::exp2(std::ceil(std::log2(length / 8)));
    const double rough = length / 6;
    const double decade = std::pow(10, std::floor(std::log10(rough)));
    for (const double digit : {1.0, 2.0, 5.0})
        if (digit * decade >= rough) return digit * decade;
    return 10 * decade;
}

void mark_linearly(Axis& axis, const ResultColumn& column) {
    const UnitScale scale = scale_of(axis.unit, std::max(std::abs(axis.low), std::abs(axis.high)));
    if (!scale.name.empty()) axis.label = fmt::format("{} ({})", column.name, scale.name);
    const double step = round_step((axis.high - axis.low) / scale.size, axis.unit == ValueUnit::bytes);
    const double first = std::ceil(axis.low / scale.size / step - 1e-9);
    const double last = std::floor(axis.high / scale.size / step + 1e-9);
    for (double i = first; i <= last; ++i)
        axis.marks.push_back({i == 0 ? 0.0 : i * step * scale.size, fmt::format("{:.6g}", i == 0 ? 0.0 : i * step)});
}

void require_above_zero(double low, const ResultColumn& column) {
    if (low <= 0)
        throw InputError(
            fmt::format("'{}' has values that are not above 0: it cannot be drawn on a logarithmic axis", column.name));
}

void spread(Axis& axis, double low, double high) {
    if (axis.logarithmic) {
        const double margin = std::pow(high / low, 0.04);
        axis.low = low / std::max(margin, low == high ? 2 : 1.02);
        axis.high = high * std::max(margin, low == high ? 2 : 1.02);
    } else {
        const double margin = low == high ? std::max(std::abs(low), 1e-12) / 2 : 0.04 * (high - low);
        axis.low = low - margin;
        axis.high = high + margin;
    }
}

} // namespace

std::optional<double> Axis::place(const ResultValue& value) const {
    if (!categories.empty()) {
        const auto at = std::ranges::find(categories, value);
        if (at == categories.end()) return std::nullopt;
        return static_cast<double>(at - categories.begin());
    }
    const double* const number = std::get_if<double>(&value);
    if (number == nullptr || !std::isfinite(*number)) return std::nullopt;
    return *number;
}

bool is_spaced_logarithmically(std::span<const double> values) {
    if (values.size() < 2 || values.front() <= 0) return false;
    if (values.back() / values.front() <= least_factor_of_a_parameter * (1 - 1e-9)) return false;
    if (values.size() == 2) return true;
    std::vector<double> differences, ratios;
    for (std::size_t i = 1; i < values.size(); ++i) {
        differences.push_back(values[i] - values[i - 1]);
        ratios.push_back(std::log(values[i] / values[i - 1]));
    }
    return scatter(ratios) < scatter(differences);
}

Axis parameter_axis(const ResultColumn& column, std::vector<ResultValue> values, AxisKind kind) {
    if (values.empty()) throw InputError(fmt::format("'{}' has no values to draw", column.name));
    Axis axis;
    axis.label = column.name;
    axis.unit = column.unit;
    const bool has_words =
        std::ranges::any_of(values, [](const ResultValue& value) { return !std::holds_alternative<double>(value); });
    if (has_words && kind == AxisKind::logarithmic)
        throw InputError(
            fmt::format("'{}' has words as values: it cannot be drawn on a logarithmic axis", column.name));
    if (has_words || kind == AxisKind::categories) {
        for (std::size_t i = 0; i < values.size(); ++i)
            axis.marks.push_back({static_cast<double>(i), value_text(values[i], column.unit)});
        axis.categories = std::move(values);
        axis.low = -0.5;
        axis.high = static_cast<double>(axis.categories.size()) - 0.5;
        return axis;
    }
    std::vector<double> numbers;
    for (const ResultValue& value : values) numbers.push_back(std::get<double>(value));
    std::ranges::sort(numbers);
    axis.logarithmic =
        kind == AxisKind::logarithmic || (kind == AxisKind::automatic && is_spaced_logarithmically(numbers));
    if (axis.logarithmic) require_above_zero(numbers.front(), column);
    spread(axis, numbers.front(), numbers.back());
    if (!axis.logarithmic) {
        if (numbers.front() >= 0) axis.low = std::max(axis.low, 0.0);
        mark_linearly(axis, column);
        return axis;
    }
    // The values themselves, where there are few and they are short.
    for (const double number : numbers) axis.marks.push_back({number, mark_text(number, column.unit)});
    const bool are_short = std::ranges::all_of(axis.marks, [](const AxisMark& mark) {
        return mark.text.size() <= longest_mark && mark.text.find('.') == std::string::npos;
    });
    if (axis.marks.size() > most_marks || !are_short) {
        axis.marks.clear();
        mark_logarithmically(axis);
    }
    return axis;
}

Axis figure_axis(const ResultColumn& column, std::span<const double> values, AxisKind kind) {
    if (values.empty()) throw InputError(fmt::format("'{}' has no values to draw", column.name));
    Axis axis;
    axis.label = column.name;
    axis.unit = column.unit;
    const auto [least, most] = std::ranges::minmax(values);
    axis.logarithmic = kind == AxisKind::logarithmic ||
                       (kind == AxisKind::automatic && least > 0 && most / least > least_factor_of_a_figure);
    if (axis.logarithmic) require_above_zero(least, column);
    spread(axis, least, most);
    if (axis.logarithmic) {
        mark_logarithmically(axis);
        return axis;
    }
    if (least >= 0 && least < 0.6 * most) axis.low = 0;
    if (least == 0 && most == 0) axis.high = 1;
    mark_linearly(axis, column);
    return axis;
}

std::string axis_script(const Axis& axis, std::string_view name) {
    std::string script = fmt::format("{}set logscale {}\n", axis.logarithmic ? "" : "un", name);
    script += fmt::format("set {}label {} noenhanced\nset {}range [{}:{}]\n", name, gnuplot_quoted(axis.label), name,
                          axis.low, axis.high);
    std::string marks;
    std::size_t letters = 0;
    for (const AxisMark& mark : axis.marks) {
        std::string text; // is a format to gnuplot
        for (const char letter : mark.text) text += letter == '%' ? "%%" : std::string(1, letter);
        marks += fmt::format("{}{} {}", marks.empty() ? "" : ", ", gnuplot_quoted(text), mark.at);
        letters += mark.text.size() + 2;
    }
    // Names that would run into each other are turned.
    const bool turned = name == "x" && letters > 95;
    script += fmt::format("set {}tics {} ({}) noenhanced\n", name, turned ? "rotate by -35" : "norotate", marks);
    return script;
}

} // namespace switchyard::lab
