#include "lab/plot/results_plot.hpp"

#include "lab/plot/panels.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

struct KindOfPlot {
    std::string_view name;
    PlotContents (*contents)(const ResultsDatabase&, const PlotRequest&);
    std::string (*panel)(const PlotContents&, std::size_t);
};

constexpr std::array<KindOfPlot, 5> kinds{{{"lines", line_contents, line_panel},
                                           {"heat", heat_contents, heat_panel},
                                           {"scatter", scatter_contents, scatter_panel},
                                           {"box", box_contents, box_panel},
                                           {"pareto", pareto_contents, pareto_panel}}};

constexpr std::size_t most_facets = 24;

std::string title_of(const ResultsDatabase& database, const PlotRequest& request) {
    if (!request.title.empty()) return request.title;
    const std::string what = request.kind == PlotKind::heat ? request.colour + " over " + request.x + " and "
                             : request.kind == PlotKind::pareto || request.kind == PlotKind::scatter
                                 ? request.y + " against "
                                 : request.y + " over ";
    return database.name() + ": " + what + (request.kind == PlotKind::heat ? request.y : request.x);
}

// viridis (van der Walt and Smith 2015) at eighths.
constexpr const char* palette =
    "set palette defined (0 '#440154', 1 '#472d7b', 2 '#3b528b', 3 '#2c728e', 4 '#21918c', 5 '#28ae80', 6 '#5ec962', "
    "7 '#addc30', 8 '#fde725')\n";

std::string common_script(const PlotContents& contents, const PlotRequest& request) {
    std::string script = "set border 3 linecolor rgb '#60666e'\nset tics nomirror out scale 0.5\n"
                         "set grid linetype 1 linecolor rgb '#d8dbe0' linewidth 1\nset bars 0.6\n";
    script += axis_script(contents.x, "x") + axis_script(contents.y, "y");
    if (contents.colour) {
        script += palette + axis_script(*contents.colour, "cb");
        script += "set cblabel offset 2.5\n";
        if (contents.facets.size() == 1) script += "set rmargin at screen 0.83\n";
    }
    if (request.kind == PlotKind::heat && !contents.x.categories.empty())
        script += "unset grid\nset border 0\nset tics scale 0\n";
    return script;
}

// Beside the picture, so that it never covers anything.
std::string key_script(const PlotContents& contents, const PlotRequest& request) {
    const bool has_series = contents.series.size() > 1;
    if (!has_series && request.kind != PlotKind::pareto) return "unset key\n";
    std::string script = "set key outside right top vertical Left reverse samplen 2 spacing 1.2 noenhanced";
    if (has_series) script += " title " + gnuplot_quoted(contents.series_title) + " left noenhanced";
    return script + "\n";
}

} // namespace

PlotKind parse_plot_kind(std::string_view name) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if (kinds[i].name == name) return static_cast<PlotKind>(i);
        names.push_back(kinds[i].name);
    }
    throw InputError(fmt::format("there is no kind of picture '{}'{}; there are: {}", name, suggestion(name, names),
                                 fmt::join(names, ", ")));
}

ResultsPicture results_picture(const ResultsDatabase& database, const PlotRequest& request) {
    for (const auto& axes : {request.logarithmic, request.linear})
        for (const std::string& axis : axes)
            if (axis != "x" && axis != "y" && axis != "colour")
                throw InputError(fmt::format("there is no axis '{}'; there are: x, y, colour", axis));
    const KindOfPlot& kind = kinds[static_cast<std::size_t>(request.kind)];
    const PlotContents contents = kind.contents(database, request);
    ResultsPicture picture;
    const std::string title = gnuplot_quoted(title_of(database, request));
    picture.script = common_script(contents, request);
    const std::size_t panels = contents.facets.size();
    if (panels == 1) {
        std::string heading = title;
        if (!contents.facets.front().empty())
            heading = gnuplot_quoted(title_of(database, request) + ", " + contents.facets.front());
        picture.script += key_script(contents, request) + "set title " + heading + " noenhanced\n";
        picture.script += kind.panel(contents, 0);
        return picture;
    }
    if (panels > most_facets)
        throw InputError(fmt::format("--facet {}: {} panels are too many; --where can choose (at most {})",
                                     request.facet, panels, most_facets));
    const std::size_t across = panels <= 3 ? panels : panels == 4 ? 2 : 3;
    const std::size_t down = (panels + across - 1) / across;
    picture.size = {static_cast<int>(across) * 440 + 40, static_cast<int>(down) * 360 + 50};
    picture.script += fmt::format("set multiplot layout {},{} title {} noenhanced\n", down, across, title);
    // Every panel has its key: then all are of one size.
    picture.script += contents.series.size() > 1
                          ? "set key outside bottom center horizontal Left reverse samplen 2 noenhanced\n"
                          : "unset key\n";
    for (std::size_t facet = 0; facet < panels; ++facet) {
        picture.script += "set title " + gnuplot_quoted(contents.facets[facet]) + " noenhanced\n";
        const bool is_empty =
            std::ranges::none_of(contents.marks, [facet](const PlotMark& mark) { return mark.facet == facet; });
        if (is_empty) continue;
        picture.script += kind.panel(contents, facet);
    }
    picture.script += "unset multiplot\n";
    return picture;
}

} // namespace switchyard::lab
