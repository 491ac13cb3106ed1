#include "lab/results/optimum.hpp"

#include "lab/results/filter.hpp"
#include "lab/results/groups.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace switchyard::lab {

namespace {

std::string trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

// Where METRIC ends and <= or >= begins.
std::size_t comparison_in(std::string_view text) {
    const std::size_t at = text.find_first_of("<>");
    if (at == std::string_view::npos || at + 1 >= text.size() || text[at + 1] != '=')
        throw InputError(fmt::format(
            "constraint '{}': METRIC <= VALUE or METRIC >= VALUE is wanted: memory.resident <= 1GiB", text));
    return at;
}

} // namespace

double Bound::excess(double value) const {
    const double beyond = at_most ? value - limit : limit - value;
    return beyond / (limit == 0 ? 1 : std::abs(limit));
}

std::string metric_of_bound(std::string_view text) { return trimmed(text.substr(0, comparison_in(text))); }

Bound parse_bound(std::string_view text, const std::function<ValueUnit(const std::string&)>& unit_of) {
    const std::size_t at = comparison_in(text);
    Bound bound;
    bound.metric = metric_of_bound(text);
    bound.at_most = text[at] == '<';
    const ValueUnit unit = unit_of(bound.metric);
    try {
        bound.limit = parse_value(trimmed(text.substr(at + 2)), unit);
    } catch (const InputError& error) {
        throw InputError(fmt::format("constraint '{}': {}", text, error.message()));
    }
    return bound;
}

bool is_better(const CellFigures& first, const CellFigures& second, const Objective& objective) {
    const bool first_keeps = first.excess <= 0, second_keeps = second.excess <= 0;
    if (first_keeps != second_keeps) return first_keeps;
    if (!first_keeps && first.excess != second.excess) return first.excess < second.excess;
    if (first.objective != second.objective) return (first.objective < second.objective) != objective.maximize;
    return first.key < second.key;
}

Optimum best_of(const ResultsDatabase& database, const Objective& objective, const Condition& condition) {
    const auto require_metric = [&](const std::string& name) {
        if (database.column(name).role != ColumnRole::metric)
            throw InputError(fmt::format("'{}' is no metric; there are: {} (--where chooses among parameters)", name,
                                         fmt::join(database.names(ColumnRole::metric), ", ")));
    };
    require_metric(objective.metric);
    GroupQuery query{database.names(ColumnRole::parameter), {objective.metric}, condition};
    for (const Bound& bound : objective.bounds) {
        require_metric(bound.metric);
        query.metrics.push_back(bound.metric);
    }
    const double confidence = confidence_of(database);
    Optimum optimum;
    optimum.parameters = database.columns(ColumnRole::parameter);
    for_each_group(database, query, [&](const ResultGroup& group) {
        const bool is_known =
            std::ranges::none_of(group.metrics, [](const Samples& one) { return one.values.empty(); });
        if (!is_known) return;
        CellFigures cell;
        cell.key = group.keys;
        cell.objective = *group.metrics.front().mean();
        cell.half_interval = group.metrics.front().half_interval(confidence);
        for (std::size_t i = 0; i < objective.bounds.size(); ++i) {
            cell.bounded.push_back(*group.metrics[i + 1].mean());
            cell.excess = std::max(cell.excess, objective.bounds[i].excess(cell.bounded.back()));
        }
        ++optimum.cells;
        optimum.points += group.points;
        if (cell.excess <= 0) ++optimum.feasible_cells;
        if (!optimum.best || is_better(cell, *optimum.best, objective)) optimum.best = std::move(cell);
    });
    optimum.is_feasible = optimum.feasible_cells > 0;
    return optimum;
}

} // namespace switchyard::lab
