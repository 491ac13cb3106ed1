#include "formats/trace/csv_trace.hpp"

#include <fmt/format.h>
#include <iterator>
#include <ostream>

namespace switchyard::formats {

namespace {

// RFC 4180: in quotes where it has to be.
std::string csv_text(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string_view detail_of(const TraceEvent& event) {
    switch (event.kind) {
    case EventKind::stopped:
    case EventKind::suspended: return name_of(static_cast<Stop>(event.detail));
    case EventKind::overhead: return name_of(static_cast<Overhead>(event.detail));
    case EventKind::ended: return name_of(static_cast<Ending>(event.detail));
    case EventKind::faulted: return name_of(static_cast<FaultKind>(event.detail));
    case EventKind::transferred: return name_of(static_cast<Transfer>(event.detail));
    case EventKind::job_finished: return event.detail == 0 ? "in time" : "late";
    case EventKind::created:
    case EventKind::ready:
    case EventKind::running:
    case EventKind::resumed:
    case EventKind::job_begun:
    case EventKind::job_aborted:
    case EventKind::out_of_memory:
    case EventKind::shootdown: break;
    }
    return {};
}

} // namespace

void write_csv_trace(const Trace& trace, std::ostream& stream) {
    std::vector<std::string> names;
    names.reserve(trace.tasks.size());
    for (const TraceTask& task : trace.tasks) names.push_back(csv_text(task.name));
    fmt::memory_buffer buffer;
    const auto flush = [&] {
        stream.write(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        buffer.clear();
    };
    const auto out = std::back_inserter(buffer);
    const auto number = [&](bool known, std::uint64_t value) {
        if (known) fmt::format_to(out, "{}", value);
        buffer.push_back(',');
    };
    const auto task = [&](TaskId id) {
        number(id != no_task, id);
        if (id < names.size()) fmt::format_to(out, "{}", names[id]);
        buffer.push_back(',');
    };
    fmt::format_to(out, "time_ps,kind,core,task,name,other,other_name,detail,value,count\n");
    for (const TraceEvent& event : trace.events) {
        fmt::format_to(out, "{},{},", event.time.time_since_epoch().count(), name_of(event.kind));
        number(event.core != no_core, event.core);
        task(event.task);
        task(event.other);
        fmt::format_to(out, "{},{},{}\n", detail_of(event), event.value, event.count);
        if (buffer.size() > std::size_t{1} << 16) flush();
    }
    flush();
}

} // namespace switchyard::formats
