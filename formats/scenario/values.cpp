#include "formats/scenario/values.hpp"

#include "formats/scenario/check.hpp"
#include "models/units/text.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <vector>

namespace switchyard::formats {

namespace {

// The whole text as a number, or nothing.
template <typename Number>
std::optional<Number> number_in(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// "'slice'", or "this value" for the item of a list.
std::string name_of_value(const Node& node) { return node.key.empty() ? "this value" : shown(node.key); }

template <typename Parse>
bool reads_as(Parse parse, std::string_view text) {
    try {
        static_cast<void>(parse(text));
        return true;
    } catch (const InputError&) {
        return false;
    }
}

// What `parse` makes of the text; `other` tells whether it is a good value of another kind, which is worth saying.
template <typename Parse, typename Other>
auto read_measure(const Node& node, Parse parse, std::string_view wanted, Other other, std::string_view other_kind) {
    try {
        return parse(node.text);
    } catch (const InputError& error) {
        if (reads_as(other, node.text))
            throw InputError(
                fmt::format("{} takes {}: {} is {}", name_of_value(node), wanted, shown(node.text), other_kind),
                node.location());
        throw error.at(node.location());
    }
}

double read_number(const Node& node) {
    const auto value = number_in<double>(node.text);
    if (!value || !std::isfinite(*value) || *value < 0)
        throw InputError(fmt::format("{} takes a number of 0 or more, not {}", name_of_value(node), shown(node.text)),
                         node.location());
    return *value;
}

std::int64_t read_drawn(const Node& node, DrawnUnit unit) {
    return unit == DrawnUnit::time ? read_time(node).count()
                                   : read_integer(node, 0, std::numeric_limits<std::int64_t>::max());
}

// A parameter in the unit of what is drawn; it need not be whole.
double read_parameter(const Node& node, DrawnUnit unit) {
    return unit == DrawnUnit::time ? static_cast<double>(read_time(node).count()) : read_number(node);
}

Distribution read_shape(const Node& shape, DrawnUnit unit) {
    const auto drawn = [&](std::string_view name) { return read_parameter(*shape.find(name), unit); };
    const auto plain = [&](std::string_view name) { return read_number(*shape.find(name)); };
    if (shape.key == "uniform") return Distribution::uniform(drawn("low"), drawn("high"));
    if (shape.key == "exponential") return Distribution::exponential(drawn("mean"));
    if (shape.key == "normal") return Distribution::normal(drawn("mean"), drawn("deviation"));
    if (shape.key == "lognormal") return Distribution::lognormal(drawn("median"), plain("sigma"));
    if (shape.key == "pareto") return Distribution::pareto(drawn("minimum"), plain("shape"));
    std::vector<std::int64_t> values;
    values.reserve(shape.children.size());
    for (const Node& value : shape.children) values.push_back(read_drawn(value, unit));
    return shape.key == "sequence" ? Distribution::sequence(std::move(values))
                                   : Distribution::empirical(std::move(values));
}

} // namespace

Duration read_time(const Node& node) {
    return read_measure(node, parse_duration, "a time with its unit (10s, 250us)", parse_size, "a size");
}

Bytes read_size(const Node& node) {
    return read_measure(node, parse_size, "a size with its unit (4KiB, 64MiB)", parse_duration, "a time");
}

double read_share(const Node& node) {
    return read_measure(node, parse_share, "a share (10%)", parse_duration, "a time");
}

std::int64_t read_integer(const Node& node, std::int64_t least, std::int64_t most) {
    const auto value = number_in<std::int64_t>(node.text);
    if (value && *value >= least && *value <= most) return *value;
    const std::string range = most == std::numeric_limits<std::int64_t>::max()
                                  ? fmt::format("of {} or more", least)
                                  : fmt::format("from {} to {}", least, most);
    throw InputError(fmt::format("{} takes an integer {}, not {}", name_of_value(node), range, shown(node.text)),
                     node.location());
}

std::uint64_t read_unsigned(const Node& node) {
    if (const auto value = number_in<std::uint64_t>(node.text)) return *value;
    throw InputError(fmt::format("{} takes an integer from 0 to {}, not {}", name_of_value(node),
                                 std::numeric_limits<std::uint64_t>::max(), shown(node.text)),
                     node.location());
}

bool read_boolean(const Node& node) {
    if (node.text == "true") return true;
    if (node.text == "false") return false;
    throw InputError(fmt::format("{} takes true or false, not {}", name_of_value(node), shown(node.text)),
                     node.location());
}

std::size_t read_word(const Node& node, std::string_view what, std::span<const std::string_view> words) {
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == node.text) return i;
    throw unknown_word(what, node.text, words, node.location());
}

Distribution read_distribution(const Node& node, DrawnUnit unit) {
    if (node.is_scalar()) return Distribution::constant(read_drawn(node, unit));
    const Node& shape = node.children.front();
    return placed(shape.key_location(), [&] { return read_shape(shape, unit); });
}

} // namespace switchyard::formats
