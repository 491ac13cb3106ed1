#include "cli/report_text.hpp"

#include "cli/table.hpp"
#include "models/report/counters.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::cli {

namespace {

double ratio(Duration part, Duration whole) {
    return whole.count() == 0 ? 0 : static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

std::string time_table(const Report& report, bool coloured) {
    if (!report.time) return "";
    Table table({{"time of all cores", Align::left}, {"", Align::right}, {"share", Align::right}});
    const Duration whole = report.makespan * static_cast<std::int64_t>(report.cores);
    for (int i = 0; i < time_categories; ++i) {
        const Duration part = (*report.time)[static_cast<std::size_t>(i)];
        if (part > Duration::zero())
            table.add({{std::string(name_of(static_cast<TimeCategory>(i)))},
                       {rounded_text(part)},
                       {percent(ratio(part, whole))}});
    }
    return table.text(coloured) + '\n';
}

std::string task_table(const Report& report, bool coloured) {
    Table table({{"task", Align::left},
                 {"kind", Align::left},
                 {"instances"},
                 {"finished"},
                 {"turnaround"},
                 {"response"},
                 {"waiting"},
                 {"blocked"},
                 {"cpu"}});
    const auto mean = [](const DurationSummary& summary) {
        return Cell{summary.count == 0 ? "" : rounded_text(summary.mean())};
    };
    for (const TaskReport& task : report.tasks)
        table.add({{task.name},
                   {std::string(name_of(task.kind))},
                   {std::to_string(task.instances)},
                   {std::to_string(task.finished), task.finished < task.instances ? Colour::red : Colour::none},
                   mean(task.turnaround),
                   mean(task.response),
                   mean(task.waiting),
                   mean(task.blocked),
                   mean(task.cpu)});
    return table.text(coloured) + '\n';
}

std::string counter_lines(const Report& report) {
    std::string text;
    for (const CounterDescription& counter : counter_descriptions) {
        const bool known = report.counters_known.empty() ||
                           std::ranges::find(report.counters_known, counter.name) != report.counters_known.end();
        const std::uint64_t value = report.counters.*counter.member;
        if (!known || value == 0) continue;
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counter.name, value);
    }
    return text.empty() ? "" : "counted: " + text + '\n';
}

// The exact figure where it is short ("21.9 s"), else four digits of it.
std::string shown(Duration value) {
    constexpr std::size_t short_enough = 10;
    std::string exact = exact_text(value);
    return exact.size() <= short_enough ? exact : rounded_text(value);
}

std::string memory_line(const MemoryReport& memory) {
    std::string text;
    const auto add = [&](const char* name, const std::optional<Bytes>& size) {
        if (size) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, text_of(*size));
    };
    add("reserved", memory.reserved);
    add("resident", memory.resident);
    add("kernel", memory.kernel);
    return text.empty() ? "" : "memory of the tasks at most: " + text + '\n';
}

} // namespace

std::string percent(double share) { return fmt::format("{:.2f} %", 100 * share); }
std::string signed_percent(double share) { return fmt::format("{:+.2f} %", 100 * share); }

std::string report_text(const Report& report, bool coloured) {
    std::string text =
        paint(report.scenario, Colour::bold, coloured) +
        fmt::format("  ({}, {} core{}, {}{})\n", report.executor, report.cores, report.cores == 1 ? "" : "s",
                    report.scheduling, report.profile.empty() ? "" : ", profile " + report.profile);
    if (report.outcome != Outcome::completed)
        text += paint(fmt::format("{}: {}", name_of(report.outcome), report.diagnosis), Colour::red, coloured) + '\n';
    text += fmt::format("makespan  {}\n", shown(report.makespan));
    if (const auto overhead = report.overhead())
        text += fmt::format("overhead  {}  ({} of the makespan; pure work {})\n", shown(*overhead),
                            percent(ratio(*overhead, report.makespan)), shown(*report.pure_work));
    if (report.foreign_load) text += fmt::format("foreign load  {}\n", percent(*report.foreign_load));
    if (report.speed) text += fmt::format("speed  {:.4f} of nominal\n", *report.speed);
    text += '\n' + time_table(report, coloured) + task_table(report, coloured) + counter_lines(report) +
            memory_line(report.memory);
    for (const std::string& note : report.notes) text += paint("note: " + note, Colour::yellow, coloured) + '\n';
    return text;
}

} // namespace switchyard::cli
