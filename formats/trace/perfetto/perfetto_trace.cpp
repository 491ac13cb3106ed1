#include "formats/trace/perfetto/perfetto_trace.hpp"

#include "formats/trace/kernel_events.hpp"
#include "formats/trace/perfetto/packet_writer.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <ostream>
#include <utility>
#include <vector>

namespace switchyard::formats {

namespace {

using namespace perfetto;

constexpr NamedThread nobody{"swapper", 0};

// Numbers of tracks, by what they are of.
constexpr TrackNumber thread_tracks = TrackNumber{1} << 32;
constexpr TrackNumber carried_tracks = TrackNumber{2} << 32;
constexpr TrackNumber core_tracks = TrackNumber{3} << 32;
constexpr TrackNumber counter_tracks = TrackNumber{4} << 32;
enum class Counter : std::uint8_t { ready, faults, swapped_in, swapped_out };
constexpr std::array<std::string_view, 4> counter_names{"threads that are ready and have no core", "page faults",
                                                        "pages swapped in", "pages swapped out"};

// States as sched_switch has them (include/linux/sched.h, trace/events/sched.h).
constexpr std::int64_t state_running = 0;
constexpr std::int64_t state_sleeping = 1;
constexpr std::int64_t state_dead = 16;

std::int64_t state_after(Stop stop) {
    switch (stop) {
    case Stop::blocked: return state_sleeping;
    case Stop::ended: return state_dead;
    case Stop::preempted:
    case Stop::yielded:
    case Stop::new_job: break;
    }
    return state_running;
}

struct TaskState {
    bool is_ready = false;  // thread: without a core
    bool has_track = false; // it has been described
    bool is_begun = false;  // carried task: its latest `begin` has no end yet
    std::uint64_t flow = 0; // carried task: the arrow that leads to where it goes on; 0: none
};

class TraceWriter {
public:
    TraceWriter(const Trace& trace, std::ostream& stream)
        : trace_(trace),
          writer_(stream),
          numbers_(kernel_numbers(trace)),
          tasks_(trace.tasks.size()),
          overhead_end_(trace.cores) {
        describe_tasks();
        for (std::uint32_t core = 0; core < trace.cores; ++core)
            writer_.track(core_tracks | (core + 1), fmt::format("core {}: other than work", core));
        for (std::size_t i = 0; i < counter_names.size(); ++i)
            writer_.counter_track(counter_tracks | (i + 1), counter_names[i]);
    }

    void take(const TraceEvent& event) {
        end_ = std::max(end_, event.time);
        if (event.kind == EventKind::overhead) return overhead(event);
        if (event.task >= tasks_.size()) return;
        kernel_events_.take(event);
        const bool carried = trace_.tasks[event.task].carried;
        switch (event.kind) {
        case EventKind::ready: return carried ? carried_is_ready(event) : count_ready(event.task, true, event.time);
        case EventKind::running: return count_ready(event.task, false, event.time);
        case EventKind::stopped:
            if (state_after(static_cast<Stop>(event.detail)) == state_running)
                count_ready(event.task, true, event.time);
            return;
        case EventKind::resumed: return resumed(event);
        case EventKind::suspended: return put_down(event.task, event.time);
        case EventKind::ended:
            if (carried) put_down(event.task, event.time);
            return;
        case EventKind::job_begun: return mark(event, event.time - Duration{event.value}, "job", "job released");
        case EventKind::job_finished:
            return mark(event, event.time, "job", event.detail == 0 ? "job finished" : "job finished late");
        case EventKind::job_aborted: return mark(event, event.time, "job", "job aborted");
        case EventKind::faulted: return faulted(event);
        case EventKind::transferred: return transferred(event);
        case EventKind::out_of_memory: {
            const std::array pages{Annotation{"pages", static_cast<std::uint64_t>(event.value)}};
            return mark(event, event.time, "memory", "killed: out of memory", pages);
        }
        case EventKind::shootdown: {
            const std::array figures{Annotation{"cores", event.count},
                                     Annotation{"pages", static_cast<std::uint64_t>(event.value)}};
            return mark(event, event.time, "memory", "TLB shootdown", figures);
        }
        case EventKind::created:
        case EventKind::overhead: return;
        }
    }

    void finish() {
        kernel_events_.finish();
        for (TaskId task = 0; task < tasks_.size(); ++task) put_down(task, end_);
        writer_.flush();
    }

private:
    void describe_tasks() {
        for (std::size_t i = 0; i < tasks_.size(); ++i) {
            if (numbers_.thread[i] == 0) continue;
            if (numbers_.process[i] == numbers_.thread[i]) writer_.process(numbers_.thread[i], 0, trace_.tasks[i].name);
            writer_.thread(numbers_.thread[i], numbers_.process[i], trace_.tasks[i].name);
        }
    }

    [[nodiscard]] NamedThread named(TaskId task) const {
        return task == no_task ? nobody : NamedThread{trace_.tasks[task].name, numbers_.thread[task]};
    }

