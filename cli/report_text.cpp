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
    std::vector<Table::Column> columns{{"task", Align::left}, {"kind", Align::left}, {"instances"},
                                       {"finished"},          {"turnaround"},        {"response"},
                                       {"waiting"},           {"blocked"},           {"cpu"}};
    const bool has_stalls = std::ranges::any_of(
        report.tasks, [](const TaskReport& task) { return task.stalled.count > 0 && task.stalled.most > Duration{}; });
    const bool has_system =
        std::ranges::any_of(report.tasks, [](const TaskReport& task) { return task.system.count > 0; });
    if (has_system) columns.push_back({"in the kernel"});
    if (has_stalls) columns.push_back({"stalled"});
    Table table(std::move(columns));
    const auto mean = [](const DurationSummary& summary) {
        return Cell{summary.count == 0 ? "" : rounded_text(summary.mean())};
    };
    for (const TaskReport& task : report.tasks) {
        std::vector<Cell> cells{
            {task.name},
            {std::string(name_of(task.kind))},
            {std::to_string(task.instances)},
            {std::to_string(task.finished), task.finished < task.instances ? Colour::red : Colour::none},
            mean(task.turnaround),
            mean(task.response),
            mean(task.waiting),
            mean(task.blocked),
            mean(task.cpu)};
        if (has_system) cells.push_back(mean(task.system));
        if (has_stalls) cells.push_back(mean(task.stalled));
        table.add(std::move(cells));
    }
    return table.text(coloured) + '\n';
}

// A table of the tasks that have something to say about it; nothing where none has.
template <class Row>
std::string table_of_tasks(const Report& report, std::vector<Table::Column> columns, bool coloured, Row row) {
    Table table(std::move(columns));
    bool is_empty = true;
    for (const TaskReport& task : report.tasks) {
        std::vector<Cell> cells = row(task);
        if (cells.empty()) continue;
        cells.insert(cells.begin(), Cell{task.name});
        table.add(std::move(cells));
        is_empty = false;
    }
    return is_empty ? "" : table.text(coloured) + '\n';
}

Cell time_cell(const DurationHistogram& values, double share) {
    return {values.empty() ? "" : rounded_text(values.quantile(share))};
}

std::string job_table(const Report& report, bool coloured) {
    return table_of_tasks(report,
                          {{"jobs", Align::left},
                           {"released"},
                           {"finished"},
                           {"missed"},
                           {"given up"},
                           {"response p50"},
                           {"p99"},
                           {"most"}},
                          coloured, [](const TaskReport& task) -> std::vector<Cell> {
                              const JobReport& jobs = task.jobs;
                              if (jobs.released == 0) return {};
                              return {{std::to_string(jobs.released)},
                                      {std::to_string(jobs.finished)},
                                      {std::to_string(jobs.missed), jobs.missed > 0 ? Colour::red : Colour::none},
                                      {std::to_string(jobs.aborted)},
                                      time_cell(jobs.response, 0.5),
                                      time_cell(jobs.response, 0.99),
                                      time_cell(jobs.response, 1)};
                          });
}

std::string polling_table(const Report& report, bool coloured) {
    return table_of_tasks(report, {{"polled", Align::left}, {"for"}, {"share of cpu"}}, coloured,
                          [](const TaskReport& task) -> std::vector<Cell> {
                              const Duration polling = task.polling.value_or(Duration::zero());
                              if (polling == Duration::zero()) return {};
                              const bool is_known = task.cpu.count > 0 && task.cpu.laps == 0;
                              return {{rounded_text(polling)}, {is_known ? percent(ratio(polling, task.cpu.sum)) : ""}};
                          });
}

std::string request_lines(const Report& report) {
    if (!report.requests) return {};
    const RequestReport& requests = *report.requests;
    std::string text = fmt::format("requests     {} of {} answered", requests.completed, requests.begun);
    if (requests.in_flight_peak) text += fmt::format(", {} in flight at most", *requests.in_flight_peak);
    if (const auto rate = metric(report, "requests.throughput")) text += fmt::format(", {} a second", rate->value);
    if (!requests.latencies.empty())
        text +=
            fmt::format("; latency mean {}, p50 {}, p99 {}, p99.9 {}, most {}", rounded_text(requests.latency.mean()),
                        rounded_text(requests.latencies.quantile(0.5)), rounded_text(requests.latencies.quantile(0.99)),
                        rounded_text(requests.latencies.quantile(0.999)), rounded_text(requests.latencies.most()));
    return text + "\n";
}

// What the scheduler did with each of the threads it knows. A run nobody interrupted, of a task that never waited, is
// told by its turnaround already.
std::string scheduling_table(const Report& report, bool coloured) {
    return table_of_tasks(report,
                          {{"scheduled", Align::left},
                           {"runs"},
                           {"run length p50"},
                           {"p99"},
                           {"most"},
                           {"wake-up p50"},
                           {"p99"},
                           {"most"},
                           {"voluntary"},
                           {"involuntary"},
                           {"share"}},
                          coloured, [&report](const TaskReport& task) -> std::vector<Cell> {
                              const bool was_interrupted =
                                  task.run_length.count() > task.instances || task.involuntary_switches.value_or(0) > 0;
                              if (!was_interrupted && task.wake_up_latency.empty()) return {};
                              const auto count = [](const std::optional<std::uint64_t>& value) {
                                  return Cell{value ? std::to_string(*value) : ""};
                              };
                              const auto share = metric(report, "task." + task.name + ".window_share");
                              return {{task.run_length.empty() ? "" : std::to_string(task.run_length.count())},
                                      time_cell(task.run_length, 0.5),
                                      time_cell(task.run_length, 0.99),
                                      time_cell(task.run_length, 1),
                                      time_cell(task.wake_up_latency, 0.5),
                                      time_cell(task.wake_up_latency, 0.99),
                                      time_cell(task.wake_up_latency, 1),
                                      count(task.voluntary_switches),
                                      count(task.involuntary_switches),
                                      {share ? percent(number(*share)) : ""}};
                          });
}

