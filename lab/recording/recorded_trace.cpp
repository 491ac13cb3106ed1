#include "lab/recording/recorded_trace.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace switchyard::lab {

namespace {

class Recorder : public Visitor {
public:
    explicit Recorder(const Import& import)
        : import_(import),
          left_(import.recording.cpus),
          has_begun_(import.recording.threads.size(), false),
          runs_on_(import.recording.threads.size(), no_core) {
        result_.trace.cores = import.recording.cpus;
        for (const Behaviour& each : import.behaviours.threads) result_.trace.tasks.push_back({.name = each.name});
    }

    void wakes(const Wake& wake) {
        if (!import_.selection.has(wake.thread)) return;
        has_begun_[wake.thread] = true;
        const bool known = wake.waker != no_thread && import_.selection.has(wake.waker);
        record(wake.at, EventKind::ready, wake.thread, no_core, known ? task_of(wake.waker) : no_task);
    }

    void begins(ThreadId id, std::uint16_t cpu, std::int64_t at) {
        if (!import_.selection.has(id)) return;
        if (!has_begun_[id]) record(at, EventKind::ready, id, no_core);
        has_begun_[id] = true;
        for (std::uint16_t other = 0; other < left_.size(); ++other) {
            if (!left_[other] || (other != cpu && left_[other]->thread != id)) continue;
            const bool goes_on = other == cpu && left_[other]->thread == id;
            if (goes_on) ++result_.interludes;
            if (!goes_on) give_up(other);
            left_[other].reset();
            if (goes_on) return;
        }
        runs_on_[id] = cpu;
        record(at, EventKind::running, id, cpu);
    }

    void leaves(ThreadId id, std::uint16_t cpu, std::int64_t at, Leave why, ThreadId next) {
        if (!import_.selection.has(id)) return;
        if (why == Leave::preempted && next != idle_thread && !import_.selection.has(next)) {
            left_[cpu] = Left{id, at};
            return;
        }
        stop(id, cpu, at, why);
    }

    RecordedTrace finish() {
        for (std::uint16_t cpu = 0; cpu < left_.size(); ++cpu)
            if (left_[cpu]) give_up(cpu);
        // Who still runs is replayed up to here.
        const std::int64_t end = import_.recording.events.back().nanoseconds;
        for (ThreadId id = 0; id < runs_on_.size(); ++id)
            if (runs_on_[id] != no_core) stop(id, runs_on_[id], end, Leave::ended);
        std::ranges::stable_sort(result_.trace.events, {}, &TraceEvent::time);
        return std::move(result_);
    }

private:
    struct Left {
        ThreadId thread;
        std::int64_t at;
    };

    TaskId task_of(ThreadId id) const { return static_cast<TaskId>(import_.behaviours.of[id]); }

    void record(std::int64_t at, EventKind kind, ThreadId id, std::uint16_t core, TaskId other = no_task,
                std::uint8_t detail = 0) {
        const Duration since = std::chrono::nanoseconds{at - import_.behaviours.origin};
        result_.trace.events.push_back({Time{since}, 0, task_of(id), other, core, kind, detail, 0});
    }

    void stop(ThreadId id, std::uint16_t cpu, std::int64_t at, Leave why) {
        runs_on_[id] = no_core;
        const Stop stop = why == Leave::blocked   ? Stop::blocked
                          : why == Leave::ended   ? Stop::ended
                          : why == Leave::yielded ? Stop::yielded
                                                  : Stop::preempted;
        record(at, EventKind::stopped, id, cpu, no_task, static_cast<std::uint8_t>(stop));
        if (why == Leave::ended) record(at, EventKind::ended, id, no_core);
    }

    void give_up(std::uint16_t cpu) { stop(left_[cpu]->thread, cpu, left_[cpu]->at, Leave::preempted); }

    const Import& import_;
    std::vector<std::optional<Left>> left_; // by processor: who was preempted there by somebody outside
    std::vector<bool> has_begun_;
    std::vector<std::uint16_t> runs_on_; // by thread; no_core: it does not
    RecordedTrace result_;
};

} // namespace

RecordedTrace recorded_trace(const Import& import) {
    Recorder recorder(import);
    Walk(import.recording, import.seen.rule, recorder).run();
    return recorder.finish();
}

} // namespace switchyard::lab
