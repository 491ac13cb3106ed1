// The figures of a report by name.
#include "models/errors.hpp"
#include "models/report/counters.hpp"
#include "models/report/report.hpp"
#include "models/units/text.hpp"
#include "models/units/wide_integer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <functional>

namespace switchyard {

// --- What the names mean -----------------------------------------------------------------------------------------

namespace {

constexpr double parts_of_share = 1e12;

// A name understood: its unit, and where a report has its value.
struct MetricSource {
    MetricUnit unit;
    std::function<std::optional<std::int64_t>(const Report&)> value;
};

std::optional<std::int64_t> count_of(std::optional<Duration> duration) {
    return duration ? std::optional(duration->count()) : std::nullopt;
}

std::optional<std::int64_t> count_of(std::optional<Bytes> size) {
    return size ? std::optional(size->count) : std::nullopt;
}

struct NamedMetric {
    std::string_view name;
    MetricUnit unit;
    std::optional<std::int64_t> (*value)(const Report&);
};

struct NamedMetricFunction {
    std::string_view name;
    MetricUnit unit;
    std::function<std::optional<std::int64_t>(const Report&)> value;
};
WideInteger total(const DurationSummary& summary) { return (WideInteger{summary.laps} << 63) + summary.sum.count(); }

// All tasks together; nothing where nobody knows.
std::optional<std::int64_t> stall_of(const Report& report) {
    WideInteger sum = 0;
    bool is_known = false;
    for (const TaskReport& task : report.tasks) {
        sum += total(task.stalled);
        is_known = is_known || task.stalled.count > 0;
    }
    return is_known ? std::optional(narrow(sum)) : std::nullopt;
}

bool is_known(const Report& report, std::string_view counter) {
    const std::vector<std::string>& known = report.counters_known;
    return known.empty() || std::ranges::find(known, counter) != known.end();
}

// Of whatever kind: which of two tasks that wake each other is ahead of the other, and so whether the one is preempted
// or blocks a little later, is decided by nanoseconds; that it gives its core up is not.
std::optional<std::int64_t> switches_of(const Report& report) {
    if (!is_known(report, "voluntary_switches") || !is_known(report, "involuntary_switches")) return std::nullopt;
    return static_cast<std::int64_t>(report.counters.voluntary_switches + report.counters.involuntary_switches);
}

constexpr NamedMetric plain_metrics[] = {
    {"makespan", MetricUnit::time, [](const Report& report) { return std::optional(report.makespan.count()); }},
    {"pure_work", MetricUnit::time, [](const Report& report) { return count_of(report.pure_work); }},
    {"overhead", MetricUnit::time, [](const Report& report) { return count_of(report.overhead()); }},
    {"stall", MetricUnit::time, stall_of},
    {"switches", MetricUnit::count, switches_of},
    {"memory.reserved", MetricUnit::bytes, [](const Report& report) { return count_of(report.memory.reserved); }},
    {"memory.resident", MetricUnit::bytes, [](const Report& report) { return count_of(report.memory.resident); }},
    {"memory.kernel", MetricUnit::bytes, [](const Report& report) { return count_of(report.memory.kernel); }},
    {"foreign_load", MetricUnit::share,
     [](const Report& report) -> std::optional<std::int64_t> {
         if (!report.foreign_load) return std::nullopt;
         return std::llround(*report.foreign_load * parts_of_share);
     }},
};

// --- Requests ---

std::vector<NamedMetricFunction> make_request_metrics() {
    std::vector<NamedMetricFunction> metrics;
    const auto add = [&](std::string_view name, MetricUnit unit, auto value) {
        metrics.push_back({name, unit, [value](const Report& report) -> std::optional<std::int64_t> {
                               return report.requests ? value(*report.requests) : std::nullopt;
                           }});
    };
    using Value = std::optional<std::int64_t>;
    add("requests.begun", MetricUnit::count, [](const RequestReport& all) -> Value { return all.begun; });
    add("requests.completed", MetricUnit::count, [](const RequestReport& all) -> Value { return all.completed; });
    add("requests.in_flight_peak", MetricUnit::count, [](const RequestReport& all) -> Value {
        return all.in_flight_peak ? Value(static_cast<std::int64_t>(*all.in_flight_peak)) : std::nullopt;
    });
    add("requests.in_flight_mean", MetricUnit::count, [](const RequestReport& all) -> Value {
        return all.in_flight_mean ? Value(std::llround(*all.in_flight_mean)) : std::nullopt;
    });
    add("requests.throughput", MetricUnit::count, [](const RequestReport& all) -> Value {
        if (all.span <= Duration::zero()) return std::nullopt;
        return std::llround(static_cast<double>(all.completed) / seconds(all.span));
    });
    add("requests.latency.mean", MetricUnit::time, [](const RequestReport& all) -> Value {
        return all.completed == 0 ? std::nullopt : Value(all.latency.mean().count());
    });
    constexpr std::array<std::pair<std::string_view, double>, 5> quantiles{{{"requests.latency.p50", 0.5},
                                                                            {"requests.latency.p90", 0.9},
                                                                            {"requests.latency.p99", 0.99},
                                                                            {"requests.latency.p999", 0.999},
                                                                            {"requests.latency.most", 1}}};
    for (const auto& [name, share] : quantiles)
        add(name, MetricUnit::time, [share = share](const RequestReport& all) -> Value {
            return all.latencies.empty() ? std::nullopt : Value(all.latencies.quantile(share).count());
        });
    return metrics;
}

const std::vector<NamedMetricFunction>& request_metrics() {
    static const std::vector<NamedMetricFunction> metrics = make_request_metrics();
    return metrics;
}

// --- Figures of a task: what stands behind "task.NAME." ---

struct NamedFigure {
    std::string_view name;
    MetricUnit unit;
    std::function<std::optional<std::int64_t>(const Report&, const TaskReport&)> value;
};

// A part of a whole in parts of a share; nothing where there is no whole.
std::optional<std::int64_t> share_of(WideInteger part, WideInteger whole) {
    if (whole <= 0) return std::nullopt;
    // The division before the product, so that nothing overflows: a remainder of less than 2^80 is left.
    constexpr WideInteger parts = 1'000'000'000'000;
    while (whole > (WideInteger{1} << 80)) whole >>= 1, part >>= 1;
    return narrow((part * parts + whole / 2) / whole);
}

std::optional<std::int64_t> share_of_all(const Report& report, const TaskReport& task) {
    WideInteger whole = 0;
    for (const TaskReport& row : report.tasks) {
        if (row.cpu.count == 0 && row.finished > 0) return std::nullopt; // a whole of which a part is not known
        whole += total(row.cpu);
    }
    if (task.cpu.count == 0) return std::nullopt;
    return share_of(total(task.cpu), whole);
}

std::optional<std::int64_t> share_of_window(const Report& report, const TaskReport& task) {
    if (!task.window_cpu) return std::nullopt;
    WideInteger whole = 0;
    for (const TaskReport& row : report.tasks) whole += row.window_cpu.value_or(Duration{}).count();
    return share_of(task.window_cpu->count(), whole);
}

std::vector<NamedFigure> make_task_figures() {
    std::vector<NamedFigure> figures;
    const auto mean = [&](std::string_view name, DurationSummary TaskReport::*member) {
        figures.push_back({name, MetricUnit::time, [member](const Report&, const TaskReport& task) {
                               const DurationSummary& summary = task.*member;
                               return summary.count == 0 ? std::nullopt : std::optional(summary.mean().count());
                           }});
    };
    mean("turnaround", &TaskReport::turnaround);
    mean("response", &TaskReport::response);
    mean("waiting", &TaskReport::waiting);
    mean("blocked", &TaskReport::blocked);
    mean("cpu", &TaskReport::cpu);
    mean("system", &TaskReport::system);
    figures.push_back(
        {"polling", MetricUnit::time, [](const Report&, const TaskReport& task) { return count_of(task.polling); }});
    mean("stalled", &TaskReport::stalled);

    const auto quantiles = [&](std::array<std::string_view, 3> names, auto histogram) {
        constexpr std::array<double, 3> shares{0.5, 0.99, 1};
        for (std::size_t i = 0; i < names.size(); ++i)
            figures.push_back(
                {names[i], MetricUnit::time, [histogram, share = shares[i]](const Report&, const TaskReport& task) {
                     const DurationHistogram& values = histogram(task);
                     return values.empty() ? std::nullopt : std::optional(values.quantile(share).count());
                 }});
    };
    quantiles({"run_length.p50", "run_length.p99", "run_length.most"},
              [](const TaskReport& task) -> const DurationHistogram& { return task.run_length; });
    quantiles({"wake_up_latency.p50", "wake_up_latency.p99", "wake_up_latency.most"},
              [](const TaskReport& task) -> const DurationHistogram& { return task.wake_up_latency; });
    quantiles({"jobs.response.p50", "jobs.response.p99", "jobs.response.most"},
              [](const TaskReport& task) -> const DurationHistogram& { return task.jobs.response; });

    const auto jobs = [&](std::string_view name, std::uint64_t JobReport::*member) {
        figures.push_back(
            {name, MetricUnit::count, [member](const Report&, const TaskReport& task) -> std::optional<std::int64_t> {
                 if (task.jobs.released == 0) return std::nullopt; // it has none
                 return static_cast<std::int64_t>(task.jobs.*member);
             }});
    };
    jobs("jobs.released", &JobReport::released);
    jobs("jobs.finished", &JobReport::finished);
    jobs("jobs.missed", &JobReport::missed);
    jobs("jobs.aborted", &JobReport::aborted);

    const auto count = [&](std::string_view name, std::optional<std::uint64_t> TaskReport::*member) {
        figures.push_back(
            {name, MetricUnit::count, [member](const Report&, const TaskReport& task) -> std::optional<std::int64_t> {
                 if (!(task.*member)) return std::nullopt;
                 return static_cast<std::int64_t>(*(task.*member));
             }});
    };
    count("voluntary_switches", &TaskReport::voluntary_switches);
    count("involuntary_switches", &TaskReport::involuntary_switches);
    // How far two distributions are apart is for a comparison to say; no report alone knows it.
    for (const std::string_view name : {"run_length.distance", "wake_up_latency.distance", "jobs.response.distance"})
        figures.push_back(
            {name, MetricUnit::share, [](const Report&, const TaskReport&) { return std::optional<std::int64_t>(); }});
    for (std::size_t i = 0; i < memory_figures; ++i) {
        const auto figure = static_cast<MemoryFigure>(i);
        figures.push_back({describe(figure).metric, describe(figure).is_size ? MetricUnit::bytes : MetricUnit::count,
                           [figure](const Report&, const TaskReport& task) { return task.memory[figure]; }});
    }
    figures.push_back({"share", MetricUnit::share, share_of_all});
    figures.push_back({"window_share", MetricUnit::share, share_of_window});
    return figures;
}

const std::vector<NamedFigure>& task_figures() {
    static const std::vector<NamedFigure> figures = make_task_figures();
    return figures;
}

template <class Table>
std::vector<std::string_view> names_in(const Table& table) {
    std::vector<std::string_view> names;
    for (const auto& entry : table) names.push_back(entry.name);
    return names;
}

// A template's name, or that of a child it starts: "server/worker".
bool is_task(std::string_view name, std::span<const std::string> tasks) {
    return std::ranges::any_of(tasks, [&](std::string_view task) {
        return name == task || (name.starts_with(task) && name.substr(task.size()).starts_with('/'));
    });
}

// "task.NAME.FIGURE"; both may contain points: the longest figure whose rest is a task is meant.
MetricSource task_metric(std::string_view name, std::span<const std::string> tasks) {
    const std::string_view rest = name.substr(std::string_view("task.").size());
    const std::vector<std::string_view> figures = names_in(task_figures());
    const NamedFigure* found = nullptr;
    for (const NamedFigure& figure : task_figures()) {
        if (rest.size() <= figure.name.size() + 1 || !rest.ends_with(figure.name)) continue;
        const std::string_view task = rest.substr(0, rest.size() - figure.name.size());
        if (!task.ends_with('.') || !is_task(task.substr(0, task.size() - 1), tasks)) continue;
        if (found == nullptr || figure.name.size() > found->name.size()) found = &figure;
    }
    if (found == nullptr) {
        // What was meant: a known task and something else behind it, or something else and a figure.
        std::size_t point = rest.rfind('.');
        for (const std::string_view task : tasks)
            if (rest.starts_with(task) && rest.substr(task.size()).starts_with('.')) point = task.size();
        if (point == std::string_view::npos)
            throw InputError(fmt::format("'{}': a task's figure is named task.NAME.FIGURE, the figures being {}", name,
                                         fmt::join(figures, ", ")));
        const std::string_view task = rest.substr(0, point);
        const std::string_view figure = rest.substr(point + 1);
        if (!is_task(task, tasks)) {
            const std::vector<std::string_view> candidates(tasks.begin(), tasks.end());
            throw InputError(fmt::format("'{}': no task is called '{}'{}", name, task, suggestion(task, candidates)));
        }
        throw InputError(fmt::format("'{}': a task has no '{}'{}: write one of {}", name, figure,
                                     suggestion(figure, figures), fmt::join(figures, ", ")));
    }
    return {found->unit,
            [task = std::string(rest.substr(0, rest.size() - found->name.size() - 1)),
             &value = found->value](const Report& report) -> std::optional<std::int64_t> {
                const auto row = std::ranges::find(report.tasks, task, &TaskReport::name);
                return row == report.tasks.end() ? std::nullopt : value(report, *row);
            }};
}

// "memory.OBSERVATION.FIGURE"; the observation's name may contain points.
MetricSource observed_metric(std::string_view name, std::span<const std::string> observations) {
    const std::string_view rest = name.substr(std::string_view("memory.").size());
    const std::size_t point = rest.rfind('.');
    const std::string_view observation = rest.substr(0, point);
    const std::string_view wanted = rest.substr(point + 1);
    if (std::ranges::find(observations, observation) == observations.end()) {
        const std::vector<std::string_view> candidates(observations.begin(), observations.end());
        throw InputError(fmt::format("'{}': no observation is called '{}'{}", name, observation,
                                     suggestion(observation, candidates)));
    }
    const auto* const figure = std::ranges::find(observed_figures, wanted, &ObservedFigureDescription::name);
    if (figure == observed_figures.end()) {
        const std::vector<std::string_view> figures = names_in(observed_figures);
        throw InputError(fmt::format("'{}': an observation has no '{}'{}: write one of {}", name, wanted,
                                     suggestion(wanted, figures), fmt::join(figures, ", ")));
    }
    return {figure->is_size ? MetricUnit::bytes : MetricUnit::count,
            [observation = std::string(observation),
             member = figure->member](const Report& report) -> std::optional<std::int64_t> {
                const auto row = std::ranges::find(report.observations, observation, &ObservationReport::name);
                return row == report.observations.end() ? std::nullopt : row->figures.*member;
            }};
}

MetricSource source_of(std::string_view name, std::span<const std::string> tasks,
                       std::span<const std::string> observations) {
    for (const NamedMetric& metric : plain_metrics)
        if (metric.name == name) return {metric.unit, metric.value};
    for (const NamedMetricFunction& metric : request_metrics())
        if (metric.name == name) return {metric.unit, metric.value};
    for (const CounterDescription& counter : counter_descriptions) {
        if (counter.name != name) continue;
        return {MetricUnit::count, [counter](const Report& report) -> std::optional<std::int64_t> {
                    if (!is_known(report, counter.name)) return std::nullopt;
                    return static_cast<std::int64_t>(report.counters.*counter.member);
                }};
    }
    if (const std::optional<MemoryFigure> kind = fault_kind_named(name))
        return {MetricUnit::count, [kind](const Report& report) { return total(report, *kind); }};
    for (std::size_t category = 0; category < time_categories; ++category) {
        if (name != fmt::format("time.{}", name_of(static_cast<TimeCategory>(category)))) continue;
        return {MetricUnit::time, [category](const Report& report) -> std::optional<std::int64_t> {
                    const bool is_work = static_cast<TimeCategory>(category) == TimeCategory::work;
                    if (!report.time) return is_work ? count_of(report.work) : std::nullopt;
                    return (*report.time)[category].count();
                }};
    }
    if (name.starts_with("task.")) return task_metric(name, tasks);
    if (name.starts_with("memory.") && name.find('.') != name.rfind('.')) return observed_metric(name, observations);

    std::vector<std::string> categories;
    for (int category = 0; category < time_categories; ++category)
        categories.push_back(fmt::format("time.{}", name_of(static_cast<TimeCategory>(category))));
    std::vector<std::string_view> candidates = names_in(plain_metrics);
    candidates.insert(candidates.end(), categories.begin(), categories.end());
    for (const NamedMetricFunction& metric : request_metrics()) candidates.push_back(metric.name);
    for (const CounterDescription& counter : counter_descriptions) candidates.push_back(counter.name);
    for (std::size_t kind = 0; kind < fault_kinds_reported; ++kind)
        candidates.push_back(describe(fault_figure(kind)).name);
    const std::string hint = suggestion(name, candidates);
    throw InputError(fmt::format(
        "there is no metric '{}'{}", name,
        hint.empty() ? fmt::format(": there are {}, task.NAME.turnaround", fmt::join(candidates, ", ")) : hint));
}

} // namespace

std::optional<std::int64_t> total(const Report& report, MemoryFigure figure) {
    std::int64_t sum = 0;
    for (const TaskReport& task : report.tasks) {
        if (!task.memory[figure]) return std::nullopt;
        sum += *task.memory[figure];
    }
    return report.tasks.empty() ? std::nullopt : std::optional(sum);
}

std::optional<Metric> metric(const Report& report, std::string_view name) {
    std::vector<std::string> tasks;
    if (name.starts_with("task."))
        for (const TaskReport& task : report.tasks) tasks.push_back(task.name);
    std::vector<std::string> observations;
    for (const ObservationReport& observation : report.observations) observations.push_back(observation.name);
    const MetricSource source = source_of(name, tasks, observations);
    const std::optional<std::int64_t> value = source.value(report);
    return value ? std::optional(Metric{source.unit, *value}) : std::nullopt;
}

MetricUnit unit_of_metric(std::string_view name, std::span<const std::string> tasks,
                          std::span<const std::string> observations) {
    return source_of(name, tasks, observations).unit;
}

// --- Values ------------------------------------------------------------------------------------------------------

static std::int64_t parse_count(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0)
        throw InputError(fmt::format("'{}' is not a count: write a whole number without a unit", text));
    return value;
}

