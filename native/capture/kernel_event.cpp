#include "native/capture/kernel_event.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace switchyard::native {

namespace {

constexpr auto none = std::string_view::npos;

template <class Integer>
std::optional<Integer> number_at(std::string_view text) {
    Integer value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? std::optional(value) : std::nullopt;
}

// The number behind the last " name=".
template <class Integer = std::int32_t>
std::optional<Integer> field(std::string_view text, std::string_view name) {
    const std::size_t at = text.rfind(name);
    return at == none ? std::nullopt : number_at<Integer>(text.substr(at + name.size()));
}

// "3293.593441", "4689.175772459".
std::optional<std::int64_t> nanoseconds_of(std::string_view text) {
    const std::size_t point = text.find('.');
    if (point == none) return std::nullopt;
    const auto seconds = number_at<std::int64_t>(text.substr(0, point));
    const std::string_view digits = text.substr(point + 1);
    const auto fraction = number_at<std::int64_t>(digits);
    if (!seconds || !fraction || digits.size() > 9) return std::nullopt;
    std::int64_t unit = 1;
    for (std::size_t i = digits.size(); i < 9; ++i) unit *= 10;
    return *seconds * 1'000'000'000 + *fraction * unit;
}

std::string_view trimmed(std::string_view text) {
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

// What stands before the event's name: "comm-pid [cpu] flags time:" or "comm pid/tid [cpu] time:".
bool read_head(std::string_view head, KernelEvent& event) {
    head = trimmed(head);
    if (head.ends_with("sched:")) head = trimmed(head.substr(0, head.size() - 6));
    if (!head.ends_with(':')) return false;
    head.remove_suffix(1);
    const std::size_t blank = head.rfind(' ');
    const std::size_t close = head.rfind(']');
    const std::size_t open = head.rfind('[');
    if (blank == none || open == none || close == none || open > close || close > blank) return false;
    const auto time = nanoseconds_of(head.substr(blank + 1));
    const auto cpu = number_at<std::uint16_t>(head.substr(open + 1));
    const std::string_view who = trimmed(head.substr(0, open));
    const std::size_t id = who.find_last_of("-/");
    const auto actor = id == none ? std::nullopt : number_at<std::int32_t>(who.substr(id + 1));
    if (!time || !cpu || !actor) return false;
    event.nanoseconds = *time;
    event.cpu = *cpu;
    event.actor = *actor;
    return true;
}

bool read_switch(std::string_view fields, KernelEvent& event) {
    const std::size_t arrow = fields.rfind(" ==> next_comm=");
    if (arrow == none) return false;
    const std::string_view left = fields.substr(0, arrow);
    const auto previous = field(left, " prev_pid=");
    const auto next = field(fields.substr(arrow), " next_pid=");
    constexpr std::string_view state_name = " prev_state=";
    const std::size_t state = left.rfind(state_name);
    if (!previous || !next || state == none || state + state_name.size() >= left.size()) return false;
    const char letter = left[state + state_name.size()];
    event.task = *previous;
    event.next = *next;
    event.is_runnable = letter == 'R';
    event.has_ended = letter == 'X' || letter == 'Z';
    return true;
}

bool read_task(std::string_view fields, std::string_view target, KernelEvent& event) {
    const auto task = field(fields, " pid=");
    const auto cpu = field<std::uint16_t>(fields, target);
    if (!task || !cpu) return false;
    event.task = *task;
    event.target = *cpu;
    return true;
}

bool read_fields(std::string_view fields, KernelEvent& event) {
    switch (event.kind) {
    case KernelEvent::Kind::switches: return read_switch(fields, event);
    case KernelEvent::Kind::wakes:
    case KernelEvent::Kind::wakes_new: return read_task(fields, " target_cpu=", event);
    case KernelEvent::Kind::migrates: return read_task(fields, " dest_cpu=", event);
    }
    return false;
}

void parse_line(std::string_view line, KernelEvents& all) {
    using Kind = KernelEvent::Kind;
    static constexpr std::array<std::pair<std::string_view, Kind>, 4> names{{{"sched_switch: ", Kind::switches},
                                                                             {"sched_wakeup: ", Kind::wakes},
                                                                             {"sched_wakeup_new: ", Kind::wakes_new},
                                                                             {"sched_migrate_task: ", Kind::migrates}}};
    constexpr std::string_view lost = "[LOST "; // "CPU:1 [LOST 123 EVENTS]"
    if (line.starts_with("CPU:"))
        if (const std::size_t at = line.find(lost); at != none)
            all.lost += number_at<std::uint64_t>(line.substr(at + lost.size())).value_or(1);
    // "perf 0/0 [001] 11.5: PERF_RECORD_LOST lost 12", PERF_RECORD_LOST_SAMPLES likewise (perf script)
    if (const std::size_t record = line.find(": PERF_RECORD_LOST"); record != none) {
        all.lost += field<std::uint64_t>(line.substr(record), " lost ").value_or(1);
        return;
    }
    for (const auto& [name, kind] : names) {
        const std::size_t at = line.find(name);
        if (at == none) continue;
        KernelEvent event;
        event.kind = kind;
        // The blank that ends the name also begins the first field.
        if (read_head(line.substr(0, at), event) && read_fields(line.substr(at + name.size() - 1), event))
            all.events.push_back(event);
        else
            ++all.unreadable;
        return;
    }
}

} // namespace

KernelEvents parse_kernel_events(std::string_view text) {
    KernelEvents all;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        if (!line.starts_with('#')) parse_line(line, all);
        begin = end + 1;
    }
    return all;
}

} // namespace switchyard::native
