#include "lab/suite/validation.hpp"

#include "models/fit/statistics.hpp"
#include "models/units/text.hpp"
#include "native/measurement/foreign_load.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <numeric>

namespace switchyard::lab {

namespace {

constexpr std::array<std::string_view, 5> kinds{"count", "share", "size", "time", "distribution"};

// A rate is a count by time.
RowKind kind_of(const MetricComparison& row) {
    if (row.name == "requests.throughput") return RowKind::time;
    switch (row.unit) {
    case MetricUnit::time: return RowKind::time;
    case MetricUnit::count: return RowKind::count;
    case MetricUnit::bytes: return RowKind::size;
    case MetricUnit::share: break;
    }
    return RowKind::share;
}

ValidationRow row_of(const MetricComparison& from) {
    ValidationRow row;
    row.metric = from.name;
    row.kind = kind_of(from);
    row.unit = from.unit;
    row.predicted = from.predicted;
    if (from.predicted) row.predicted_interval = from.predicted_interval;
    row.measured = from.measured;
    if (from.measured) row.measured_interval = from.measured_interval;
    if (const auto error = from.error(); error && std::isfinite(*error)) row.error = error;
    row.target = from.target;
    row.within = from.within;
    row.spread = from.spread();
    row.rounds = from.rounds;
    row.met = from.met();
    row.too_noisy = from.is_too_noisy();
    return row;
}

ValidationRow row_of(const DistributionComparison& from) {
    ValidationRow row;
    row.metric = from.name + ".distance";
    row.kind = RowKind::distribution;
    row.unit = MetricUnit::share;
    row.error = from.distance();
    row.target = from.target;
    if (row.error) row.spread = from.by_chance();
    row.met = from.met();
    row.too_noisy = from.is_too_noisy();
    return row;
}

double total(const TimeByCategory& time, TimeCategory category) {
    return seconds(time[static_cast<std::size_t>(category)]);
}

void break_down_prediction(ValidatedScenario& scenario, const Report& report) {
    if (!report.time || report.outcome != Outcome::completed) return;
    Breakdown& all = scenario.predicted.emplace();
    for (int i = 0; i < time_categories; ++i) {
        const auto category = static_cast<TimeCategory>(i);
        const double time = total(*report.time, category);
        if (category == TimeCategory::work)
            all.work = time;
        else if (category == TimeCategory::idle)
            all.idle = time;
        else {
            all.system += time;
            if (time > 0) scenario.charged.emplace_back(name_of(category), time);
        }
    }
}

// Of the median round, so that the parts belong to one another. Nothing where children or carriers had processor time
// that is in no task's figures.
void break_down_measurement(ValidatedScenario& scenario, const std::vector<Report>& rounds) {
    std::vector<const Report*> completed;
    for (const Report& report : rounds)
        if (report.outcome == Outcome::completed && report.work) completed.push_back(&report);
    if (completed.empty()) return;
    const auto middle = completed.begin() + static_cast<std::ptrdiff_t>(completed.size() / 2);
    std::ranges::nth_element(completed, middle, {}, [](const Report* report) { return report->makespan; });
    const Report& report = **middle;
    if (report.counters.forks + report.counters.threads_created > 0) return;
    double busy = 0;
    for (const TaskReport& task : report.tasks) {
        if (is_carried(task.kind) || task.cpu.count != task.instances) return;
        busy += seconds(task.cpu.mean()) * static_cast<double>(task.cpu.count);
    }
    Breakdown& all = scenario.measured.emplace();
    all.work = seconds(*report.work);
    all.system = std::max(busy - all.work, 0.0);
    all.idle = std::max(seconds(report.makespan) * report.cores - std::max(busy, all.work), 0.0);
}

std::vector<std::string> remarks_of(const Comparison& comparison) {
    std::vector<std::string> remarks;
    if (const Report& predicted = comparison.prediction.report; predicted.outcome != Outcome::completed)
        remarks.push_back(fmt::format("simulated, it is {}: {}", name_of(predicted.outcome), predicted.diagnosis));
    if (!comparison.not_native.empty()) remarks.push_back("not run natively: " + comparison.not_native);
    if (!comparison.not_captured.empty()) remarks.push_back(comparison.not_captured);
    if (comparison.foreign_load() > native::quiet_foreign_load)
        remarks.push_back(fmt::format("other programs used {:.3g} % of the processors meanwhile: take the measured "
                                      "figures with care",
                                      100 * comparison.foreign_load()));
    for (const Report& report : comparison.native)
        if (report.outcome != Outcome::completed)
            remarks.push_back(fmt::format("a native run {}: {}", name_of(report.outcome), report.diagnosis));
    if (!comparison.native.empty())
        remarks.insert(remarks.end(), comparison.native.front().notes.begin(), comparison.native.front().notes.end());
    return remarks;
}

void count_in(Tally& tally, const ValidatedScenario& scenario, std::vector<double>& errors) {
    ++tally.scenarios;
    for (const ValidationRow& row : scenario.rows) {
        tally.too_noisy += row.too_noisy;
        if (!row.met) continue;
        ++tally.rows;
        tally.met += *row.met;
        if (!depends_on_speed(row.kind)) {
            ++tally.counts;
            tally.counts_met += *row.met;
        } else if (row.kind == RowKind::time && row.error)
            errors.push_back(std::abs(*row.error));
    }
}

} // namespace

std::string_view name_of(RowKind kind) { return kinds[static_cast<std::size_t>(kind)]; }

bool depends_on_speed(RowKind kind) { return kind == RowKind::time || kind == RowKind::distribution; }

std::string_view name_of(Basis basis) { return basis == Basis::fitted ? "fitted" : "predicted"; }

CumulativeShares cumulative_shares(const DurationHistogram& values) {
    CumulativeShares shares;
    shares.count = values.count();
    const auto all = values.values();
    std::uint64_t up_to = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto place = [&](std::uint64_t count) {
            return count * most_steps / std::max<std::uint64_t>(shares.count, 1);
        };
        const std::uint64_t before = up_to;
        up_to += all[i].second;
        // The first, the last, and whatever moves on by one of so many steps.
        if (i == 0 || i + 1 == all.size() || all.size() <= most_steps / 2 || place(up_to) > place(before))
            shares.steps.emplace_back(seconds(all[i].first),
                                      static_cast<double>(up_to) / static_cast<double>(shares.count));
    }
    return shares;
}

