#include "lab/differences/differences.hpp"

#include "formats/files.hpp"
#include "formats/json/report_json.hpp"
#include "lab/suite/validation_json.hpp"
#include "models/errors.hpp"
#include "models/report/counters.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace switchyard::lab {

namespace {

std::optional<double> figure(const Report& report, const std::string& name) {
    const auto value = metric(report, name);
    return value ? std::optional(number(*value)) : std::nullopt;
}

void add_metric(std::vector<Difference>& all, const Report& first, const Report& second, std::string about,
                const std::string& shown, const std::string& name) {
    const auto a = metric(first, name), b = metric(second, name);
    if (!a && !b) return;
    all.push_back({std::move(about), shown, (a ? a : b)->unit, figure(first, name), figure(second, name)});
}

// Counters of which both have none say nothing.
void add_counters(std::vector<Difference>& all, const Report& first, const Report& second) {
    for (const CounterDescription& counter : counter_descriptions) {
        const std::string name(counter.name);
        if (figure(first, name).value_or(0) != 0 || figure(second, name).value_or(0) != 0)
            add_metric(all, first, second, "", name, name);
    }
}

// A figure of a task's instances as a sum, so that tasks can be put together.
struct TaskFigure {
    const char* name;
    DurationSummary TaskReport::*summary;
};
constexpr std::array task_figures{
    TaskFigure{"turnaround", &TaskReport::turnaround},
    TaskFigure{"response", &TaskReport::response},
    TaskFigure{"waiting", &TaskReport::waiting},
    TaskFigure{"blocked", &TaskReport::blocked},
    TaskFigure{"cpu", &TaskReport::cpu},
    TaskFigure{"system", &TaskReport::system},
};

std::optional<double> mean_of_kind(const Report& report, TaskKind kind, DurationSummary TaskReport::*summary) {
    double sum = 0;
    std::uint64_t count = 0;
    for (const TaskReport& task : report.tasks) {
        if (task.kind != kind) continue;
        sum += seconds((task.*summary).mean()) * static_cast<double>((task.*summary).count);
        count += (task.*summary).count;
    }
    return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

void add_kinds(std::vector<Difference>& all, const Report& first, const Report& second) {
    for (const TaskKind kind : {TaskKind::process, TaskKind::thread, TaskKind::coroutine, TaskKind::fiber})
        for (const TaskFigure& task_figure : task_figures) {
            Difference row{"every " + std::string(name_of(kind)), task_figure.name, MetricUnit::time,
                           mean_of_kind(first, kind, task_figure.summary),
                           mean_of_kind(second, kind, task_figure.summary)};
            if (row.first.value_or(0) != 0 || row.second.value_or(0) != 0) all.push_back(std::move(row));
        }
}

void add_tasks(std::vector<Difference>& all, const Report& first, const Report& second) {
    std::vector<std::string> names;
    for (const Report* const report : {&first, &second})
        for (const TaskReport& task : report->tasks)
            if (std::ranges::find(names, task.name) == names.end()) names.push_back(task.name);
    for (const std::string& task : names) {
        for (const TaskFigure& task_figure : task_figures) {
            const auto mean = [&](const Report& report) -> std::optional<double> {
                const auto row = std::ranges::find(report.tasks, task, &TaskReport::name);
                if (row == report.tasks.end() || ((*row).*(task_figure.summary)).count == 0) return std::nullopt;
                return seconds(((*row).*(task_figure.summary)).mean());
            };
            Difference row{"task " + task, task_figure.name, MetricUnit::time, mean(first), mean(second)};
            if (row.first.value_or(0) != 0 || row.second.value_or(0) != 0) all.push_back(std::move(row));
        }
        for (const char* const name : {"window_share", "voluntary_switches", "involuntary_switches", "run_length.p50",
                                       "run_length.p99", "wake_up_latency.p50", "wake_up_latency.p99", "jobs.missed"}) {
            const auto of = [&](const Report& report) -> std::optional<Metric> {
                if (std::ranges::find(report.tasks, task, &TaskReport::name) == report.tasks.end()) return std::nullopt;
                return metric(report, "task." + task + "." + name);
            };
            const auto a = of(first), b = of(second);
            if ((a && a->value != 0) || (b && b->value != 0))
                all.push_back({"task " + task, name, (a ? a : b)->unit, a ? std::optional(number(*a)) : std::nullopt,
                               b ? std::optional(number(*b)) : std::nullopt});
        }
    }
}

const ValidationRow* row_named(const ValidatedScenario& scenario, const std::string& name) {
    const auto row = std::ranges::find(scenario.rows, name, &ValidationRow::metric);
    return row == scenario.rows.end() ? nullptr : &*row;
}

} // namespace

Document parse_document(std::string_view json, const std::string& file_name) {
    const formats::Json document = formats::parse_json(json, file_name);
    if (document.is_object() && document.contains("kind")) return parse_validation(json, file_name);
    return formats::parse_report(json, file_name);
}

Document read_document(const std::string& path) {
    return parse_document(formats::read_file(path), formats::shown_name(path));
}

std::optional<double> Difference::relative() const {
    if (!first || !second) return std::nullopt;
    if (*first == 0) return *second == 0 ? std::optional(0.0) : std::nullopt;
    return (*second - *first) / std::abs(*first);
}

std::vector<Difference> differences(const Report& first, const Report& second) {
    std::vector<Difference> all;
    for (const char* const name : {"makespan", "pure_work", "overhead"}) add_metric(all, first, second, "", name, name);
    for (int i = 0; i < time_categories; ++i) {
        const std::string name = "time." + std::string(name_of(static_cast<TimeCategory>(i)));
        if (figure(first, name).value_or(0) != 0 || figure(second, name).value_or(0) != 0)
            add_metric(all, first, second, "", name, name);
    }
    add_counters(all, first, second);
    for (const char* const name :
         {"requests.completed", "requests.throughput", "requests.latency.mean", "requests.latency.p50",
          "requests.latency.p99", "memory.reserved", "memory.resident", "memory.kernel"})
        add_metric(all, first, second, "", name, name);
    add_kinds(all, first, second);
    add_tasks(all, first, second);
    return all;
}

std::vector<Difference> differences(const Validation& first, const Validation& second) {
    std::vector<Difference> all;
    for (const ValidatedScenario& scenario : first.scenarios) {
        const auto other = std::ranges::find(second.scenarios, scenario.name, &ValidatedScenario::name);
        if (other == second.scenarios.end()) continue;
        for (const ValidationRow& row : scenario.rows) {
            const ValidationRow* const same = row_named(*other, row.metric);
            if (!same) continue;
            if (row.measured || same->measured)
                all.push_back({scenario.name, row.metric, row.unit, row.measured, same->measured});
            all.push_back({scenario.name, row.metric + " error", MetricUnit::share, row.error, same->error});
        }
    }
    return all;
}

std::vector<Difference> differences(const Document& first, const Document& second) {
    if (first.index() != second.index())
        throw InputError("one is the report of a run and the other a validation: compare two of a kind");
    if (const auto* const report = std::get_if<Report>(&first)) return differences(*report, std::get<Report>(second));
    return differences(std::get<Validation>(first), std::get<Validation>(second));
}

} // namespace switchyard::lab
