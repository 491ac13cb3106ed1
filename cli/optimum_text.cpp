#include "cli/optimum_text.hpp"

#include "cli/table.hpp"
#include "lab/results/text.hpp"

#include <fmt/format.h>

namespace switchyard::cli {

namespace {

// A bound that is met with less than this share of its limit to spare decides what is best.
constexpr double active_within = 0.01;

std::string bound_text(const lab::Bound& bound, lab::ValueUnit unit) {
    return fmt::format("{} {}", bound.at_most ? "<=" : ">=", lab::number_text(bound.limit, unit));
}

const char* state_of(double excess) { return excess > 0 ? "exceeded" : excess > -active_within ? "active" : "kept"; }

} // namespace

std::string optimum_text(const lab::Objective& objective, const lab::Optimum& optimum, const UnitOf& unit_of) {
    std::string text = fmt::format("{} {}: {} cells of {} points, {} within the constraints\n\n",
                                   objective.maximize ? "most" : "least", objective.metric, optimum.cells,
                                   optimum.points, optimum.feasible_cells);
    if (!optimum.is_feasible) text += "No cell keeps the constraints. The nearest:\n\n";
    Table table({{"", Align::left}, {"value"}, {"constraint"}, {"", Align::left}});
    for (std::size_t i = 0; i < optimum.parameters.size(); ++i)
        table.add({{optimum.parameters[i].name}, {lab::value_text(optimum.best->key[i], optimum.parameters[i].unit)}});
    table.add_line();
    table.add({{objective.metric},
               {lab::mean_text(optimum.best->objective, optimum.best->half_interval, unit_of(objective.metric))}});
    for (std::size_t i = 0; i < objective.bounds.size(); ++i) {
        const lab::Bound& bound = objective.bounds[i];
        const lab::ValueUnit unit = unit_of(bound.metric);
        const double excess = bound.excess(optimum.best->bounded[i]);
        table.add({{bound.metric},
                   {lab::number_text(optimum.best->bounded[i], unit)},
                   {bound_text(bound, unit)},
                   {state_of(excess), excess > 0 ? Colour::red : Colour::none}});
    }
    return text + table.text(wants_colour());
}

formats::Json optimum_json(const lab::Objective& objective, const lab::Optimum& optimum) {
    formats::Json json{{"schema_version", 1},
                       {"kind", "optimum"},
                       {"objective", objective.metric},
                       {"direction", objective.maximize ? "maximize" : "minimize"},
                       {"feasible", optimum.is_feasible},
                       {"cells", optimum.cells},
                       {"feasible_cells", optimum.feasible_cells},
                       {"points", optimum.points},
                       {"parameters", formats::Json::object()},
                       {"value", nullptr},
                       {"constraints", formats::Json::array()}};
    if (!optimum.best) return json;
    json["value"] = optimum.best->objective;
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
    return json;
}

} // namespace switchyard::cli
