#include "models/trace/digest.hpp"

#include <algorithm>

namespace switchyard {

namespace {

constexpr Time unknown = Time::max();

// What is known of a task while the trace is gone through.
struct Progress {
    Time run_begin = unknown; // on a core since; also while it may go on at once
    Time stopped = unknown;   // when it left its core, not yet judged: it may go on at once
    Time woken = unknown;
    std::uint16_t core = no_core;
    Stop why = Stop::preempted;
    bool has_been_ready = false;
    bool is_blocked = false;
};

class Digest {
public:
    Digest(const Trace& trace, const std::optional<TraceWindow>& window)
        : trace_(trace), window_(window), progress_(trace.tasks.size()), result_(trace.tasks.size()) {}

    std::vector<TaskDigest> all() {
        for (const TraceEvent& event : trace_.events) {
            if (event.task >= progress_.size()) continue;
            if (event.kind == EventKind::ready) ready(event);
            if (event.kind == EventKind::running) running(event);
            if (event.kind == EventKind::stopped) stopped(event);
        }
        for (TaskId task = 0; task < progress_.size(); ++task) {
            const Progress& now = progress_[task];
            if (now.stopped != unknown)
                end_run(task);
            else if (now.run_begin != unknown)
                count_for_window(task, trace_.events.back().time);
        }
        return std::move(result_);
    }

private:
    void ready(const TraceEvent& event) {
        Progress& task = progress_[event.task];
        if (task.has_been_ready && task.is_blocked) {
            ++result_[event.task].wake_ups;
            task.woken = event.time;
        }
        task.has_been_ready = true;
        task.is_blocked = false;
    }

    void running(const TraceEvent& event) {
        Progress& task = progress_[event.task];
        TaskDigest& figures = result_[event.task];
        if (task.woken != unknown) figures.wake_up_latency.add(event.time - task.woken);
        task.woken = unknown;
        if (task.core != no_core && task.core != event.core) ++figures.migrations;
        const bool goes_on = task.stopped == event.time && task.core == event.core && task.why != Stop::blocked;
        if (task.stopped != unknown && !goes_on) end_run(event.task);
        if (!goes_on) task.run_begin = event.time;
        task.stopped = unknown;
        task.core = event.core;
    }

    void stopped(const TraceEvent& event) {
        Progress& task = progress_[event.task];
        if (task.run_begin == unknown) return; // it ran before the trace began
        task.stopped = event.time;
        task.why = static_cast<Stop>(event.detail);
        task.is_blocked = task.why == Stop::blocked;
    }

    void end_run(TaskId id) {
        Progress& task = progress_[id];
        TaskDigest& figures = result_[id];
        figures.run_length.add(task.stopped - task.run_begin);
        count_for_window(id, task.stopped);
        const bool is_voluntary = task.why == Stop::blocked || task.why == Stop::ended;
        ++(is_voluntary ? figures.voluntary_switches : figures.involuntary_switches);
        task.run_begin = task.stopped = unknown;
    }

    void count_for_window(TaskId id, Time until) {
        if (!window_) return;
        const Time begin = std::max(progress_[id].run_begin, window_->begin);
        const Time end = std::min(until, window_->end);
        if (end > begin) result_[id].window_cpu += end - begin;
    }

    const Trace& trace_;
    const std::optional<TraceWindow>& window_;
    std::vector<Progress> progress_;
    std::vector<TaskDigest> result_;
};

} // namespace

std::optional<TraceWindow> common_window(const Trace& trace, std::span<const TaskId> tasks) {
    std::vector<Time> begin(trace.tasks.size(), unknown), end(trace.tasks.size(), unknown);
    for (const TraceEvent& event : trace.events) {
        if (event.task >= trace.tasks.size()) continue;
        if (event.kind == EventKind::ready) begin[event.task] = std::min(begin[event.task], event.time);
        if (event.kind == EventKind::ended) end[event.task] = std::min(end[event.task], event.time);
    }
    if (tasks.empty() || trace.events.empty()) return std::nullopt;
    TraceWindow window{Time::min(), trace.events.back().time};
    for (const TaskId task : tasks) {
        window.begin = std::max(window.begin, begin[task]);
        window.end = std::min(window.end, end[task]);
    }
    if (window.begin >= window.end) return std::nullopt; // also where one has not begun: `unknown` is later than all
    return window;
}

std::vector<TaskDigest> digest(const Trace& trace, const std::optional<TraceWindow>& window) {
    return Digest(trace, window).all();
}

} // namespace switchyard
