#include "lab/suite/drawing.hpp"
#include "lab/suite/figures.hpp"
#include "lab/suite/page.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

constexpr std::string_view style = R"(
:root { color-scheme: light dark;
  --ground: #fbfbfa; --card: #ffffff; --text: #1d2126; --faint: #68707a; --line: #e2e4e8; --band: #e8eef6;
  --good: #2a7f4f; --bad: #c2362b; --predicted: #2f6fd0; --measured: #d9822b; --bar: #f0c3be; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #14171a; --card: #1b1f24; --text: #e4e7ea; --faint: #98a1ab; --line: #2c3238; --band: #26313f;
  --good: #57b981; --bad: #f0776c; --predicted: #6fa4f2; --measured: #eda75c; --bar: #5a2f2c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .8rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .3rem 0; } .faint { color: var(--faint); } a { color: inherit; }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.4rem 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1.1rem; flex: 1 1 11rem; }
.card b { display: block; font-size: 1.55rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.scenario { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1.1rem; margin: .8rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .28rem .55rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--faint); font-weight: 500; font-size: .85rem; }
th:first-child, td:first-child, .left { text-align: left; }
tr:last-child td { border-bottom: 0; } td small { color: var(--faint); display: block; }
td.wide { white-space: normal; text-align: left; }
.chip { border: 1px solid var(--line); border-radius: 9px; padding: 0 .5rem; font-size: .8rem; color: var(--faint); margin-left: .35rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
svg { vertical-align: middle; } svg text { fill: var(--faint); font: 10px system-ui, sans-serif; }
.band { fill: var(--band); } .axis { stroke: var(--line); } .whisker { stroke: var(--faint); stroke-width: 2; }
circle.met, path.met, rect.met { fill: var(--good); } circle.missed, path.missed { fill: var(--bad); } rect.missed { fill: var(--bar); }
.curve { fill: none; stroke-width: 1.8; } .curve.predicted { stroke: var(--predicted); } .curve.measured { stroke: var(--measured); }
.key-predicted { color: var(--predicted); } .key-measured { color: var(--measured); }
.plots { display: flex; flex-wrap: wrap; gap: 1.2rem; margin-top: .7rem; } figure { margin: 0; } figcaption { font-size: .8rem; color: var(--faint); }
ul { margin: .4rem 0; padding-left: 1.2rem; color: var(--faint); font-size: .9rem; }
)";

std::string escaped(std::string_view text) {
    std::string html;
    for (const char c : text) switch (c) {
        case '&': html += "&amp;"; break;
        case '<': html += "&lt;"; break;
        case '>': html += "&gt;"; break;
        case '"': html += "&quot;"; break;
        default: html += c;
        }
    return html;
}

std::string family_name(std::string_view family) { return family.empty() ? "no family" : escaped(family); }

std::string card(std::string_view figure, std::string_view what, std::string_view colour = "") {
    return fmt::format(R"(<div class="card"><b class="{}">{}</b>{}</div>)", colour, figure, what);
}

std::string header(const Validation& validation, const ValidationSummary& summary) {
    std::string html = fmt::format("<h1>Predicted, then measured</h1>\n<p class=\"faint\">{}, {}, {} processors{}; "
                                   "profile '{}'{}; {} rounds; {}</p>\n",
                                   escaped(validation.cpu), escaped(validation.kernel), validation.cpus,
                                   validation.hz > 0 ? fmt::format(", {} ticks a second", validation.hz) : "",
                                   escaped(validation.profile),
                                   validation.profile_date.empty() ? "" : " of " + escaped(validation.profile_date),
                                   validation.rounds, escaped(validation.date));
    const Tally& all = summary.all;
    const double share = all.rows > 0 ? static_cast<double>(all.met) / static_cast<double>(all.rows) : 0;
    html += "<div class=\"cards\">";
    html +=
        card(share_text(share),
             fmt::format("{} of {} rows inside their target; {} % are wanted", all.met, all.rows, 100 * share_to_meet),
             share >= share_to_meet ? "good" : "bad");
    html += card(fmt::format("{} of {}", all.counts_met, all.counts), "counts, shares and sizes inside; all are wanted",
                 all.counts_met == all.counts ? "good" : "bad");
    html += card(fmt::format("{}", all.too_noisy), "rows too noisy to tell",
                 static_cast<double>(all.too_noisy) <= most_too_noisy * static_cast<double>(all.rows + all.too_noisy)
                     ? ""
                     : "bad");
    html += card(all.median_error ? share_text(*all.median_error) : "-", "error of a time, at the median");
    html += card(fmt::format("{}", all.scenarios), fmt::format("scenarios; {} not run as they should", summary.not_run),
                 summary.not_run == 0 ? "" : "bad");
    return html + "</div>\n";
}

std::string families(const ValidationSummary& summary) {
    std::string html =
        "<h2>By family</h2>\n<div class=\"scroll\"><table><tr><th>family</th><th>scenarios</th><th>rows "
        "inside</th><th></th><th>too noisy</th><th>counts, shares, sizes</th><th>median error of times</th></tr>\n";
    for (const Tally& family : summary.families)
        html += fmt::format(
            "<tr><td><a href=\"#{0}\">{0}</a></td><td>{1}</td><td>{2} of {3}</td><td>{4}</td><td>{9}</td><td "
            "class=\"{5}\">{6} of {7}</td><td>{8}</td></tr>\n",
            family_name(family.name), family.scenarios, family.met, family.rows, met_bar(family.met, family.rows),
            family.counts_met == family.counts ? "" : "bad", family.counts_met, family.counts,
            family.median_error ? share_text(*family.median_error) : "-", family.too_noisy);
    return html + "</table></div>\n";
}

std::string misses(const Validation& validation) {
    std::string rows;
    for (const ValidatedScenario& scenario : validation.scenarios)
        for (const ValidationRow& row : scenario.rows)
            if (row.met == false)
                rows += fmt::format("<tr><td>{}</td><td class=\"left\">{}</td><td>{}</td><td>{}</td><td "
                                    "class=\"bad\">{}</td><td>{}</td>"
                                    "<td class=\"wide\">{}</td></tr>\n",
                                    escaped(scenario.name), escaped(row.metric),
                                    row.predicted ? figure_text(*row.predicted, row.unit) : "-",
                                    row.measured ? figure_text(*row.measured, row.unit) : "-",
                                    !row.error                          ? "-"
                                    : row.kind == RowKind::distribution ? share_text(*row.error)
                                                                        : signed_share_text(*row.error),
                                    target_text(row), escaped(wrong_category(scenario)));
    if (rows.empty()) return "<h2>Missed</h2>\n<p>Nothing.</p>\n";
    return "<h2>Missed</h2>\n<div class=\"scroll\"><table><tr><th>scenario</th><th class=\"left\">figure</th>"
           "<th>predicted</th><th>measured</th><th>error</th><th>target</th><th class=\"left\">time that is most "
           "wrong</th></tr>\n" +
           rows + "</table></div>\n";
}

std::string row_html(const ValidationRow& row) {
    const auto figure = [&](const std::optional<double>& value, const std::optional<Interval>& interval) {
        if (!value) return std::string("-");
        return figure_text(*value, row.unit) + (interval && interval->high > interval->low
                                                    ? "<small>" + interval_text(*interval, row.unit) + "</small>"
                                                    : "");
    };
    const std::string error = !row.error                          ? "-"
                              : row.kind == RowKind::distribution ? share_text(*row.error)
                                                                  : signed_share_text(*row.error);
    return fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>{}</tr>\n",
                       escaped(row.metric), figure(row.predicted, row.predicted_interval),
                       figure(row.measured, row.measured_interval), error, error_bar(row), target_text(row),
                       row.spread ? share_text(*row.spread) : "-",
                       row.too_noisy ? "<td>too noisy</td>"
                       : !row.met    ? "<td></td>"
                       : *row.met    ? "<td class=\"good\">met</td>"
                                     : "<td class=\"bad\">missed</td>");
}

