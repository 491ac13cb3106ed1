#include "lab/compare/comparison.hpp"

#include "models/fit/bootstrap.hpp"
#include "models/fit/statistics.hpp"
#include "native/execute/execute.hpp"
#include "native/plan/compile.hpp"

#include <algorithm>
#include <cmath>

namespace switchyard::lab {

namespace {

std::vector<std::pair<std::string, std::optional<double>>> compared_metrics(const Scenario& scenario) {
    std::vector<std::pair<std::string, std::optional<double>>> names{{"makespan", std::nullopt},
                                                                     {"overhead", std::nullopt}};
    for (const ValidationTarget& target : scenario.targets) {
        const auto known = std::ranges::find(names, target.metric, &decltype(names)::value_type::first);
        if (known == names.end())
            names.emplace_back(target.metric, target.error);
        else
            known->second = target.error;
    }
    return names;
}

std::optional<MetricComparison> compare_metric(const Comparison& comparison, const std::string& name,
                                               std::optional<double> target) {
    const auto predicted = metric(comparison.prediction.report, name);
    if (!predicted && !target) return std::nullopt;
    MetricComparison row;
    row.name = name;
    row.target = target;
    if (predicted) {
        const double value = number(*predicted);
        const auto low = metric(comparison.prediction.low, name);
        const auto high = metric(comparison.prediction.high, name);
        const double ends[] = {low ? number(*low) : value, high ? number(*high) : value, value};
        row.unit = predicted->unit;
        row.predicted = value;
        row.predicted_interval = {std::ranges::min(ends), std::ranges::max(ends)};
    }
    std::vector<double> rounds;
    for (const Report& report : comparison.native)
        if (const auto measured = metric(report, name); measured && report.outcome == Outcome::completed)
            rounds.push_back(number(*measured));
    if (rounds.empty()) return row;
    row.measured = median(rounds);
    row.measured_interval = bootstrap_median(rounds);
    return row;
}

void run_rounds(const std::vector<Scenario>& scenarios, const CostProfile& profile, const ComparisonOptions& options,
                const ComparisonProgress& progress, std::vector<Comparison>& comparisons) {
    native::ExecuteOptions execution;
    execution.cpus = options.cpus;
    execution.iteration_picoseconds = profile.iteration_picoseconds;
    execution.stop = options.stop;
    const double runs = static_cast<double>(options.rounds) * static_cast<double>(scenarios.size());
    double done = 0;
    for (std::uint32_t round = 0; round < options.rounds; ++round) {
        for (std::size_t i = 0; i < scenarios.size(); ++i, ++done) {
            if (!comparisons[i].not_native.empty()) continue;
            if (progress) progress(done / runs, "running " + scenarios[i].name);
            execution.ideal_makespan = comparisons[i].prediction.report.pure_work;
            comparisons[i].native.push_back(native::execute(scenarios[i], execution));
        }
    }
}

} // namespace

std::optional<double> MetricComparison::error() const {
    if (!measured || !predicted) return std::nullopt;
    if (*measured == 0) return *predicted == 0 ? 0.0 : std::copysign(INFINITY, *predicted);
    return (*predicted - *measured) / std::abs(*measured);
}

std::optional<bool> MetricComparison::met() const {
    if (!target) return std::nullopt;
    if (!measured || !predicted) return false;
    const double noise = (measured_interval.high - measured_interval.low) / 2;
    return std::abs(*predicted - *measured) <= *target * std::abs(*measured) + noise;
}

bool Comparison::passed() const {
    return prediction.report.outcome == Outcome::completed &&
           std::ranges::none_of(metrics, [](const MetricComparison& row) { return row.met() == false; }) &&
           std::ranges::all_of(native, [](const Report& report) { return report.outcome == Outcome::completed; });
}

double Comparison::foreign_load() const {
    double most = 0;
    for (const Report& report : native) most = std::max(most, report.foreign_load.value_or(0));
    return most;
}

std::vector<Comparison> compare(const std::vector<Scenario>& scenarios, const CostProfile& profile,
                                const ComparisonOptions& options, const ComparisonProgress& progress) {
    std::vector<Comparison> comparisons;
    for (const Scenario& scenario : scenarios) {
        Comparison& comparison = comparisons.emplace_back();
        comparison.scenario = scenario.name;
        comparison.file = scenario.file;
        if (progress) progress(0, "simulating " + scenario.name);
        comparison.prediction = predict_with_interval(scenario, profile, options.stop);
        comparison.not_native = native::why_not_native(scenario).value_or("");
    }
    run_rounds(scenarios, profile, options, progress, comparisons);
    for (std::size_t i = 0; i < scenarios.size(); ++i)
        for (const auto& [name, target] : compared_metrics(scenarios[i]))
            if (auto row = compare_metric(comparisons[i], name, target))
                comparisons[i].metrics.push_back(std::move(*row));
    return comparisons;
}

} // namespace switchyard::lab
