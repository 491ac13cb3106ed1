#include "lab/compare/comparison_json.hpp"

#include "formats/json/document.hpp"
#include "formats/json/report_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace switchyard::lab {

using formats::Json;

static Json interval_json(const Interval& interval) { return Json::array({interval.low, interval.high}); }

static Json metric_json(const MetricComparison& row) {
    constexpr std::array<const char*, 4> units{"seconds", "count", "bytes", "share"};
    Json json;
    json["name"] = row.name;
    json["unit"] = units[static_cast<std::size_t>(row.unit)];
    if (row.predicted) {
        json["predicted"] = *row.predicted;
        json["predicted_interval"] = interval_json(row.predicted_interval);
    }
    if (row.measured) {
        json["measured"] = *row.measured;
        json["measured_interval"] = interval_json(row.measured_interval);
        if (row.error() && std::isfinite(*row.error())) json["error"] = *row.error();
    }
    if (row.target) {
        json["target"] = *row.target;
        json["met"] = *row.met();
    } else if (row.within) {
        json["within"] = *row.within;
        json["met"] = *row.met();
    }
    return json;
}

static Json histogram_json(const DurationHistogram& values) {
    return {{"count", values.count()},
            {"p50_ps", values.quantile(0.5).count()},
            {"p99_ps", values.quantile(0.99).count()},
            {"most_ps", values.most().count()}};
}

static Json distribution_json(const DistributionComparison& row) {
    Json json{{"name", row.name}};
    if (!row.predicted.empty()) json["predicted"] = histogram_json(row.predicted);
    if (!row.measured.empty()) json["measured"] = histogram_json(row.measured);
    if (const auto distance = row.distance()) {
        json["distance"] = *distance;
        json["by_chance"] = row.by_chance();
    }
    if (row.target) {
        json["target"] = *row.target;
        json["met"] = *row.met();
    }
    return json;
}

static Json reports_json(const std::vector<Report>& reports) {
    Json json = Json::array();
    for (const Report& report : reports) json.push_back(formats::report_json(report));
    return json;
}

static Json comparison_json(const Comparison& comparison, Reports reports) {
    Json json;
    json["scenario"] = comparison.scenario;
    if (!comparison.file.empty()) json["file"] = comparison.file;
    json["passed"] = comparison.passed() && comparison.not_native.empty();
    if (comparison.not_native.empty())
        json["foreign_load"] = comparison.foreign_load();
    else
        json["not_native"] = comparison.not_native;
    json["metrics"] = Json::array();
    for (const MetricComparison& row : comparison.metrics) json["metrics"].push_back(metric_json(row));
    json["distributions"] = Json::array();
    for (const DistributionComparison& row : comparison.distributions)
        json["distributions"].push_back(distribution_json(row));
    if (!comparison.not_captured.empty()) json["not_captured"] = comparison.not_captured;
    if (reports == Reports::none) return json;
    json["prediction"] = formats::report_json(comparison.prediction.report);
    json["native"] = reports_json(comparison.native);
    json["phases"] = reports_json(comparison.phases);
    json["captured"] = reports_json(comparison.captured);
    return json;
}

std::string comparisons_to_json(std::span<const Comparison> comparisons, Reports reports) {
    Json json;
    json["schema_version"] = 1;
    json["passed"] =
        std::ranges::all_of(comparisons, [](const Comparison& one) { return one.passed() && one.not_native.empty(); });
    json["comparisons"] = Json::array();
    for (const Comparison& comparison : comparisons)
        json["comparisons"].push_back(comparison_json(comparison, reports));
    return formats::json_text(json);
}

} // namespace switchyard::lab