std::string breakdown_html(const ValidatedScenario& scenario) {
    if (!scenario.predicted && !scenario.measured) return {};
    const auto line = [](const Breakdown& all) {
        return fmt::format("{} work, {} system, {} idle", figure_text(all.work, MetricUnit::time),
                           figure_text(all.system, MetricUnit::time), figure_text(all.idle, MetricUnit::time));
    };
    std::string html = "<p class=\"faint\">Processor time";
    if (scenario.predicted) {
        html += " predicted: " + line(*scenario.predicted);
        std::string parts;
        for (const auto& [category, time] : scenario.charged)
            parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", escaped(category),
                                 figure_text(time, MetricUnit::time));
        if (!parts.empty()) html += " (" + parts + ")";
    }
    if (scenario.measured)
        html += fmt::format("{} measured: {}", scenario.predicted ? ";" : "", line(*scenario.measured));
    return html + ".</p>\n";
}

std::string plots(const ValidatedScenario& scenario) {
    std::string html;
    for (const ValidatedDistribution& distribution : scenario.distributions)
        if (distribution.predicted.count > 0 && distribution.measured.count > 0)
            html += fmt::format("<figure>{}<figcaption>{}: <span class=\"key-predicted\">predicted, {}</span>, <span "
                                "class=\"key-measured\">measured, {}</span></figcaption></figure>\n",
                                curves(distribution), escaped(distribution.name), distribution.predicted.count,
                                distribution.measured.count);
    return html.empty() ? html : "<div class=\"plots\">" + html + "</div>\n";
}

