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

static Cell verdict(const lab::MetricComparison& row) {
    const auto met = row.met();
    if (!met) return {""};
    return *met ? Cell{"met", Colour::green} : Cell{"missed", Colour::red};
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
                       {row.predicted ? figure_text(*row.predicted, row.unit) : "-"},
                       {row.predicted ? interval_text(row.predicted_interval, row.unit) : "-"},
                       {row.measured ? figure_text(*row.measured, row.unit) : "-"},
                       {row.measured ? interval_text(row.measured_interval, row.unit) : "-"},
                       {error ? signed_percent(*error) : "-"},
                       {row.target ? percent(*row.target) : ""},
                       verdict(row)});
        }
        if (const Report& predicted = comparison.prediction.report; predicted.outcome != Outcome::completed)
            remarks += fmt::format("{}: simulated, it is {}: {}\n", comparison.scenario, name_of(predicted.outcome),
                                   predicted.diagnosis);
        if (!comparison.not_native.empty())
            remarks += fmt::format("{}: not run natively: {}\n", comparison.scenario, comparison.not_native);
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
    return table.text(coloured) + (remarks.empty() ? "" : "\n" + remarks);
}

} // namespace switchyard::cli
