#include "lab/sweep/description.hpp"

#include "lab/sweep/plan_implementation.hpp"
#include "models/sweep/design.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <condition_variable>
#include <fmt/format.h>
#include <functional>
#include <mutex>
#include <thread>

namespace switchyard::lab {

namespace {

// Where in [0, 1) number `index` of a sequence lies that fills it evenly (van der Corput 1935, base 2).
double van_der_corput(std::uint64_t index) {
    double position = 0;
    for (double step = 0.5; index > 0; index /= 2, step /= 2)
        if (index % 2 == 1) position += step;
    return position;
}

std::uint64_t sampled_cell(std::uint64_t index, std::uint64_t cells) {
    if (index == 0) return 0;
    if (index == 1) return cells - 1;
    return static_cast<std::uint64_t>(van_der_corput(index - 1) * static_cast<double>(cells));
}

// Stops what it is told when the time is over.
class Alarm {
public:
    Alarm(std::chrono::duration<double> limit, std::stop_source& source)
        : thread_([this, limit, &source](const std::stop_token& done) {
              std::unique_lock lock(mutex_);
              condition_.wait_for(lock, done, limit, [] { return false; });
              if (!done.stop_requested()) source.request_stop();
          }) {}

private:
    std::mutex mutex_;
    std::condition_variable_any condition_;
    std::jthread thread_;
};

std::string_view name_of(MetricUnit unit) {
    switch (unit) {
    case MetricUnit::time: return "time";
    case MetricUnit::bytes: return "size";
    case MetricUnit::share: return "share";
    case MetricUnit::count: break;
    }
    return "number";
}

bool is_drawn(const Sweep& sweep, const SweepParameter& parameter) {
    return parameter.range && sweep.design != SweepDesign::grid && sweep.design != SweepDesign::paired;
}

std::string values_text(const Sweep& sweep, const SweepParameter& parameter) {
    constexpr std::size_t all_shown = 8;
    const std::vector<SweepValue>& values = parameter.values;
    const std::string ends = fmt::format("{} to {}", values.front().text, values.back().text);
    if (is_drawn(sweep, parameter)) return ends + (parameter.range->logarithmic ? ", drawn in proportion" : ", drawn");
    if (values.size() > all_shown) return fmt::format("{} values, {}", values.size(), ends);
    std::string list;
    for (const SweepValue& value : values) list += (list.empty() ? "" : ", ") + value.text;
    return list;
}

std::string target_text(const SweepParameter& parameter) {
    if (parameter.target == ParameterTarget::law) return fmt::format(" times {}", parameter.path);
    return parameter.path.empty() || parameter.path == parameter.name ? "" : fmt::format(" ({})", parameter.path);
}

std::string replications_text(const Sweep& sweep) {
    const Replications& replications = sweep.replications;
    if (replications.at_most == 1) return "1";
    std::string text = fmt::format("{}", replications.at_most);
    if (replications.until)
        text = fmt::format("{} to {}, until {} is within {:g} % ({:g} % confidence)", replications.at_least,
                           replications.at_most, replications.until->metric, replications.until->within * 100,
                           replications.until->confidence * 100);
    return text + (sweep.common_random_numbers ? ", common random numbers" : ", independent random numbers");
}

std::string time_text(double seconds) {
    if (seconds < 120) return rounded_text(from_seconds(seconds));
    if (seconds < 2 * 3600) return fmt::format("{:.1f} min", seconds / 60);
    if (seconds < 2 * 86400) return fmt::format("{:.1f} h", seconds / 3600);
    return fmt::format("{:.1f} days", seconds / 86400);
}

std::string estimate_text(const PointEstimate& estimate, const PointCount& points, unsigned workers) {
    if (estimate.points == 0) return "not known: the first point tried took longer than there was time to try it";
    const double share = estimate.mean / std::max(workers, 1U);
    const auto total = [&](std::uint64_t count) { return time_text(share * static_cast<double>(count)); };
    std::string text = fmt::format(
        "{}{} on {} worker{}: {} a point ({} tried, {} to {})", estimate.was_cut_short ? "more than " : "about ",
        points.least == points.most ? total(points.most)
                                    : fmt::format("{} to {}", total(points.least), total(points.most)),
        workers, workers == 1 ? "" : "s", time_text(estimate.mean), estimate.points, time_text(estimate.least),
        time_text(estimate.most));
    if (estimate.failures > 0) text += fmt::format("; {} of them failed: {}", estimate.failures, estimate.reason);
    return text;
}

} // namespace

PointEstimate estimate_points(const SweepPlan& plan, std::chrono::duration<double> limit, const std::stop_token& stop) {
    using Clock = std::chrono::steady_clock;
    constexpr std::uint64_t most_points = 16;
    std::stop_source source;
    const std::stop_callback stop_too(stop, [&] { source.request_stop(); });
    const Alarm alarm(limit, source);
    PointComputer computer(plan);
    PointEstimate estimate;
    const std::uint64_t count = std::min(most_points, plan.cells());
    for (std::uint64_t i = 0; i < count && !source.stop_requested(); ++i) {
        const Clock::time_point begin = Clock::now();
        const std::optional<PointResult> result =
            computer.compute({sampled_cell(i, plan.cells()), 0}, source.get_token());
        const std::chrono::duration<double> took = Clock::now() - begin;
        if (!result) {
            estimate.was_cut_short = true;
            break;
        }
        if (result->status != PointStatus::done && estimate.failures++ == 0) estimate.reason = result->reason;
        estimate.least = estimate.points == 0 ? took.count() : std::min(estimate.least, took.count());
        estimate.most = std::max(estimate.most, took.count());
        ++estimate.points;
        estimate.mean += (took.count() - estimate.mean) / static_cast<double>(estimate.points);
    }
    return estimate;
}

PointCount count_points(const SweepPlan& plan) {
    const Replications& replications = plan.sweep().replications;
    return {plan.cells() * (replications.until ? replications.at_least : replications.at_most),
            plan.cells() * replications.at_most};
}

std::string describe(const SweepPlan& plan, const std::optional<PointEstimate>& estimate, unsigned workers) {
    const Sweep& sweep = plan.sweep();
    std::string text;
    const auto line = [&](std::string_view label, std::string_view what) {
        text += fmt::format("{:<14}{}\n", label, what);
    };
    line("sweep", sweep.about.empty() ? sweep.name : fmt::format("{}: {}", sweep.name, sweep.about));
    if (text.ends_with("\n\n")) text.pop_back(); // a block of text has a newline of its own
    line("scenario", sweep.scenario.empty() ? "written in the sweep's file" : sweep.scenario);
    if (sweep.profile) line("profile", *sweep.profile);
    std::string_view label = "parameters";
    for (const SweepParameter& parameter : sweep.parameters) {
        line(label, fmt::format("{}{}: {}", parameter.name, target_text(parameter), values_text(sweep, parameter)));
        label = "";
    }
    line("design", fmt::format("{}, {} cell{}", name_of(sweep.design), plan.cells(), plan.cells() == 1 ? "" : "s"));
    line("replications", replications_text(sweep));
    const PointCount points = count_points(plan);
    line("points", points.least == points.most ? fmt::format("{}", points.most)
                                               : fmt::format("{} to {}", points.least, points.most));
    label = "metrics";
    for (std::size_t i = 0; i < sweep.metrics.size(); ++i) {
        const SweepMetric& metric = sweep.metrics[i];
        const bool is_named = metric.name != metric.expression;
        line(label, fmt::format("{}{} ({})", metric.name, is_named ? " = " + metric.expression : "",
                                name_of(plan.metric_units()[i])));
        label = "";
    }
    std::string budget;
    if (sweep.budget.events) budget = fmt::format("{} events", *sweep.budget.events);
    if (sweep.budget.seconds)
        budget += fmt::format("{}{}", budget.empty() ? "" : ", ", time_text(*sweep.budget.seconds));
    if (!budget.empty()) line("budget", budget + " a point");
    if (estimate) line("time", estimate_text(*estimate, points, workers));
    return text;
}

} // namespace switchyard::lab