std::string scenario_html(const ValidatedScenario& scenario) {
    std::string html = fmt::format("<section class=\"scenario\"><h3>{}", escaped(scenario.name));
    if (scenario.basis) html += fmt::format("<span class=\"chip\">{}</span>", name_of(*scenario.basis));
    if (scenario.not_native.empty())
        html += fmt::format("<span class=\"chip\">others used {}</span><span class=\"chip\">speed {:.3f}</span>",
                            share_text(scenario.foreign_load), scenario.speed);
    html += fmt::format("</h3>\n<p>{}</p>\n", escaped(scenario.about));
    html += "<div class=\"scroll\"><table><tr><th>figure</th><th>predicted</th><th>measured</th><th>error</th><th>of "
            "what is allowed</th><th>target</th><th>machine's own noise</th><th></th></tr>\n";
    for (const ValidationRow& row : scenario.rows) html += row_html(row);
    html += "</table></div>\n" + breakdown_html(scenario) + plots(scenario);
    std::string notes;
    for (const std::string& law : scenario.unmeasured)
        notes += "<li>" + escaped(law) + " at amounts it was not fitted to</li>";
    for (const std::string& remark : scenario.remarks) notes += "<li>" + escaped(remark) + "</li>";
    if (!notes.empty()) html += "<ul>" + notes + "</ul>\n";
    return html + "</section>\n";
}

std::string drift_html(const Validation& validation) {
    if (validation.drift.empty()) return {};
    std::string html = "<h2>Drift</h2>\n<p class=\"faint\">What primitives cost before the first round and after each, "
                       "at one and the same clock.</p>\n<div class=\"scroll\"><table><tr><th>probe</th><th>at the "
                       "beginning</th><th>at the end</th><th>largest change</th></tr>\n";
    for (const Drift& drift : validation.drift)
        if (!drift.figures.empty())
            html +=
                fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(drift.probe),
                            figure_text(drift.figures.front() * 1e-12, MetricUnit::time),
                            figure_text(drift.figures.back() * 1e-12, MetricUnit::time), share_text(drift.largest()));
    html += "</table></div>\n";
    const std::vector<CostSpan> spans = spans_of_costs(validation);
    if (spans.empty()) return html;
    html += "<p class=\"faint\">Costs around the scenarios' own runs, as multiples of the profile's: what they were "
            "predicted with.</p>\n<div class=\"scroll\"><table><tr><th>laws</th><th>lowest</th><th>median</th>"
            "<th>highest</th></tr>\n";
    for (const CostSpan& span : spans)
        html += fmt::format("<tr><td>{}</td><td>{:.2f}</td><td>{:.2f}</td><td>{:.2f}</td></tr>\n", escaped(span.family),
                            span.lowest, span.median, span.highest);
    return html + "</table></div>\n";
}

} // namespace

std::string validation_html(const Validation& validation) {
    const ValidationSummary summary = summarize(validation);
    std::string html = fmt::format("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta "
                                   "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                                   "<title>Switchyard: predicted, then measured</title>\n<style>{}</style></head>\n"
                                   "<body><main>\n",
                                   style);
    html += header(validation, summary) + families(summary) + misses(validation) + drift_html(validation);
    const std::string* family = nullptr;
    for (const ValidatedScenario& scenario : validation.scenarios) {
        if (!family || *family != scenario.family)
            html += fmt::format("<h2 id=\"{0}\">{0}</h2>\n", family_name(scenario.family));
        family = &scenario.family;
        html += scenario_html(scenario);
    }
    html += fmt::format("<p class=\"faint\">An error is predicted less measured, as a share of what was measured. A "
                        "target is met where it is no larger than the target and half the native interval, and too "
                        "noisy to tell where that half is more than the target. {}</p>\n</main></body></html>\n",
                        escaped(validation.tool));
    return html;
}

} // namespace switchyard::lab
