#include "formats/json/figure.hpp"

#include "models/units/wide_integer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <string>

namespace switchyard::formats {

namespace {

constexpr std::int64_t fixed_points_in_one = 65536; // law.hpp
constexpr int most_decimals = 18;

// Fixed-point steps in one unit of the file.
std::int64_t steps_in(CostUnit unit) {
    return unit == CostUnit::picoseconds ? 1000 * fixed_points_in_one : fixed_points_in_one;
}

// Both operands not negative.
WideInteger rounded_quotient(WideInteger numerator, WideInteger denominator) {
    return (numerator + denominator / 2) / denominator;
}

// digits x 10^-decimals
struct Decimal {
    WideInteger digits = 0;
    int decimals = 0;
};

WideInteger power_of_ten(int exponent) {
    WideInteger power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

// The shortest decimal that means this double (which is finite, not negative and below 10^19).
Decimal shortest_decimal(double value) {
    std::array<char, 512> text;
    const auto written = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    Decimal decimal;
    bool after_point = false;
    for (const char* c = text.data(); c != written.ptr && decimal.decimals < most_decimals; ++c) {
        if (*c == '.') {
            after_point = true;
            continue;
        }
        decimal.digits = decimal.digits * 10 + (*c - '0');
        if (after_point) ++decimal.decimals;
    }
    return decimal;
}

// The double nearest to digits x 10^exponent.
double nearest_double(std::string_view digits, int exponent) {
    const std::string text = fmt::format("{}e{}", digits, exponent);
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// value x 10^exponent, in decimal arithmetic.
double shifted(double value, int exponent) {
    if (!std::isfinite(value)) return value;
    std::array<char, 64> text;
    const auto written = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
    const std::string_view whole(text.data(), static_cast<std::size_t>(written.ptr - text.data()));
    const std::size_t e = whole.find('e');
    const char* const first = text.data() + e + (whole[e + 1] == '+' ? 2 : 1); // from_chars takes no plus sign
    int own_exponent = 0;
    std::from_chars(first, written.ptr, own_exponent);
    return nearest_double(whole.substr(0, e), own_exponent + exponent);
}

} // namespace

std::string_view unit_name(CostUnit unit) { return unit == CostUnit::picoseconds ? "ns" : "bytes"; }

double decimal_of(std::int64_t fixed_point, CostUnit unit) {
    const bool negative = fixed_point < 0;
    const WideInteger magnitude = negative ? -WideInteger{fixed_point} : WideInteger{fixed_point};
    double decimal = 0;
    for (int decimals = 0; decimals <= 10; ++decimals) {
        const WideInteger digits = rounded_quotient(magnitude * power_of_ten(decimals), steps_in(unit));
        decimal = nearest_double(fmt::format("{}", digits), -decimals);
        if (negative) decimal = -decimal;
        if (fixed_point_of(decimal, unit) == fixed_point) break;
    }
    return decimal;
}

std::optional<std::int64_t> fixed_point_of(double decimal, CostUnit unit) {
    const double most = 9.2e18 / static_cast<double>(steps_in(unit));
    if (!(std::abs(decimal) <= most)) return std::nullopt;
    const Decimal exact = shortest_decimal(std::abs(decimal));
    const WideInteger steps = rounded_quotient(exact.digits * steps_in(unit), power_of_ten(exact.decimals));
    return static_cast<std::int64_t>(decimal < 0 ? -steps : steps);
}

double to_file_unit(double value, CostUnit unit) { return unit == CostUnit::picoseconds ? shifted(value, -3) : value; }

double from_file_unit(double value, CostUnit unit) { return unit == CostUnit::picoseconds ? shifted(value, 3) : value; }

} // namespace switchyard::formats
