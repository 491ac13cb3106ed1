#include "native/capture/run_trace.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace switchyard::native {

namespace {

constexpr std::int64_t coarsest_clock = 1000; // ns: tracefs prints microseconds, cut off

class RunTrace {
public:
    RunTrace(std::span<const CapturedThread> threads, std::span<const std::int32_t> cpus, std::int64_t start)
        : threads_(threads), start_(start), state_(threads.size(), State::unseen) {
        trace_.tasks.resize(threads.size());
        for (TaskId task = 0; task < threads.size(); ++task) by_thread_.emplace(threads[task].thread_id, task);
        for (const std::int32_t cpu : cpus) cores_.emplace(cpu, static_cast<std::uint16_t>(cores_.size()));
    }

    void add(const KernelEvent& event) {
        now_ = event.nanoseconds;
        switch (event.kind) {
        case KernelEvent::Kind::switches:
            if (const auto task = known(event.task)) leave(*task, event);
            if (const auto task = known(event.next)) enter(*task, event);
            break;
        case KernelEvent::Kind::wakes:
        case KernelEvent::Kind::wakes_new:
            if (const auto task = known(event.task)) wake(*task, event);
            break;
        case KernelEvent::Kind::migrates: break; // where it runs next says as much
        }
    }

    Trace finish() {
        trace_.cores = static_cast<std::uint32_t>(cores_.size());
        return std::move(trace_);
    }

private:
    enum class State : std::uint8_t { unseen, ready, running, preempted, blocked, ended };

    // The thread's task, where it is one of the run's and has begun.
    std::optional<TaskId> known(std::int32_t thread) const {
        const auto found = by_thread_.find(thread);
        if (found == by_thread_.end()) return std::nullopt;
        const CapturedThread& captured = threads_[found->second];
        if (state_[found->second] == State::ended || now_ < captured.ready - coarsest_clock) return std::nullopt;
        return found->second;
    }

    TaskId task_of(std::int32_t thread) const {
        const auto found = by_thread_.find(thread);
        return found == by_thread_.end() ? no_task : found->second;
    }

    void record(TaskId task, EventKind kind, std::uint16_t core, TaskId other = no_task, std::uint8_t detail = 0) {
        const Duration since = std::chrono::nanoseconds{std::max<std::int64_t>(now_ - start_, 0)};
        trace_.events.push_back({Time{since}, 0, task, other, core, kind, detail, 0});
    }

    std::uint16_t core_of(std::uint16_t cpu) {
        return cores_.try_emplace(cpu, static_cast<std::uint16_t>(cores_.size())).first->second;
    }

    void wake(TaskId task, const KernelEvent& event) {
        if (state_[task] != State::unseen && state_[task] != State::blocked) return; // it had not left its core yet
        if (state_[task] == State::unseen && threads_[task].is_child)
            record(task, EventKind::created, no_core, task_of(event.actor));
        record(task, EventKind::ready, no_core, task_of(event.actor));
        state_[task] = State::ready;
    }

    void enter(TaskId task, const KernelEvent& event) {
        if (state_[task] == State::unseen || state_[task] == State::blocked) // its waking was not seen
            record(task, EventKind::ready, no_core);
        record(task, EventKind::running, core_of(event.cpu));
        state_[task] = State::running;
    }

    void leave(TaskId task, const KernelEvent& event) {
        if (state_[task] != State::running) return;
        const CapturedThread& thread = threads_[task];
        const bool is_over = event.has_ended || (thread.end != 0 && now_ >= thread.end);
        const Stop why = is_over ? Stop::ended : event.is_runnable ? Stop::preempted : Stop::blocked;
        record(task, EventKind::stopped, core_of(event.cpu), task_of(event.next), static_cast<std::uint8_t>(why));
        state_[task] = is_over ? State::ended : event.is_runnable ? State::preempted : State::blocked;
        if (is_over) record(task, EventKind::ended, no_core);
    }

    std::span<const CapturedThread> threads_;
    std::int64_t start_;
    std::int64_t now_ = 0;
    std::unordered_map<std::int32_t, TaskId> by_thread_;
    std::unordered_map<std::int32_t, std::uint16_t> cores_;
    std::vector<State> state_;
    Trace trace_;
};

} // namespace

Trace trace_of_run(std::span<const KernelEvent> events, std::span<const CapturedThread> threads,
                   std::span<const std::int32_t> cpus, std::int64_t start) {
    RunTrace trace(threads, cpus, start);
    for (const KernelEvent& event : events) trace.add(event);
    return trace.finish();
}

} // namespace switchyard::native
