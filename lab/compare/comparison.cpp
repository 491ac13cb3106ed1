#include "lab/compare/comparison.hpp"

#include "lab/compare/phases.hpp"
#include "models/fit/bootstrap.hpp"
#include "models/fit/statistics.hpp"
#include "native/execute/execute.hpp"
#include "native/machine/kernel_parameters.hpp"
#include "native/machine/machine.hpp"
#include "native/plan/compile.hpp"
#include "sim/sched/registry.hpp"

#include <algorithm>
#include <cmath>

namespace switchyard::lab {

namespace {

// What a row is about before anything has been measured.
struct Wanted {
    std::string name;
    std::optional<double> target;
    std::optional<double> within;
};

bool is_distance(std::string_view name) { return name.ends_with(".distance"); }

std::vector<std::string> names_of(const std::vector<TaskTemplate>& tasks) {
    std::vector<std::string> names;
    for (const TaskTemplate& task : tasks)
        if (!is_carried(task.kind)) names.push_back(task.name);
    return names;
}

// Figures of scheduling worth a row without a target: of tasks that compete, wait, or have jobs.
std::vector<std::string> scheduling_figures(const Scenario& scenario, const std::vector<Report>& phases,
                                            bool has_waiting) {
    std::vector<std::string> names;
    if (phases.empty()) return names;
    if (scenario.machine.cores > 1) names.emplace_back("migrations");
    for (const std::string& task : names_of(scenario.tasks)) {
        const auto row = std::ranges::find(phases.front().tasks, task, &TaskReport::name);
        if (row == phases.front().tasks.end()) continue;
        const auto add = [&](std::initializer_list<const char*> figures) {
            for (const char* figure : figures) names.push_back("task." + task + "." + figure);
        };
        if (row->window_cpu && scenario.tasks.size() > 1) add({"window_share"});
        if (has_waiting) add({"waiting"});
        if (row->involuntary_switches.value_or(0) > 0) add({"involuntary_switches", "run_length.p50"});
        if (!row->wake_up_latency.empty()) add({"wake_up_latency.p50", "wake_up_latency.p99"});
        if (row->jobs.released > 0) add({"jobs.missed", "jobs.response.p50", "jobs.response.p99"});
    }
    return names;
}

std::vector<Wanted> compared_metrics(const Scenario& scenario, const std::vector<Report>& phases, bool has_waiting) {
    std::vector<Wanted> all{{"makespan", {}, {}}, {"overhead", {}, {}}};
    if (!phases.empty() && phases.front().requests)
        for (const char* figure :
             {"requests.throughput", "requests.latency.mean", "requests.latency.p50", "requests.latency.p99"})
            all.push_back({figure, {}, {}});
    for (const std::string& name : scheduling_figures(scenario, phases, has_waiting)) all.push_back({name, {}, {}});
    const std::vector<std::string> tasks = [&] {
        std::vector<std::string> names;
        for (const TaskTemplate& task : scenario.tasks) names.push_back(task.name);
        return names;
    }();
    for (const ValidationTarget& target : scenario.targets) {
        if (is_distance(target.metric)) continue;
        auto known = std::ranges::find(all, target.metric, &Wanted::name);
        if (known == all.end()) known = all.insert(known, {target.metric, {}, {}});
        if (target.within.empty())
            known->target = target.error;
        else
            known->within =
                number(parse_metric(unit_of_metric(target.metric, tasks, observation_names(scenario)), target.within));
    }
    return all;
}

std::vector<double> figures_of(const std::vector<Report>& reports, const std::string& name) {
    std::vector<double> figures;
    for (const Report& report : reports)
        if (const auto value = metric(report, name); value && report.outcome == Outcome::completed)
            figures.push_back(number(*value));
    return figures;
}

// How often the run's tasks were preempted by each other: kernel threads that took the processor for a moment are in
// the kernel's own count, and in no prediction.
std::vector<double> preemptions_by_each_other(const std::vector<Report>& captured) {
    std::vector<double> figures;
    for (const Report& report : captured)
        if (report.foreign_preemptions && report.outcome == Outcome::completed)
            figures.push_back(static_cast<double>(report.counters.involuntary_switches) -
                              static_cast<double>(*report.foreign_preemptions));
    return figures;
}

// What an observation of memory saw: the kernel's own integers, without noise.
bool is_observed(const std::string& name) { return name.starts_with("memory.") && name.find('.') != name.rfind('.'); }

// The smallest difference there can be: a switch more or less; a tick of the time that is shared; what the clock of the
// kernel's events tells apart.
double grain_of(const std::string& name, MetricUnit unit, const std::vector<Report>& measured, Duration tick) {
    if (is_observed(name)) return 0;
    if (unit == MetricUnit::count) return 1;
    if (name.find(".wake_up_latency.") != std::string::npos || name.find(".run_length.") != std::string::npos)
        return seconds(resolution_of_events);
    if (unit != MetricUnit::share || measured.empty()) return 0;
    Duration whole{};
    for (const TaskReport& task : measured.front().tasks)
        whole += name.ends_with("window_share") ? task.window_cpu.value_or(Duration{})
                                                : task.cpu.mean() * static_cast<std::int64_t>(task.cpu.count);
    return whole > Duration{} ? std::min(seconds(tick) / seconds(whole), 1.0) : 0;
}

void predict_metric(MetricComparison& row, const Comparison& comparison) {
    // What a scheduler does with a task depends on the phase; the whole does not, or is not worth as many simulations.
    const bool is_of_phases = row.name.starts_with("task.") || row.unit == MetricUnit::count;
    std::vector<double> ends;
    if (is_of_phases) ends = figures_of(comparison.phases, row.name);
    if (!ends.empty()) row.predicted = median(ends);
    for (const Report* report :
         {&comparison.prediction.report, &comparison.prediction.low, &comparison.prediction.high})
        if (const auto value = metric(*report, row.name)) {
            ends.push_back(number(*value));
            if (!row.predicted) row.predicted = number(*value);
        }
    if (!ends.empty()) row.predicted_interval = {std::ranges::min(ends), std::ranges::max(ends)};
}

std::optional<MetricComparison> compare_metric(const Comparison& comparison, const Wanted& wanted, MetricUnit unit,
                                               Duration tick) {
    MetricComparison row;
    row.name = wanted.name;
    row.unit = unit;
    row.target = wanted.target;
    row.within = wanted.within;
    predict_metric(row, comparison);
    if (!row.predicted && !row.target && !row.within) return std::nullopt;
    const std::vector<Report>* source = &comparison.native;
    std::vector<double> rounds;
    if (row.name == "involuntary_switches") rounds = preemptions_by_each_other(comparison.captured);
    if (rounds.empty()) rounds = figures_of(*source, row.name);
    if (rounds.empty()) rounds = figures_of(*(source = &comparison.captured), row.name);
    row.grain = grain_of(row.name, unit, *source, tick);
    if (rounds.empty()) return row;
    row.measured = median(rounds);
    row.measured_interval = bootstrap_median(rounds);
    // Here every round counts, and one that differs is no noise.
    if (is_observed(row.name)) {
        const double predicted = row.predicted.value_or(*row.measured);
        row.measured = *std::ranges::max_element(rounds, {}, [&](double round) { return std::abs(round - predicted); });
        row.measured_interval = {*row.measured, *row.measured};
    }
    return row;
}

bool has_captured(const Report& report) {
    return std::ranges::any_of(report.tasks, [](const TaskReport& task) { return !task.run_length.empty(); });
}

bool has_counted(const Report& report) {
    return std::ranges::any_of(report.tasks, [](const TaskReport& task) { return task.waiting.count > 0; });
}

void run_captured(const Scenario& scenario, native::ExecuteOptions execution, Comparison& comparison) {
    if (!comparison.not_captured.empty() && comparison.captured.empty()) return;
    execution.capture = true;
    Report report = native::execute(scenario, execution);
    if (report.outcome == Outcome::completed && !has_captured(report)) {
        comparison.not_captured = report.notes.empty() ? "no thread of it was seen" : report.notes.back();
        if (!has_counted(report)) return;
    }
    comparison.captured.push_back(std::move(report));
}

void run_rounds(const std::vector<Scenario>& scenarios, const CostProfile& profile, const ComparisonOptions& options,
                const ComparisonProgress& progress, std::vector<Comparison>& comparisons) {
    native::ExecuteOptions execution;
    execution.cpus = options.cpus;
    execution.iteration_picoseconds = profile.iteration_picoseconds;
    execution.stop = options.stop;
    execution.events = options.events;
    const double runs = static_cast<double>(options.rounds) * static_cast<double>(scenarios.size());
    double done = 0;
    for (std::uint32_t round = 0; round < options.rounds; ++round) {
        for (std::size_t i = 0; i < scenarios.size(); ++i, ++done) {
            if (!comparisons[i].not_native.empty()) continue;
            if (progress) progress(done / runs, "running " + scenarios[i].name);
            const std::vector<Duration> phases =
                random_phases(scenarios[i], tick_of(scenarios[i], profile), options.rounds);
            execution.start_delay = std::chrono::duration_cast<std::chrono::nanoseconds>(phases[round]);
            execution.ideal_makespan = comparisons[i].prediction.report.pure_work;
            comparisons[i].native.push_back(native::execute(scenarios[i], execution));
            if (options.capture) run_captured(scenarios[i], execution, comparisons[i]);
        }
    }
}

void compare_all(const Scenario& scenario, const CostProfile& profile, Comparison& comparison) {
    std::vector<std::string> tasks;
    for (const TaskTemplate& task : scenario.tasks) tasks.push_back(task.name);
    const std::vector<std::string> observations = observation_names(scenario);
    const bool has_waiting = std::ranges::any_of(comparison.captured, has_counted);
    for (const Wanted& wanted : compared_metrics(scenario, comparison.phases, has_waiting))
        if (auto row = compare_metric(comparison, wanted, unit_of_metric(wanted.name, tasks, observations),
                                      tick_of(scenario, profile)))
            comparison.metrics.push_back(std::move(*row));
    comparison.distributions = compare_distributions(comparison.phases, comparison.captured, names_of(scenario.tasks));
    for (const ValidationTarget& target : scenario.targets) {
        if (!is_distance(target.metric)) continue;
        const std::string name = target.metric.substr(0, target.metric.rfind('.'));
        auto row = std::ranges::find(comparison.distributions, name, &DistributionComparison::name);
        if (row == comparison.distributions.end())
            row = comparison.distributions.insert(row, {name, {}, {}, 0, false, {}}); // known to neither: missed
        row->target = target.error;
    }
}

} // namespace

std::optional<double> MetricComparison::error() const {
    if (!measured || !predicted) return std::nullopt;
    if (*measured == 0) return *predicted == 0 ? 0.0 : std::copysign(INFINITY, *predicted);
    return (*predicted - *measured) / std::abs(*measured);
}

std::optional<bool> MetricComparison::met() const {
    if (!target && !within) return std::nullopt;
    if (!measured || !predicted) return false;
    const double noise = (measured_interval.high - measured_interval.low) / 2;
    const double allowed = within ? *within : *target * std::abs(*measured);
    return std::abs(*predicted - *measured) <= std::max(allowed, grain) + noise;
}

// A run that is predicted to deadlock, and does, is predicted well.
bool Comparison::passed() const {
    const auto ends_as_predicted = [&](const Report& report) { return report.outcome == prediction.report.outcome; };
    return prediction.report.outcome <= Outcome::deadlocked &&
           std::ranges::none_of(metrics, [](const MetricComparison& row) { return row.met() == false; }) &&
           std::ranges::none_of(distributions, [](const DistributionComparison& row) { return row.met() == false; }) &&
           std::ranges::all_of(captured, ends_as_predicted) && std::ranges::all_of(native, ends_as_predicted);
}

double Comparison::foreign_load() const {
    double most = 0;
    for (const Report& report : native) most = std::max(most, report.foreign_load.value_or(0));
    return most;
}

Scenario on_this_machine(Scenario scenario) {
    const auto is_given = [&](std::string_view name) {
        return std::ranges::find(scenario.scheduler.parameters, name, &PolicyParameter::name) !=
               scenario.scheduler.parameters.end();
    };
    const auto policy =
        std::ranges::find(sim::schedulers(), scenario.scheduler.policy, &sim::SchedulerDescription::name);
    if (policy != sim::schedulers().end() && !is_given("processors") &&
        std::ranges::find(policy->parameters, "processors", &sim::ParameterDescription::name) !=
            policy->parameters.end())
        scenario.scheduler.parameters.push_back({"processors", std::to_string(native::online_processors()), {}});
    return scenario;
}

CostProfile on_this_machine(CostProfile profile) {
    if (profile.kernel.empty()) profile.kernel = native::read_kernel_parameters().parameters;
    return profile;
}

double speed_of(const Comparison& comparison) {
    std::vector<double> speeds;
    for (const std::vector<Report>* const rounds : {&comparison.native, &comparison.captured})
        for (const Report& report : *rounds)
            if (report.speed && report.outcome == Outcome::completed) speeds.push_back(*report.speed);
    return speeds.empty() ? 1 : median(speeds);
}

static void simulate_into(Comparison& comparison, const Scenario& scenario, const CostProfile& profile,
                          const ComparisonOptions& options) {
    comparison.prediction = predict_with_interval(scenario, profile, options.stop);
    const Duration tick = tick_of(scenario, profile);
    const std::uint32_t phases = tick > Duration{} ? std::max(options.rounds, options.phases) : options.rounds;
    comparison.phases = simulate_phases(scenario, profile, random_phases(scenario, tick, phases), options.stop);
}

std::vector<Comparison> compare(const std::vector<Scenario>& scenarios, const CostProfile& given,
                                const ComparisonOptions& options, const ComparisonProgress& progress) {
    const CostProfile profile = on_this_machine(given);
    std::vector<Comparison> comparisons;
    for (const Scenario& written : scenarios) {
        const Scenario scenario = on_this_machine(written);
        Comparison& comparison = comparisons.emplace_back();
        comparison.scenario = scenario.name;
        comparison.file = scenario.file;
        if (progress) progress(0, "simulating " + scenario.name);
        simulate_into(comparison, scenario, profile, options);
        comparison.not_native = native::why_not_native(scenario).value_or("");
    }
    run_rounds(scenarios, profile, options, progress, comparisons);
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
        comparisons[i].speed = speed_of(comparisons[i]);
        if (std::round(comparisons[i].speed * static_cast<double>(nominal_speed)) != nominal_speed)
            simulate_into(comparisons[i], at_speed(on_this_machine(scenarios[i]), comparisons[i].speed), profile,
                          options);
        for (std::vector<Report>* const rounds : {&comparisons[i].native, &comparisons[i].captured})
            for (Report& report : *rounds) set_pure_work(report, scenarios[i], profile, options.stop);
        compare_all(scenarios[i], profile, comparisons[i]);
    }
    return comparisons;
}

} // namespace switchyard::lab
