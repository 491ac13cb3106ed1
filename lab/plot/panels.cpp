#include "lab/plot/panels.hpp"

#include "lab/plot/gnuplot.hpp"
#include "lab/results/text.hpp"
#include "models/fit/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

// Marks of one facet and series in the order of x.
std::vector<const PlotMark*> marks_of(const PlotContents& contents, std::size_t facet,
                                      std::optional<std::size_t> series = {}) {
    std::vector<const PlotMark*> chosen;
    for (const PlotMark& mark : contents.marks)
        if (mark.facet == facet && (!series || mark.series == *series)) chosen.push_back(&mark);
    std::ranges::stable_sort(chosen,
                             [](const PlotMark* first, const PlotMark* second) { return first->x < second->x; });
    return chosen;
}

// A gnuplot command of several parts; they come in the order in which they are to be drawn, one above the other.
std::string plot_of(const std::vector<std::string>& parts) { return fmt::format("plot {}\n", fmt::join(parts, ", ")); }

std::string title_of(const std::string& name) {
    return name.empty() ? "notitle" : "title " + gnuplot_quoted(name) + " noenhanced";
}

// Series stand beside each other where x has categories.
double shift_of(const PlotContents& contents, std::size_t series) {
    if (contents.x.categories.empty() || contents.series.size() < 2) return 0;
    const auto count = static_cast<double>(contents.series.size());
    return (static_cast<double>(series) - (count - 1) / 2) * 0.8 / count;
}

// To three digits: what fits into a rectangle.
std::string short_text(double value, ValueUnit unit) {
    const UnitScale scale = scale_of(unit, value);
    return fmt::format("{:.3g}{}{}", value / scale.size, scale.name.empty() ? "" : " ", scale.name);
}

// Where text lies, in shares of the picture.
struct TextBox {
    double left, right, low, high;
    [[nodiscard]] bool meets(const TextBox& other) const {
        return left < other.right && other.left < right && low < other.high && other.low < high;
    }
};

double share_of(const Axis& axis, double value) {
    if (axis.logarithmic) return std::log(value / axis.low) / std::log(axis.high / axis.low);
    return (value - axis.low) / (axis.high - axis.low);
}

} // namespace

std::string series_colour(std::size_t series) {
    constexpr std::array<const char*, 7> colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                 "#E69F00", "#56B4E9", "#000000"};
    return colours[series % colours.size()];
}

int series_mark(std::size_t series) {
    constexpr std::array<int, 6> marks{7, 5, 9, 13, 11, 6}; // of gnuplot's: filled ones first
    return marks[(series + series / 7) % marks.size()];
}

std::string line_panel(const PlotContents& contents, std::size_t facet) {
    std::string script;
    std::vector<std::string> bands, lines;
    const bool words = !contents.x.categories.empty();
    for (std::size_t series = 0; series < contents.series.size(); ++series) {
        const std::string name = fmt::format("$line_{}_{}", facet, series);
        std::string rows;
        std::size_t count = 0;
        for (const PlotMark* const mark : marks_of(contents, facet, series)) {
            const auto x = contents.x.place(mark->x);
            if (!x) continue;
            // A band that reaches 0 ends at the edge of a logarithmic axis.
            const double low = contents.y.logarithmic ? std::max(mark->low, contents.y.low) : mark->low;
            rows += fmt::format("{} {} {} {}\n", *x + shift_of(contents, series), std::get<double>(mark->y), low,
                                mark->high);
            ++count;
        }
        if (count == 0) continue;
        script += fmt::format("{} << EOD\n{}EOD\n", name, rows);
        const std::string colour = gnuplot_quoted(series_colour(series));
        if (contents.has_intervals && !words && count > 1)
            bands.push_back(fmt::format("{} using 1:3:4 with filledcurves fillcolor rgb {} fillstyle transparent solid "
                                        "0.2 noborder notitle",
                                        name, colour));
        else if (contents.has_intervals)
            bands.push_back(fmt::format("{} using 1:2:3:4 with yerrorbars linecolor rgb {} linewidth 2 pointtype 0 "
                                        "notitle",
                                        name, colour));
        lines.push_back(fmt::format("{} using 1:2 with {} linecolor rgb {} linewidth 2 pointtype {} pointsize {} {}",
                                    name, words ? "points" : "linespoints", colour, series_mark(series),
                                    words        ? 1.2
                                    : count > 40 ? 0
                                                 : 0.8,
                                    title_of(contents.series[series])));
    }
    bands.insert(bands.end(), lines.begin(), lines.end());
    return script + plot_of(bands);
}

