#include "lab/compare/comparison.hpp"

#include "lab/compare/phases.hpp"
#include "models/errors.hpp"
#include "models/fit/bootstrap.hpp"
#include "models/fit/statistics.hpp"
#include "native/execute/execute.hpp"
#include "native/machine/kernel_parameters.hpp"
#include "native/machine/machine.hpp"
#include "native/plan/compile.hpp"
#include "sim/sched/registry.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <exception>
#include <iterator>
#include <mutex>
#include <numeric>
#include <span>
#include <thread>

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

// Known on both sides, and there is something of it on one.
bool is_told_by_both(const Comparison& comparison, const char* figure) {
    if (comparison.native.empty()) return false;
    const std::optional<Metric> predicted = metric(comparison.prediction.report, figure);
    const std::optional<Metric> measured = metric(comparison.native.front(), figure);
    return predicted && measured && (predicted->value != 0 || measured->value != 0);
}

// Whether a target is about what only the kernel's own events tell: who ran when, and for how long.
bool is_of_events(const ValidationTarget& target) {
    if (target.metric == "migrations" || target.metric == "wake_ups") return true;
    return target.metric.starts_with("task.") &&
           std::ranges::any_of(std::array{".run_length.", ".wake_up_latency.", ".window_share", ".waiting"},
                               [&](const char* part) { return target.metric.find(part) != std::string::npos; });
}

