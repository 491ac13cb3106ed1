#include "models/machine/law.hpp"

#include "models/errors.hpp"
#include "models/units/wide_integer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace switchyard {

std::string_view name_of(Quantity quantity) {
    static constexpr std::array<std::string_view, quantities> names{
        "pages", "bytes", "runnable_tasks", "idle_microseconds", "others_since", "pages_since"};
    return names[static_cast<std::size_t>(quantity)];
}

// --- Fixed point -------------------------------------------------------------------------------------------------

static constexpr std::int64_t one = 1 << 16;

std::int64_t to_fixed_point(double value) {
    const double scaled = std::round(value * static_cast<double>(one));
    if (!(std::abs(scaled) < 0x1p63))
        throw InputError(
            fmt::format("the cost {} is out of range: a law's figures go up to 2^47 ps (140 s) or bytes", value));
    return static_cast<std::int64_t>(scaled);
}

double from_fixed_point(std::int64_t value) { return static_cast<double>(value) / static_cast<double>(one); }

// --- Laws --------------------------------------------------------------------------------------------------------

Law Law::constant(Duration value) { return constant_of(static_cast<double>(value.count())); }

Law Law::constant_of(double value) {
    Law law;
    law.base = to_fixed_point(value);
    return law;
}

Law Law::affine(double base, std::initializer_list<std::pair<Quantity, double>> per_unit) {
    Law law;
    law.kind = Kind::affine;
    law.base = to_fixed_point(base);
    for (const auto& [quantity, coefficient] : per_unit) law.terms.push_back({quantity, to_fixed_point(coefficient)});
    return law;
}

Law Law::table(Quantity over, std::span<const std::pair<std::int64_t, double>> points) {
    if (points.empty()) throw InputError("a table needs at least one point");
    Law law;
    law.kind = Kind::table;
    law.over = over;
    for (const auto& [at, value] : points) {
        const Point point{at, to_fixed_point(value)};
        if (!law.points.empty() && point.at <= law.points.back().at)
            throw InputError(fmt::format("a table's quantities must increase: {} {} comes after {}", at, name_of(over),
                                         law.points.back().at));
        if (!law.points.empty() && point.value < law.points.back().value)
            throw InputError(fmt::format("a table's costs must not fall: {} at {} {} comes after {}", value, at,
                                         name_of(over), from_fixed_point(law.points.back().value)));
        law.points.push_back(point);
    }
    return law;
}

// Whether the quantity says how much there is to do, not in what state the core is.
static bool is_amount_of_work(Quantity quantity) { return quantity == Quantity::pages || quantity == Quantity::bytes; }

// Linear between the two points around `at`, flat below the first.
static WideInteger interpolated(const std::vector<Law::Point>& points, Quantity over, std::int64_t at) {
    if (points.empty()) return 0;
    auto above = std::ranges::lower_bound(points, at, {}, &Law::Point::at);
    if (above == points.begin()) return points.front().value;
    if (above == points.end()) {
        if (points.size() == 1 || !is_amount_of_work(over)) return points.back().value;
        --above; // as steep as between the last two
    }
    const auto below = std::prev(above);
    const WideInteger rise = WideInteger{above->value} - below->value;
    const WideInteger run = WideInteger{above->at} - below->at;
    return below->value + rise * (WideInteger{at} - below->at) / run;
}

FitQuality quality_of_fit(const Origin& origin, bool held_out) {
    FitQuality quality;
    double sum = 0;
    for (const MeasuredPoint& point : origin.points) {
        if (point.held_out != held_out) continue;
        ++quality.points;
        sum += std::abs(point.error);
        quality.largest_error = std::max(quality.largest_error, std::abs(point.error));
    }
    if (quality.points > 0) quality.mean_error = sum / static_cast<double>(quality.points);
    return quality;
}

std::int64_t evaluate(const Law& law, const Amounts& amounts) {
    WideInteger value = law.base;
    switch (law.kind) {
    case Law::Kind::constant: break;
    case Law::Kind::affine:
        for (const Law::Term& term : law.terms)
            value += WideInteger{term.coefficient} * amounts.value[static_cast<std::size_t>(term.quantity)];
        break;
    case Law::Kind::table:
        value = interpolated(law.points, law.over, amounts.value[static_cast<std::size_t>(law.over)]);
        break;
    }
    if (value <= 0) return 0;
    const std::optional<std::int64_t> whole = narrow((value + one / 2) / one);
    if (!whole) throw TimeOverflow("a cost law's value is beyond 2^63 picoseconds or bytes");
    return *whole;
}

} // namespace switchyard
