#include "lab/plot/fit_plot.hpp"

#include "lab/plot/gnuplot.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace switchyard::lab {

namespace {

constexpr int curve_points = 200;

struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = 0;
    void add(double value) {
        if (value <= 0) return; // has no place on a logarithmic axis
        low = std::min(low, value);
        high = std::max(high, value);
    }
    [[nodiscard]] bool spans_decades() const { return high > 10 * low; }
};

// Picoseconds to nanoseconds; bytes stay.
double shown(double value, CostUnit unit) { return unit == CostUnit::picoseconds ? value / 1000 : value; }

// "$held << EOD ... EOD": x, value, low, high; a constant law's readings are numbered.
std::string block(std::string_view name, const Law& law, CostUnit unit, bool held_out, bool numbered) {
    std::string text = fmt::format("${} << EOD\n", name);
    for (std::size_t i = 0; i < law.origin.points.size(); ++i) {
        const MeasuredPoint& point = law.origin.points[i];
        if (point.held_out != held_out) continue;
        text +=
            fmt::format("{} {} {} {}\n", numbered ? std::to_string(i + 1) : std::to_string(point.at),
                        shown(point.value, unit), shown(point.interval.low, unit), shown(point.interval.high, unit));
    }
    return text + "EOD\n";
}

std::string curve(const Law& law, CostUnit unit, std::optional<Quantity> over, double from, double to,
                  bool logarithmic) {
    std::string text = "$law << EOD\n";
    for (int i = 0; i <= curve_points; ++i) {
        const double share = static_cast<double>(i) / curve_points;
        const double at = logarithmic ? from * std::pow(to / from, share) : from + (to - from) * share;
        const auto value = evaluate(law, over ? Amounts(*over, std::llround(at)) : Amounts{});
        text += fmt::format("{} {}\n", over && logarithmic ? static_cast<double>(std::llround(at)) : at,
                            shown(static_cast<double>(value), unit));
    }
    return text + "EOD\n";
}

std::optional<Quantity> quantity_of(const Law& law) {
    if (law.kind == Law::Kind::table) return law.over;
    if (law.kind == Law::Kind::affine && !law.terms.empty()) return law.terms.front().quantity;
    return std::nullopt;
}

} // namespace

std::string fit_script(const CostProfile& profile, Cost cost) {
    const CostDescription& description = describe(cost);
    const std::optional<Law>& law = profile[cost];
    if (!law)
        throw InputError(fmt::format("the profile '{}' does not know the cost {}", profile.name, description.name));
    if (law->origin.points.empty())
        throw InputError(fmt::format("the profile '{}' has no measured points of {}: calibrate again", profile.name,
                                     description.name));
    const std::optional<Quantity> over = quantity_of(*law);
    Range amounts, values;
    for (const MeasuredPoint& point : law->origin.points) {
        amounts.add(static_cast<double>(point.at));
        values.add(point.value);
    }
    const bool logarithmic = over && amounts.spans_decades();
    const double from = logarithmic ? amounts.low : 0;
    const double to = over ? amounts.high : static_cast<double>(law->origin.points.size() + 1);
    const FitQuality fitted = quality_of_fit(law->origin), held_out = quality_of_fit(law->origin, true);

    std::string script = block("fitted", *law, description.unit, false, !over);
    script += block("held_out", *law, description.unit, true, !over);
    script += curve(*law, description.unit, over, from, to, logarithmic);
    std::string title = fmt::format("{}: largest error {:.1f} %", description.name, 100 * fitted.largest_error);
    if (held_out.points > 0) title += fmt::format(", held out {:.1f} %", 100 * held_out.largest_error);
    script += fmt::format("set title {} noenhanced\n", gnuplot_quoted(title));
    script += fmt::format("set ylabel {} noenhanced\n",
                          gnuplot_quoted(description.unit == CostUnit::picoseconds ? "ns" : "bytes"));
    script += fmt::format("set xlabel {} noenhanced\n", gnuplot_quoted(over ? name_of(*over) : "reading"));
    script += "set key left top noenhanced\nset grid\nset bars 0.5\n";
    if (logarithmic) script += "set logscale x\n";
    if (over && values.spans_decades()) script += "set logscale y\n";
    script += fmt::format("set xrange [{}:{}]\n", logarithmic ? from / 1.5 : 0, logarithmic ? to * 1.5 : to * 1.05);
    script += "plot $law with lines linewidth 2 title 'law', "
              "$fitted using 1:2:3:4 with yerrorbars pointtype 7 title 'fitted'";
    if (held_out.points > 0) script += ", $held_out using 1:2:3:4 with yerrorbars pointtype 6 title 'held out'";
    return script + "\n";
}

void plot_fit(const CostProfile& profile, Cost cost, const std::string& file) { draw(fit_script(profile, cost), file); }

} // namespace switchyard::lab
