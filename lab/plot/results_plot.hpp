// Pictures of sweep results, for gnuplot.
//
//     lines    a metric's mean over a parameter, a line for each value of `by`, with the interval over replications
//              as a band (whiskers where the parameter's values are words)
//     heat     a metric's mean as the colour over two parameters; of a drawn design, coloured points
//     scatter  every point of the sweep: two columns of numbers, a colour for each value of `by`, or by `colour`
//     box      quartiles, whiskers to the last point within 1.5 times their distance (Tukey 1977), points beyond
//     pareto   the cells that no other is better than in both of two metrics, labelled by what they are
//
// Colours are Okabe and Ito's (2008), which are told apart with any colour vision, and viridis; lines differ in their
// marks besides. Numbers are marked in the unit that suits them; an axis is logarithmic where its values were spaced
// so.
#pragma once

#include "lab/plot/axis.hpp"
#include "lab/plot/gnuplot.hpp"
#include "lab/results/database.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::lab {

enum class PlotKind : std::uint8_t { lines, heat, scatter, box, pareto };
// Throws InputError with a suggestion.
[[nodiscard]] PlotKind parse_plot_kind(std::string_view name);

struct PlotRequest {
    PlotKind kind = PlotKind::lines;
    std::string x;
    std::string y;
    std::string colour;                   // of heat, scatter
    std::vector<std::string> by;          // a series for each choice of their values
    std::string facet;                    // a panel for each of its values
    std::vector<std::string> logarithmic; // of "x", "y", "colour", whatever their values
    std::vector<std::string> linear;
    std::vector<std::string> maximize; // of pareto: metrics of which more is better; otherwise less is
    Condition condition;
    std::string title; // by default made from the above
};

struct ResultsPicture {
    std::string script;
    PictureSize size;
};

// Throws InputError for columns that are none, or of the wrong kind, and where there is nothing to draw.
[[nodiscard]] ResultsPicture results_picture(const ResultsDatabase& database, const PlotRequest& request);

} // namespace switchyard::lab
