#include "studio/model/timeline.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::studio {

namespace {

// What is known of a task while the events go by.
struct TaskState {
    Activity activity = Activity::none;
    std::uint16_t core = no_core; // where it runs; a carried task's is its thread's
    TaskId carried = no_task;     // thread: the task it carries at present
    TaskId carrier = no_task;     // carried task: its thread, while it is resumed
    TaskId waker = no_task;       // who made it ready, where it has not run since
    Time woken{};
};

// What is known of a core.
struct CoreState {
    TaskId current = no_task;
    Time busy_until{}; // what it does other than work lasts so long
};

Activity activity_after(Stop stop) {
    switch (stop) {
    case Stop::preempted:
    case Stop::new_job:
    case Stop::yielded: return Activity::ready;
    case Stop::blocked: return Activity::blocked;
    case Stop::ended: break;
    }
    return Activity::none;
}

Activity activity_of(Overhead overhead) {
    switch (overhead) {
    case Overhead::switching: return Activity::switching;
    case Overhead::kernel: return Activity::kernel;
    case Overhead::tick: break;
    }
    return Activity::tick;
}

class Builder {
public:
    explicit Builder(const Trace& trace) : trace_(trace), tasks_(trace.tasks.size()), cores_(trace.cores) {
        timeline_.names = trace.tasks;
        timeline_.cores.resize(trace.cores);
        timeline_.tasks.resize(trace.tasks.size());
        for (Track& track : timeline_.cores) track.add(Time{}, Tag{});
        for (Track& track : timeline_.tasks) track.add(Time{}, Tag{});
    }

    void take(const TraceEvent& event, std::uint32_t index) {
        timeline_.end = std::max(timeline_.end, event.time);
        if (event.kind == EventKind::overhead) return overhead(event);
        if (event.task >= tasks_.size()) return;
        switch (event.kind) {
        case EventKind::ready: return ready(event);
        case EventKind::running: return runs(event);
        case EventKind::stopped: return stops(event);
        case EventKind::resumed: return resumed(event);
        case EventKind::suspended: return suspended(event);
        case EventKind::ended: ended(event); return mark(event, index);
        case EventKind::faulted: timeline_.faults.add(event.time, faults_ += event.count); return mark(event, index);
        case EventKind::job_begun:
        case EventKind::job_finished:
        case EventKind::job_aborted:
        case EventKind::transferred:
        case EventKind::out_of_memory:
        case EventKind::shootdown: return mark(event, index);
        case EventKind::created:
        case EventKind::overhead: return;
        }
    }

    Timeline finish() {
        for (const CoreState& core : cores_) timeline_.end = std::max(timeline_.end, core.busy_until);
        for (Track& track : timeline_.cores) track.finish(timeline_.end);
        for (Track& track : timeline_.tasks) track.finish(timeline_.end);
        timeline_.ready.finish();
        timeline_.faults.finish();
        std::ranges::stable_sort(timeline_.arrows, {}, &Arrow::to);
        return std::move(timeline_);
    }

private:
    void enter(TaskId id, Activity activity, std::uint16_t core, Time now) {
        TaskState& task = tasks_[id];
        const bool was_ready = task.activity == Activity::ready;
        task.activity = activity;
        task.core = core;
        timeline_.tasks[id].add(now, Tag(activity, core == no_core ? Tag::no_subject : core));
        if (const bool is_ready = activity == Activity::ready; is_ready != was_ready)
            timeline_.ready.add(now, ready_ += is_ready ? 1 : -1);
        if (activity != Activity::running || task.waker == no_task) return;
        timeline_.arrows.push_back({task.woken, now, task.waker, id});
        task.waker = no_task;
    }

    // Whom the core works for from then on, after what it is busy with besides.
    void on_core(std::uint16_t number, Time now) {
        if (number >= cores_.size()) return;
        const CoreState& core = cores_[number];
        timeline_.cores[number].add(std::max({now, core.busy_until, timeline_.cores[number].latest()}),
                                    core.current == no_task ? Tag{} : Tag(Activity::running, core.current));
    }

