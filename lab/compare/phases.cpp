#include "lab/compare/phases.hpp"

#include "models/random/draw.hpp"
#include "models/trace/digest.hpp"
#include "models/units/wide_integer.hpp"
#include "sim/simulate.hpp"

#include <algorithm>

namespace switchyard::lab {

namespace {

// No task and no operation draws under this key.
constexpr StreamKey key_of_phases(std::uint64_t seed) {
    return {.seed = seed, .task = no_task, .instance = 0, .operation = start_operation};
}

// Which template a task of a trace is an instance of: "A", "A#2".
std::size_t template_of(const Scenario& scenario, const std::string& name) {
    for (std::size_t i = 0; i < scenario.tasks.size(); ++i) {
        const TaskTemplate& task = scenario.tasks[i];
        if (name == task.name) return i;
        if (!name.starts_with(task.name + '#')) continue;
        const std::string_view number = std::string_view(name).substr(task.name.size() + 1);
        const bool is_number = !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
        if (task.count > 1 && is_number) return i;
    }
    return scenario.tasks.size();
}

void add_window(Report& report, const Scenario& scenario, const Trace& trace) {
    std::vector<TaskId> instances;
    std::vector<std::size_t> templates;
    for (TaskId task = 0; task < trace.tasks.size(); ++task) {
        const std::size_t wanted = template_of(scenario, trace.tasks[task].name);
        if (wanted == scenario.tasks.size() || trace.tasks[task].carried) continue;
        instances.push_back(task);
        templates.push_back(wanted);
    }
    const auto window = common_window(trace, instances);
    if (!window) return;
    const std::vector<TaskDigest> figures = digest(trace, window);
    for (std::size_t i = 0; i < instances.size(); ++i) {
        std::optional<Duration>& cpu = report.tasks[templates[i]].window_cpu;
        cpu = cpu.value_or(Duration{}) + figures[instances[i]].window_cpu;
    }
}

} // namespace

Duration tick_of(const Scenario& scenario, const CostProfile& profile) {
    const std::uint32_t hz = scenario.machine.hz.value_or(profile.hz);
    return hz == 0 ? Duration{} : Duration{std::chrono::seconds{1}} / hz;
}

std::vector<Duration> random_phases(const Scenario& scenario, Duration tick, std::uint32_t count) {
    std::vector<Duration> phases;
    DrawStream stream(key_of_phases(scenario.seed));
    for (std::uint32_t i = 0; i < count; ++i) { // the upper half of tick x a number of 64 bits
        const WideInteger product = static_cast<WideInteger>(stream() >> 1U) * tick.count();
        phases.emplace_back(static_cast<std::int64_t>(product >> 63));
    }
    return phases;
}

Scenario begun_later(Scenario scenario, Duration phase) {
    for (TaskTemplate& task : scenario.tasks)
        if (task.start.is_constant()) task.start.value += phase.count();
    return scenario;
}

std::vector<Report> simulate_phases(const Scenario& scenario, const CostProfile& profile,
                                    const std::vector<Duration>& phases, std::stop_token stop) {
    std::vector<Report> reports;
    for (const Duration phase : phases) {
        Trace trace;
        sim::SimulationOptions options;
        options.stop = stop;
        options.trace = &trace;
        reports.push_back(sim::simulate(begun_later(scenario, phase), profile, options));
        add_window(reports.back(), scenario, trace);
    }
    return reports;
}

} // namespace switchyard::lab