    // The track is described where something is written to it: most threads need none.
    TrackNumber track_of(TaskId id) {
        TaskState& task = tasks_[id];
        const bool carried = trace_.tasks[id].carried;
        const TrackNumber number = (carried ? carried_tracks : thread_tracks) | (id + 1);
        if (!std::exchange(task.has_track, true)) {
            if (carried)
                writer_.track(number, trace_.tasks[id].name);
            else
                writer_.track_of_thread(number, numbers_.process[id], numbers_.thread[id]);
        }
        return number;
    }

    void count_ready(TaskId id, bool is_ready, Time at) {
        if (std::exchange(tasks_[id].is_ready, is_ready) == is_ready) return;
        ready_ += is_ready ? 1 : -1;
        count(Counter::ready, at, ready_);
    }

    void count(Counter counter, Time at, std::int64_t value) {
        writer_.count(counter_tracks | (static_cast<TrackNumber>(counter) + 1), at, value);
    }

    // An arrow from a mark on the waker's track to where the carried task goes on.
    void carried_is_ready(const TraceEvent& event) {
        if (event.other >= tasks_.size()) return;
        tasks_[event.task].flow = ++flows_;
        writer_.mark(track_of(event.other), event.time, "wake-up", "wakes", {}, Flow{flows_, false});
    }

    void resumed(const TraceEvent& event) {
        put_down(event.task, event.time);
        TaskState& task = tasks_[event.task];
        std::optional<Flow> flow;
        if (const std::uint64_t id = std::exchange(task.flow, 0); id != 0) flow = Flow{id, true};
        writer_.begin(track_of(event.task), event.time, "task", "running", flow);
        task.is_begun = true;
    }

    void put_down(TaskId id, Time at) {
        if (std::exchange(tasks_[id].is_begun, false)) writer_.end(track_of(id), at);
    }

    void mark(const TraceEvent& event, Time at, std::string_view category, std::string_view name,
              std::span<const Annotation> annotations = {}) {
        writer_.mark(track_of(event.task), at, category, name, annotations);
    }

    void faulted(const TraceEvent& event) {
        const std::array figures{Annotation{"count", event.count},
                                 Annotation{"address", static_cast<std::uint64_t>(event.value)}};
        mark(event, event.time, "memory", fmt::format("fault: {}", name_of(static_cast<FaultKind>(event.detail))),
             figures);
        count(Counter::faults, event.time, faults_ += event.count);
    }

    void transferred(const TraceEvent& event) {
        const std::array pages{Annotation{"pages", static_cast<std::uint64_t>(event.value)}};
        const auto transfer = static_cast<Transfer>(event.detail);
        mark(event, event.time, "memory", name_of(transfer), pages);
        if (transfer == Transfer::swapped_in) count(Counter::swapped_in, event.time, swapped_in_ += event.value);
        if (transfer == Transfer::swapped_out) count(Counter::swapped_out, event.time, swapped_out_ += event.value);
    }

    void overhead(const TraceEvent& event) {
        if (event.core >= overhead_end_.size() || event.value <= 0) return;
        const auto kind = static_cast<Overhead>(event.detail);
        const Duration length{event.value};
        Time& free = overhead_end_[event.core];
        // Ticks are told when they are over; what begins at one instant follows one another.
        const Time begin = kind == Overhead::tick ? event.time - length : std::max(event.time, free);
        free = std::max(free, begin + length);
        const TrackNumber track = core_tracks | (event.core + 1U);
        writer_.begin(track, begin, "overhead", name_of(kind));
        writer_.end(track, begin + length);
    }

    const Trace& trace_;
    PacketWriter writer_;
    KernelNumbers numbers_;
    std::vector<TaskState> tasks_;
    std::vector<Time> overhead_end_; // of each core
    std::int64_t ready_ = 0;
    std::int64_t faults_ = 0;
    std::int64_t swapped_in_ = 0;
    std::int64_t swapped_out_ = 0;
    std::uint64_t flows_ = 0;
    Time end_{};

    struct Switched {
        TraceWriter& writer;
        void operator()(const KernelSwitch& event) const {
            writer.writer_.switched(event.core, event.at, writer.named(event.from), state_after(event.why),
                                    writer.named(event.to));
        }
    };
    struct Woken {
        TraceWriter& writer;
        void operator()(const KernelWaking& event) const {
            writer.writer_.woken(event.core, event.at, writer.named(event.waker).number, writer.named(event.task),
                                 event.target);
        }
    };
    KernelEvents<Switched, Woken> kernel_events_{trace_, Switched{*this}, Woken{*this}};
};

} // namespace

void write_perfetto_trace(const Trace& trace, std::ostream& stream) {
    TraceWriter writer(trace, stream);
    for (const TraceEvent& event : trace.events) writer.take(event);
    writer.finish();
}

} // namespace switchyard::formats
