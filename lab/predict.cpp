#include "lab/predict.hpp"

#include <algorithm>
#include <cmath>
#include <future>
#include <stop_token>
#include <utility>

namespace switchyard::lab {

namespace {

// The law with its base (a table's last value) moved to one end of its interval, the rest in proportion.
Law at_end(const Law& law, bool high) {
    const std::int64_t figure =
        law.kind == Law::Kind::table && !law.points.empty() ? law.points.back().value : law.base;
    if (!law.interval || figure <= 0) return law;
    const double base = from_fixed_point(figure);
    const double factor = (high ? law.interval->high : law.interval->low) / base;
    const auto scaled = [&](std::int64_t value) {
        return to_fixed_point(from_fixed_point(value) * std::max(factor, 0.0));
    };
    Law moved = law;
    moved.base = scaled(law.base);
    for (Law::Term& term : moved.terms) term.coefficient = scaled(term.coefficient);
    for (Law::Point& point : moved.points) point.value = scaled(point.value);
    return moved;
}

CostProfile at_end(CostProfile profile, bool high) {
    for (std::optional<Law>& law : profile.law)
        if (law) law = at_end(*law, high);
    return profile;
}

} // namespace

Report simulate_work(const Scenario& scenario, const CostProfile& profile, const sim::SimulationOptions& options) {
    Scenario undisturbed = scenario;
    undisturbed.machine.hz = 0;
    undisturbed.machine.costs.clear();
    CostProfile only_work = free_profile();
    only_work[Cost::memory_reference] = profile[Cost::memory_reference];
    return sim::simulate(undisturbed, only_work, options);
}

std::optional<Duration> pure_work(const Scenario& scenario, const CostProfile& profile, std::stop_token stop) {
    sim::SimulationOptions options;
    options.stop = std::move(stop);
    const Report report = simulate_work(scenario, profile, options);
    if (report.outcome != Outcome::completed) return std::nullopt;
    return report.makespan;
}

Scenario at_speed(Scenario scenario, double speed) {
    std::vector<std::uint32_t>& speeds = scenario.machine.topology.speeds;
    if (speeds.empty()) speeds.assign(scenario.machine.cores, static_cast<std::uint32_t>(nominal_speed));
    for (std::uint32_t& core : speeds)
        core = static_cast<std::uint32_t>(
            std::clamp<double>(std::round(core * speed), 1, static_cast<double>(highest_speed)));
    return scenario;
}

void set_pure_work(Report& report, const Scenario& scenario, const CostProfile& profile, std::stop_token stop) {
    if (!report.speed || report.outcome != Outcome::completed) return;
    if (const std::optional<Duration> work = pure_work(at_speed(scenario, *report.speed), profile, std::move(stop)))
        report.pure_work = work;
}

// What so many tasks take is held once, not twice.
static std::launch when_to_simulate_work(const Scenario& scenario) {
    constexpr std::uint64_t few_tasks = 10'000;
    std::uint64_t tasks = 0;
    for (const TaskTemplate& task : scenario.tasks) tasks += task.count;
    return tasks <= few_tasks ? std::launch::async : std::launch::deferred;
}

// Two simulations that do not know of each other, side by side, or where there are many tasks one after the other. The
// second one is of no use where the first does not complete, and may have no end of its own then.
Report predict(const Scenario& scenario, const CostProfile& profile, const sim::SimulationOptions& options) {
    std::stop_source stop;
    const std::stop_callback stop_both(options.stop, [&] { stop.request_stop(); });
    std::future<std::optional<Duration>> work = std::async(
        when_to_simulate_work(scenario), [&, token = stop.get_token()] { return pure_work(scenario, profile, token); });
    try {
        Report report = sim::simulate(scenario, profile, options);
        if (report.outcome == Outcome::completed) {
            report.pure_work = work.get();
        } else {
            stop.request_stop();
        }
        return report;
    } catch (...) {
        stop.request_stop();
        throw;
    }
}

Prediction predict_with_interval(const Scenario& scenario, const CostProfile& profile, std::stop_token stop) {
    sim::SimulationOptions options;
    options.stop = std::move(stop);
    Prediction prediction;
    prediction.report = predict(scenario, profile, options);
    prediction.low = sim::simulate(scenario, at_end(profile, false), options);
    prediction.high = sim::simulate(scenario, at_end(profile, true), options);
    prediction.low.pure_work = prediction.high.pure_work = prediction.report.pure_work;
    return prediction;
}

} // namespace switchyard::lab
