#include "formats/json/profile_json.hpp"

#include "formats/files.hpp"
#include "formats/json/document.hpp"
#include "formats/json/figure.hpp"
#include "formats/yaml/node.hpp"
#include "models/units/text.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace switchyard::formats {

namespace {

constexpr std::array<std::string_view, 3> law_names{"constant", "affine", "table"}; // in the order of Law::Kind

// writing ------------------------------------------------------------------------------------------------------------

Json number_to_json(double value) {
    const bool whole = std::trunc(value) == value && std::abs(value) < 9e15;
    return whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

Json figure_to_json(std::int64_t fixed_point, CostUnit unit) { return number_to_json(decimal_of(fixed_point, unit)); }

Json interval_to_json(const Interval& interval, CostUnit unit) {
    return Json::array(
        {number_to_json(to_file_unit(interval.low, unit)), number_to_json(to_file_unit(interval.high, unit))});
}

Json point_to_json(const MeasuredPoint& point, CostUnit unit) {
    return {{"probe", point.probe},
            {"at", point.at},
            {"seen", number_to_json(to_file_unit(point.seen, unit))},
            {"value", number_to_json(to_file_unit(point.value, unit))},
            {"interval", interval_to_json(point.interval, unit)},
            {"samples", point.samples},
            {"dropped", point.dropped},
            {"rounds", point.rounds},
            {"held_out", point.held_out},
            {"error", number_to_json(point.error)}};
}

Json quality_to_json(const FitQuality& quality) {
    return {{"points", quality.points}, {"mean_error", quality.mean_error}, {"largest_error", quality.largest_error}};
}

Json origin_to_json(const Origin& origin, CostUnit unit) {
    Json json{{"probe", origin.probe}, {"samples", origin.samples}, {"rounds", origin.rounds}};
    if (!origin.warning.empty()) json["warning"] = origin.warning;
    if (origin.points.empty()) return json;
    json["fitted"] = quality_to_json(quality_of_fit(origin));
    if (const FitQuality held_out = quality_of_fit(origin, true); held_out.points > 0)
        json["held_out"] = quality_to_json(held_out);
    Json& points = json["points"] = Json::array();
    for (const MeasuredPoint& point : origin.points) points.push_back(point_to_json(point, unit));
    return json;
}

Json kernel_to_json(const KernelParameters& parameters) {
    Json json = Json::object();
    for (const KernelParameter& parameter : parameters)
        json[parameter.name] = {{"value", parameter.value}, {"from", parameter.from}};
    return json;
}

Json law_to_json(const Law& law, CostUnit unit) {
    Json json{{"unit", unit_name(unit)}, {"law", law_names[static_cast<std::size_t>(law.kind)]}};
    if (law.kind != Law::Kind::table || law.base != 0) json["base"] = figure_to_json(law.base, unit);
    if (law.kind == Law::Kind::affine) {
        Json& terms = json["terms"] = Json::array();
        for (const Law::Term& term : law.terms)
            terms.push_back(
                Json::object({{"per", name_of(term.quantity)}, {"value", figure_to_json(term.coefficient, unit)}}));
    }
    if (law.kind == Law::Kind::table) {
        json["over"] = name_of(law.over);
        Json& points = json["points"] = Json::array();
        for (const Law::Point& point : law.points)
            points.push_back(Json::array({point.at, figure_to_json(point.value, unit)}));
    }
    if (law.interval) json["interval"] = interval_to_json(*law.interval, unit);
    if (law.origin != Origin{}) json["origin"] = origin_to_json(law.origin, unit);
    return json;
}

// reading ------------------------------------------------------------------------------------------------------------

std::int64_t figure_from(const JsonValue& json, CostUnit unit) {
    const auto figure = fixed_point_of(json.number(), unit);
    if (!figure) json.fail("the figure is out of range");
    return *figure;
}

std::string text_or_empty(const JsonValue& json, std::string_view key) {
    const auto value = json.find(key);
    return value ? value->text() : "";
}

Quantity quantity_from(const JsonValue& json) {
    std::array<std::string_view, quantities> names;
    for (std::size_t i = 0; i < names.size(); ++i) {
        names[i] = name_of(static_cast<Quantity>(i));
        if (names[i] == json.text()) return static_cast<Quantity>(i);
    }
    json.fail(fmt::format("unknown quantity {}{}", shown(json.text()), suggestion(json.text(), names)));
}

Law::Kind law_kind_from(const JsonValue& json) {
    for (std::size_t i = 0; i < law_names.size(); ++i)
        if (law_names[i] == json.text()) return static_cast<Law::Kind>(i);
    json.fail(fmt::format("unknown law {}{}", shown(json.text()), suggestion(json.text(), law_names)));
}

Interval interval_from(const JsonValue& json, CostUnit unit) {
    const auto ends = json.items();
    if (ends.size() != 2) json.fail("an interval is [low, high]");
    const Interval interval{from_file_unit(ends[0].number(), unit), from_file_unit(ends[1].number(), unit)};
    if (interval.low > interval.high) json.fail("the interval's low end lies above its high end");
    return interval;
}

MeasuredPoint point_from(const JsonValue& json, CostUnit unit) {
    json.allow_only({"probe", "at", "seen", "value", "interval", "samples", "dropped", "rounds", "held_out", "error"});
    MeasuredPoint point;
    point.probe = json["probe"].text();
    point.at = json["at"].integer(0, std::numeric_limits<std::int64_t>::max());
    point.seen = from_file_unit(json["seen"].number(), unit);
    point.value = from_file_unit(json["value"].number(), unit);
    point.interval = interval_from(json["interval"], unit);
    point.samples = json["samples"].count();
    point.dropped = json["dropped"].count();
    point.rounds = json["rounds"].small_count();
    point.held_out = json["held_out"].boolean();
    point.error = json["error"].number();
    return point;
}

Origin origin_from(const JsonValue& json, CostUnit unit) {
    // How good the fit is follows from the points: it is there to be read.
    json.allow_only({"probe", "samples", "rounds", "warning", "fitted", "held_out", "points"});
    Origin origin;
    origin.probe = text_or_empty(json, "probe");
    if (const auto samples = json.find("samples")) origin.samples = samples->count();
    if (const auto rounds = json.find("rounds")) origin.rounds = rounds->small_count();
    origin.warning = text_or_empty(json, "warning");
    if (const auto points = json.find("points"))
        for (const JsonValue& point : points->items()) origin.points.push_back(point_from(point, unit));
    return origin;
}

Law::Term term_from(const JsonValue& json, CostUnit unit) {
    json.allow_only({"per", "value"});
    return {quantity_from(json["per"]), figure_from(json["value"], unit)};
}

std::vector<Law::Point> points_from(const JsonValue& json, CostUnit unit) {
    std::vector<Law::Point> points;
    for (const JsonValue& item : json.items()) {
        const auto pair = item.items();
        if (pair.size() != 2) item.fail("a point is [quantity, value]");
        const Law::Point point{pair[0].integer(0, std::numeric_limits<std::int64_t>::max()),
                               figure_from(pair[1], unit)};
        if (!points.empty() && point.at <= points.back().at) item.fail("the quantity must rise from point to point");
        if (!points.empty() && point.value < points.back().value) item.fail("the value must not fall");
        points.push_back(point);
    }
    if (points.empty()) json.fail("a table needs a point");
    return points;
}

Law law_from(const JsonValue& json, CostUnit unit) {
    if (json["unit"].text() != unit_name(unit))
        json["unit"].fail(fmt::format("this cost is in '{}', not {}", unit_name(unit), shown(json["unit"].text())));
    Law law;
    law.kind = law_kind_from(json["law"]);
    switch (law.kind) {
    case Law::Kind::constant:
        json.allow_only({"unit", "law", "base", "interval", "origin"});
        law.base = figure_from(json["base"], unit);
        break;
    case Law::Kind::affine:
        json.allow_only({"unit", "law", "base", "terms", "interval", "origin"});
        law.base = figure_from(json["base"], unit);
        for (const JsonValue& term : json["terms"].items()) law.terms.push_back(term_from(term, unit));
        break;
    case Law::Kind::table:
        json.allow_only({"unit", "law", "base", "over", "points", "interval", "origin"});
        if (const auto base = json.find("base")) law.base = figure_from(*base, unit);
        law.over = quantity_from(json["over"]);
        law.points = points_from(json["points"], unit);
        break;
    }
    if (const auto interval = json.find("interval")) law.interval = interval_from(*interval, unit);
    if (const auto origin = json.find("origin")) law.origin = origin_from(*origin, unit);
    return law;
}

ProfileOrigin profile_origin_from(const JsonValue& json) {
    json.allow_only(
        {"cpu", "kernel", "date", "tool", "cpus", "foreign_load", "highest_foreign_load", "measured_again"});
    ProfileOrigin origin;
    origin.cpu = text_or_empty(json, "cpu");
    origin.kernel = text_or_empty(json, "kernel");
    origin.date = text_or_empty(json, "date");
    origin.tool = text_or_empty(json, "tool");
    if (const auto cpus = json.find("cpus")) origin.cpus = cpus->small_count();
    if (const auto load = json.find("foreign_load")) origin.foreign_load = load->number();
    if (const auto load = json.find("highest_foreign_load")) origin.highest_foreign_load = load->number();
    if (const auto again = json.find("measured_again")) origin.measured_again = again->small_count();
    return origin;
}

KernelParameters kernel_from(const JsonValue& json) {
    KernelParameters parameters;
    for (const auto& [name, parameter] : json.members()) {
        parameter.allow_only({"value", "from"});
        parameters.push_back({name, parameter["value"].text(), text_or_empty(parameter, "from")});
    }
    return parameters;
}

[[noreturn]] void throw_unknown_cost(const JsonValue& laws, const std::string& name) {
    std::vector<std::string_view> names;
    for (int i = 0; i < costs; ++i) names.push_back(describe(static_cast<Cost>(i)).name);
    laws.fail(fmt::format("unknown cost {}{}", shown(name), suggestion(name, names)));
}

} // namespace

std::string profile_to_json(const CostProfile& profile) {
    const ProfileOrigin& origin = profile.origin;
    Json json{{"schema_version", CostProfile::schema_version},
              {"name", profile.name},
              {"origin",
               {{"cpu", origin.cpu},
                {"kernel", origin.kernel},
                {"date", origin.date},
                {"tool", origin.tool},
                {"cpus", origin.cpus},
                {"foreign_load", origin.foreign_load},
                {"highest_foreign_load", origin.highest_foreign_load},
                {"measured_again", origin.measured_again}}},
              {"hz", profile.hz},
              {"iteration_ps", number_to_json(profile.iteration_picoseconds)},
              {"kernel", kernel_to_json(profile.kernel)},
              {"laws", Json::object()},
              {"warnings", profile.warnings}};
    for (int i = 0; i < costs; ++i) {
        const Cost cost = static_cast<Cost>(i);
        const CostDescription& description = describe(cost);
        if (profile[cost]) json["laws"][std::string(description.name)] = law_to_json(*profile[cost], description.unit);
    }
    return json_text(json);
}

CostProfile parse_profile(std::string_view text, const std::string& file_name) {
    const Json document = parse_json(text, file_name);
    const JsonValue json(document, file_name);
    json.check_schema_version(CostProfile::oldest_schema_version, CostProfile::schema_version);
    json.allow_only({"schema_version", "name", "origin", "hz", "iteration_ps", "kernel", "laws", "warnings"});

    CostProfile profile;
    profile.name = json["name"].text();
    if (const auto origin = json.find("origin")) profile.origin = profile_origin_from(*origin);
    profile.hz = json["hz"].small_count();
    if (const auto iteration = json.find("iteration_ps")) profile.iteration_picoseconds = iteration->number();
    if (profile.iteration_picoseconds < 0) json["iteration_ps"].fail("a number of 0 or more is wanted");
    if (const auto kernel = json.find("kernel")) profile.kernel = kernel_from(*kernel);
    for (const auto& [name, law] : json["laws"].members()) {
        const auto cost = cost_named(name);
        if (!cost) throw_unknown_cost(json["laws"], name);
        profile[*cost] = law_from(law, describe(*cost).unit);
    }
    if (const auto warnings = json.find("warnings")) profile.warnings = warnings->texts();
    return profile;
}

CostProfile read_profile(const std::string& path) {
    constexpr std::size_t most_bytes = std::size_t{16} << 20;
    return parse_profile(read_file(path, most_bytes), shown_name(path));
}

void write_profile(const CostProfile& profile, const std::string& path) { write_file(path, profile_to_json(profile)); }

} // namespace switchyard::formats
