#include "lab/suite/validation_json.hpp"

#include "formats/files.hpp"
#include "formats/json/document.hpp"
#include "formats/json/report_json.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

namespace switchyard::lab {

using formats::Json;
using formats::JsonValue;

namespace {

constexpr std::string_view kind_of_document = "validation";
constexpr std::array<std::string_view, 4> units{"seconds", "count", "bytes", "share"};

// to JSON ------------------------------------------------------------------------------------------------------------

void put(Json& json, const char* key, const std::optional<double>& value) {
    if (value) json[key] = *value;
}
void put(Json& json, const char* key, const std::optional<Interval>& value) {
    if (value) json[key] = Json::array({value->low, value->high});
}
void put(Json& json, const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
}

Json row_json(const ValidationRow& row) {
    Json json;
    json["name"] = row.metric;
    json["kind"] = name_of(row.kind);
    json["unit"] = units[static_cast<std::size_t>(row.unit)];
    put(json, "predicted", row.predicted);
    put(json, "predicted_interval", row.predicted_interval);
    put(json, "measured", row.measured);
    put(json, "measured_interval", row.measured_interval);
    put(json, "error", row.error);
    put(json, "target", row.target);
    put(json, "within", row.within);
    put(json, "spread", row.spread);
    if (!row.rounds.empty()) json["rounds"] = row.rounds;
    if (row.met) json["met"] = *row.met;
    if (row.too_noisy) json["too_noisy"] = true;
    return json;
}

Json shares_json(const CumulativeShares& shares) {
    Json steps = Json::array();
    for (const auto& [value, share] : shares.steps) steps.push_back(Json::array({value, share}));
    return {{"count", shares.count}, {"steps", std::move(steps)}};
}

Json distribution_json(const ValidatedDistribution& row) {
    Json json{{"name", row.name}};
    if (row.predicted.count > 0) json["predicted"] = shares_json(row.predicted);
    if (row.measured.count > 0) json["measured"] = shares_json(row.measured);
    return json;
}

Json breakdown_json(const Breakdown& all) { return {{"work", all.work}, {"system", all.system}, {"idle", all.idle}}; }

Json breakdowns_json(const ValidatedScenario& scenario) {
    Json json = Json::object();
    if (scenario.predicted) {
        json["predicted"] = breakdown_json(*scenario.predicted);
        json["charged"] = Json::object();
        for (const auto& [category, time] : scenario.charged) json["charged"][category] = time;
    }
    if (scenario.measured) json["measured"] = breakdown_json(*scenario.measured);
    return json;
}

Json scenario_json(const ValidatedScenario& scenario) {
    Json json;
    json["scenario"] = scenario.name;
    put(json, "family", scenario.family);
    put(json, "file", scenario.file);
    put(json, "about", scenario.about);
    json["passed"] = scenario.passed;
    if (scenario.not_native.empty()) {
        json["foreign_load"] = scenario.foreign_load;
        json["speed"] = scenario.speed;
    } else
        json["not_native"] = scenario.not_native;
    for (const auto& [family, ratio] : scenario.costs) json["costs"][family] = ratio;
    if (scenario.basis) json["basis"] = name_of(*scenario.basis);
    if (!scenario.unmeasured.empty()) json["unmeasured"] = scenario.unmeasured;
    json["metrics"] = Json::array();
    for (const ValidationRow& row : scenario.rows) json["metrics"].push_back(row_json(row));
    json["distributions"] = Json::array();
    for (const ValidatedDistribution& row : scenario.distributions)
        json["distributions"].push_back(distribution_json(row));
    if (scenario.predicted || scenario.measured) json["breakdown"] = breakdowns_json(scenario);
    if (!scenario.remarks.empty()) json["remarks"] = scenario.remarks;
    return json;
}

Json reports_json(const std::vector<Report>& reports) {
    Json json = Json::array();
    for (const Report& report : reports) json.push_back(formats::report_json(report));
    return json;
}

Json tally_json(const Tally& tally) {
    Json json;
    put(json, "name", tally.name);
    json["scenarios"] = tally.scenarios;
    json["rows"] = tally.rows;
    json["met"] = tally.met;
    json["too_noisy"] = tally.too_noisy;
    json["counts"] = tally.counts;
    json["counts_met"] = tally.counts_met;
    put(json, "median_error", tally.median_error);
    return json;
}

Json summary_json(const ValidationSummary& summary) {
    Json json = tally_json(summary.all);
    json["not_run"] = summary.not_run;
    json["holds"] = summary.holds();
    json["families"] = Json::array();
    for (const Tally& family : summary.families) json["families"].push_back(tally_json(family));
    return json;
}

// from JSON ----------------------------------------------------------------------------------------------------------

std::string optional_text(const JsonValue& json, std::string_view key) {
    const auto value = json.find(key);
    return value ? value->text() : std::string();
}

std::optional<double> optional_number(const JsonValue& json, std::string_view key) {
    const auto value = json.find(key);
    return value ? std::optional(value->number()) : std::nullopt;
}

std::pair<double, double> pair_from(const JsonValue& json) {
    const auto items = json.items();
    if (items.size() != 2) json.fail("is not a list of two numbers");
    return {items[0].number(), items[1].number()};
}

std::optional<Interval> optional_interval(const JsonValue& json, std::string_view key) {
    const auto value = json.find(key);
    if (!value) return std::nullopt;
    const auto [low, high] = pair_from(*value);
    return Interval{low, high};
}

template <std::size_t size>
std::size_t word_from(const JsonValue& json, const std::array<std::string_view, size>& words) {
    const std::string text = json.text();
    const auto at = std::ranges::find(words, text);
    if (at == words.end()) json.fail(fmt::format("there is no such thing as '{}'", text));
    return static_cast<std::size_t>(at - words.begin());
}

ValidationRow row_from(const JsonValue& json) {
    constexpr std::array<std::string_view, 5> kinds{"count", "share", "size", "time", "distribution"};
    ValidationRow row;
    row.metric = json["name"].text();
    row.kind = static_cast<RowKind>(word_from(json["kind"], kinds));
    row.unit = static_cast<MetricUnit>(word_from(json["unit"], units));
    row.predicted = optional_number(json, "predicted");
    row.predicted_interval = optional_interval(json, "predicted_interval");
    row.measured = optional_number(json, "measured");
    row.measured_interval = optional_interval(json, "measured_interval");
    row.error = optional_number(json, "error");
    row.target = optional_number(json, "target");
    row.within = optional_number(json, "within");
    row.spread = optional_number(json, "spread");
    if (const auto rounds = json.find("rounds"))
        for (const JsonValue& round : rounds->items()) row.rounds.push_back(round.number());
    if (const auto met = json.find("met")) row.met = met->boolean();
    if (const auto noisy = json.find("too_noisy")) row.too_noisy = noisy->boolean();
    return row;
}

CumulativeShares shares_from(const JsonValue& json) {
    CumulativeShares shares;
    shares.count = json["count"].count();
    for (const JsonValue& step : json["steps"].items()) shares.steps.push_back(pair_from(step));
    return shares;
}

Breakdown breakdown_from(const JsonValue& json) {
    return {json["work"].number(), json["system"].number(), json["idle"].number()};
}

void read_breakdowns(const JsonValue& json, ValidatedScenario& scenario) {
    if (const auto predicted = json.find("predicted")) scenario.predicted = breakdown_from(*predicted);
    if (const auto measured = json.find("measured")) scenario.measured = breakdown_from(*measured);
    if (const auto charged = json.find("charged"))
        for (const auto& [category, time] : charged->members()) scenario.charged.emplace_back(category, time.number());
}

ValidatedScenario scenario_from(const JsonValue& json) {
    ValidatedScenario scenario;
    scenario.name = json["scenario"].text();
    scenario.family = optional_text(json, "family");
    scenario.file = optional_text(json, "file");
    scenario.about = optional_text(json, "about");
    scenario.passed = json["passed"].boolean();
    scenario.foreign_load = optional_number(json, "foreign_load").value_or(0);
    scenario.speed = optional_number(json, "speed").value_or(1);
    if (const auto costs = json.find("costs"))
        for (const auto& [family, ratio] : costs->members()) scenario.costs.emplace_back(family, ratio.number());
    scenario.not_native = optional_text(json, "not_native");
    if (const auto basis = json.find("basis")) {
        constexpr std::array<std::string_view, 2> words{"fitted", "predicted"};
        scenario.basis = static_cast<Basis>(word_from(*basis, words));
    }
    if (const auto laws = json.find("unmeasured")) scenario.unmeasured = laws->texts();
    for (const JsonValue& row : json["metrics"].items()) scenario.rows.push_back(row_from(row));
    for (const JsonValue& row : json["distributions"].items()) {
        ValidatedDistribution& distribution = scenario.distributions.emplace_back();
        distribution.name = row["name"].text();
        if (const auto predicted = row.find("predicted")) distribution.predicted = shares_from(*predicted);
        if (const auto measured = row.find("measured")) distribution.measured = shares_from(*measured);
    }
    if (const auto breakdown = json.find("breakdown")) read_breakdowns(*breakdown, scenario);
    if (const auto remarks = json.find("remarks")) scenario.remarks = remarks->texts();
    return scenario;
}

} // namespace

std::string validation_to_json(const Validation& validation, std::span<const Comparison> whole) {
    Json json;
    json["schema_version"] = Validation::schema_version;
    json["kind"] = kind_of_document;
    json["passed"] = all_met(validation);
    put(json, "tool", validation.tool);
    put(json, "date", validation.date);
    json["machine"] = {
        {"cpu", validation.cpu}, {"kernel", validation.kernel}, {"cpus", validation.cpus}, {"hz", validation.hz}};
    json["profile"] = {{"name", validation.profile}};
    put(json["profile"], "date", validation.profile_date);
    json["rounds"] = validation.rounds;
    json["drift"] = Json::array();
    for (const Drift& drift : validation.drift)
        json["drift"].push_back({{"probe", drift.probe}, {"picoseconds", drift.figures}});
    json["summary"] = summary_json(summarize(validation));
    json["comparisons"] = Json::array();
    for (std::size_t i = 0; i < validation.scenarios.size(); ++i) {
        Json& entry = json["comparisons"].emplace_back(scenario_json(validation.scenarios[i]));
        if (i >= whole.size()) continue;
        entry["prediction"] = formats::report_json(whole[i].prediction.report);
        entry["native"] = reports_json(whole[i].native);
        entry["phases"] = reports_json(whole[i].phases);
        entry["captured"] = reports_json(whole[i].captured);
    }
    return formats::json_text(json);
}

Validation parse_validation(std::string_view text, const std::string& file_name) {
    const Json document = formats::parse_json(text, file_name);
    const JsonValue json(document, file_name);
    const auto kind = json.find("kind");
    if (!kind || kind->text() != kind_of_document) json.fail("is not what 'switchyard validate --json' writes");
    json.check_schema_version(Validation::schema_version);
    Validation validation;
    validation.tool = optional_text(json, "tool");
    validation.date = optional_text(json, "date");
    const JsonValue machine = json["machine"];
    validation.cpu = machine["cpu"].text();
    validation.kernel = machine["kernel"].text();
    validation.cpus = machine["cpus"].small_count();
    validation.hz = machine["hz"].small_count();
    validation.profile = json["profile"]["name"].text();
    validation.profile_date = optional_text(json["profile"], "date");
    validation.rounds = json["rounds"].small_count();
    for (const JsonValue& item : json["drift"].items()) {
        Drift& drift = validation.drift.emplace_back();
        drift.probe = item["probe"].text();
        for (const JsonValue& figure : item["picoseconds"].items()) drift.figures.push_back(figure.number());
    }
    for (const JsonValue& scenario : json["comparisons"].items())
        validation.scenarios.push_back(scenario_from(scenario));
    return validation;
}

Validation read_validation(const std::string& path) {
    return parse_validation(formats::read_file(path), formats::shown_name(path));
}

} // namespace switchyard::lab