    void ready(const TraceEvent& event) {
        TaskState& task = tasks_[event.task];
        task.waker = event.other < tasks_.size() ? event.other : no_task;
        task.woken = event.time;
        if (task.activity != Activity::running) enter(event.task, Activity::ready, no_core, event.time);
    }

    void runs(const TraceEvent& event) {
        enter(event.task, Activity::running, event.core, event.time);
        const TaskId carried = tasks_[event.task].carried;
        if (carried != no_task) enter(carried, Activity::running, event.core, event.time);
        if (event.core >= cores_.size()) return;
        cores_[event.core].current = carried == no_task ? event.task : carried;
        on_core(event.core, event.time);
    }

    void stops(const TraceEvent& event) {
        const Activity after = activity_after(static_cast<Stop>(event.detail));
        const std::uint16_t core = tasks_[event.task].core;
        if (const TaskId carried = tasks_[event.task].carried; carried != no_task)
            enter(carried, after, no_core, event.time);
        enter(event.task, after, no_core, event.time);
        if (core >= cores_.size()) return;
        cores_[core].current = no_task;
        on_core(core, event.time);
    }

    void resumed(const TraceEvent& event) {
        std::uint16_t core = event.core;
        if (event.other < tasks_.size()) {
            tasks_[event.other].carried = event.task;
            tasks_[event.task].carrier = event.other;
            core = tasks_[event.other].core;
        }
        enter(event.task, Activity::running, core, event.time);
        if (core >= cores_.size()) return;
        cores_[core].current = event.task;
        on_core(core, event.time);
    }

    void suspended(const TraceEvent& event) {
        put_down(event.task, event.time);
        if (tasks_[event.task].activity == Activity::none) return; // it hands over because it has ended
        enter(event.task, Activity::suspended, no_core, event.time);
    }

    void ended(const TraceEvent& event) {
        put_down(event.task, event.time);
        enter(event.task, Activity::none, no_core, event.time);
    }

    // Its thread no longer carries the task, and works for itself.
    void put_down(TaskId id, Time now) {
        const TaskId thread = std::exchange(tasks_[id].carrier, no_task);
        if (thread == no_task || tasks_[thread].carried != id) return;
        tasks_[thread].carried = no_task;
        const std::uint16_t core = tasks_[thread].core;
        if (core >= cores_.size() || cores_[core].current != id) return;
        cores_[core].current = thread;
        on_core(core, now);
    }

    void overhead(const TraceEvent& event) {
        if (event.core >= cores_.size() || event.value <= 0) return;
        const auto kind = static_cast<Overhead>(event.detail);
        const Duration length{event.value};
        CoreState& core = cores_[event.core];
        Track& track = timeline_.cores[event.core];
        // Ticks are told when they are over; what begins at one instant follows one another.
        const Time told = kind == Overhead::tick ? event.time - length : event.time;
        const Time begin = std::max({told, core.busy_until, track.latest()});
        core.busy_until = begin + length;
        track.add(begin, Tag(activity_of(kind), core.current == no_task ? Tag::no_subject : core.current));
        on_core(event.core, core.busy_until);
    }

    void mark(const TraceEvent& event, std::uint32_t index) {
        timeline_.marks.push_back({event.time, event.task, index});
    }

    const Trace& trace_;
    Timeline timeline_;
    std::vector<TaskState> tasks_;
    std::vector<CoreState> cores_;
    std::int64_t ready_ = 0;
    std::int64_t faults_ = 0;
};

} // namespace

std::size_t Timeline::bytes() const {
    std::size_t bytes = arrows.capacity() * sizeof(Arrow) + marks.capacity() * sizeof(Mark);
    for (const Track& track : cores) bytes += track.bytes();
    for (const Track& track : tasks) bytes += track.bytes();
    return bytes;
}

std::optional<Timeline> make_timeline(const Trace& trace, std::stop_token stop, const TimelineProgress& progress) {
    constexpr std::size_t at_once = std::size_t{1} << 16;
    Builder builder(trace);
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
        if (i % at_once == 0) {
            if (stop.stop_requested()) return std::nullopt;
            if (progress) progress(static_cast<double>(i) / static_cast<double>(trace.events.size()));
        }
        builder.take(trace.events[i], static_cast<std::uint32_t>(i));
    }
    return builder.finish();
}

} // namespace switchyard::studio