std::vector<Wanted> compared_metrics(const Scenario& scenario, const Comparison& comparison, bool has_waiting,
                                     bool only_targets) {
    const std::vector<Report>& phases = comparison.phases;
    std::vector<Wanted> all{{"makespan", {}, {}}, {"overhead", {}, {}}};
    if (!only_targets && !phases.empty() && phases.front().requests)
        for (const char* figure :
             {"requests.throughput", "requests.latency.mean", "requests.latency.p50", "requests.latency.p99"})
            all.push_back({figure, {}, {}});
    if (!only_targets)
        for (const char* figure : {"stall", "contentions", "steals"})
            if (is_told_by_both(comparison, figure)) all.push_back({figure, {}, {}});
    if (!only_targets)
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
    row.rounds = rounds;
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

bool is_captured(const Scenario& scenario, const ComparisonOptions& options) {
    return options.capture && (!options.only_targets || std::ranges::any_of(scenario.targets, is_of_events));
}

// What costs were around each run: readings before and after it.
class CostWatch {
public:
    CostWatch(const ComparisonOptions& options, std::vector<Comparison>& comparisons)
        : options_(options), readings_(comparisons.size()) {
        look();
    }

    void has_run(std::size_t scenario) {
        since_.push_back(scenario);
        if (Clock::now() - at_ >= options_.costs_are_good_for) look();
    }

    // Of each scenario: over its runs.
    [[nodiscard]] std::vector<CostRatios> finish() {
        if (!since_.empty() && !options_.stop.stop_requested()) look();
        for (const std::size_t scenario : since_) readings_[scenario].push_back(last_);
        since_.clear();
        std::vector<CostRatios> costs;
        for (const std::vector<CostRatios>& readings : readings_) costs.push_back(median_of(readings));
        return costs;
    }

private:
    using Clock = std::chrono::steady_clock;

    void look() {
        if (!options_.costs_now) return;
        const CostRatios now = options_.costs_now();
        for (const std::size_t scenario : since_) readings_[scenario].push_back(between(last_, now));
        since_.clear();
        last_ = now;
        at_ = Clock::now();
    }

    const ComparisonOptions& options_;
    std::vector<std::vector<CostRatios>> readings_;
    std::vector<std::size_t> since_; // run since the last reading
    CostRatios last_;
    Clock::time_point at_ = Clock::now();
};

// The native runs, and what costs were around them.
class NativeRuns {
public:
    NativeRuns(const std::vector<Scenario>& scenarios, const CostProfile& profile, const ComparisonOptions& options,
               const ComparisonProgress& progress, std::vector<Comparison>& comparisons)
        : scenarios_(scenarios),
          profile_(profile),
          options_(options),
          progress_(progress),
          comparisons_(comparisons),
          costs_(options, comparisons) {
        execution_.cpus = options.cpus;
        execution_.iteration_picoseconds = profile.iteration_picoseconds;
        execution_.stop = options.stop;
        execution_.events = options.events;
    }

    // Of the scenarios with these indices, round by round in turn.
    void run(std::span<const std::size_t> which, std::uint32_t first_round, std::uint32_t rounds) {
        using Clock = std::chrono::steady_clock;
        const Clock::time_point begin = Clock::now();
        const auto is_over = [&] {
            return has_stopped() || (first_round > 0 && Clock::now() - begin > options_.further_rounds_take_at_most);
        };
        const double runs = static_cast<double>(rounds) * static_cast<double>(which.size());
        double done = 0;
        for (std::uint32_t round = first_round; round < first_round + rounds && !is_over(); ++round) {
            for (const std::size_t i : which) {
                if (is_over()) break;
                if (progress_) progress_(done++ / runs, "running " + scenarios_[i].name);
                run_once(i, round);
            }
            if (!has_stopped() && options_.after_round) options_.after_round(round);
        }
        const std::vector<CostRatios> found = costs_.finish();
        for (std::size_t i = 0; i < found.size(); ++i) comparisons_[i].costs = found[i];
    }

private:
    [[nodiscard]] bool has_stopped() const { return options_.stop.stop_requested(); }

    void run_once(std::size_t i, std::uint32_t round) {
        const Scenario& scenario = scenarios_[i];
        Comparison& comparison = comparisons_[i];
        if (!comparison.not_native.empty()) return; // as its first round has said
        const Duration phase = random_phases(scenario, tick_of(scenario, profile_), round + 1).back();
        execution_.start_delay = std::chrono::duration_cast<std::chrono::nanoseconds>(phase);
        execution_.ideal_makespan = comparison.prediction.report.pure_work;
        execution_.capture = false;
        try { // what is cut short is no measurement
            comparison.native.push_back(native::execute(scenario, execution_));
            if (is_captured(scenario, options_)) run_captured(scenario, execution_, comparison);
        } catch (const SystemError&) {
            if (!has_stopped()) throw;
        } catch (const InputError& error) { // this machine lacks what it needs: the others are compared all the same
            if (!options_.cpus.empty() || !comparison.native.empty()) throw;
            comparison.not_native = error.message();
            return;
        }
        if (!has_stopped()) costs_.has_run(i);
    }

    const std::vector<Scenario>& scenarios_;
    const CostProfile& profile_;
    const ComparisonOptions& options_;
    const ComparisonProgress& progress_;
    std::vector<Comparison>& comparisons_;
    native::ExecuteOptions execution_;
    CostWatch costs_;
};

void compare_all(const Scenario& scenario, const CostProfile& profile, const ComparisonOptions& options,
                 Comparison& comparison) {
    std::vector<std::string> tasks;
    for (const TaskTemplate& task : scenario.tasks) tasks.push_back(task.name);
    const std::vector<std::string> observations = observation_names(scenario);
    const bool has_waiting = std::ranges::any_of(comparison.captured, has_counted);
    comparison.metrics.clear();
    for (const Wanted& wanted : compared_metrics(scenario, comparison, has_waiting, options.only_targets))
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

std::optional<double> MetricComparison::spread() const {
    if (rounds.size() < 2 || !measured || *measured == 0) return std::nullopt;
    const auto [low, high] = std::ranges::minmax(rounds);
    return (high - low) / std::abs(*measured);
}

double MetricComparison::allowed() const {
    return std::max(within ? *within : target.value_or(0) * std::abs(*measured), grain);
}

double MetricComparison::noise() const { return (measured_interval.high - measured_interval.low) / 2; }

bool MetricComparison::is_too_noisy() const {
    if ((!target && !within) || !measured || !predicted) return false;
    return noise() > allowed() && std::abs(*predicted - *measured) <= allowed() + noise();
}

std::optional<bool> MetricComparison::met() const {
    if ((!target && !within) || is_too_noisy()) return std::nullopt;
    if (!measured || !predicted) return false;
    return std::abs(*predicted - *measured) <= allowed() + noise();
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

// The median of those rounds; of none, nothing.
static std::optional<double> speed_of(const std::vector<Report>& rounds) {
    std::vector<double> speeds;
    for (const Report& report : rounds)
        if (report.speed && report.outcome == Outcome::completed) speeds.push_back(*report.speed);
    return speeds.empty() ? std::nullopt : std::optional(median(speeds));
}

static Scenario as_fast_as(Scenario scenario, double speed) {
    if (std::round(speed * static_cast<double>(nominal_speed)) == nominal_speed) return scenario;
    return at_speed(std::move(scenario), speed);
}

static std::uint32_t phases_of(const Scenario& scenario, Duration tick, const ComparisonOptions& options) {
    const bool are_many = tick > Duration{} && !options.stop.stop_requested() &&
                          (!options.only_targets || std::ranges::any_of(scenario.targets, is_of_events));
    return are_many ? std::max(options.rounds, options.phases) : options.rounds;
}

// The scenario predicted as it was run: at the speed there was, and at the costs. `ordered` are its phases in the order
// of the rounds.
static void predict_and_compare(Comparison& comparison, const Scenario& written, const CostProfile& calibrated,
                                const ComparisonOptions& options) {
    // What is asked for after a stop is not stopped: somebody waits for what there is.
    const std::stop_token stop = options.stop.stop_requested() ? std::stop_token{} : options.stop;
    const Scenario nominal = on_this_machine(written);
    const std::optional<double> while_captured = speed_of(comparison.captured);
    comparison.speed = speed_of(comparison.native).value_or(while_captured.value_or(1));
    comparison.costs = at_speed(comparison.costs, comparison.speed);
    const CostProfile profile = scaled(calibrated, comparison.costs);
    comparison.prediction = predict_with_interval(as_fast_as(nominal, comparison.speed), profile, stop);
    // Who ran when is counted in rounds of their own, at the clock of those: a tick more is a switch more.
    const Scenario scenario = as_fast_as(nominal, while_captured.value_or(comparison.speed));
    const Duration tick = tick_of(scenario, profile);
    comparison.phases =
        simulate_phases(scenario, profile, random_phases(scenario, tick, phases_of(scenario, tick, options)), stop);
    for (std::vector<Report>* const rounds : {&comparison.native, &comparison.captured})
        for (Report& report : *rounds) set_pure_work(report, written, profile, stop);
    compare_all(written, profile, options, comparison);
}

static bool is_too_noisy(const Comparison& comparison) {
    return std::ranges::any_of(comparison.metrics, &MetricComparison::is_too_noisy) ||
           std::ranges::any_of(comparison.distributions, &DistributionComparison::is_too_noisy);
}

// Every index below `count` once, on all processors. The first exception goes on when all are done.
template <typename Action>
static void for_all(std::size_t count, const Action& action) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex mutex;
    {
        std::vector<std::jthread> workers;
        const std::size_t most = std::max(std::thread::hardware_concurrency(), 1U);
        for (std::size_t i = 0; i < std::min(most, count); ++i)
            workers.emplace_back([&] {
                for (std::size_t at = next++; at < count; at = next++) {
                    try {
                        action(at);
                    } catch (...) {
                        const std::scoped_lock lock(mutex);
                        if (!failure) failure = std::current_exception();
                        return;
                    }
                }
            });
    }
    if (failure) std::rethrow_exception(failure);
}

// Why a scenario cannot run for real on this machine, be it that it has too few processors; empty where it can.
static std::string why_not_here(const Scenario& scenario, const ComparisonOptions& options) {
    if (const std::optional<std::string> reason = native::why_not_native(scenario)) return *reason;
    try {
        if (options.cpus.empty()) static_cast<void>(native::cpus_for(scenario.machine.cores));
    } catch (const InputError& error) {
        return error.message();
    }
    return {};
}

std::vector<Comparison> compare(const std::vector<Scenario>& scenarios, const CostProfile& given,
                                const ComparisonOptions& options, const ComparisonProgress& progress) {
    const CostProfile profile = on_this_machine(given);
    std::vector<Comparison> comparisons(scenarios.size());
    for (std::size_t i = 0; i < scenarios.size(); ++i) {
        comparisons[i].scenario = scenarios[i].name;
        comparisons[i].file = scenarios[i].file;
        comparisons[i].about = scenarios[i].about;
        comparisons[i].not_native = why_not_here(on_this_machine(scenarios[i]), options);
    }
    // What it takes without costs says how long a native run may take; whatever cannot be simulated is found out
    // before minutes of measuring.
    if (progress) progress(0, "simulating");
    sim::SimulationOptions simulation;
    simulation.stop = options.stop;
    for_all(scenarios.size(), [&](std::size_t i) {
        comparisons[i].prediction.report = predict(on_this_machine(scenarios[i]), profile, simulation);
    });
    NativeRuns runs(scenarios, profile, options, progress, comparisons);
    const auto run_and_compare = [&](std::span<const std::size_t> which, std::uint32_t first_round,
                                     std::uint32_t rounds) {
        std::vector<std::size_t> native;
        std::ranges::copy_if(which, std::back_inserter(native),
                             [&](std::size_t i) { return comparisons[i].not_native.empty(); });
        runs.run(native, first_round, rounds);
        const bool is_cut_short = options.stop.stop_requested();
        if (progress) progress(1, "simulating");
        for_all(which.size(), [&](std::size_t at) {
            Comparison& comparison = comparisons[which[at]];
            if (!is_cut_short || !comparison.native.empty())
                predict_and_compare(comparison, scenarios[which[at]], profile, options);
            else if (comparison.not_native.empty())
                comparison.not_native = "interrupted before its first round";
        });
    };
    std::vector<std::size_t> all(scenarios.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    run_and_compare(all, 0, options.rounds);
    std::vector<std::size_t> noisy;
    std::ranges::copy_if(all, std::back_inserter(noisy), [&](std::size_t i) { return is_too_noisy(comparisons[i]); });
    if (options.further_rounds > 0 && !noisy.empty() && !options.stop.stop_requested())
        run_and_compare(noisy, options.rounds, options.further_rounds);
    return comparisons;
}

} // namespace switchyard::lab