std::string heat_panel(const PlotContents& contents, std::size_t facet) {
    const bool is_grid = !contents.x.categories.empty() && !contents.y.categories.empty();
    // What fits into a rectangle is written into it.
    const bool labelled = is_grid && contents.x.categories.size() <= 10 && contents.y.categories.size() <= 14 &&
                          contents.facets.size() == 1;
    std::string cells, dark, bright;
    for (const PlotMark* const mark : marks_of(contents, facet)) {
        const auto x = contents.x.place(mark->x), y = contents.y.place(mark->y);
        if (!x || !y || !mark->colour) continue;
        cells += fmt::format("{} {} {}\n", *x, *y, *mark->colour);
        (share_of(*contents.colour, *mark->colour) < dark_share ? dark : bright) +=
            fmt::format("{} {} \"{}\"\n", *x, *y, short_text(*mark->colour, contents.colour->unit));
    }
    std::string script = fmt::format("$cells_{0} << EOD\n{1}EOD\n", facet, cells);
    std::vector<std::string> parts;
    if (is_grid)
        parts.push_back(fmt::format("$cells_{} using 1:2:($1-0.5):($1+0.5):($2-0.5):($2+0.5):3 with boxxyerror "
                                    "fillstyle solid 1 noborder linecolor palette notitle",
                                    facet));
    else
        parts.push_back(fmt::format("$cells_{} using 1:2:3 with points pointtype 7 pointsize 1.1 linecolor palette "
                                    "notitle",
                                    facet));
    for (const auto& [rows, colour] : {std::pair{&dark, "#ffffff"}, {&bright, "#000000"}}) {
        if (!labelled || rows->empty()) continue;
        const std::string name = fmt::format("$text_{}_{}", facet, parts.size());
        script += fmt::format("{} << EOD\n{}EOD\n", name, *rows);
        parts.push_back(
            fmt::format("{} using 1:2:3 with labels font ',11' textcolor rgb '{}' noenhanced notitle", name, colour));
    }
    return script + plot_of(parts);
}

std::string scatter_panel(const PlotContents& contents, std::size_t facet) {
    std::string script;
    std::vector<std::string> parts;
    for (std::size_t series = 0; series < contents.series.size(); ++series) {
        std::string rows;
        std::size_t count = 0;
        for (const PlotMark* const mark : marks_of(contents, facet, series)) {
            const auto x = contents.x.place(mark->x), y = contents.y.place(mark->y);
            if (!x || !y) continue;
            rows += fmt::format("{} {} {}\n", *x + shift_of(contents, series), *y, mark->colour.value_or(0));
            ++count;
        }
        if (count == 0) continue;
        const std::string name = fmt::format("$points_{}_{}", facet, series);
        script += fmt::format("{} << EOD\n{}EOD\n", name, rows);
        const double size = count > 2000 ? 0.35 : 0.75;
        if (contents.colour)
            parts.push_back(fmt::format("{} using 1:2:3 with points pointtype 7 pointsize {} linecolor palette notitle",
                                        name, size));
        else
            parts.push_back(fmt::format("{} using 1:2 with points pointtype {} pointsize {} linecolor rgb {} {}", name,
                                        series_mark(series), size, gnuplot_quoted(series_colour(series)),
                                        title_of(contents.series[series])));
    }
    return script + plot_of(parts);
}