Metric parse_metric(MetricUnit unit, std::string_view text) {
    switch (unit) {
    case MetricUnit::time: return {unit, parse_duration(text).count()};
    case MetricUnit::count: return {unit, parse_count(text)};
    case MetricUnit::bytes: {
        const bool is_negative = text.starts_with('-');
        const std::int64_t size = parse_size(text.substr(is_negative ? 1 : 0)).count;
        return {unit, is_negative ? -size : size};
    }
    case MetricUnit::share: break;
    }
    const double parts = parse_share(text) * parts_of_share;
    if (parts >= 0x1p63) throw InputError(fmt::format("'{}' is out of range for a share: write 10% or 0.1", text));
    return {unit, std::llround(parts)};
}

double number(const Metric& metric) {
    const auto value = static_cast<double>(metric.value);
    switch (metric.unit) {
    case MetricUnit::time: return seconds(Duration{metric.value});
    case MetricUnit::share: return value / parts_of_share;
    case MetricUnit::count:
    case MetricUnit::bytes: break;
    }
    return value;
}

std::string text_of(const Metric& metric) {
    switch (metric.unit) {
    case MetricUnit::time: return exact_text(Duration{metric.value});
    case MetricUnit::bytes:
        return metric.value < 0 ? "-" + text_of(Bytes{-metric.value}) : text_of(Bytes{metric.value});
    case MetricUnit::share: {
        const double percent = number(metric) * 100;
        return std::abs(percent) < 1000 ? fmt::format("{:.4g} %", percent) : fmt::format("{:.0f} %", percent);
    }
    case MetricUnit::count: break;
    }
    return fmt::format("{}", metric.value);
}

} // namespace switchyard
