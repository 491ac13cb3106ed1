#include "lab/results/sensitivity.hpp"

#include "lab/plot/axis.hpp"
#include "lab/results/groups.hpp"
#include "models/errors.hpp"
#include "models/fit/bootstrap.hpp"
#include "models/fit/confidence.hpp"
#include "models/fit/sensitivity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>

namespace switchyard::lab {

namespace {

using Key = std::vector<ResultValue>;

struct CellsOfMetric {
    std::vector<ResultColumn> parameters;         // that vary
    std::vector<std::vector<ResultValue>> values; // of each, in order
    std::vector<Key> keys;
    std::vector<Samples> samples;
    std::vector<double> means;
};

CellsOfMetric read_cells(const ResultsDatabase& database, const std::string& metric, const Condition& condition) {
    CellsOfMetric cells;
    GroupQuery query{{}, {metric}, condition};
    for (const ResultColumn& parameter : database.columns(ColumnRole::parameter)) {
        std::vector<ResultValue> values = database.values_of(parameter.name, both(only_done(), condition));
        if (values.size() < 2) continue;
        query.by.push_back(parameter.name);
        cells.parameters.push_back(parameter);
        cells.values.push_back(std::move(values));
    }
    if (cells.parameters.empty())
        throw InputError(fmt::format("{}: no parameter varies, so nothing depends on one", database.path()));
    for_each_group(database, query, [&](const ResultGroup& group) {
        if (group.metrics.front().values.empty()) return;
        cells.keys.push_back(group.keys);
        cells.samples.push_back(group.metrics.front());
        cells.means.push_back(*group.metrics.front().mean());
    });
    return cells;
}

// Fewer where each takes longer; never so few that an interval means nothing.
BootstrapOptions options_for(std::size_t rows) {
    BootstrapOptions options;
    options.resamples = std::clamp<std::size_t>(20'000'000 / std::max<std::size_t>(rows, 1), 100, 1000);
    return options;
}

void put_intervals(Sensitivity& result, const std::vector<Interval>& intervals) {
    const std::size_t count = result.parameters.size();
    for (std::size_t i = 0; i < count; ++i) {
        result.parameters[i].first_interval = intervals[i];
        if (intervals.size() > count) result.parameters[i].total_interval = intervals[count + i];
    }
}

void put(Sensitivity& result, const CellsOfMetric& cells, const SensitivityIndices& indices) {
    for (std::size_t i = 0; i < cells.parameters.size(); ++i)
        result.parameters.push_back(
            {cells.parameters[i].name, indices.first[i], indices.total[i], std::nullopt, std::nullopt, false});
}

std::vector<double> together(SensitivityIndices indices) {
    indices.first.insert(indices.first.end(), indices.total.begin(), indices.total.end());
    return std::move(indices.first);
}

bool is_factorial(const CellsOfMetric& cells) {
    std::size_t combinations = 1;
    for (const auto& values : cells.values) {
        combinations *= values.size();
        if (combinations > cells.keys.size()) return false;
    }
    return combinations == cells.keys.size();
}

void by_factorial(Sensitivity& result, const CellsOfMetric& cells) {
    // Cells come sorted by their values, the last parameter fastest: as it is wanted.
    std::vector<std::size_t> levels;
    for (const auto& values : cells.values) levels.push_back(values.size());
    put(result, cells, factorial_indices(levels, cells.means));
    std::size_t replications = cells.samples.front().values.size();
    for (const Samples& samples : cells.samples) replications = std::min(replications, samples.values.size());
    if (replications < 2) return;
    put_intervals(result, bootstrap_over_rounds(
                              replications,
                              [&](std::span<const std::size_t> drawn) {
                                  std::vector<double> means;
                                  for (const Samples& samples : cells.samples) {
                                      double sum = 0;
                                      for (const std::size_t round : drawn) sum += samples.values[round];
                                      means.push_back(sum / static_cast<double>(drawn.size()));
                                  }
                                  return together(factorial_indices(levels, means));
                              },
                              options_for(cells.keys.size() * replications)));
}

struct Pairs {
    std::vector<double> a, b;
    std::vector<std::vector<double>> ab;
};

// The pairs among the cells, if that is what they are: of each row of A, for every parameter exactly one cell that
// differs in it alone (AB), and the cell that has all these values (B).
std::optional<Pairs> find_pairs(const CellsOfMetric& cells) {
    const std::size_t count = cells.parameters.size();
    if (count < 2 || cells.keys.size() % (count + 2) != 0) return std::nullopt;
    std::map<Key, std::size_t> at;
    for (std::size_t i = 0; i < cells.keys.size(); ++i) at.emplace(cells.keys[i], i);
    // Which cells agree in all parameters but one.
    std::vector<std::map<Key, std::vector<std::size_t>>> neighbours(count);
    const auto without = [](Key key, std::size_t parameter) {
        key[parameter] = {};
        return key;
    };
    for (std::size_t i = 0; i < cells.keys.size(); ++i)
        for (std::size_t p = 0; p < count; ++p) neighbours[p][without(cells.keys[i], p)].push_back(i);
    Pairs pairs;
    pairs.ab.resize(count);
    std::vector<bool> used(cells.keys.size());
    for (std::size_t i = 0; i < cells.keys.size(); ++i) {
        if (used[i]) continue;
        std::vector<std::size_t> mixed;
        Key second(count);
        for (std::size_t p = 0; p < count; ++p) {
            const std::vector<std::size_t>& near = neighbours[p].at(without(cells.keys[i], p));
            if (near.size() != 2) break;
            mixed.push_back(near[0] == i ? near[1] : near[0]);
            second[p] = cells.keys[mixed.back()][p];
        }
        const auto b = at.find(second);
        if (mixed.size() != count || b == at.end()) continue; // it is no row of A
        mixed.push_back(b->second);
        if (std::ranges::any_of(mixed, [&](std::size_t cell) { return used[cell]; })) return std::nullopt;
        used[i] = true;
        for (const std::size_t cell : mixed) used[cell] = true;
        pairs.a.push_back(cells.means[i]);
        pairs.b.push_back(cells.means[b->second]);
        for (std::size_t p = 0; p < count; ++p) pairs.ab[p].push_back(cells.means[mixed[p]]);
    }
    if (std::ranges::find(used, false) != used.end()) return std::nullopt;
    return pairs;
}

void by_pairs(Sensitivity& result, const CellsOfMetric& cells, const Pairs& pairs) {
    put(result, cells, sobol_indices(pairs.a, pairs.b, pairs.ab));
    put_intervals(result, bootstrap_over_rounds(
                              pairs.a.size(),
                              [&](std::span<const std::size_t> drawn) {
                                  return together(sobol_indices(pairs.a, pairs.b, pairs.ab, drawn));
                              },
                              options_for(cells.keys.size())));
}

void by_regression(Sensitivity& result, const CellsOfMetric& cells) {
    std::vector<std::vector<double>> inputs;
    for (std::size_t p = 0; p < cells.parameters.size(); ++p) {
        std::vector<double> numbers;
        for (const ResultValue& value : cells.values[p]) {
            if (const double* const number = std::get_if<double>(&value)) {
                numbers.push_back(*number);
                continue;
            }
            throw InputError(fmt::format("not every combination of values was computed, and '{0}' has words, which no "
                                         "regression can take: choose one of them (--where '{0} = {1}')",
                                         cells.parameters[p].name, std::get<std::string>(value)));
        }
        const bool by_logarithm = is_spaced_logarithmically(numbers);
        std::vector<double> input;
        for (const Key& key : cells.keys) {
            const double number = std::get<double>(key[p]);
            input.push_back(by_logarithm ? std::log(number) : number);
        }
        inputs.push_back(std::move(input));
        result.parameters.push_back(
            {cells.parameters[p].name, 0, std::nullopt, std::nullopt, std::nullopt, by_logarithm});
    }
    if (cells.keys.size() < 2 * inputs.size() + 2)
        throw InputError(
            fmt::format("{} cells are too few for a regression over {} parameters", cells.keys.size(), inputs.size()));
    const StandardisedRegression regression = standardised_regression(inputs, cells.means);
    for (std::size_t p = 0; p < inputs.size(); ++p) result.parameters[p].first = regression.coefficients[p];
    result.explained = regression.explained;
    put_intervals(result, bootstrap_over_rounds(
                              cells.keys.size(),
                              [&](std::span<const std::size_t> drawn) {
                                  return standardised_regression(inputs, cells.means, drawn).coefficients;
                              },
                              options_for(cells.keys.size() * inputs.size() * inputs.size())));
}

} // namespace

std::string_view about(SensitivityMethod method) {
    constexpr std::array<std::string_view, 3> texts{
        "analysis of variance over every combination of values",
        "Sobol' indices of samples in pairs (Saltelli and others 2010, Jansen 1999)",
        "standardised regression coefficients"};
    return texts[static_cast<std::size_t>(method)];
}

Sensitivity sensitivity_of(const ResultsDatabase& database, const std::string& metric, const Condition& condition) {
    if (database.column(metric).role != ColumnRole::metric)
        throw InputError(fmt::format("{}: '{}' is no metric; there are: {}", database.path(), metric,
                                     fmt::join(database.names(ColumnRole::metric), ", ")));
    const CellsOfMetric cells = read_cells(database, metric, condition);
    if (cells.keys.empty()) throw InputError(fmt::format("{}: no cell has a '{}' yet", database.path(), metric));
    Sensitivity result;
    result.metric = metric;
    result.cells = cells.keys.size();
    if (is_factorial(cells)) {
        by_factorial(result, cells);
    } else if (const auto pairs = find_pairs(cells)) {
        result.method = SensitivityMethod::sobol;
        by_pairs(result, cells, *pairs);
    } else {
        result.method = SensitivityMethod::regression;
        by_regression(result, cells);
    }
    return result;
}

} // namespace switchyard::lab
