#include "formats/perf_script/read_perf_script.hpp"

#include "formats/files.hpp"
#include "models/errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <unordered_map>
#include <utility>

namespace switchyard::formats {

namespace {

using Kind = SchedulingEvent::Kind;
using Context = SchedulingEvent::Context;

constexpr auto none = std::string_view::npos;

template <class Integer>
std::optional<Integer> number_at(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    Integer value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? std::optional(value) : std::nullopt;
}

// The number behind the last " name=": what stands before may be a name that looks like one.
template <class Integer = std::int32_t>
std::optional<Integer> field(std::string_view text, std::string_view name) {
    const std::size_t at = text.rfind(name);
    return at == none ? std::nullopt : number_at<Integer>(text.substr(at + name.size()));
}

std::string_view trimmed(std::string_view text) {
    while (text.ends_with(' ') || text.ends_with('\r')) text.remove_suffix(1);
    while (text.starts_with(' ')) text.remove_prefix(1);
    return text;
}

// "3293.593441", "4689.175772459".
std::optional<std::int64_t> nanoseconds_of(std::string_view text) {
    const std::size_t point = text.find('.');
    if (point == none) return std::nullopt;
    const auto seconds = number_at<std::int64_t>(text.substr(0, point));
    const std::string_view digits = text.substr(point + 1);
    const auto fraction = number_at<std::int64_t>(digits);
    if (!seconds || !fraction || digits.size() > 9 || digits.empty() || *seconds > 1'000'000'000) return std::nullopt;
    std::int64_t unit = 1;
    for (std::size_t i = digits.size(); i < 9; ++i) unit *= 10;
    return *seconds * 1'000'000'000 + *fraction * unit;
}

struct Shape {
    std::string_view name; // of the event, with the colon
    Kind kind;
};
constexpr std::array<Shape, 7> shapes{{{"sched_switch:", Kind::switches},
                                       {"sched_waking:", Kind::waking},
                                       {"sched_wakeup:", Kind::wakes},
                                       {"sched_wakeup_new:", Kind::wakes_new},
                                       {"sched_migrate_task:", Kind::migrates},
                                       {"sched_process_fork:", Kind::forks},
                                       {"sched_process_exit:", Kind::ends}}};

class Reader {
public:
    Reader(std::string_view text, const std::string& file) : text_(text) {
        recording_.file = file;
        recording_.names.emplace_back();
        ids_.emplace(std::string(), 0);
        recording_.events.reserve(text.size() / 128);
    }

    SchedulingRecording read() {
        for (std::size_t begin = 0; begin < text_.size();) {
            const std::size_t end = text_.find('\n', begin);
            ++line_;
            is_cut_ = end == none;
            read_line(text_.substr(begin, is_cut_ ? none : end - begin));
            if (is_cut_) break;
            begin = end + 1;
        }
        if (recording_.events.empty())
            throw InputError("there is no scheduling event in it: record with 'switchyard record', or print one with "
                             "'perf script'",
                             {recording_.file, 0, 0});
        if (!std::ranges::is_sorted(recording_.events, {}, &SchedulingEvent::nanoseconds))
            std::ranges::stable_sort(recording_.events, {}, &SchedulingEvent::nanoseconds);
        return std::move(recording_);
    }

private:
    [[noreturn]] void fail(const std::string& message) const {
        throw InputError(is_cut_ ? "the file ends within this line: it was cut off; delete the line, or record again"
                                 : message,
                         {recording_.file, static_cast<int>(line_), 0});
    }

    NameId name(std::string_view text) {
        if (text == last_name_) return last_id_;
        const auto [entry, is_new] = ids_.try_emplace(std::string(text), static_cast<NameId>(recording_.names.size()));
        if (is_new) recording_.names.emplace_back(text);
        last_name_ = text;
        last_id_ = entry->second;
        return last_id_;
    }

    void read_line(std::string_view line) {
        if (line.starts_with('#')) return read_comment(line);
        const std::size_t first = line.find_first_not_of(" \t\r");
        if (first == none) return;
        if (read_loss(line)) return;
        // A task may be called "sched_x": the event's name stands behind the time.
        for (std::size_t at = line.find("sched_"); at != none; at = line.find("sched_", at + 1)) {
            std::string_view head = trimmed(line.substr(0, at));
            if (head.ends_with("sched:")) head = trimmed(head.substr(0, head.size() - 6));
            const std::size_t colon = head.rfind(':');
            if (colon == none || head.find_first_not_of(" 0123456789", colon + 1) != none) continue;
            head = head.substr(0, colon);
            const std::string_view rest = line.substr(at);
            const auto* const shape =
                std::ranges::find_if(shapes, [&](const Shape& each) { return rest.starts_with(each.name); });
            if (shape == shapes.end()) continue;
            SchedulingEvent event;
            event.kind = shape->kind;
            event.line = line_;
            if (!read_head(head, event))
                fail(fmt::format("before '{}' there should be a task, [its processor] and a time",
                                 shape->name.substr(0, shape->name.size() - 1)));
            // The blank that ends the name also begins the first field.
            if (!read_fields(rest.substr(shape->name.size()), event))
                fail(fmt::format("a field of '{}' is missing or cannot be read",
                                 shape->name.substr(0, shape->name.size() - 1)));
            recording_.events.push_back(event);
            return;
        }
        // Another event, or its arguments: there is a processor in brackets and, behind it, a time with its colon.
        const std::size_t close = line.find("] ");
        if (close != none && line.find(": ", close) != none) return;
        if (first > 0 && line[0] == '\t') return; // a line of a call chain
        fail("this is no line of 'perf script' or of tracefs' trace file");
    }

    void read_comment(std::string_view line) {
        constexpr std::string_view prefix = "# switchyard: ";
        if (!line.starts_with(prefix)) return;
        line = trimmed(line.substr(prefix.size()));
        const std::size_t blank = line.find(' ');
        if (blank == none) return;
        if (line.substr(0, blank) == "lost") {
            recording_.lost += number_at<std::uint64_t>(line.substr(blank)).value_or(1);
            recording_.lost_line = line_;
        }
        recording_.notes[std::string(line.substr(0, blank))] = std::string(trimmed(line.substr(blank)));
    }

    // "CPU:1 [LOST 123 EVENTS]" (tracefs), "perf 0/0 [001] 11.5: PERF_RECORD_LOST lost 12" (perf script).
    bool read_loss(std::string_view line) {
        std::optional<std::uint64_t> lost;
        if (const std::size_t at = line.starts_with("CPU:") ? line.find("[LOST ") : none; at != none)
            lost = number_at<std::uint64_t>(line.substr(at + 6)).value_or(1);
        if (const std::size_t at = line.find("PERF_RECORD_LOST"); at != none)
            lost = field<std::uint64_t>(line.substr(at), " lost ").value_or(1);
        if (!lost) return false;
        if (recording_.lost == 0) recording_.lost_line = line_;
        recording_.lost += *lost;
        return true;
    }

    // "comm pid/tid [cpu] time", "comm tid [cpu] time", "comm-tid (tgid) [cpu] flags time".
    bool read_head(std::string_view head, SchedulingEvent& event) {
        head = trimmed(head);
        const std::size_t blank = head.rfind(' ');
        const std::size_t close = head.rfind(']');
        const std::size_t open = head.rfind('[');
        if (blank == none || open == none || close == none || open > close || close > blank) return false;
        const auto time = nanoseconds_of(head.substr(blank + 1));
        const auto cpu = number_at<std::uint16_t>(head.substr(open + 1));
        if (!time || !cpu) return false;
        event.nanoseconds = *time;
        event.cpu = *cpu;
        // irqs-off, need-resched, hardirq/softirq, preempt-depth (Documentation/trace/ftrace.rst)
        const std::string_view flags = trimmed(head.substr(close + 1, blank - close - 1));
        if (flags.size() >= 4) event.context = flags[2] == '.' ? Context::task : Context::interrupt;
        std::string_view who = trimmed(head.substr(0, open));
        if (who.ends_with(')')) { // the process
            const std::size_t bracket = who.rfind('(');
            if (bracket == none) return false;
            event.process = number_at<std::int32_t>(who.substr(bracket + 1)).value_or(unknown_process);
            who = trimmed(who.substr(0, bracket));
        }
        if (who.ends_with("/-1") || who.ends_with(" -1")) { // perf has forgotten who it was
            event.actor = unknown_thread;
            return true;
        }
        const std::size_t digits = who.find_last_not_of("0123456789");
        if (digits == none || digits + 1 == who.size()) return false;
        const auto actor = number_at<std::int32_t>(who.substr(digits + 1));
        if (!actor) return false;
        event.actor = *actor;
        if (who[digits] == '/') {
            const std::size_t before = who.find_last_not_of("0123456789-", digits - 1);
            event.process =
                number_at<std::int32_t>(who.substr(before == none ? 0 : before + 1)).value_or(unknown_process);
        }
        return true;
    }

    bool read_fields(std::string_view fields, SchedulingEvent& event) {
        switch (event.kind) {
        case Kind::switches: return read_switch(fields, event);
        case Kind::waking:
        case Kind::wakes:
        case Kind::wakes_new: return read_task(fields, " target_cpu=", event) || read_short_task(fields, event);
        case Kind::migrates: return read_task(fields, " dest_cpu=", event);
        case Kind::ends: return read_task(fields, {}, event);
        case Kind::forks: return read_fork(fields, event);
        }
        return false;
    }

    bool read_switch(std::string_view fields, SchedulingEvent& event) {
        const std::size_t arrow = fields.rfind(" ==> ");
        if (arrow == none) return false;
        const std::string_view left = fields.substr(0, arrow);
        const std::string_view right = fields.substr(arrow + 4);
        const auto previous = field(left, " prev_pid=");
        if (!previous) return read_short_switch(left, right, event);
        const auto next = field(right, " next_pid=");
        const std::size_t state = left.rfind(" prev_state=");
        if (!next || state == none || state + 12 >= left.size()) return false;
        event.task = *previous;
        event.next = *next;
        event.state = left[state + 12];
        event.priority = field<std::int16_t>(left, " prev_prio=").value_or(120);
        event.next_priority = field<std::int16_t>(right, " next_prio=").value_or(120);
        event.name = name(named(left, " prev_comm=", " prev_pid="));
        event.next_name = name(named(right, " next_comm=", " next_pid="));
        return true;
    }

    // What is between those two words.
    static std::string_view named(std::string_view text, std::string_view before, std::string_view after) {
        const std::size_t begin = text.find(before);
        const std::size_t end = text.rfind(after);
        if (begin == none || end == none || begin + before.size() > end) return {};
        return text.substr(begin + before.size(), end - begin - before.size());
    }

    struct ShortTask {
        std::string_view name;
        std::int32_t task;
        std::int16_t priority;
        std::string_view rest;
    };
    // "comm:pid [prio] ..."
    static std::optional<ShortTask> short_task(std::string_view text) {
        text = trimmed(text);
        const std::size_t open = text.rfind(" [");
        if (open == none) return std::nullopt;
        const std::size_t close = text.find(']', open);
        const std::size_t colon = text.rfind(':', open);
        if (close == none || colon == none) return std::nullopt;
        const auto task = number_at<std::int32_t>(text.substr(colon + 1));
        const auto priority = number_at<std::int16_t>(text.substr(open + 2));
        if (!task || !priority) return std::nullopt;
        return ShortTask{text.substr(0, colon), *task, *priority, trimmed(text.substr(close + 1))};
    }

    bool read_short_switch(std::string_view left, std::string_view right, SchedulingEvent& event) {
        const auto previous = short_task(left), next = short_task(right);
        if (!previous || !next || previous->rest.empty()) return false;
        event.task = previous->task;
        event.next = next->task;
        event.state = previous->rest.front();
        event.priority = previous->priority;
        event.next_priority = next->priority;
        event.name = name(previous->name);
        event.next_name = name(next->name);
        return true;
    }

    bool read_task(std::string_view fields, std::string_view target, SchedulingEvent& event) {
        const auto task = field(fields, " pid=");
        if (!task) return false;
        const auto cpu = target.empty() ? std::optional<std::uint16_t>(0) : field<std::uint16_t>(fields, target);
        if (!cpu) return false;
        event.task = *task;
        event.target = *cpu;
        event.priority = field<std::int16_t>(fields, " prio=").value_or(120);
        event.name = name(named(fields, " comm=", " pid="));
        return true;
    }

    bool read_short_task(std::string_view fields, SchedulingEvent& event) {
        const auto task = short_task(fields);
        if (!task) return false;
        const auto cpu = field<std::uint16_t>(fields, " CPU:");
        if (!cpu) return false;
        event.task = task->task;
        event.target = *cpu;
        event.priority = task->priority;
        event.name = name(task->name);
        return true;
    }

    bool read_fork(std::string_view fields, SchedulingEvent& event) {
        const std::size_t child = fields.rfind(" child_comm=");
        const auto parent = field(child == none ? fields : fields.substr(0, child), " pid=");
        const auto made = field(fields, " child_pid=");
        if (!parent || !made) return false;
        event.task = *parent;
        event.next = *made;
        event.next_name = name(named(fields, " child_comm=", " child_pid="));
        event.name = name(named(child == none ? fields : fields.substr(0, child), " comm=", " pid="));
        return true;
    }

    std::string_view text_;
    std::uint32_t line_ = 0;
    bool is_cut_ = false;
    std::unordered_map<std::string, NameId> ids_;
    std::string_view last_name_;
    NameId last_id_ = 0;
    SchedulingRecording recording_;
};

} // namespace

SchedulingRecording parse_perf_script(std::string_view text, const std::string& file_name) {
    return Reader(text, file_name).read();
}

SchedulingRecording read_perf_script(const std::string& path) {
    return parse_perf_script(read_file(path), shown_name(path));
}

} // namespace switchyard::formats
