#include "formats/sweep/parameters.hpp"

#include "formats/files.hpp"
#include "formats/json/document.hpp"
#include "formats/scenario/override.hpp"
#include "formats/scenario/values.hpp"
#include "models/sweep/values.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

namespace switchyard::formats {

namespace {

constexpr std::array<std::string_view, 5> sources{"values", "range", "log", "from", "choices"};

// Where a parameter's values come from: exactly one key says so.
const Node& source_of(const Node& node) {
    const Node* source = nullptr;
    for (const Node& child : node.children) {
        if (std::ranges::find(sources, child.key) == sources.end()) continue;
        if (source)
            throw InputError(
                fmt::format("'{}' has its values from '{}' already: leave one of the two away", node.key, source->key),
                child.key_location());
        source = &child;
    }
    if (!source)
        throw InputError(fmt::format("'{}' has no values: say values, range, log, from or choices", node.key),
                         node.key_location());
    return *source;
}

void refuse_key(const Node& node, std::string_view key, std::string_view why) {
    if (const Node* found = node.find(key)) throw InputError(fmt::format("'{}' {}", key, why), found->key_location());
}

SweepValue value_in(const Node& item) {
    return {.text = item.text, .line = item.mark.line, .column = item.mark.column};
}

std::vector<SweepValue> listed_values(const Node& list) {
    std::vector<SweepValue> values;
    values.reserve(list.children.size());
    for (const Node& item : list.children) values.push_back(value_in(item));
    return values;
}

// --- files of values ---

std::vector<std::string> values_in_json(const std::string& text, const std::string& path) {
    const Json document = parse_json(text, path);
    std::vector<std::string> values;
    for (const auto& item : document) {
        if (item.is_string())
            values.push_back(item.get<std::string>());
        else if (item.is_number())
            values.push_back(item.dump());
        else
            throw InputError("a list of values holds texts and numbers, nothing else", {path, 0, 0});
    }
    return values;
}

// A value a line; empty lines, and lines that begin with '#', say nothing.
std::vector<std::string> values_in_lines(const std::string& text) {
    std::vector<std::string> values;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line(text.data() + begin, end - begin);
        begin = end + 1;
        while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
            line.remove_suffix(1);
        while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
        if (!line.empty() && line.front() != '#') values.emplace_back(line);
    }
    return values;
}

std::filesystem::path path_below(const Node& node) {
    const std::filesystem::path folder = std::filesystem::path(node.file ? *node.file : "").parent_path();
    const std::filesystem::path path = (folder / node.text).lexically_normal();
    std::error_code error; // a file that does not exist is found out when it is read
    const auto top = std::filesystem::weakly_canonical(std::filesystem::absolute(folder.empty() ? "." : folder), error);
    const auto canonical = std::filesystem::weakly_canonical(std::filesystem::absolute(path), error);
    if (std::filesystem::path(node.text).is_absolute() ||
        std::mismatch(top.begin(), top.end(), canonical.begin(), canonical.end()).first != top.end())
        throw InputError(fmt::format("cannot read {}: only files below this file's folder can be", shown(node.text)),
                         node.location());
    return path;
}

std::vector<SweepValue> values_from_file(const Node& node) {
    constexpr std::size_t largest = std::size_t{16} << 20;
    const std::string path = path_below(node).string();
    const std::string text = placed(node.location(), [&] { return read_file(path, largest); });
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const bool is_json = first != std::string::npos && (text[first] == '[' || text[first] == '{');
    if (is_json && text[first] == '{')
        throw InputError("a file of values is a JSON list, or has a value a line", {path, 0, 0});
    std::vector<SweepValue> values;
    for (std::string& value : is_json ? values_in_json(text, path) : values_in_lines(text))
        values.push_back({.text = std::move(value), .line = node.mark.line, .column = node.mark.column});
    return values;
}

// --- ranges ---

UnitNumber number_in(const Node& node) {
    const UnitNumber read = read_unit_number(node.text);
    if (!read.number)
        throw InputError(
            fmt::format("{} is no number, time, size or share: a range goes from one to another", shown(node.text)),
            node.location());
    return read;
}

// Of times nothing is: 1ms is 0.001.
bool is_written_whole(const Node& node, ParameterUnit unit) {
    return unit != ParameterUnit::time && node.text.find_first_of(".eE%") == std::string::npos;
}

void check_unit(const Node& node, ParameterUnit unit, ParameterUnit wanted) {
    if (unit != wanted)
        throw InputError(
            fmt::format("{} does not fit the range: both ends and the step have one unit", shown(node.text)),
            node.location());
}

ParameterRange read_ends(const Node& node, ParameterUnit& unit) {
    if (node.children.size() != 2)
        throw InputError(fmt::format("'{}' takes two values: from where to where", node.key), node.location());
    const Node& low = node.children[0];
    const Node& high = node.children[1];
    const UnitNumber from = number_in(low);
    const UnitNumber to = number_in(high);
    check_unit(high, to.unit, from.unit);
    ParameterRange range{*from.number, *to.number, node.key == "log",
                         is_written_whole(low, from.unit) && is_written_whole(high, to.unit)};
    if (range.low >= range.high)
        throw InputError(fmt::format("the range from {} to {} is empty", shown(low.text), shown(high.text)),
                         node.location());
    if (range.logarithmic && range.low <= 0)
        throw InputError(fmt::format("equal ratios cannot begin at {}: write more than 0", shown(low.text)),
                         low.location());
    unit = from.unit;
    return range;
}

std::vector<SweepValue> values_of_range(const Node& node, const Node& source, SweepParameter& parameter, bool drawn) {
    const Node* step = node.find("step");
    const Node* points = node.find("points");
    if (step && points)
        throw InputError("'step' and 'points' say the same: leave one of the two away", points->key_location());
    ParameterRange& range = *parameter.range;
    if (step) {
        if (range.logarithmic) throw InputError("equal ratios have 'points', no 'step'", step->key_location());
        const UnitNumber width = number_in(*step);
        check_unit(*step, width.unit, parameter.unit);
        if (*width.number <= 0) throw InputError("a step is more than 0", step->location());
        if ((range.high - range.low) / *width.number >= static_cast<double>(most_parameter_values))
            throw InputError(fmt::format("more than {} values", most_parameter_values), step->location());
        range.whole = range.whole && is_written_whole(*step, width.unit);
        return stepped_values(range, parameter.unit, *width.number);
    }
    if (!points && !drawn)
        throw InputError(fmt::format("how many values? Say 'points'{} beside '{}'",
                                     range.logarithmic ? "" : " or 'step'", source.key),
                         source.key_location());
    const std::int64_t count = points ? read_integer(*points, 2, most_parameter_values) : 2;
    return spaced_values(range, parameter.unit, static_cast<std::uint64_t>(count));
}

// --- alternatives ---

std::vector<SweepValue> read_choices(const Node& choices) {
    std::vector<SweepValue> values;
    for (const Node& choice : choices.children) {
        SweepValue value{.text = choice.key, .line = choice.key_mark.line, .column = choice.key_mark.column};
        for (const Node& item : choice.children) {
            try {
                Override change = parse_override(item.text);
                value.changes.push_back({std::move(change.path), std::move(change.value)});
            } catch (const InputError& error) {
                throw InputError(error.message(), item.location());
            }
        }
        values.push_back(std::move(value));
    }
    return values;
}

void find_target(const Node& node, SweepParameter& parameter) {
    if (const Node* law = node.find("scale")) {
        refuse_key(node, "path", "has no place beside 'scale': a law is the profile's");
        parameter.target = ParameterTarget::law;
        parameter.path = law->text;
        return;
    }
    const Node* path = node.find("path");
    parameter.path = path ? path->text : node.key;
    if (!path && node.key == "seeds") parameter.path = "seed";
    if (parameter.path == "seed")
        parameter.target = ParameterTarget::seed;
    else if (parameter.path == "profile" || parameter.path == "machine.profile")
        parameter.target = ParameterTarget::profile;
}

void read_values(const Node& node, SweepParameter& parameter, bool drawn) {
    const Node* const source = node.is_sequence() ? &node : &source_of(node);
    const bool is_range = source != &node && (source->key == "range" || source->key == "log");
    if (!is_range)
        for (const std::string_view key : {"step", "points"}) refuse_key(node, key, "belongs to 'range' or 'log'");
    if (is_range) {
        parameter.range = read_ends(*source, parameter.unit);
        parameter.range->whole = parameter.range->whole && parameter.target != ParameterTarget::law;
        parameter.values = values_of_range(node, *source, parameter, drawn);
        for (SweepValue& value : parameter.values) {
            value.line = source->mark.line;
            value.column = source->mark.column;
        }
    } else if (source != &node && source->key == "choices") {
        for (const std::string_view key : {"path", "scale"}) refuse_key(node, key, "has no place beside 'choices'");
        parameter.target = ParameterTarget::alternative;
        parameter.path.clear();
        parameter.values = read_choices(*source);
        parameter.unit = settle_units(parameter.values); // of names that are numbers: {10: [...], 100: [...]}
    } else {
        parameter.values =
            source != &node && source->key == "from" ? values_from_file(*source) : listed_values(*source);
        parameter.unit = settle_units(parameter.values);
    }
    if (parameter.values.empty()) throw InputError(fmt::format("'{}' has no values", node.key), source->location());
    if (parameter.values.size() > static_cast<std::size_t>(most_parameter_values))
        throw InputError(fmt::format("more than {} values", most_parameter_values), source->location());
}

// What a law is multiplied by, and a seed, are numbers.
void check_numbers(SweepParameter& parameter, const SourceLocation& where) {
    const bool is_law = parameter.target == ParameterTarget::law;
    if (!is_law && parameter.target != ParameterTarget::seed) return;
    for (const SweepValue& value : parameter.values) {
        const bool is_plain =
            parameter.unit == ParameterUnit::none || (is_law && parameter.unit == ParameterUnit::share);
        const bool fits = is_plain && value.number && *value.number >= 0 &&
                          (is_law || (std::floor(*value.number) == *value.number && *value.number < 0x1p53));
        if (!fits)
            throw InputError(fmt::format("{} is no {}", shown(value.text),
                                         is_law ? "factor: a law is multiplied by a plain number of 0 or more"
                                                : "seed: write a whole number below 2^53"),
                             {where.file, value.line, value.column});
    }
    if (is_law) parameter.unit = ParameterUnit::factor;
}

} // namespace

SweepParameter read_parameter(const Node& node, bool drawn) {
    SweepParameter parameter;
    parameter.name = node.key;
    parameter.where = node.key_location();
    find_target(node, parameter);
    read_values(node, parameter, drawn);
    check_numbers(parameter, parameter.where);
    return parameter;
}

} // namespace switchyard::formats
