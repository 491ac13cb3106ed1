#include "cli/comparison_text.hpp"

#include "cli/report_text.hpp"
#include "cli/table.hpp"
#include "lab/suite/figures.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace switchyard::cli {

namespace {

using lab::figure_text;
using lab::interval_text;
using lab::target_text;

Cell verdict(const lab::ValidationRow& row) {
    if (row.too_noisy) return {"too noisy", Colour::yellow};
    if (!row.met) return {""};
    return *row.met ? Cell{"met", Colour::green} : Cell{"missed", Colour::red};
}

// "4 ms / 4.01 ms of 900": the median, what 99 of 100 do not exceed, and of how many values.
std::string distribution_text(const lab::CumulativeShares& values) {
    if (values.count == 0) return "not available";
    const auto quantile = [&](double share) {
        for (const auto& [value, up_to] : values.steps)
            if (up_to >= share) return value;
        return values.steps.back().first;
    };
    return fmt::format("{} / {} of {}", figure_text(quantile(0.5), MetricUnit::time),
                       figure_text(quantile(0.99), MetricUnit::time), values.count);
}

std::string rows_table(const lab::Validation& validation, bool coloured) {
    Table table({{"scenario", Align::left},
                 {"figure", Align::left},
                 {"predicted"},
                 {"its interval"},
                 {"measured"},
                 {"its interval"},
                 {"error"},
                 {"target"},
                 {"noise"},
                 {"verdict", Align::left}});
    for (const lab::ValidatedScenario& scenario : validation.scenarios) {
        std::string name = scenario.name;
        for (const lab::ValidationRow& row : scenario.rows) {
            if (row.kind == lab::RowKind::distribution) continue;
            table.add({{std::exchange(name, "")},
                       {row.metric},
                       {row.predicted ? figure_text(*row.predicted, row.unit) : "not available"},
                       {row.predicted_interval ? interval_text(*row.predicted_interval, row.unit) : "-"},
                       {row.measured ? figure_text(*row.measured, row.unit) : "not available"},
                       {row.measured_interval ? interval_text(*row.measured_interval, row.unit) : "-"},
                       {row.error ? signed_percent(*row.error) : "-"},
                       {target_text(row)},
                       {row.spread ? percent(*row.spread) : "-"},
                       verdict(row)});
        }
    }
    return table.text(coloured);
}

std::string distributions_table(const lab::Validation& validation, bool coloured) {
    Table table({{"scenario", Align::left},
                 {"distribution", Align::left},
                 {"predicted p50 / p99"},
                 {"measured p50 / p99"},
                 {"K-S distance"},
                 {"by chance"},
                 {"target"},
                 {"verdict", Align::left}});
    bool is_empty = true;
    for (const lab::ValidatedScenario& scenario : validation.scenarios) {
        std::string name = scenario.name;
        for (const lab::ValidatedDistribution& distribution : scenario.distributions) {
            const auto row =
                std::ranges::find(scenario.rows, distribution.name + ".distance", &lab::ValidationRow::metric);
            const bool is_known = row != scenario.rows.end();
            table.add({{std::exchange(name, "")},
                       {distribution.name},
                       {distribution_text(distribution.predicted)},
                       {distribution_text(distribution.measured)},
                       {is_known && row->error ? percent(*row->error) : "-"},
                       {is_known && row->spread ? percent(*row->spread) : "-"},
                       {is_known ? target_text(*row) : ""},
                       is_known ? verdict(*row) : Cell{""}});
            is_empty = false;
        }
    }
    return is_empty ? "" : '\n' + table.text(coloured);
}

std::string remarks_of(const lab::Validation& validation, bool coloured) {
    std::string remarks;
    for (const lab::ValidatedScenario& scenario : validation.scenarios) {
        for (const std::string& remark : scenario.remarks) remarks += fmt::format("{}: {}\n", scenario.name, remark);
        const bool is_wrong = std::ranges::any_of(scenario.rows, [](const lab::ValidationRow& row) {
            return row.kind == lab::RowKind::time && row.met == false;
        });
        if (const std::string category = lab::wrong_category(scenario); is_wrong && !category.empty())
            remarks += paint(fmt::format("{}: the time that is most wrong is {}\n", scenario.name, category),
                             Colour::yellow, coloured);
    }
    return remarks.empty() ? "" : "\n" + remarks;
}

std::string drift_text(const lab::Validation& validation) {
    std::string text;
    for (const lab::Drift& drift : validation.drift)
        text += fmt::format("{}{} {}", text.empty() ? "drift meanwhile: " : ", ", drift.probe,
                            lab::share_text(drift.largest()));
    if (!text.empty()) text = "\n" + text + "\n";
    std::string costs;
    for (const lab::CostSpan& span : lab::spans_of_costs(validation))
        costs += fmt::format("{}{} {:.2f} to {:.2f}",
                             costs.empty() ? "predicted at costs of their own time, as "
                                             "multiples of the profile's: "
                                           : ", ",
                             span.family, span.lowest, span.highest);
    return costs.empty() ? text : text + "\n" + costs + "\n";
}

std::vector<Cell> tally_row(const lab::Tally& tally, const std::string& name) {
    return {{name},
            {std::to_string(tally.scenarios)},
            {fmt::format("{} of {}", tally.met, tally.rows)},
            {std::to_string(tally.too_noisy)},
            {fmt::format("{} of {}", tally.counts_met, tally.counts),
             tally.counts_met == tally.counts ? Colour::none : Colour::red},
            {tally.median_error ? lab::share_text(*tally.median_error) : "-"}};
}

std::string summary_text(const lab::Validation& validation, bool coloured) {
    const lab::ValidationSummary summary = lab::summarize(validation);
    if (std::ranges::all_of(summary.families, [](const lab::Tally& family) { return family.name.empty(); })) return {};
    Table table({{"family", Align::left},
                 {"scenarios"},
                 {"rows inside"},
                 {"too noisy"},
                 {"counts and shares"},
                 {"median error"}});
    for (const lab::Tally& family : summary.families)
        table.add(tally_row(family, family.name.empty() ? "no family" : family.name));
    table.add_line();
    table.add(tally_row(summary.all, "all"));
    const double share =
        summary.all.rows > 0 ? static_cast<double>(summary.all.met) / static_cast<double>(summary.all.rows) : 0;
    return '\n' + table.text(coloured) +
           paint(fmt::format("\n{} of the rows are inside their target ({} are wanted), {} of {} counts, shares and "
                             "sizes outside (none may be), {} rows too noisy to tell{}\n",
                             lab::share_text(share), lab::share_text(lab::share_to_meet),
                             summary.all.counts - summary.all.counts_met, summary.all.counts, summary.all.too_noisy,
                             summary.not_run > 0
                                 ? fmt::format("; {} scenarios not run, or not ended as predicted", summary.not_run)
                                 : ""),
                 summary.holds() ? Colour::green : Colour::red, coloured);
}

} // namespace

std::string validation_text(const lab::Validation& validation, bool coloured) {
    return rows_table(validation, coloured) + distributions_table(validation, coloured) +
           remarks_of(validation, coloured) + drift_text(validation) + summary_text(validation, coloured);
}

} // namespace switchyard::cli
