#include "lab/results/page.hpp"

#include "lab/plot/gnuplot.hpp"
#include "lab/plot/results_plot.hpp"
#include "lab/results/groups.hpp"
#include "lab/results/overview.hpp"
#include "lab/results/sensitivity.hpp"
#include "lab/results/text.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

constexpr std::size_t most_rows = 200;
constexpr std::size_t most_pictures = 30;
constexpr std::size_t most_series = 7;
constexpr std::size_t most_reasons = 50;
constexpr PictureSize picture_size{720, 460};

constexpr std::string_view style = R"(
:root { color-scheme: light dark;
  --ground: #fbfbfa; --card: #ffffff; --text: #1d2126; --faint: #68707a; --line: #e2e4e8; --bad: #c2362b; --bar: #0072b2; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #14171a; --card: #1b1f24; --text: #e4e7ea; --faint: #98a1ab; --line: #2c3238; --bad: #f0776c; --bar: #56b4e9; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; } h2 { font-size: 1.25rem; margin: 2.6rem 0 .8rem; }
p { margin: .3rem 0; } .question { font-size: 1.15rem; } .faint { color: var(--faint); } .bad { color: var(--bad); }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.4rem 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1.1rem; flex: 1 1 11rem; }
.card b { display: block; font-size: 1.55rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.scroll { overflow: auto; max-height: 34rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 60%; }
th, td { text-align: right; padding: .28rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--faint); font-weight: 500; font-size: .85rem; position: sticky; top: 0; background: var(--ground); }
.left { text-align: left; } td.wide { white-space: normal; text-align: left; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; background: #ffffff; border: 1px solid var(--line); border-radius: 8px; padding: .4rem; }
figure svg { width: 100%; height: auto; display: block; }
.bar { display: inline-block; height: .7rem; background: var(--bar); border-radius: 2px; vertical-align: middle; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1.1rem; overflow-x: auto; }
)";

std::string escaped(std::string_view text) {
    std::string html;
    for (const char letter : text) switch (letter) {
        case '&': html += "&amp;"; break;
        case '<': html += "&lt;"; break;
        case '>': html += "&gt;"; break;
        case '"': html += "&quot;"; break;
        default: html += letter;
        }
    return html;
}

std::string card(const std::string& figure, const std::string& what, bool is_bad = false) {
    return fmt::format(R"(<div class="card"><b{}>{}</b>{}</div>)", is_bad ? R"( class="bad")" : "", figure, what);
}

std::string header(const SweepOverview& overview, std::uint64_t cells) {
    std::string html =
        fmt::format("<h1>{}</h1>\n<p class=\"question\">{}</p>\n", escaped(overview.name), escaped(overview.about));
    html +=
        "<div class=\"cards\">" + card(fmt::format("{}", overview.done), "points computed") +
        card(fmt::format("{}", cells), "cells: choices of a value for each parameter") +
        card(fmt::format("{}", overview.points - overview.done), "points that failed", overview.points > overview.done);
    return html + "</div>\n";
}

std::string design(const SweepOverview& overview) {
    std::string html = "<h2>Design</h2>\n";
    if (!overview.design.empty()) html += "<p>" + escaped(overview.design) + "</p>\n";
    html += "<div class=\"scroll\"><table><tr><th class=\"left\">parameter</th><th class=\"left\">of</th><th "
            "class=\"left\">values</th></tr>\n";
    for (const ParameterOverview& parameter : overview.parameters)
        html += fmt::format("<tr><td class=\"left\">{}</td><td class=\"left\">{}</td><td class=\"wide\">{}</td></tr>\n",
                            escaped(parameter.column.name), escaped(parameter.column.source),
                            escaped(values_text(parameter)));
    html +=
        "</table></div>\n<div class=\"scroll\"><table><tr><th class=\"left\">metric</th><th class=\"left\">is</th><th "
        "class=\"left\">unit</th></tr>\n";
    for (const ResultColumn& metric : overview.metrics)
        html += fmt::format("<tr><td class=\"left\">{}</td><td class=\"left\">{}</td><td class=\"left\">{}</td></tr>\n",
                            escaped(metric.name), escaped(metric.source), name_of(metric.unit));
    return html + "</table></div>\n";
}

struct MeansOfCells {
    std::string html;
    std::uint64_t cells = 0;
};

