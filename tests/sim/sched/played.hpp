// A scenario on a machine on which nothing costs anything, and who ran when.
#pragma once

#include "models/machine/profile.hpp"
#include "models/scenario/scenario.hpp"
#include "models/units/text.hpp"
#include "sim/simulate.hpp"

#include <fmt/format.h>
#include <string>

namespace switchyard {

struct Played {
    Report report;
    Trace trace;

    // "A 0-3, B 3-5": in seconds, runs of no length left out, what goes on at once being one run; of one core.
    [[nodiscard]] std::string runs(std::uint16_t core = 0) const {
        std::string text;
        TaskId runner = no_task;
        Time begin{};
        Time end{};
        const auto say = [&] {
            const auto in_seconds = [](Time at) {
                return fmt::format("{:g}", static_cast<double>((at - Time{}).count()) / 1e12);
            };
            if (runner == no_task || begin == end) return;
            if (!text.empty()) text += ", ";
            text += fmt::format("{} {}-{}", trace.tasks[runner].name, in_seconds(begin), in_seconds(end));
        };
        for (const TraceEvent& event : trace.events) {
            if (event.core != core) continue;
            if (event.kind == EventKind::running && (event.task != runner || event.time != end)) {
                say();
                runner = event.task;
                begin = end = event.time;
            }
            if (event.kind == EventKind::stopped) end = event.time;
        }
        say();
        return text;
    }
};

inline Played play(ScenarioBuilder builder) {
    Played played;
    sim::SimulationOptions options;
    options.trace = &played.trace;
    played.report = sim::simulate(builder.hz(0).build(), free_profile(), options);
    return played;
}

// A thread that computes and is done.
inline ScenarioBuilder& add(ScenarioBuilder& builder, const std::string& name, Duration start, Duration work,
                            const std::function<void(Scheduling&)>& adjust = {}) {
    return builder.task(
        name, TaskKind::thread, [&](ProgramBuilder& task) { task.compute(work); },
        [&](TaskTemplate& task) {
            task.start = Distribution::constant(start.count());
            if (adjust) adjust(task.scheduling);
        });
}

} // namespace switchyard