Cell memory_cell(MemoryFigure figure, std::optional<std::int64_t> value) {
    const MetricUnit unit = describe(figure).is_size ? MetricUnit::bytes : MetricUnit::count;
    return {value ? text_of(Metric{unit, *value}) : ""};
}

// Of the figures that are wanted, a column for each that is not 0 everywhere; of several tasks' sums, a row for all.
template <class Wanted>
std::string memory_table(const Report& report, const char* title, bool coloured, bool with_total, Wanted is_wanted) {
    std::vector<Table::Column> columns{{title, Align::left}};
    std::vector<MemoryFigure> figures;
    for (std::size_t i = 0; i < memory_figures; ++i) {
        const auto figure = static_cast<MemoryFigure>(i);
        const auto has_some = [&](const TaskReport& task) { return task.memory[figure].value_or(0) != 0; };
        if (!is_wanted(figure) || std::ranges::none_of(report.tasks, has_some)) continue;
        std::string name(describe(figure).name);
        if (is_kind_of_fault(figure)) name.erase(0, name.find('.') + 1);
        std::ranges::replace(name, '_', ' ');
        columns.push_back({std::move(name)});
        figures.push_back(figure);
    }
    if (figures.empty()) return "";
    Table table(std::move(columns));
    for (const TaskReport& task : report.tasks) {
        std::vector<Cell> cells{{task.name}};
        for (const MemoryFigure figure : figures) cells.push_back(memory_cell(figure, task.memory[figure]));
        table.add(std::move(cells));
    }
    if (with_total && report.tasks.size() > 1) {
        std::vector<Cell> cells{{"all of them"}};
        for (const MemoryFigure figure : figures) cells.push_back(memory_cell(figure, total(report, figure)));
        table.add(std::move(cells));
    }
    return table.text(coloured) + '\n';
}

std::string memory_tables(const Report& report, bool coloured) {
    const auto is_size_of_process = [](MemoryFigure figure) { return figure >= MemoryFigure::working_set; };
    return memory_table(report, "faults", coloured, true, is_kind_of_fault) +
           memory_table(report, "referenced", coloured, false,
                        [&](MemoryFigure figure) { return !is_kind_of_fault(figure) && !is_size_of_process(figure); }) +
           memory_table(report, "memory", coloured, false, is_size_of_process);
}

// A column for each figure that some observation has.
std::string observation_table(const Report& report, bool coloured) {
    if (report.observations.empty()) return "";
    std::vector<Table::Column> columns{{"observed", Align::left}, {"task", Align::left}, {"times"}};
    std::vector<ObservedFigureDescription> shown_figures;
    for (const ObservedFigureDescription& figure : observed_figures) {
        const auto knows = [&](const ObservationReport& row) { return (row.figures.*figure.member).has_value(); };
        if (std::ranges::none_of(report.observations, knows)) continue;
        std::string title(figure.name);
        std::ranges::replace(title, '_', ' ');
        columns.push_back({std::move(title)});
        shown_figures.push_back(figure);
    }
    Table table(std::move(columns));
    for (const ObservationReport& row : report.observations) {
        std::vector<Cell> cells{{row.name}, {row.task}, {std::to_string(row.count)}};
        for (const ObservedFigureDescription& figure : shown_figures) {
            const std::optional<std::int64_t> value = row.figures.*figure.member;
            const MetricUnit unit = figure.is_size ? MetricUnit::bytes : MetricUnit::count;
            cells.push_back({value ? text_of(Metric{unit, *value}) : ""});
        }
        table.add(std::move(cells));
    }
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

std::string deadlock_lines(const Report& report, bool coloured) {
    std::string text;
    for (const DeadlockReport& deadlock : report.deadlocks)
        text +=
            paint(fmt::format("deadlock at {}: {}", shown(deadlock.at), deadlock.text), Colour::red, coloured) + '\n';
    return text;
}

std::string race_lines(const Report& report, bool coloured) {
    std::string text;
    for (const DataRaceReport& race : report.data_races)
        text += paint(fmt::format("data race on '{}' at {}{}: {}, and {}, in no order", race.variable, shown(race.at),
                                  race.times > 1 ? fmt::format(" and {} times more", race.times - 1) : "", race.first,
                                  race.second),
                      Colour::red, coloured) +
                '\n';
    return text;
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
    text += request_lines(report);
    text += '\n' + time_table(report, coloured) + task_table(report, coloured) + polling_table(report, coloured) +
            job_table(report, coloured) + scheduling_table(report, coloured) + memory_tables(report, coloured) +
            observation_table(report, coloured) + counter_lines(report) + memory_line(report.memory) +
            deadlock_lines(report, coloured) + race_lines(report, coloured);
    for (const std::string& note : report.notes) text += paint("note: " + note, Colour::yellow, coloured) + '\n';
    return text;
}

} // namespace switchyard::cli
