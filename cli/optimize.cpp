// switchyard optimize: the best cell of a sweep under constraints.
#include "cli/command.hpp"
#include "cli/table.hpp"
#include "formats/json/document.hpp"
#include "lab/results/filter.hpp"
#include "lab/results/groups.hpp"
#include "lab/results/optimum.hpp"
#include "lab/results/text.hpp"
#include "models/errors.hpp"

#include <fmt/format.h>
#include <memory>

namespace switchyard::cli {

namespace {

struct Options {
    std::string database;
    std::string minimize;
    std::string maximize;
    std::vector<std::string> bounds;
    std::vector<std::string> where;
    bool json = false;
};

// A bound that is met with less than this share of its limit to spare decides what is best.
constexpr double active_within = 0.01;

lab::Objective objective_of(const Options& options, const lab::ResultsDatabase& database) {
    if (options.minimize.empty() == options.maximize.empty())
        throw InputError("one of --minimize METRIC and --maximize METRIC is wanted");
    lab::Objective objective;
    objective.maximize = options.minimize.empty();
    objective.metric = objective.maximize ? options.maximize : options.minimize;
    for (const std::string& text : options.bounds)
        objective.bounds.push_back(
            lab::parse_bound(text, [&](const std::string& name) { return database.column(name).unit; }));
    return objective;
}

std::string bound_text(const lab::Bound& bound, lab::ValueUnit unit) {
    return fmt::format("{} {}", bound.at_most ? "<=" : ">=", lab::number_text(bound.limit, unit));
}

const char* state_of(double excess) { return excess > 0 ? "exceeded" : excess > -active_within ? "active" : "kept"; }

void print(const lab::ResultsDatabase& database, const lab::Objective& objective, const lab::Optimum& optimum) {
    fmt::print("{} {}: {} cells of {} points, {} within the constraints\n\n", objective.maximize ? "most" : "least",
               objective.metric, optimum.cells, optimum.points, optimum.feasible_cells);
    if (!optimum.is_feasible) fmt::print("No cell keeps the constraints. The nearest:\n\n");
    Table table({{"", Align::left}, {"value"}, {"constraint"}, {"", Align::left}});
    for (std::size_t i = 0; i < optimum.parameters.size(); ++i)
        table.add({{optimum.parameters[i].name}, {lab::value_text(optimum.best->key[i], optimum.parameters[i].unit)}});
    table.add_line();
    table.add({{objective.metric},
               {lab::mean_text(optimum.best->objective, optimum.best->half_interval,
                               database.column(objective.metric).unit)}});
    for (std::size_t i = 0; i < objective.bounds.size(); ++i) {
        const lab::Bound& bound = objective.bounds[i];
        const lab::ValueUnit unit = database.column(bound.metric).unit;
        const double excess = bound.excess(optimum.best->bounded[i]);
        table.add({{bound.metric},
                   {lab::number_text(optimum.best->bounded[i], unit)},
                   {bound_text(bound, unit)},
                   {state_of(excess), excess > 0 ? Colour::red : Colour::none}});
    }
    fmt::print("{}", table.text(wants_colour()));
}

void print_json(const lab::Objective& objective, const lab::Optimum& optimum) {
    formats::Json json{{"schema_version", 1},
                       {"kind", "optimum"},
                       {"objective", objective.metric},
                       {"direction", objective.maximize ? "maximize" : "minimize"},
                       {"feasible", optimum.is_feasible},
                       {"cells", optimum.cells},
                       {"feasible_cells", optimum.feasible_cells},
                       {"points", optimum.points},
                       {"parameters", formats::Json::object()},
                       {"value", optimum.best->objective},
                       {"constraints", formats::Json::array()}};
    for (std::size_t i = 0; i < optimum.parameters.size(); ++i) {
        formats::Json& value = json["parameters"][optimum.parameters[i].name];
        if (const double* const number = std::get_if<double>(&optimum.best->key[i])) value = *number;
        if (const std::string* const word = std::get_if<std::string>(&optimum.best->key[i])) value = *word;
    }
    for (std::size_t i = 0; i < objective.bounds.size(); ++i)
        json["constraints"].push_back(
            {{"metric", objective.bounds[i].metric},
             {objective.bounds[i].at_most ? "at_most" : "at_least", objective.bounds[i].limit},
             {"value", optimum.best->bounded[i]},
             {"state", state_of(objective.bounds[i].excess(optimum.best->bounded[i]))}});
    fmt::print("{}", formats::json_text(json));
}

int run(const Options& options) {
    const lab::ResultsDatabase database(options.database);
    const lab::Objective objective = objective_of(options, database);
    lab::Condition condition;
    for (const std::string& text : options.where) condition = both(condition, parse_condition(text, database));
    const lab::Optimum optimum = best_of(database, objective, condition);
    if (!optimum.best)
        throw InputError(fmt::format("{}: no cell was computed that knows '{}'{}", options.database, objective.metric,
                                     objective.bounds.empty() ? "" : " and what is constrained"));
    options.json ? print_json(objective, optimum) : print(database, objective, optimum);
    return optimum.is_feasible ? succeeded : failed;
}

} // namespace

std::function<int()> add_optimize(CLI::App& app, std::stop_token /*stop*/) {
    auto options = std::make_shared<Options>();
    app.add_option("DB", options->database, "the database that 'switchyard sweep FILE -o DB' wrote, or is writing")
        ->required();
    app.add_option("--minimize", options->minimize, "the metric that is to be low")->type_name("METRIC");
    app.add_option("--maximize", options->maximize, "the metric that is to be high")->type_name("METRIC");
    app.add_option("--subject-to", options->bounds, "what has to be kept: --subject-to 'resident <= 1GiB'")
        ->type_name("CONSTRAINT");
    app.add_option("--where", options->where, "only these cells: --where 'model = loop'")->type_name("CONDITION");
    app.add_flag("--json", options->json, "print JSON, the stable form");
    return [options] { return run(*options); };
}

} // namespace switchyard::cli
