// Who ran where and when, from a run's trace: what the tests of scheduling classes look at.
#pragma once

#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <map>
#include <string>
#include <vector>

namespace switchyard {

struct Run {
    std::string task;
    Duration from{};
    Duration until{};
    std::uint16_t core = 0;

    friend bool operator==(const Run&, const Run&) = default;
};

struct Timeline {
    Report report;
    std::vector<Run> runs; // in the order of their beginnings; who goes on at once has one run

    [[nodiscard]] std::vector<Run> of(const std::string& task) const {
        std::vector<Run> mine;
        for (const Run& run : runs)
            if (run.task == task) mine.push_back(run);
        return mine;
    }
    [[nodiscard]] std::vector<Run> on(std::uint16_t core) const {
        std::vector<Run> there;
        for (const Run& run : runs)
            if (run.core == core) there.push_back(run);
        return there;
    }
    // How long the task ran in [from, until).
    [[nodiscard]] Duration ran(const std::string& task, Duration from, Duration until) const {
        Duration sum{};
        for (const Run& run : runs)
            if (run.task == task) sum += std::max(std::min(run.until, until) - std::max(run.from, from), Duration{});
        return sum;
    }
    // Who runs on the core at that instant; "" for nobody.
    [[nodiscard]] std::string at(Duration instant, std::uint16_t core = 0) const {
        for (const Run& run : runs)
            if (run.core == core && run.from <= instant && instant < run.until) return run.task;
        return "";
    }
    // The order in which tasks began to run, "A B A", equal neighbours once.
    [[nodiscard]] std::string order() const {
        std::string text;
        const Run* last = nullptr;
        for (const Run& run : runs) {
            if (last == nullptr || last->task != run.task) text += (text.empty() ? "" : " ") + run.task;
            last = &run;
        }
        return text;
    }
};

// Plays the scenario and reads the trace. Time that tasks run but nothing passes is left out.
inline Timeline play(const Scenario& scenario, const CostProfile& profile = free_profile()) {
    Trace trace;
    Timeline timeline;
    timeline.report = sim::simulate(scenario, profile, {.trace = &trace, .shuffle_ties = {}, .stop = {}, .progress = {}});
    std::map<TaskId, std::size_t> open; // runs in progress
    std::vector<Run> all;
    for (const TraceEvent& event : trace.events) {
        const Duration now = event.time.time_since_epoch();
        if (event.kind == EventKind::running) {
            open[event.task] = all.size();
            all.push_back({trace.tasks[event.task].name, now, now, event.core});
        } else if (event.kind == EventKind::stopped && open.contains(event.task)) {
            all[open[event.task]].until = now;
            open.erase(event.task);
        }
    }
    for (const Run& run : all) {
        if (run.from == run.until) continue;
        Run* before = nullptr; // of the same core
        for (Run& earlier : timeline.runs)
            if (earlier.core == run.core) before = &earlier;
        if (before != nullptr && before->task == run.task && before->until == run.from)
            before->until = run.until;
        else
            timeline.runs.push_back(run);
    }
    return timeline;
}

} // namespace switchyard
