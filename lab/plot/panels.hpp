// The parts of a picture of results: its panels, one a facet, and what is drawn in them. For results_plot.cpp and its
// neighbours.
#pragma once

#include "lab/plot/axis.hpp"
#include "lab/plot/results_plot.hpp"
#include "lab/results/groups.hpp"

#include <optional>
#include <string>
#include <vector>

namespace switchyard::lab {

// What is drawn at one place.
struct PlotMark {
    std::size_t facet = 0;
    std::size_t series = 0;
    ResultValue x, y;
    std::optional<double> colour;
    double low = 0, high = 0;    // of lines: the interval of y
    std::vector<double> samples; // of boxes
    std::string label;           // of a Pareto front
    bool is_best = false;        // on the front
};

struct PlotContents {
    Axis x, y;
    std::optional<Axis> colour;
    std::vector<std::string> series; // names; one empty name where there is one series
    std::string series_title;
    std::vector<std::string> facets; // likewise
    std::vector<PlotMark> marks;
    bool has_intervals = false;
};

// What is drawn, by kind.
[[nodiscard]] PlotContents line_contents(const ResultsDatabase& database, const PlotRequest& request);
[[nodiscard]] PlotContents heat_contents(const ResultsDatabase& database, const PlotRequest& request);
[[nodiscard]] PlotContents scatter_contents(const ResultsDatabase& database, const PlotRequest& request);
[[nodiscard]] PlotContents box_contents(const ResultsDatabase& database, const PlotRequest& request);
[[nodiscard]] PlotContents pareto_contents(const ResultsDatabase& database, const PlotRequest& request);

// The plot command of one panel, with its data before it; `facet` names its blocks of data.
[[nodiscard]] std::string line_panel(const PlotContents& contents, std::size_t facet);
[[nodiscard]] std::string heat_panel(const PlotContents& contents, std::size_t facet);
[[nodiscard]] std::string scatter_panel(const PlotContents& contents, std::size_t facet);
[[nodiscard]] std::string box_panel(const PlotContents& contents, std::size_t facet);
[[nodiscard]] std::string pareto_panel(const PlotContents& contents, std::size_t facet);

// The colour of a series ("#0072B2"), and the kind of its marks.
[[nodiscard]] std::string series_colour(std::size_t series);
[[nodiscard]] int series_mark(std::size_t series);

// A colour's place on viridis is dark below this share of the way: text on it is white.
inline constexpr double dark_share = 0.55;

} // namespace switchyard::lab
