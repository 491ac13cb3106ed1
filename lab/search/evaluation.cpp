#include "lab/search/evaluation.hpp"

#include "lab/sweep/planned_work.hpp"
#include "models/fit/confidence.hpp"
#include "models/sweep/replication.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <stdexcept>
#include <utility>

namespace switchyard::lab {

namespace {

std::size_t metric_named(const Sweep& sweep, const std::string& name) {
    const auto found = std::ranges::find(sweep.metrics, name, &SweepMetric::name);
    if (found == sweep.metrics.end()) throw std::logic_error("no metric of the sweep: " + name);
    return static_cast<std::size_t>(found - sweep.metrics.begin());
}

ResultValue key_value(const CellValue& value) {
    if (value.number) return *value.number;
    return value.text;
}

} // namespace

CellEvaluator::CellEvaluator(const SweepPlan& plan, std::string tool, const Objective& objective, ResultSink& sink,
                             SweepEngine& engine, EngineOptions options)
    : plan_(plan),
      tool_(std::move(tool)),
      objective_(objective),
      sink_(sink),
      engine_(engine),
      options_(std::move(options)),
      confidence_(plan.sweep().replications.until ? plan.sweep().replications.until->confidence : 0.95) {
    metrics_.push_back(metric_named(plan.sweep(), objective.metric));
    for (const Bound& bound : objective.bounds) metrics_.push_back(metric_named(plan.sweep(), bound.metric));
}

std::string CellEvaluator::key_of(const CellPosition& position) const {
    std::string key;
    for (const CellValue& value : plan_.with_cells({position}).values_of(0)) key += value.text + '\n';
    return key;
}

bool CellEvaluator::has(const CellPosition& position) const { return by_values_.contains(key_of(position)); }

std::optional<Evaluation> CellEvaluator::read(PointComputer& computer, const SweepPlan& plan, std::uint64_t cell) {
    const Replications& replications = plan.sweep().replications;
    std::vector<std::vector<double>> values(metrics_.size());
    std::vector<double> of_rule;
    Evaluation evaluation;
    std::uint32_t points = 0;
    for (; points < replications.at_most; ++points) {
        if (replications.until && points >= replications.at_least && is_enough(replications, of_rule)) break;
        const std::optional<PointRow> row = sink_.find(computer.resolve({cell, points}).identity);
        if (!row) return std::nullopt;
        if (plan.stopping_metric()) of_rule.push_back(row->values[*plan.stopping_metric()]);
        if (row->status != PointStatus::done && evaluation.reason.empty()) evaluation.reason = row->reason;
        for (std::size_t i = 0; i < metrics_.size(); ++i) {
            values[i].push_back(row->values[metrics_[i]]);
            if (evaluation.reason.empty() && !std::isfinite(values[i].back()))
                evaluation.reason =
                    fmt::format("its report does not know '{}'", plan.sweep().metrics[metrics_[i]].name);
        }
    }
    counts_.points += points;
    CellFigures& figures = evaluation.figures;
    for (const CellValue& value : plan.values_of(cell)) figures.key.push_back(key_value(value));
    if (!evaluation.reason.empty()) return evaluation;
    figures.objective = mean_and_deviation(values[0]).mean;
    figures.half_interval = half_interval_of_mean(values[0], confidence_);
    for (std::size_t i = 0; i < objective_.bounds.size(); ++i) {
        figures.bounded.push_back(mean_and_deviation(values[i + 1]).mean);
        figures.excess = std::max(figures.excess, objective_.bounds[i].excess(figures.bounded.back()));
    }
    return evaluation;
}

void CellEvaluator::add(std::string key, Evaluation evaluation) {
    constexpr std::size_t most_failures = 3;
    if (!evaluation.reason.empty()) {
        ++counts_.failed;
        if (first_failures_.size() < most_failures &&
            std::ranges::find(first_failures_, evaluation.reason) == first_failures_.end())
            first_failures_.push_back(evaluation.reason);
    }
    by_values_.emplace(std::move(key), all_.size());
    all_.push_back(std::move(evaluation));
}

const Evaluation& CellEvaluator::evaluate(const CellPosition& position) {
    evaluate(std::span(&position, 1));
    return all_[by_values_.at(key_of(position))];
}

void CellEvaluator::evaluate(std::span<const CellPosition> positions) {
    std::vector<CellPosition> cells;
    std::vector<std::string> keys;
    std::set<std::string> asked;
    for (const CellPosition& position : positions) {
        std::string key = key_of(position);
        if (by_values_.contains(key) || !asked.insert(key).second) continue;
        cells.push_back(position);
        keys.push_back(std::move(key));
    }
    if (cells.empty()) return;
    if (options_.stop.stop_requested()) throw SearchStopped();
    const SweepPlan all = plan_.with_cells(cells);
    PointComputer computer(all);
    std::vector<std::optional<Evaluation>> evaluations(cells.size());
    std::vector<CellPosition> missing;
    std::vector<std::size_t> missing_at;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        evaluations[i] = read(computer, all, i);
        if (evaluations[i]) continue;
        missing.push_back(cells[i]);
        missing_at.push_back(i);
    }
    counts_.found += cells.size() - missing.size();
    if (!missing.empty()) {
        const PlannedWork work(plan_.with_cells(std::move(missing)), tool_);
        const Schedule schedule(work.cells(), work.replications());
        static_cast<void>(engine_.run(work, schedule, sink_, options_));
        if (options_.stop.stop_requested()) throw SearchStopped();
        for (const std::size_t i : missing_at) {
            evaluations[i] = read(computer, all, i);
            if (!evaluations[i]) throw std::logic_error("a point that was computed is not there");
        }
        counts_.computed += missing_at.size();
    }
    for (std::size_t i = 0; i < cells.size(); ++i) add(std::move(keys[i]), std::move(*evaluations[i]));
}

} // namespace switchyard::lab
