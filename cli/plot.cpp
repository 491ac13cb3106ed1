// switchyard plot: pictures of what a sweep found.
#include "cli/command.hpp"
#include "lab/plot/results_plot.hpp"
#include "lab/results/filter.hpp"
#include "models/errors.hpp"

#include <fmt/format.h>
#include <memory>

namespace switchyard::cli {

namespace {

struct Options {
    std::string database;
    std::string output;
    std::string kind = "lines";
    std::vector<std::string> where;
    bool script = false;
    lab::PlotRequest request;
};

int run(Options options) {
    const lab::ResultsDatabase database(options.database);
    if (options.output.empty() && !options.script)
        throw InputError("-o says where the picture goes: -o picture.svg, or .png");
    if (!options.output.empty()) static_cast<void>(lab::gnuplot_terminal(options.output));
    options.request.kind = lab::parse_plot_kind(options.kind);
    for (const std::string& text : options.where)
        options.request.condition = both(options.request.condition, parse_condition(text, database));
    const lab::ResultsPicture picture = results_picture(database, options.request);
    if (options.script) fmt::print("{}", picture.script);
    if (!options.output.empty()) lab::draw(picture.script, options.output, picture.size);
    return succeeded;
}

} // namespace

std::function<int()> add_plot(CLI::App& app, std::stop_token /*stop*/) {
    auto options = std::make_shared<Options>();
    const auto columns = [&app](const char* name, std::vector<std::string>& into, const char* about) {
        app.add_option(name, into, about)->delimiter(',')->type_name("COLUMNS");
    };
    app.add_option("DB", options->database, "the database that 'switchyard sweep FILE -o DB' wrote, or is writing")
        ->required();
    app.add_option("--x", options->request.x, "what is along the bottom")->required()->type_name("COLUMN");
    app.add_option("--y", options->request.y, "what is up the side")->required()->type_name("COLUMN");
    columns("--by", options->request.by, "a line or colour for each of these parameters' values");
    app.add_option("--colour,--color", options->request.colour, "the metric that colours are (heat, scatter)")
        ->type_name("COLUMN");
    app.add_option("--facet", options->request.facet, "a panel for each of this parameter's values")
        ->type_name("COLUMN");
    app.add_option("--kind", options->kind, "lines, heat, scatter, box or pareto")->capture_default_str();
    app.add_option("--where", options->where, "only these points: --where 'slice >= 1ms and model = loop'")
        ->type_name("CONDITION");
    app.add_option("--log", options->request.logarithmic, "logarithmic axes: x, y, colour")->delimiter(',');
    app.add_option("--linear", options->request.linear, "linear axes, where logarithmic ones would be chosen")
        ->delimiter(',');
    columns("--maximize", options->request.maximize, "of a Pareto front: metrics of which more is better");
    app.add_option("--title", options->request.title, "above the picture, for what is made up otherwise");
    app.add_option("-o,--output", options->output, "the picture: a file that ends in .svg or .png")->type_name("FILE");
    app.add_flag("--script", options->script, "print what gnuplot is told");
    return [options] { return run(*options); };
}

} // namespace switchyard::cli