double Drift::largest() const {
    double most = 0;
    for (const double figure : figures)
        if (figures.front() > 0) most = std::max(most, std::abs(figure / figures.front() - 1));
    return most;
}

ValidatedScenario validated(const Comparison& comparison) {
    ValidatedScenario scenario;
    scenario.name = comparison.scenario;
    scenario.family = comparison.family;
    scenario.file = comparison.file;
    scenario.about = comparison.about;
    scenario.not_native = comparison.not_native;
    scenario.remarks = remarks_of(comparison);
    scenario.foreign_load = comparison.foreign_load();
    scenario.speed = comparison.speed;
    for (std::size_t i = 0; i < comparison.costs.size(); ++i)
        if (comparison.costs[i]) scenario.costs.emplace_back(families_of_drift()[i].name, *comparison.costs[i]);
    scenario.passed = comparison.passed() && comparison.not_native.empty();
    for (const MetricComparison& row : comparison.metrics) scenario.rows.push_back(row_of(row));
    for (const DistributionComparison& row : comparison.distributions) {
        if (row.target || row.distance()) scenario.rows.push_back(row_of(row));
        scenario.distributions.push_back({row.name, cumulative_shares(row.predicted), cumulative_shares(row.measured)});
    }
    break_down_prediction(scenario, comparison.prediction.report);
    break_down_measurement(scenario, comparison.native);
    return scenario;
}

bool ValidationSummary::holds() const {
    return not_run == 0 && all.rows > 0 && all.counts_met == all.counts &&
           static_cast<double>(all.met) >= share_to_meet * static_cast<double>(all.rows) &&
           static_cast<double>(all.too_noisy) <= most_too_noisy * static_cast<double>(all.rows + all.too_noisy);
}

ValidationSummary summarize(const Validation& validation) {
    ValidationSummary summary;
    std::vector<std::vector<double>> errors;
    std::vector<double> all_errors;
    for (const ValidatedScenario& scenario : validation.scenarios) {
        auto family = std::ranges::find(summary.families, scenario.family, &Tally::name);
        if (family == summary.families.end()) {
            family = summary.families.insert(family, Tally{});
            family->name = scenario.family;
            errors.emplace_back();
        }
        count_in(*family, scenario, errors[static_cast<std::size_t>(family - summary.families.begin())]);
        count_in(summary.all, scenario, all_errors);
        const bool missed_a_row =
            std::ranges::any_of(scenario.rows, [](const ValidationRow& row) { return row.met == false; });
        summary.not_run += !scenario.passed && !missed_a_row;
    }
    for (std::size_t i = 0; i < errors.size(); ++i)
        if (!errors[i].empty()) summary.families[i].median_error = median(errors[i]);
    if (!all_errors.empty()) summary.all.median_error = median(all_errors);
    return summary;
}

std::vector<CostSpan> spans_of_costs(const Validation& validation) {
    std::vector<std::pair<std::string, std::vector<double>>> families;
    for (const ValidatedScenario& scenario : validation.scenarios)
        for (const auto& [name, ratio] : scenario.costs) {
            auto family = std::ranges::find(families, name, &std::pair<std::string, std::vector<double>>::first);
            if (family == families.end()) family = families.insert(family, {name, {}});
            family->second.push_back(ratio);
        }
    std::vector<CostSpan> spans;
    for (const auto& [name, ratios] : families)
        spans.push_back({name, std::ranges::min(ratios), median(ratios), std::ranges::max(ratios)});
    return spans;
}

bool all_met(const Validation& validation) {
    return std::ranges::all_of(validation.scenarios, [](const ValidatedScenario& one) { return one.passed; });
}

std::string wrong_category(const ValidatedScenario& scenario) {
    if (!scenario.predicted || !scenario.measured) return {};
    struct Part {
        std::string_view name;
        double predicted;
        double measured;
        [[nodiscard]] double apart() const { return std::abs(predicted - measured); }
    };
    const std::array parts{Part{"work", scenario.predicted->work, scenario.measured->work},
                           Part{"system", scenario.predicted->system, scenario.measured->system},
                           Part{"idle", scenario.predicted->idle, scenario.measured->idle}};
    const Part& worst = *std::ranges::max_element(parts, {}, &Part::apart);
    return fmt::format("{}: {} predicted, {} measured", worst.name, rounded_text(from_seconds(worst.predicted)),
                       rounded_text(from_seconds(worst.measured)));
}

} // namespace switchyard::lab
