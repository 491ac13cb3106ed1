#include "formats/json/chrome_trace.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace switchyard::formats {

namespace {

// Track groups.
constexpr int cores_group = 1;
constexpr int tasks_group = 2;

std::string json_string(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Writes single events, one a line.
class EventWriter {
public:
    explicit EventWriter(std::ostream& stream) : stream_(stream) {
        append("{{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    }

    void finish() {
        append("\n]}}\n");
        flush();
    }

    void name_group(int group, std::string_view name) {
        begin();
        append(R"({{"ph":"M","name":"process_name","pid":{0},"args":{{"name":"{1}"}}}},)"
               "\n"
               R"({{"ph":"M","name":"process_sort_index","pid":{0},"args":{{"sort_index":{0}}}}})",
               group, name);
    }

    // `name` is a JSON string.
    void name_track(int group, std::uint32_t track, std::string_view name) {
        begin();
        append(R"({{"ph":"M","name":"thread_name","pid":{0},"tid":{1},"args":{{"name":{2}}}}},)"
               "\n"
               R"({{"ph":"M","name":"thread_sort_index","pid":{0},"tid":{1},"args":{{"sort_index":{1}}}}})",
               group, track, name);
    }

    // An interval; nothing for one without length. `name` is a JSON string, `arguments` a JSON object or empty.
    void interval(int group, std::uint32_t track, std::string_view category, std::string_view name, Time from, Time to,
                  std::string_view arguments = {}) {
        if (to <= from) return;
        begin();
        append(R"({{"ph":"X","pid":{},"tid":{},"cat":"{}","name":{},"ts":)", group, track, category, name);
        microseconds(from.time_since_epoch());
        append(R"(,"dur":)");
        microseconds(to - from);
        if (!arguments.empty()) append(R"(,"args":{})", arguments);
        append("}}");
    }

    // An instant on a track of the tasks. `arguments` is a JSON object or empty.
    void mark(std::uint32_t track, Time at, std::string_view category, std::string_view name,
              std::string_view arguments = {}) {
        begin();
        append(R"({{"ph":"i","s":"t","pid":{},"tid":{},"cat":"{}","name":"{}","ts":)", tasks_group, track, category,
               name);
        microseconds(at.time_since_epoch());
        if (!arguments.empty()) append(R"(,"args":{})", arguments);
        append("}}");
    }

    // An arrow from one track of the tasks to another.
    void arrow(std::uint64_t id, std::uint32_t from_track, Time from, std::uint32_t to_track, Time to) {
        begin();
        append(R"({{"ph":"s","id":{},"pid":{},"tid":{},"cat":"wake-up","name":"wake-up","ts":)", id, tasks_group,
               from_track);
        microseconds(from.time_since_epoch());
        append("}},\n");
        append(R"({{"ph":"f","bp":"e","id":{},"pid":{},"tid":{},"cat":"wake-up","name":"wake-up","ts":)", id,
               tasks_group, to_track);
        microseconds(to.time_since_epoch());
        append("}}");
    }

private:
    template <typename... Values>
    void append(fmt::format_string<Values...> form, Values&&... values) {
        fmt::format_to(std::back_inserter(buffer_), form, std::forward<Values>(values)...);
    }

    void begin() {
        append("{}", first_ ? "\n" : ",\n");
        first_ = false;
        if (buffer_.size() > std::size_t{1} << 16) flush();
    }

    void microseconds(Duration time) { append("{}.{:06}", time.count() / 1'000'000, time.count() % 1'000'000); }

    void flush() {
        stream_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
        buffer_.clear();
    }

    std::ostream& stream_;
    fmt::memory_buffer buffer_;
    bool first_ = true;
};

enum class State : std::uint8_t { none, running, ready, blocked, suspended };
constexpr std::array<std::string_view, 5> state_names{R"("")", R"("running")", R"("ready")", R"("blocked")",
                                                      R"("suspended")"};

// What is known of a task while the events go by.
struct TaskState {
    State state = State::none;
    Time since{};                 // when it came into this state
    std::uint16_t core = no_core; // where it runs; a carried task's is its thread's
    TaskId carried = no_task;     // thread: the task it carries at present
    TaskId carrier = no_task;     // carried task: its thread, while it is resumed
    TaskId waker = no_task;       // who made it ready, where it has not run since
    Time woken{};
};

class TraceWriter {
public:
    TraceWriter(const Trace& trace, std::ostream& stream)
        : writer_(stream), tasks_(trace.tasks.size()), overhead_end_(trace.cores) {
        names_.reserve(trace.tasks.size());
        for (const TraceTask& task : trace.tasks) names_.push_back(json_string(task.name));
        writer_.name_group(cores_group, "cores");
        for (std::uint32_t core = 0; core < trace.cores; ++core)
            writer_.name_track(cores_group, core, fmt::format(R"("core {}")", core));
        writer_.name_group(tasks_group, "tasks");
        for (std::uint32_t task = 0; task < names_.size(); ++task) writer_.name_track(tasks_group, task, names_[task]);
    }

    void take(const TraceEvent& event) {
        end_ = std::max(end_, event.time);
        if (event.kind == EventKind::overhead) return overhead(event);
        if (event.task >= tasks_.size()) return;
        switch (event.kind) {
        case EventKind::ready: ready(event); break;
        case EventKind::running: runs(event.task, event.core, event.time); break;
        case EventKind::stopped:
            leaves(event.task, state_after(static_cast<Stop>(event.detail)), event.time, stop_of(event));
            break;
        case EventKind::resumed: resumed(event); break;
        case EventKind::suspended: suspended(event); break;
        case EventKind::ended: ended(event); break;
        case EventKind::job_begun:
            writer_.mark(event.task, event.time - Duration{event.value}, "job", "job released");
            break;
        case EventKind::job_finished:
            writer_.mark(event.task, event.time, "job", event.detail == 0 ? "job finished" : "job finished late");
            break;
        case EventKind::job_aborted: writer_.mark(event.task, event.time, "job", "job aborted"); break;
        case EventKind::faulted:
        case EventKind::transferred:
        case EventKind::out_of_memory:
        case EventKind::shootdown: memory(event); break;
        case EventKind::created:
        case EventKind::overhead: break;
        }
    }

    void finish() {
        for (TaskId task = 0; task < tasks_.size(); ++task) enter(task, State::none, no_core, end_, {});
        writer_.finish();
    }

private:
    static State state_after(Stop stop) {
        switch (stop) {
        case Stop::preempted:
        case Stop::new_job:
        case Stop::yielded: return State::ready;
        case Stop::blocked: return State::blocked;
        case Stop::ended: break;
        }
        return State::none;
    }

    static std::string_view stop_of(const TraceEvent& event) { return name_of(static_cast<Stop>(event.detail)); }

    // Closes the interval the task was in and opens the next. `stop` says why a running one stopped.
    void enter(TaskId id, State state, std::uint16_t core, Time now, std::string_view stop) {
        TaskState& task = tasks_[id];
        if (task.state == State::running && task.core != no_core)
            writer_.interval(cores_group, task.core, "task", names_[id], task.since, now,
                             stop.empty() ? std::string() : fmt::format(R"({{"stop":"{}"}})", stop));
        if (task.state != State::none)
            writer_.interval(tasks_group, id, "state", state_names[static_cast<std::size_t>(task.state)], task.since,
                             now);
        task.state = state;
        task.since = now;
        task.core = core;
        if (state != State::running || task.waker == no_task) return;
        writer_.arrow(++arrows_, task.waker, task.woken, id, now);
        task.waker = no_task;
    }

    void ready(const TraceEvent& event) {
        TaskState& task = tasks_[event.task];
        task.waker = event.other < tasks_.size() ? event.other : no_task;
        task.woken = event.time;
        if (task.state != State::running) enter(event.task, State::ready, no_core, event.time, {});
    }

    void runs(TaskId id, std::uint16_t core, Time now) {
        enter(id, State::running, core, now, {});
        if (tasks_[id].carried != no_task) enter(tasks_[id].carried, State::running, core, now, {});
    }

    void leaves(TaskId id, State state, Time now, std::string_view stop) {
        if (tasks_[id].carried != no_task) enter(tasks_[id].carried, state, no_core, now, stop);
        enter(id, state, no_core, now, stop);
    }

    void resumed(const TraceEvent& event) {
        std::uint16_t core = event.core;
        if (event.other < tasks_.size()) {
            tasks_[event.other].carried = event.task;
            tasks_[event.task].carrier = event.other;
            core = tasks_[event.other].core;
        }
        enter(event.task, State::running, core, event.time, {});
    }

    void suspended(const TraceEvent& event) {
        put_down(event.task);
        if (tasks_[event.task].state == State::none) return; // it hands over because it has ended
        enter(event.task, State::suspended, no_core, event.time, {});
    }

    void ended(const TraceEvent& event) {
        put_down(event.task);
        enter(event.task, State::none, no_core, event.time, name_of(static_cast<Ending>(event.detail)));
    }

    // Its thread no longer carries the task.
    void put_down(TaskId id) {
        const TaskId thread = std::exchange(tasks_[id].carrier, no_task);
        if (thread != no_task && tasks_[thread].carried == id) tasks_[thread].carried = no_task;
    }

    void memory(const TraceEvent& event) {
        const auto mark = [&](std::string_view name, std::string_view arguments) {
            writer_.mark(event.task, event.time, "memory", name, arguments);
        };
        if (event.kind == EventKind::faulted)
            mark(fmt::format("fault: {}", name_of(static_cast<FaultKind>(event.detail))),
                 fmt::format(R"({{"count":{},"address":"0x{:x}"}})", event.count, event.value));
        else if (event.kind == EventKind::transferred)
            mark(name_of(static_cast<Transfer>(event.detail)), fmt::format(R"({{"pages":{}}})", event.value));
        else if (event.kind == EventKind::out_of_memory)
            mark("killed: out of memory", fmt::format(R"({{"pages":{}}})", event.value));
        else
            mark("TLB shootdown", fmt::format(R"({{"cores":{},"pages":{}}})", event.count, event.value));
    }

    void overhead(const TraceEvent& event) {
        if (event.core >= overhead_end_.size()) return;
        const auto kind = static_cast<Overhead>(event.detail);
        const Duration length{event.value};
        Time& free = overhead_end_[event.core];
        // Ticks are told when they are over; what begins at one instant follows one another.
        const Time begin = kind == Overhead::tick ? event.time - length : std::max(event.time, free);
        free = std::max(free, begin + length);
        writer_.interval(cores_group, event.core, "overhead", fmt::format(R"("{}")", name_of(kind)), begin,
                         begin + length);
    }

    EventWriter writer_;
    std::vector<TaskState> tasks_;
    std::vector<Time> overhead_end_; // of each core
    std::vector<std::string> names_; // as JSON strings
    std::uint64_t arrows_ = 0;
    Time end_{};
};

} // namespace

void write_chrome_trace(const Trace& trace, std::ostream& stream) {
    TraceWriter writer(trace, stream);
    for (const TraceEvent& event : trace.events) writer.take(event);
    writer.finish();
}

} // namespace switchyard::formats
