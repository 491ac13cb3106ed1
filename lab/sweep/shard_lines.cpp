#include "lab/sweep/shard_lines.hpp"

#include "formats/json/document.hpp"
#include "models/errors.hpp"

#include <charconv>
#include <fmt/format.h>
#include <xxhash.h>

namespace switchyard::lab {

namespace {

using formats::Json;
using formats::JsonValue;

constexpr std::string_view first_words = "switchyard-shard 1\t";
constexpr std::size_t digits_of_checksum = 16;

std::string with_checksum(const std::string& content) {
    return fmt::format("{:016x}\t{}\n", XXH3_64bits(content.data(), content.size()), content);
}

std::string json_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json json_of(const std::vector<SweepColumn>& columns) {
    Json all = Json::array();
    for (const SweepColumn& one : columns) all.push_back({one.name, one.unit, one.source});
    return all;
}

std::vector<SweepColumn> columns_from(const JsonValue& json) {
    std::vector<SweepColumn> columns;
    for (const JsonValue& one : json.items()) {
        const std::vector<std::string> words = one.texts();
        if (words.size() != 3) one.fail("not a column");
        columns.push_back({words[0], words[1], words[2]});
    }
    return columns;
}

template <typename Number>
std::optional<Number> number_from(std::string_view text, int base = 10) {
    Number number{};
    std::from_chars_result end{};
    if constexpr (std::is_floating_point_v<Number>)
        end = std::from_chars(text.data(), text.data() + text.size(), number);
    else
        end = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return {};
    return number;
}

std::optional<std::string> word_from(std::string_view text) {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_string()) return {};
    return json.get<std::string>();
}

std::vector<std::string_view> fields_of(std::string_view content) {
    std::vector<std::string_view> fields;
    for (std::size_t tab = 0; (tab = content.find('\t')) != std::string_view::npos; content.remove_prefix(tab + 1))
        fields.push_back(content.substr(0, tab));
    fields.push_back(content);
    return fields;
}

} // namespace

std::string line_of(const SweepOutline& outline) {
    Json description = Json::object();
    for (const auto& [key, value] : outline.description) description[key] = value;
    const Json json{{"name", outline.name},
                    {"model_version", outline.model_version},
                    {"parameters", json_of(outline.parameters)},
                    {"metrics", json_of(outline.metrics)},
                    {"description", description}};
    return with_checksum(std::string(first_words) + json_line(json));
}

std::string line_of(const PointRow& row) {
    std::string content = fmt::format("{}\t{}\t{}\t{}\t{}", text_of(row.identity), row.replication, row.seed,
                                      name_of(row.status), json_line(row.reason));
    for (const ParameterValue& value : row.parameters) {
        if (const auto* const word = std::get_if<std::string>(&value))
            content += '\t' + json_line(*word);
        else
            content += fmt::format("\t{}", std::get<double>(value));
    }
    for (const double value : row.values) fmt::format_to(std::back_inserter(content), "\t{}", value);
    return with_checksum(content);
}

std::optional<std::string_view> content_of_line(std::string_view line) {
    if (line.size() <= digits_of_checksum || line[digits_of_checksum] != '\t') return {};
    const auto checksum = number_from<std::uint64_t>(line.substr(0, digits_of_checksum), 16);
    const std::string_view content = line.substr(digits_of_checksum + 1);
    if (checksum != XXH3_64bits(content.data(), content.size())) return {};
    return content;
}

std::optional<SweepOutline> outline_of_content(std::string_view content) {
    if (!content.starts_with(first_words)) return {};
    try {
        const Json document = formats::parse_json(content.substr(first_words.size()), "");
        const JsonValue json(document, "");
        SweepOutline outline;
        outline.name = json["name"].text();
        outline.model_version = json["model_version"].text();
        outline.parameters = columns_from(json["parameters"]);
        outline.metrics = columns_from(json["metrics"]);
        for (const auto& [key, value] : json["description"].members())
            outline.description.emplace_back(key, value.text());
        return outline;
    } catch (const InputError&) {
        return {};
    }
}

std::optional<PointRow> row_of_content(std::string_view content, const SweepOutline& outline) {
    const std::vector<std::string_view> fields = fields_of(content);
    if (fields.size() != 5 + outline.parameters.size() + outline.metrics.size()) return {};
    PointRow row;
    if (fields[0].size() != 2 * row.identity.size()) return {};
    for (std::size_t i = 0; i < row.identity.size(); ++i) {
        const auto byte = number_from<std::uint8_t>(fields[0].substr(2 * i, 2), 16);
        if (!byte) return {};
        row.identity[i] = *byte;
    }
    const auto replication = number_from<std::uint32_t>(fields[1]);
    const auto seed = number_from<std::uint64_t>(fields[2]);
    const auto status = point_status_named(fields[3]);
    const auto reason = word_from(fields[4]);
    if (!replication || !seed || !status || !reason) return {};
    row.replication = *replication;
    row.seed = *seed;
    row.status = *status;
    row.reason = *reason;
    std::size_t next = 5;
    for (std::size_t i = 0; i < outline.parameters.size(); ++i, ++next) {
        if (const auto number = number_from<double>(fields[next]))
            row.parameters.emplace_back(*number);
        else if (auto word = word_from(fields[next]))
            row.parameters.emplace_back(std::move(*word));
        else
            return {};
    }
    for (std::size_t i = 0; i < outline.metrics.size(); ++i, ++next) {
        const auto number = number_from<double>(fields[next]);
        if (!number) return {};
        row.values.push_back(*number);
    }
    return row;
}

} // namespace switchyard::lab
