#include "formats/trace/ftrace_text.hpp"

#include "formats/trace/kernel_events.hpp"

#include <fmt/format.h>
#include <iterator>
#include <ostream>

namespace switchyard::formats {

namespace {

// Linux's names have at most 15 bytes (TASK_COMM_LEN); a line ends with the line.
std::string name_of_task(const std::string& name) {
    std::string text = name.substr(0, 15);
    for (char& c : text)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    return text;
}

char state_letter(Stop why) {
    switch (why) {
    case Stop::blocked: return 'S';
    case Stop::ended: return 'X';
    case Stop::preempted:
    case Stop::yielded:
    case Stop::new_job: break;
    }
    return 'R';
}

class TextWriter {
public:
    TextWriter(const Trace& trace, std::ostream& stream) : stream_(stream), numbers_(kernel_numbers(trace)) {
        names_.reserve(trace.tasks.size());
        for (const TraceTask& task : trace.tasks) names_.push_back(name_of_task(task.name));
        append("# tracer: nop\n#\n#  TASK-PID (PROCESS) [CPU] FLAGS TIME: EVENT: FIELDS\n");
    }

    void switched(const KernelSwitch& event) {
        head(event.from, event.core, event.at);
        append("sched_switch: prev_comm={} prev_pid={} prev_prio=120 prev_state={} ==> next_comm={} next_pid={} "
               "next_prio=120\n",
               name(event.from), number(event.from), state_letter(event.why), name(event.to), number(event.to));
        flush_if_full();
    }

    void woken(const KernelWaking& event) {
        head(event.waker, event.core, event.at);
        append("sched_waking: comm={} pid={} prio=120 target_cpu={:03}\n", name(event.task), number(event.task),
               event.target);
        flush_if_full();
    }

    void flush() {
        stream_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
        buffer_.clear();
    }

private:
    template <typename... Values>
    void append(fmt::format_string<Values...> form, Values&&... values) {
        fmt::format_to(std::back_inserter(buffer_), form, std::forward<Values>(values)...);
    }

    void flush_if_full() {
        if (buffer_.size() > std::size_t{1} << 16) flush();
    }

    [[nodiscard]] std::string_view name(TaskId task) const {
        return task == no_task ? "swapper" : std::string_view(names_[task]);
    }
    [[nodiscard]] std::int32_t number(TaskId task) const { return task == no_task ? 0 : numbers_.thread[task]; }

    void head(TaskId task, std::uint16_t core, Time at) {
        constexpr std::int64_t billion = 1'000'000'000;
        const std::int64_t nanoseconds = at.time_since_epoch().count() / 1000;
        append("{:>16}-{:<7} ({:>7}) [{:03}] d..2. {:>5}.{:09}: ", name(task), number(task),
               task == no_task ? 0 : numbers_.process[task], core, nanoseconds / billion, nanoseconds % billion);
    }

    std::ostream& stream_;
    KernelNumbers numbers_;
    std::vector<std::string> names_;
    fmt::memory_buffer buffer_;
};

} // namespace

void write_ftrace_text(const Trace& trace, std::ostream& stream) {
    TextWriter writer(trace, stream);
    KernelEvents events(
        trace, [&](const KernelSwitch& event) { writer.switched(event); },
        [&](const KernelWaking& event) { writer.woken(event); });
    for (const TraceEvent& event : trace.events) events.take(event);
    events.finish();
    writer.flush();
}

} // namespace switchyard::formats
