#include "lab/suite/figures.hpp"
#include "lab/suite/page.hpp"

#include <fmt/format.h>
#include <utility>

namespace switchyard::lab {

namespace {

// A cell of a table: nothing in it ends the cell or means anything to Markdown.
std::string cell(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '|' || c == '\\' || c == '*' || c == '_' || c == '<' || c == '`') safe += '\\';
        safe += c == '\n' ? ' ' : c;
    }
    return safe;
}

std::string name_of_family(std::string_view family) { return family.empty() ? "no family" : std::string(family); }

std::string error_text(const ValidationRow& row) {
    if (!row.error) return "-";
    return row.kind == RowKind::distribution ? share_text(*row.error) : signed_share_text(*row.error);
}

std::string figure(const std::optional<double>& value, const ValidationRow& row) {
    return value ? figure_text(*value, row.unit) : "-";
}

std::string summary_text(const Validation& validation, const ValidationSummary& summary) {
    const Tally& all = summary.all;
    std::string text = fmt::format(
        "{}, {}, {} processors{}. Profile '{}'{}; {} rounds of every scenario, in turn. {}.\n\n", validation.cpu,
        validation.kernel, validation.cpus, validation.hz > 0 ? fmt::format(", {} ticks a second", validation.hz) : "",
        validation.profile, validation.profile_date.empty() ? "" : " of " + validation.profile_date, validation.rounds,
        validation.date);
    text += fmt::format(
        "**{} of {} rows are inside their target** ({:.0f} %; {:.0f} % are wanted), **{} of {} counts, "
        "shares and sizes** (all are wanted), {} too noisy to tell{}{}.\n\n",
        all.met, all.rows, all.rows > 0 ? 100 * static_cast<double>(all.met) / static_cast<double>(all.rows) : 0,
        100 * share_to_meet, all.counts_met, all.counts, all.too_noisy,
        all.median_error ? "; the median error of a time is " + share_text(*all.median_error) : "",
        summary.not_run > 0 ? fmt::format("; {} scenarios were not run, or did not end as predicted", summary.not_run)
                            : "");
    text += "| family | scenarios | rows inside | too noisy | counts, shares, sizes inside | median error of times "
            "|\n|---|---|---|---|---|---|\n";
    for (const Tally& family : summary.families)
        text += fmt::format("| {} | {} | {} of {} | {} | {} of {} | {} |\n", cell(name_of_family(family.name)),
                            family.scenarios, family.met, family.rows, family.too_noisy, family.counts_met,
                            family.counts, family.median_error ? share_text(*family.median_error) : "-");
    return text;
}

std::string misses_text(const Validation& validation) {
    std::string rows;
    for (const ValidatedScenario& scenario : validation.scenarios)
        for (const ValidationRow& row : scenario.rows)
            if (row.met == false)
                rows += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", cell(scenario.name), cell(row.metric),
                                    figure(row.predicted, row), figure(row.measured, row), error_text(row),
                                    target_text(row), cell(wrong_category(scenario)));
    if (rows.empty()) return "\n## Missed\n\nNothing.\n";
    return "\n## Missed\n\n| scenario | figure | predicted | measured | error | target | time that is most wrong "
           "|\n|---|---|---|---|---|---|---|\n" +
           rows;
}

std::string drift_text(const Validation& validation) {
    if (validation.drift.empty()) return {};
    std::string text = "\n## Drift\n\nWhat primitives cost before the first round and after the last, at one clock.\n\n"
                       "| probe | before | after | largest change |\n|---|---|---|---|\n";
    for (const Drift& drift : validation.drift)
        if (!drift.figures.empty())
            text +=
                fmt::format("| {} | {} | {} | {} |\n", cell(drift.probe),
                            figure_text(drift.figures.front() * 1e-12, MetricUnit::time),
                            figure_text(drift.figures.back() * 1e-12, MetricUnit::time), share_text(drift.largest()));
    const std::vector<CostSpan> spans = spans_of_costs(validation);
    if (spans.empty()) return text;
    text += "\nCosts around the scenarios' own runs, as multiples of the profile's: what they were predicted with.\n\n"
            "| laws | lowest | median | highest |\n|---|---|---|---|\n";
    for (const CostSpan& span : spans)
        text += fmt::format("| {} | {:.2f} | {:.2f} | {:.2f} |\n", cell(span.family), span.lowest, span.median,
                            span.highest);
    return text;
}

std::string scenario_rows(const ValidatedScenario& scenario) {
    std::string text;
    std::string name = cell(scenario.name);
    for (const ValidationRow& row : scenario.rows)
        text += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", std::exchange(name, ""),
                            cell(row.metric), figure(row.predicted, row), figure(row.measured, row), error_text(row),
                            target_text(row), row.spread ? share_text(*row.spread) : "-",
                            row.too_noisy ? "too noisy"
                            : !row.met    ? ""
                            : *row.met    ? "met"
                                          : "**missed**",
                            scenario.basis ? name_of(*scenario.basis) : "");
    if (scenario.rows.empty())
        text = fmt::format("| {} | {} | | | | | | | |\n", name,
                           cell(scenario.not_native.empty() ? "nothing" : scenario.not_native));
    return text;
}

} // namespace

std::string validation_markdown(const Validation& validation) {
    std::string text =
        "# Predicted, then measured\n\n"
        "Written by `switchyard validate --report`; not to be edited. An error is predicted less "
        "measured, as a share of what was\nmeasured. A target is met where it is no larger than the "
        "target and half the native interval; it is too\nnoisy to tell where that half is more than the target. The "
        "noise is what lies between the lowest and the highest native round;\nof a distribution's distance "
        "(Kolmogorov-Smirnov), what chance alone makes of it.\n\n";
    text += summary_text(validation, summarize(validation)) + misses_text(validation) + drift_text(validation);
    const std::string* family = nullptr;
    for (const ValidatedScenario& scenario : validation.scenarios) {
        if (!family || *family != scenario.family)
            text +=
                fmt::format("\n## {}\n\n| scenario | figure | predicted | measured | error | target | noise | verdict "
                            "| laws |\n|---|---|---|---|---|---|---|---|---|\n",
                            name_of_family(scenario.family));
        family = &scenario.family;
        text += scenario_rows(scenario);
    }
    return text;
}

} // namespace switchyard::lab