MeansOfCells means_of_cells(const ResultsDatabase& database, const SweepOverview& overview) {
    MeansOfCells means;
    GroupQuery query{database.names(ColumnRole::parameter), database.names(ColumnRole::metric), {}};
    std::string rows;
    for_each_group(database, query, [&](const ResultGroup& group) {
        if (++means.cells > most_rows) return;
        rows += "<tr>";
        for (std::size_t i = 0; i < group.keys.size(); ++i)
            rows += "<td>" + escaped(value_text(group.keys[i], overview.parameters[i].column.unit)) + "</td>";
        for (std::size_t i = 0; i < group.metrics.size(); ++i) {
            const auto mean = group.metrics[i].mean();
            rows +=
                "<td>" +
                (mean ? mean_text(*mean, group.metrics[i].half_interval(overview.confidence), overview.metrics[i].unit)
                      : "-") +
                "</td>";
        }
        rows += "</tr>\n";
    });
    means.html = "<h2>Means</h2>\n<div class=\"scroll\"><table><tr>";
    for (const auto* const names : {&query.by, &query.metrics})
        for (const std::string& name : *names) means.html += "<th>" + escaped(name) + "</th>";
    means.html += "</tr>\n" + rows + "</table></div>\n";
    if (means.cells > most_rows)
        means.html += fmt::format("<p class=\"faint\">The first {} of {} cells.</p>\n", most_rows, means.cells);
    means.html += fmt::format("<p class=\"faint\">After ± half the {:.4g} % interval of the mean over replications "
                              "(Student's t), where there are several.</p>\n",
                              100 * overview.confidence);
    return means;
}

// What lines are told apart by in a picture over `x`: the parameter with the fewest values that are several and not too
// many, words before numbers.
std::vector<std::string> series_beside(const SweepOverview& overview, const std::string& x) {
    const ParameterOverview* chosen = nullptr;
    const auto rank = [](const ParameterOverview& one) {
        return std::pair(std::holds_alternative<double>(one.first.front()), one.values);
    };
    for (const ParameterOverview& one : overview.parameters)
        if (one.column.name != x && one.values >= 2 && one.values <= most_series &&
            (chosen == nullptr || rank(one) < rank(*chosen)))
            chosen = &one;
    return chosen == nullptr ? std::vector<std::string>{} : std::vector{chosen->column.name};
}

std::string pictures(const ResultsDatabase& database, const SweepOverview& overview, std::uint64_t cells) {
    std::string html;
    std::size_t drawn = 0, left_out = 0;
    for (const ResultColumn& metric : overview.metrics) {
        if (database.count(both(only_done(), {sql_name(metric.name) + " IS NOT NULL", {}})) == 0) continue;
        for (const ParameterOverview& parameter : overview.parameters) {
            if (parameter.values < 2) continue;
            if (drawn == most_pictures) {
                ++left_out;
                continue;
            }
            PlotRequest request;
            request.x = parameter.column.name;
            request.y = metric.name;
            request.by = series_beside(overview, parameter.column.name);
            // Values that were drawn are hardly ever met twice: a line through them would be a tangle.
            if (cells > 12 && 2 * parameter.values > cells && overview.parameters.size() > 1)
                request.kind = PlotKind::scatter;
            request.title = metric.name + " over " + parameter.column.name;
            const ResultsPicture picture = results_picture(database, request);
            html += "<figure>" + drawn_for_page(picture.script, fmt::format("picture_{}", ++drawn), picture_size) +
                    "</figure>\n";
        }
    }
    if (html.empty()) return {};
    html = "<h2>Pictures</h2>\n<p class=\"faint\">Means over what is not shown; bands and whiskers are intervals over "
           "replications.</p>\n<div class=\"pictures\">\n" +
           html + "</div>\n";
    if (left_out > 0)
        html += fmt::format("<p class=\"faint\">{} more can be drawn by switchyard plot.</p>\n", left_out);
    return html;
}

std::string share_cell(double share, const std::optional<Interval>& interval) {
    std::string text = fmt::format("{:.3f}", share == 0 ? 0.0 : share);
    if (interval)
        text += fmt::format(" <span class=\"faint\">({:.3f} .. {:.3f})</span>", interval->low, interval->high);
    return text;
}

