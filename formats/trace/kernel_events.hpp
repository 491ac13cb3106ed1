// What Linux's tracepoints would have told of a run: sched_switch and sched_waking out of a trace of ours.
//
// A core goes from one thread to another, to nobody (no_task) or from nobody, at the instant at which the one stops or
// the other begins; where time passes between the two, the core is nobody's meanwhile. Who stops and goes on at the
// same instant on the same core has not switched. There are as many switches away from somebody as the report counts
// voluntary and involuntary ones. Of carried tasks the kernel knows nothing.
#pragma once

#include "models/trace/event.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace switchyard::formats {

struct KernelSwitch {
    Time at{};
    std::uint16_t core = 0;
    TaskId from = no_task;
    Stop why = Stop::preempted; // `from` left
    TaskId to = no_task;
};

struct KernelWaking {
    Time at{};
    std::uint16_t core = 0; // where the waker is
    TaskId waker = no_task; // no_task: a timer, or the beginning
    TaskId task = no_task;
    std::uint16_t target = 0; // where it ran last, else `core`
};

// Sees the events of a trace in their order and calls `switched` and `woken` in order of time.
template <class Switched, class Woken>
class KernelEvents {
public:
    KernelEvents(const Trace& trace, Switched switched, Woken woken)
        : trace_(trace),
          switched_(std::move(switched)),
          woken_(std::move(woken)),
          cores_(trace.cores),
          core_of_(trace.tasks.size(), no_core) {}

    void take(const TraceEvent& event) {
        if (event.task >= core_of_.size() || trace_.tasks[event.task].carried) return;
        if (event.kind == EventKind::ready) ready(event);
        if (event.kind == EventKind::running) running(event);
        if (event.kind == EventKind::stopped) stopped(event);
    }

    // Nothing comes any more.
    void finish() { leave_until(Time::max()); }

private:
    struct Core {
        TaskId current = no_task;
        std::optional<Stop> stopped = {}; // at `instant_`: whether it switches is not known before the instant is over
    };

    void leave_until(Time now) {
        if (now <= instant_) return;
        for (const std::uint16_t number : pending_) {
            Core& core = cores_[number];
            if (!core.stopped) continue;
            switched_(KernelSwitch{instant_, number, core.current, *core.stopped, no_task});
            core = {};
        }
        pending_.clear();
        instant_ = now;
    }

    void ready(const TraceEvent& event) {
        leave_until(event.time);
        const bool has_waker = event.other < core_of_.size() && core_of_[event.other] < cores_.size();
        const std::uint16_t core = has_waker ? core_of_[event.other] : std::uint16_t{0};
        const std::uint16_t before = core_of_[event.task];
        woken_(KernelWaking{event.time, core, has_waker ? event.other : no_task, event.task,
                            before < cores_.size() ? before : core});
    }

    void running(const TraceEvent& event) {
        if (event.core >= cores_.size()) return;
        leave_until(event.time);
        Core& core = cores_[event.core];
        core_of_[event.task] = event.core;
        if (core.stopped && core.current == event.task) {
            if (*core.stopped != Stop::blocked) { // goes on
                core.stopped.reset();
                return;
            }
            switched_(KernelSwitch{event.time, event.core, core.current, *core.stopped, no_task});
            core = {};
        }
        switched_(KernelSwitch{event.time, event.core, core.stopped ? core.current : no_task,
                               core.stopped.value_or(Stop::preempted), event.task});
        core = {event.task, {}};
    }

    void stopped(const TraceEvent& event) {
        leave_until(event.time);
        const std::uint16_t number = core_of_[event.task];
        if (number >= cores_.size() || cores_[number].current != event.task) return;
        cores_[number].stopped = static_cast<Stop>(event.detail);
        pending_.push_back(number);
    }

    const Trace& trace_;
    Switched switched_;
    Woken woken_;
    std::vector<Core> cores_;
    std::vector<std::uint16_t> core_of_; // of each task: where it runs, or ran last
    std::vector<std::uint16_t> pending_; // cores where somebody has stopped at `instant_`
    Time instant_ = Time::min();
};

// Processes and threads by numbers as Linux gives them: threads 1, 2, ... in the order of the trace, a process that of
// its first thread. Carried tasks have none (0).
struct KernelNumbers {
    std::vector<std::int32_t> thread;  // of each task
    std::vector<std::int32_t> process; // of each task
};
[[nodiscard]] KernelNumbers kernel_numbers(const Trace& trace);

} // namespace switchyard::formats