std::string box_panel(const PlotContents& contents, std::size_t facet) {
    std::string script = fmt::format("set boxwidth {}\n", 0.65 / static_cast<double>(contents.series.size()));
    std::vector<std::string> parts;
    for (std::size_t series = 0; series < contents.series.size(); ++series) {
        std::string boxes, beyond;
        for (const PlotMark* const mark : marks_of(contents, facet, series)) {
            const auto place = contents.x.place(mark->x);
            if (!place) continue;
            const double x = *place + shift_of(contents, series);
            const double lower = quantile(mark->samples, 0.25), upper = quantile(mark->samples, 0.75);
            const double reach = 1.5 * (upper - lower);
            double low = upper, high = lower;
            for (const double value : mark->samples)
                if (value >= lower - reach && value <= upper + reach) {
                    low = std::min(low, value);
                    high = std::max(high, value);
                } else {
                    beyond += fmt::format("{} {}\n", x, value);
                }
            boxes += fmt::format("{} {} {} {} {} {}\n", x, lower, std::min(low, lower), std::max(high, upper), upper,
                                 median(mark->samples));
        }
        if (boxes.empty()) continue;
        const std::string name = fmt::format("$boxes_{}_{}", facet, series);
        const std::string colour = gnuplot_quoted(series_colour(series));
        script += fmt::format("{} << EOD\n{}EOD\n", name, boxes);
        parts.push_back(fmt::format("{0} using 1:2:3:4:5 with candlesticks fillcolor rgb {1} fillstyle solid 0.25 "
                                    "border linecolor rgb {1} linewidth 1.5 {2} whiskerbars 0.5",
                                    name, colour, title_of(contents.series[series])));
        parts.push_back(
            fmt::format("{} using 1:6:6:6:6 with candlesticks linecolor rgb {} linewidth 3 notitle", name, colour));
        if (beyond.empty()) continue;
        const std::string outside = fmt::format("$beyond_{}_{}", facet, series);
        script += fmt::format("{} << EOD\n{}EOD\n", outside, beyond);
        parts.push_back(fmt::format("{} using 1:2 with points pointtype 6 pointsize 0.5 linecolor rgb {} notitle",
                                    outside, colour));
    }
    return script + plot_of(parts);
}

std::string pareto_panel(const PlotContents& contents, std::size_t facet) {
    std::string script;
    std::vector<std::string> parts;
    std::string front, left, right;
    const std::vector<const PlotMark*> marks = marks_of(contents, facet);
    std::vector<TextBox> taken;
    for (const PlotMark* const mark : marks)
        if (mark->is_best) {
            const double across = share_of(contents.x, std::get<double>(mark->x));
            const double up = share_of(contents.y, std::get<double>(mark->y));
            taken.push_back({across - 0.008, across + 0.008, up - 0.012, up + 0.012});
        }
    // Each label stands on the side where there is room; one that would lie upon others is left out.
    for (const PlotMark* const mark : marks) {
        if (!mark->is_best) continue;
        const double x = std::get<double>(mark->x), y = std::get<double>(mark->y);
        front += fmt::format("{} {}\n", x, y);
        const double across = share_of(contents.x, x), up = share_of(contents.y, y);
        const double width = 0.0125 * static_cast<double>(mark->label.size());
        const std::array<TextBox, 2> sides{TextBox{across + 0.015, across + 0.015 + width, up, up + 0.05},
                                           TextBox{across - 0.015 - width, across - 0.015, up, up + 0.05}};
        for (std::size_t side = 0; side < 2; ++side) {
            const TextBox& box = sides[side];
            if (box.left < 0 || box.right > 1.02 ||
                std::ranges::any_of(taken, [&](const TextBox& other) { return box.meets(other); }))
                continue;
            taken.push_back(box);
            (side == 0 ? right : left) += fmt::format("{} {} \"{}\"\n", x, y, mark->label);
            break;
        }
    }
    for (std::size_t series = 0; series < contents.series.size(); ++series) {
        std::string rows;
        for (const PlotMark* const mark : marks_of(contents, facet, series))
            rows += fmt::format("{} {}\n", std::get<double>(mark->x), std::get<double>(mark->y));
        if (rows.empty()) continue;
        const std::string name = fmt::format("$cells_{}_{}", facet, series);
        script += fmt::format("{} << EOD\n{}EOD\n", name, rows);
        const bool is_alone = contents.series.size() == 1;
        parts.push_back(fmt::format("{} using 1:2 with points pointtype {} pointsize 0.8 linecolor rgb '{}' {}", name,
                                    is_alone ? 6 : series_mark(series), is_alone ? "#808890" : series_colour(series),
                                    is_alone ? "title 'other cells'" : title_of(contents.series[series])));
    }
    script += fmt::format("$front_{} << EOD\n{}EOD\n", facet, front);
    parts.push_back(fmt::format("$front_{} using 1:2 with linespoints linecolor rgb '#202428' linewidth 2 pointtype 6 "
                                "pointsize 1.3 title 'front'",
                                facet));
    for (const auto& [rows, side, offset] : {std::tuple{&left, "right", "-1.2,0.5"}, {&right, "left", "1.2,0.5"}}) {
        if (rows->empty()) continue;
        const std::string name = fmt::format("$label_{}_{}", side, facet);
        script += fmt::format("{} << EOD\n{}EOD\n", name, *rows);
        parts.push_back(
            fmt::format("{} using 1:2:3 with labels {} offset {} font ',11' noenhanced notitle", name, side, offset));
    }
    return script + plot_of(parts);
}

} // namespace switchyard::lab
