#include "models/units/text.hpp"

#include "models/errors.hpp"
#include "models/units/wide_integer.hpp"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <optional>

namespace switchyard {

// --- Reading -----------------------------------------------------------------------------------------------------

namespace {

struct Unit {
    std::string_view name;
    std::int64_t size; // in the base unit
};

constexpr std::array<Unit, 9> duration_units{{
    {"ps", 1},
    {"ns", 1'000},
    {"us", 1'000'000},
    {"\u00b5s", 1'000'000}, // the micro sign
    {"\u03bcs", 1'000'000}, // the Greek letter
    {"ms", 1'000'000'000},
    {"s", 1'000'000'000'000},
    {"min", 60'000'000'000'000},
    {"h", 3'600'000'000'000'000},
}};

constexpr std::array<Unit, 8> size_units{{
    {"B", 1},
    {"KiB", std::int64_t{1} << 10},
    {"MiB", std::int64_t{1} << 20},
    {"GiB", std::int64_t{1} << 30},
    {"TiB", std::int64_t{1} << 40},
    {"kB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::string_view leading_digits(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length])) ++length;
    return text.substr(0, length);
}

// What was written, short enough and plain enough to be quoted in one line.
std::string quoted(std::string_view text) {
    constexpr std::size_t most = 40;
    std::string shown;
    for (const char c : text.substr(0, most)) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return fmt::format("'{}{}'", shown, text.size() > most ? "..." : "");
}

// "12.50 KiB": the digits before and after the point, and what follows them. Zeros that mean nothing are dropped.
struct Decimal {
    std::string_view whole;
    std::string_view fraction;
    std::string_view unit;
};

// `example` tells the reader what would be right: "10s, 10ms".
Decimal split(std::string_view text, std::string_view what, std::string_view example) {
    const std::string_view written = trimmed(text);
    std::string_view rest = written;
    if (rest.empty()) throw InputError(fmt::format("a {} is missing: write {}", what, example));
    if (rest.front() == '-') throw InputError(fmt::format("{}: a {} cannot be negative", quoted(written), what));
    if (rest.front() == '+') throw InputError(fmt::format("{}: leave the sign away", quoted(written)));

    Decimal decimal;
    decimal.whole = leading_digits(rest);
    rest.remove_prefix(decimal.whole.size());
    if (!rest.empty() && rest.front() == '.') {
        rest.remove_prefix(1);
        decimal.fraction = leading_digits(rest);
        rest.remove_prefix(decimal.fraction.size());
        if (decimal.whole.empty() || decimal.fraction.empty())
            throw InputError(fmt::format("{}: a point needs digits on both sides", quoted(written)));
    }
    if (decimal.whole.empty())
        throw InputError(fmt::format("{} is not a {}: write {}", quoted(written), what, example));
    if (!rest.empty() && (rest.front() == 'e' || rest.front() == 'E') && rest.size() > 1 &&
        (is_digit(rest[1]) || rest[1] == '+' || rest[1] == '-'))
        throw InputError(fmt::format("{}: exponents are not read; write the number out: {}", quoted(written), example));

    decimal.unit = trimmed(rest);
    while (decimal.whole.size() > 1 && decimal.whole.front() == '0') decimal.whole.remove_prefix(1);
    while (!decimal.fraction.empty() && decimal.fraction.back() == '0') decimal.fraction.remove_suffix(1);
    return decimal;
}

// No decimal of more digits than this is a whole number of the base unit and within its range, whatever the unit.
constexpr std::size_t most_digits = 19;

WideInteger integer_of(std::string_view digits) {
    WideInteger value = 0;
    for (const char digit : digits) value = value * 10 + (digit - '0');
    return value;
}

// `decimal` times `unit`, in the base unit, called `base`; `range` is the most there can be, in words.
std::int64_t exact_multiple(const Decimal& decimal, std::int64_t unit, std::string_view written, std::string_view base,
                            std::string_view range) {
    const auto too_large = [&] { return InputError(fmt::format("{} is more than {}", quoted(written), range)); };
    const auto too_fine = [&] {
        return InputError(fmt::format("{} is not a whole number of {}: leave digits away", quoted(written), base));
    };
    if (decimal.whole.size() > most_digits) throw too_large();
    if (decimal.fraction.size() > most_digits) throw too_fine();

    WideInteger scale = 1;
    for (std::size_t digit = 0; digit < decimal.fraction.size(); ++digit) scale *= 10;
    const WideInteger fraction = integer_of(decimal.fraction) * unit;
    if (fraction % scale != 0) throw too_fine();
    const std::optional<std::int64_t> value = narrow(integer_of(decimal.whole) * unit + fraction / scale);
    if (!value) throw too_large();
    return *value;
}

template <std::size_t N>
std::int64_t size_of_unit(std::string_view unit, const std::array<Unit, N>& units, std::string_view written,
                          std::string_view example) {
    if (unit.empty()) throw InputError(fmt::format("{} needs a unit: {}", quoted(written), example));
    std::array<std::string_view, N> names;
    for (std::size_t i = 0; i < N; ++i) {
        if (units[i].name == unit) return units[i].size;
        names[i] = units[i].name;
    }
    throw InputError(fmt::format("{}: unknown unit {}{}: write {}", quoted(written), quoted(unit),
                                 suggestion(unit, names), example));
}

// "10s, 10ms": what `text` would look like with a unit, as far as it is a number at all.
std::string with_units(std::string_view text, std::string_view first, std::string_view second, std::string_view third) {
    std::string_view number = leading_digits(trimmed(text));
    if (number.empty() || number.size() > 6) number = "10";
    return fmt::format("{0}{1}, {0}{2} or {0}{3}", number, first, second, third);
}

} // namespace

Duration parse_duration(std::string_view text) {
    const std::string example = with_units(text, "s", "ms", "us");
    const Decimal decimal = split(text, "duration", example);
    const std::int64_t unit = size_of_unit(decimal.unit, duration_units, trimmed(text), example);
    return Duration{exact_multiple(decimal, unit, trimmed(text), "picoseconds",
                                   "the 106 days (2^63 ps) that virtual time can hold")};
}

Bytes parse_size(std::string_view text) {
    const std::string example = with_units(text, "B", "KiB", "MiB");
    const Decimal decimal = split(text, "size", example);
    const std::int64_t unit = size_of_unit(decimal.unit, size_units, trimmed(text), example);
    return Bytes{exact_multiple(decimal, unit, trimmed(text), "bytes", "2^63 bytes")};
}

double parse_share(std::string_view text) {
    constexpr std::string_view example = "10% or 0.1";
    const std::string_view written = trimmed(text);
    const Decimal decimal = split(text, "share", example);
    if (!decimal.unit.empty() && decimal.unit != "%")
        throw InputError(fmt::format("{}: a share has no unit but %: write {}", quoted(written), example));
    double value = 0;
    // Only digits and a point are left, which from_chars reads to the nearest double.
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
    if (error != std::errc{}) throw InputError(fmt::format("{} is out of range: write {}", quoted(written), example));
    static_cast<void>(end);
    return decimal.unit.empty() ? value : value / 100;
}

std::int64_t parse_thousandths(std::string_view text) {
    constexpr std::string_view example = "1, 0.5 or 50%";
    const std::string_view written = trimmed(text);
    const Decimal decimal = split(text, "factor", example);
    if (!decimal.unit.empty() && decimal.unit != "%")
        throw InputError(fmt::format("{}: a factor has no unit but %: write {}", quoted(written), example));
    return exact_multiple(decimal, decimal.unit.empty() ? 1000 : 10, written, "thousandths", "2^63 thousandths");
}

// --- Writing -----------------------------------------------------------------------------------------------------

namespace {

struct Scale {
    std::string_view name;
    std::uint64_t size;
};

constexpr std::array<Scale, 5> time_scales{{
    {"s", 1'000'000'000'000},
    {"ms", 1'000'000'000},
    {"us", 1'000'000},
    {"ns", 1'000},
    {"ps", 1},
}};

constexpr std::array<Scale, 5> size_scales{{
    {"TiB", std::uint64_t{1} << 40},
    {"GiB", std::uint64_t{1} << 30},
    {"MiB", std::uint64_t{1} << 20},
    {"KiB", std::uint64_t{1} << 10},
    {"B", 1},
}};

// Without the overflow of -(-2^63).
std::uint64_t magnitude(std::int64_t value) {
    return value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

std::string without_trailing_zeros(std::string number) {
    if (number.find('.') == std::string::npos) return number;
    while (number.back() == '0') number.pop_back();
    if (number.back() == '.') number.pop_back();
    return number;
}

// `value / scale` with as many decimals as four significant digits need, rounded half up.
std::string four_digits(std::uint64_t value, std::uint64_t scale) {
    int decimals = scale == 1 ? 0 : 3;
    for (std::uint64_t whole = value / scale; whole >= 10 && decimals > 0; whole /= 10) --decimals;
    for (;; --decimals) {
        std::uint64_t power = 1;
        for (int i = 0; i < decimals; ++i) power *= 10;
        const WideInteger rounded = (WideInteger{value} * power + scale / 2) / scale;
        // 9.9996 becomes 10.000, a digit too long: once more with a decimal less.
        if (decimals > 0 && rounded >= 10'000) continue;
        const auto digits = static_cast<std::uint64_t>(rounded);
        return decimals == 0 ? fmt::format("{}", digits)
                             : fmt::format("{}.{:0{}}", digits / power, digits % power, decimals);
    }
}

// The largest of the scales `value` is at least one of, a value that would round up to the next one counting as that.
template <std::size_t N>
const Scale& scale_for(std::uint64_t value, const std::array<Scale, N>& scales) {
    for (const Scale& scale : scales)
        if (value >= scale.size - scale.size / 20'000) return scale;
    return scales.back();
}

} // namespace

std::string exact_text(Duration value) {
    const std::string_view sign = value.count() < 0 ? "-" : "";
    const std::uint64_t picoseconds = magnitude(value.count());
    if (picoseconds == 0) return "0 s";
    for (const Scale& scale : time_scales) {
        if (picoseconds < scale.size) continue;
        const std::uint64_t thousandths_of = scale.size >= 1'000 ? scale.size / 1'000 : 1;
        if (picoseconds % thousandths_of != 0) continue;
        const std::string number = scale.size == 1 ? fmt::format("{}", picoseconds)
                                                   : fmt::format("{}.{:03}", picoseconds / scale.size,
                                                                 picoseconds % scale.size / thousandths_of);
        return fmt::format("{}{} {}", sign, without_trailing_zeros(number), scale.name);
    }
    return fmt::format("{}{} ps", sign, picoseconds); // never reached: every number of ps is a whole number of ps
}

std::string rounded_text(Duration value) {
    if (value.count() == 0) return "0 s";
    const std::uint64_t picoseconds = magnitude(value.count());
    const Scale& scale = scale_for(picoseconds, time_scales);
    return fmt::format("{}{} {}", value.count() < 0 ? "-" : "", four_digits(picoseconds, scale.size), scale.name);
}

std::string text_of(Bytes value) {
    const std::string_view sign = value.count < 0 ? "-" : "";
    const std::uint64_t bytes = magnitude(value.count);
    const Scale& scale = scale_for(bytes, size_scales);
    return fmt::format("{}{} {}", sign, without_trailing_zeros(four_digits(bytes, scale.size)), scale.name);
}

} // namespace switchyard