std::string sensitivity(const ResultsDatabase& database, const SweepOverview& overview) {
    std::string html;
    for (const ResultColumn& metric : overview.metrics) {
        Sensitivity found;
        try {
            found = sensitivity_of(database, metric.name);
        } catch (const InputError& error) {
            html += fmt::format("<p class=\"faint\">{}: {}</p>\n", escaped(metric.name), escaped(error.message()));
            continue;
        }
        const bool is_regression = found.method == SensitivityMethod::regression;
        html += fmt::format("<table><tr><th class=\"left\">{}</th><th></th><th>{}</th><th>{}</th></tr>\n",
                            escaped(metric.name), is_regression ? "coefficient" : "first order",
                            is_regression ? "" : "total");
        for (const ParameterSensitivity& one : found.parameters) {
            const double length = std::clamp(std::abs(one.first), 0.0, 1.0) * 10;
            html += fmt::format("<tr><td class=\"left\">{}</td><td class=\"left\"><span class=\"bar\" "
                                "style=\"width:{:.2f}rem\"></span></td><td>{}</td><td>{}</td></tr>\n",
                                escaped(one.parameter), length, share_cell(one.first, one.first_interval),
                                one.total ? share_cell(*one.total, one.total_interval) : "");
        }
        html += "</table>\n";
        html += fmt::format(
            "<p class=\"faint\">By {}{}.</p>\n", about(found.method),
            found.explained ? fmt::format("; straight lines explain {:.1f} % of the variance", 100 * *found.explained)
                            : "");
    }
    return "<h2>What the metrics depend on</h2>\n<p class=\"faint\">First order: the share of the variance between "
           "cells "
           "that would go if the parameter were known; total: the share that would stay if only it were unknown. In "
           "brackets 95 % intervals by the bootstrap.</p>\n" +
           html;
}

std::string failures(const SweepOverview& overview) {
    std::string html = "<h2>Failures</h2>\n";
    if (overview.failures.empty()) return html + "<p>None.</p>\n";
    html += "<div class=\"scroll\"><table><tr><th>points</th><th class=\"left\">status</th><th "
            "class=\"left\">reason</th></tr>\n";
    for (std::size_t i = 0; i < std::min(overview.failures.size(), most_reasons); ++i)
        html += fmt::format("<tr><td>{}</td><td class=\"left\">{}</td><td class=\"wide\">{}</td></tr>\n",
                            overview.failures[i].points, escaped(overview.failures[i].status),
                            escaped(overview.failures[i].reason));
    html += "</table></div>\n";
    if (overview.failures.size() > most_reasons)
        html += fmt::format("<p class=\"faint\">And {} other reasons.</p>\n", overview.failures.size() - most_reasons);
    return html;
}

std::string how(const ResultsDatabase& database, const SweepOverview& overview) {
    std::string rows;
    const auto say = [&](std::string_view what, const std::string& value) {
        if (!value.empty())
            rows +=
                fmt::format("<tr><td class=\"left\">{}</td><td class=\"wide\">{}</td></tr>\n", what, escaped(value));
    };
    say("sweep file", overview.file);
    say("scenario", database.description("scenario"));
    say("profile", database.description("profile"));
    say("seed", overview.seed);
    say("model version", overview.model_version);
    say("program", database.description("tool"));
    say("confidence of intervals", fmt::format("{:.4g} %", 100 * overview.confidence));
    std::string html = "<h2>How it was computed</h2>\n<table>\n" + rows + "</table>\n";
    const std::string text = database.description("text");
    if (!text.empty()) html += "<details><summary>The sweep file</summary><pre>" + escaped(text) + "</pre></details>\n";
    return html;
}

} // namespace

std::string results_page(const ResultsDatabase& database) {
    const SweepOverview overview = overview_of(database);
    const MeansOfCells means = means_of_cells(database, overview);
    std::string html = fmt::format("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta "
                                   "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                                   "<title>{}</title>\n<style>{}</style></head>\n<body><main>\n",
                                   escaped(overview.name), style);
    html += header(overview, means.cells) + design(overview) + means.html + pictures(database, overview, means.cells);
    html += sensitivity(database, overview) + failures(overview) + how(database, overview);
    return html + "</main></body></html>\n";
}

} // namespace switchyard::lab
