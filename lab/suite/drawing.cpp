#include "lab/suite/drawing.hpp"

#include "lab/suite/figures.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace switchyard::lab {

namespace {

constexpr double bar_width = 150;
constexpr double most_targets = 2; // to either side of the middle

constexpr double plot_width = 260;
constexpr double plot_height = 110;
constexpr double large_ratio = 20;

double place(double in_targets) {
    return bar_width / 2 * (1 + std::clamp(in_targets, -most_targets, most_targets) / most_targets);
}

// From a value to where it is drawn.
struct Scale {
    double low = 0;
    double high = 1;
    bool is_logarithmic = false;

    [[nodiscard]] double operator()(double value) const {
        const double part =
            is_logarithmic ? std::log(std::max(value, low) / low) / std::log(high / low) : (value - low) / (high - low);
        return plot_width * std::clamp(part, 0.0, 1.0);
    }
};

Scale scale_of(const ValidatedDistribution& distribution) {
    double low = std::numeric_limits<double>::infinity(), high = 0;
    for (const CumulativeShares* const shares : {&distribution.predicted, &distribution.measured})
        for (const auto& [value, share] : shares->steps) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    Scale scale;
    scale.is_logarithmic = low > 0 && high > low * large_ratio;
    const double room = scale.is_logarithmic ? 0 : std::max((high - low) * 0.05, high * 1e-3);
    scale.low = std::max(low - room, scale.is_logarithmic ? low : 0.0);
    scale.high = high + room;
    if (!(scale.high > scale.low)) scale.high = scale.low + 1e-9;
    return scale;
}

std::string staircase(const CumulativeShares& shares, const Scale& scale, std::string_view colour) {
    std::string path;
    double height = plot_height;
    for (const auto& [value, share] : shares.steps) {
        const double x = scale(value);
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M0 " + fmt::format("{:.1f}", plot_height) + "L" : "L", x,
                            height);
        height = plot_height * (1 - share);
        path += fmt::format("L{:.1f} {:.1f}", x, height);
    }
    if (path.empty()) return {};
    path += fmt::format("L{:.1f} {:.1f}", plot_width, height);
    return fmt::format(R"(<path class="curve {}" d="{}"/>)", colour, path);
}

} // namespace

std::string error_bar(const ValidationRow& row) {
    const bool is_distance = row.kind == RowKind::distribution;
    if (!row.error || !row.met) return {};
    const double measured = row.measured ? std::abs(*row.measured) : 1;
    double allowed = row.within ? *row.within / std::max(measured, 1e-300) : row.target.value_or(0);
    if (is_distance) allowed += row.spread.value_or(0);
    if (!(allowed > 0)) allowed = 0.01; // exactly, that is; a bar needs some scale
    const double at = *row.error / allowed;
    std::string text = fmt::format(
        R"(<svg class="bar" width="{0:.0f}" height="16" viewBox="0 0 {0:.0f} 16" role="img" aria-label="{1:.2f} of what is allowed">)"
        R"(<rect class="band" x="{2:.1f}" y="1" width="{3:.1f}" height="14" rx="2"/>)"
        R"(<line class="axis" x1="{4:.1f}" y1="0" x2="{4:.1f}" y2="16"/>)",
        bar_width, at, place(-1), place(1) - place(-1), place(0));
    if (row.measured_interval && measured > 0 && !is_distance) {
        const double half = (row.measured_interval->high - row.measured_interval->low) / 2 / measured / allowed;
        text += fmt::format(R"(<line class="whisker" x1="{:.1f}" y1="8" x2="{:.1f}" y2="8"/>)", place(at - half),
                            place(at + half));
    }
    const char* const colour = *row.met ? "met" : "missed";
    if (std::abs(at) <= most_targets)
        text += fmt::format(R"(<circle class="{}" cx="{:.1f}" cy="8" r="4"/>)", colour, place(at));
    else // an arrow: farther off than the drawing goes
        text += at > 0 ? fmt::format(R"(<path class="{0}" d="M{1:.0f} 3L{2:.0f} 8L{1:.0f} 13Z"/>)", colour,
                                     bar_width - 8, bar_width)
                       : fmt::format(R"(<path class="{}" d="M8 3L0 8L8 13Z"/>)", colour);
    return text + "</svg>";
}

std::string met_bar(std::size_t met, std::size_t rows) {
    if (rows == 0) return {};
    const double width = bar_width * static_cast<double>(met) / static_cast<double>(rows);
    return fmt::format(
        R"(<svg class="bar" width="{0:.0f}" height="10" viewBox="0 0 {0:.0f} 10" role="img" aria-label="{1} of {2}">)"
        R"(<rect class="missed" width="{0:.0f}" height="10" rx="2"/><rect class="met" width="{3:.1f}" height="10" rx="2"/></svg>)",
        bar_width, met, rows, width);
}

std::string curves(const ValidatedDistribution& distribution) {
    const Scale scale = scale_of(distribution);
    std::string text = fmt::format(
        R"(<svg class="plot" width="{0:.0f}" height="{1:.0f}" viewBox="-4 -6 {0:.0f} {1:.0f}" role="img" aria-label="two distributions">)",
        plot_width + 8, plot_height + 26);
    for (const double share : {0.0, 0.5, 1.0})
        text += fmt::format(R"(<line class="axis" x1="0" y1="{0:.1f}" x2="{1:.0f}" y2="{0:.1f}"/>)",
                            plot_height * (1 - share), plot_width);
    text += staircase(distribution.measured, scale, "measured") + staircase(distribution.predicted, scale, "predicted");
    text +=
        fmt::format(R"(<text x="0" y="{0:.0f}">{1}</text><text x="{2:.0f}" y="{0:.0f}" text-anchor="end">{3}</text>)",
                    plot_height + 14, figure_text(scale.low, MetricUnit::time), plot_width,
                    figure_text(scale.high, MetricUnit::time));
    if (scale.is_logarithmic)
        text += fmt::format(R"(<text x="{:.0f}" y="{:.0f}" text-anchor="middle">logarithmic</text>)", plot_width / 2,
                            plot_height + 14);
    return text + "</svg>";
}

} // namespace switchyard::lab
