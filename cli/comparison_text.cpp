#include "cli/comparison_text.hpp"

#include "cli/report_text.hpp"
#include "cli/table.hpp"
#include "models/units/text.hpp"
#include "native/measurement/foreign_load.hpp"

#include <cmath>
#include <fmt/format.h>

namespace switchyard::cli {

std::string figure_text(double value, MetricUnit unit) {
    switch (unit) {
    case MetricUnit::time: return rounded_text(from_seconds(value));
    case MetricUnit::bytes: return text_of(Bytes{std::llround(value)});
    case MetricUnit::share: return percent(value);
    case MetricUnit::count: break;
    }
    return fmt::format("{:.6g}", value);
}

std::string interval_text(const Interval& interval, MetricUnit unit) {
    return fmt::format("{} .. {}", figure_text(interval.low, unit), figure_text(interval.high, unit));
}

static Cell verdict(std::optional<bool> met) {
    if (!met) return {""};
    return *met ? Cell{"met", Colour::green} : Cell{"missed", Colour::red};
}

static std::string target_text(const lab::MetricComparison& row) {
    if (row.within) return figure_text(*row.within, row.unit);
    return row.target ? percent(*row.target) : "";
}

// "p50 4 ms, p99 4.01 ms", of how many values.
static std::string distribution_text(const DurationHistogram& values) {
    if (values.empty()) return "not available";
    return fmt::format("{} / {} of {}", rounded_text(values.quantile(0.5)), rounded_text(values.quantile(0.99)),
                       values.count());
}

static std::string distribution_table(std::span<const lab::Comparison> comparisons, bool coloured) {
    Table table({{"scenario", Align::left},
                 {"distribution", Align::left},
                 {"predicted p50 / p99"},
                 {"measured p50 / p99"},
                 {"K-S distance"},
                 {"by chance"},
                 {"target"},
                 {"verdict", Align::left}});
    bool is_empty = true;
    for (const lab::Comparison& comparison : comparisons) {
        std::string name = comparison.scenario;
        for (const lab::DistributionComparison& row : comparison.distributions) {
            const auto distance = row.distance();
            table.add({{std::exchange(name, "")},
                       {row.name},
                       {distribution_text(row.predicted)},
                       {distribution_text(row.measured)},
                       {distance ? percent(*distance) : "-"},
                       {distance ? percent(row.by_chance()) : "-"},
                       {row.target ? percent(*row.target) : ""},
                       verdict(row.met())});
            is_empty = false;
        }
    }
    return is_empty ? "" : '\n' + table.text(coloured);
}

std::string comparison_text(std::span<const lab::Comparison> comparisons, bool coloured) {
    Table table({{"scenario", Align::left},
                 {"figure", Align::left},
                 {"predicted"},
                 {"its interval"},
                 {"measured"},
                 {"its interval"},
                 {"error"},
                 {"target"},
                 {"verdict", Align::left}});
    std::string remarks;
    for (const lab::Comparison& comparison : comparisons) {
        std::string name = comparison.scenario;
        for (const lab::MetricComparison& row : comparison.metrics) {
            const auto error = row.error();
            table.add({{std::exchange(name, "")},
                       {row.name},
                       {row.predicted ? figure_text(*row.predicted, row.unit) : "not available"},
                       {row.predicted ? interval_text(row.predicted_interval, row.unit) : "-"},
                       {row.measured ? figure_text(*row.measured, row.unit) : "not available"},
                       {row.measured ? interval_text(row.measured_interval, row.unit) : "-"},
                       {error ? signed_percent(*error) : "-"},
                       {target_text(row)},
                       verdict(row.met())});
        }
        if (const Report& predicted = comparison.prediction.report; predicted.outcome != Outcome::completed)
            remarks += fmt::format("{}: simulated, it is {}: {}\n", comparison.scenario, name_of(predicted.outcome),
                                   predicted.diagnosis);
        if (!comparison.not_native.empty())
            remarks += fmt::format("{}: not run natively: {}\n", comparison.scenario, comparison.not_native);
        if (!comparison.not_captured.empty())
            remarks += fmt::format("{}: {}\n", comparison.scenario, comparison.not_captured);
        if (comparison.foreign_load() > native::quiet_foreign_load)
            remarks += paint(fmt::format("{}: other programs used {} of the processors meanwhile: take the measured "
                                         "figures with care\n",
                                         comparison.scenario, percent(comparison.foreign_load())),
                             Colour::yellow, coloured);
        for (const Report& report : comparison.native)
            if (report.outcome != Outcome::completed)
                remarks += fmt::format("{}: a native run {}: {}\n", comparison.scenario, name_of(report.outcome),
                                       report.diagnosis);
        if (!comparison.native.empty())
            for (const std::string& note : comparison.native.front().notes)
                remarks += fmt::format("{}: {}\n", comparison.scenario, note);
    }
    return table.text(coloured) + distribution_table(comparisons, coloured) + (remarks.empty() ? "" : "\n" + remarks);
}

} // namespace switchyard::cli
