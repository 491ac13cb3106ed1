#include "formats/json/report_json.hpp"

#include "formats/files.hpp"
#include "formats/yaml/node.hpp"
#include "models/report/counters.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

namespace switchyard::formats {

namespace {

struct SummaryField {
    std::string_view name;
    DurationSummary TaskReport::*value;
};
constexpr std::array summary_fields{
    SummaryField{"turnaround", &TaskReport::turnaround},
    SummaryField{"response", &TaskReport::response},
    SummaryField{"waiting", &TaskReport::waiting},
    SummaryField{"blocked", &TaskReport::blocked},
    SummaryField{"cpu", &TaskReport::cpu},
};

struct HistogramField {
    std::string_view name;
    DurationHistogram TaskReport::*value;
};
constexpr std::array histogram_fields{
    HistogramField{"run_length", &TaskReport::run_length},
    HistogramField{"wake_up_latency", &TaskReport::wake_up_latency},
};

struct SwitchField {
    std::string_view name;
    std::optional<std::uint64_t> TaskReport::*value;
};
constexpr std::array switch_fields{
    SwitchField{"voluntary_switches", &TaskReport::voluntary_switches},
    SwitchField{"involuntary_switches", &TaskReport::involuntary_switches},
};

struct JobField {
    std::string_view name;
    std::uint64_t JobReport::*value;
};
constexpr std::array job_fields{
    JobField{"released", &JobReport::released},
    JobField{"finished", &JobReport::finished},
    JobField{"missed", &JobReport::missed},
    JobField{"aborted", &JobReport::aborted},
};

struct MemoryField {
    std::string_view name;
    std::optional<Bytes> MemoryReport::*value;
};
constexpr std::array memory_fields{
    MemoryField{"reserved_bytes", &MemoryReport::reserved},
    MemoryField{"resident_bytes", &MemoryReport::resident},
    MemoryField{"kernel_bytes", &MemoryReport::kernel},
};

std::string category_key(std::size_t category) {
    return fmt::format("{}_ps", name_of(static_cast<TimeCategory>(category)));
}

// writing ------------------------------------------------------------------------------------------------------------

Json time_to_json(const TimeByCategory& time) {
    Json json = Json::object();
    for (std::size_t i = 0; i < time.size(); ++i) json[category_key(i)] = time[i].count();
    return json;
}

Json counters_to_json(const Report& report) {
    const auto& known = report.counters_known;
    Json json = Json::object();
    for (const CounterDescription& counter : counter_descriptions)
        if (known.empty() || std::find(known.begin(), known.end(), counter.name) != known.end())
            json[std::string(counter.name)] = report.counters.*counter.member;
    return json;
}

Json deadlock_to_json(const DeadlockReport& deadlock) {
    return {{"at_ps", deadlock.at.count()}, {"text", deadlock.text}, {"graph", deadlock.graph}};
}

Json race_to_json(const DataRaceReport& race) {
    return {{"variable", race.variable},
            {"first", race.first},
            {"second", race.second},
            {"at_ps", race.at.count()},
            {"times", race.times}};
}

Json summary_to_json(const DurationSummary& summary) {
    if (summary.count == 0) return {{"count", 0}};
    Json json{{"count", summary.count},
              {"sum_ps", summary.sum.count()},
              {"least_ps", summary.least.count()},
              {"most_ps", summary.most.count()},
              {"mean_ps", summary.mean().count()}};
    if (summary.laps > 0) json["laps"] = summary.laps;
    return json;
}

Json histogram_to_json(const DurationHistogram& histogram) {
    Json values = Json::array();
    for (const auto& [value, times] : histogram.values()) values.push_back({value.count(), times});
    return {{"count", histogram.count()},
            {"least_ps", histogram.least().count()},
            {"most_ps", histogram.most().count()},
            {"values", std::move(values)}};
}

Json jobs_to_json(const JobReport& jobs) {
    Json json = Json::object();
    for (const JobField& field : job_fields) json[std::string(field.name)] = jobs.*field.value;
    if (!jobs.response.empty()) json["response"] = histogram_to_json(jobs.response);
    return json;
}

Json requests_to_json(const RequestReport& requests) {
    Json json{{"begun", requests.begun},
              {"completed", requests.completed},
              {"span_ps", requests.span.count()},
              {"latency", summary_to_json(requests.latency)}};
    if (requests.in_flight_peak) json["in_flight_peak"] = *requests.in_flight_peak;
    if (requests.in_flight_mean) json["in_flight_mean"] = *requests.in_flight_mean;
    if (!requests.latencies.empty()) json["latencies"] = histogram_to_json(requests.latencies);
    return json;
}

// The key of a figure of memory; kinds of faults are together in an object of their own.
std::string memory_key(MemoryFigure figure) {
    const MemoryFigureDescription& description = describe(figure);
    if (is_kind_of_fault(figure)) return std::string(description.name.substr(std::string_view("faults.").size()));
    const bool says_unit = description.name.starts_with("bytes_");
    return std::string(description.name) + (description.is_size && !says_unit ? "_bytes" : "");
}

Json task_memory_to_json(const MemoryFigures& memory) {
    Json json = Json::object();
    for (std::size_t i = 0; i < memory_figures; ++i) {
        const auto figure = static_cast<MemoryFigure>(i);
        if (!memory[figure]) continue;
        (is_kind_of_fault(figure) ? json["faults"] : json)[memory_key(figure)] = *memory[figure];
    }
    return json;
}

// Of all tasks together, by kind.
Json faults_to_json(const Report& report) {
    Json json = Json::object();
    for (std::size_t kind = 0; kind < fault_kinds_reported; ++kind)
        if (const auto sum = total(report, fault_figure(kind))) json[memory_key(fault_figure(kind))] = *sum;
    return json;
}

Json task_to_json(const TaskReport& task) {
    Json json{
        {"name", task.name}, {"kind", name_of(task.kind)}, {"instances", task.instances}, {"finished", task.finished}};
    for (const SummaryField& field : summary_fields) json[std::string(field.name)] = summary_to_json(task.*field.value);
    if (task.system.count > 0) json["system"] = summary_to_json(task.system);
    if (task.stalled.count > 0) json["stalled"] = summary_to_json(task.stalled);
    for (const HistogramField& field : histogram_fields)
        if (!(task.*field.value).empty()) json[std::string(field.name)] = histogram_to_json(task.*field.value);
    for (const SwitchField& field : switch_fields)
        if (task.*field.value) json[std::string(field.name)] = *(task.*field.value);
    if (task.polling) json["polling_ps"] = task.polling->count();
    if (task.window_cpu) json["window_cpu_ps"] = task.window_cpu->count();
    if (task.jobs != JobReport{}) json["jobs"] = jobs_to_json(task.jobs);
    if (!task.memory.empty()) json["memory"] = task_memory_to_json(task.memory);
    return json;
}

std::string figure_key(const ObservedFigureDescription& figure) {
    return std::string(figure.name) + (figure.is_size ? "_bytes" : "");
}

Json observation_to_json(const ObservationReport& observation) {
    Json json{{"name", observation.name}, {"task", observation.task}, {"count", observation.count}};
    for (const ObservedFigureDescription& figure : observed_figures)
        if (const auto value = observation.figures.*figure.member) json[figure_key(figure)] = *value;
    return json;
}

// reading ------------------------------------------------------------------------------------------------------------

Duration duration_from(const JsonValue& json) {
    constexpr auto limits = std::numeric_limits<std::int64_t>{};
    return Duration{json.integer(limits.min(), limits.max())};
}

TimeByCategory time_from(const JsonValue& json) {
    TimeByCategory time{};
    for (std::size_t i = 0; i < time.size(); ++i) time[i] = duration_from(json[category_key(i)]);
    return time;
}

DeadlockReport deadlock_from(const JsonValue& json) {
    return {duration_from(json["at_ps"]), json["text"].text(), json["graph"].text()};
}

DataRaceReport race_from(const JsonValue& json) {
    return {json["variable"].text(), json["first"].text(), json["second"].text(), duration_from(json["at_ps"]),
            json["times"].count()};
}

void read_counters(const JsonValue& json, Report& report) {
    for (const CounterDescription& counter : counter_descriptions)
        if (const auto value = json.find(counter.name)) {
            report.counters.*counter.member = value->count();
            report.counters_known.emplace_back(counter.name);
        }
    if (report.counters_known.size() == counter_descriptions.size()) report.counters_known.clear();
}

MemoryReport memory_from(const JsonValue& json) {
    MemoryReport memory;
    for (const MemoryField& field : memory_fields)
        if (const auto value = json.find(field.name))
            memory.*field.value = Bytes{value->integer(0, std::numeric_limits<std::int64_t>::max())};
    return memory;
}

DurationSummary summary_from(const JsonValue& json) {
    DurationSummary summary;
    summary.count = json["count"].count();
    if (summary.count == 0) return summary;
    summary.sum = duration_from(json["sum_ps"]);
    if (const auto laps = json.find("laps")) summary.laps = laps->count();
    summary.least = duration_from(json["least_ps"]);
    summary.most = duration_from(json["most_ps"]);
    return summary;
}

Duration amount_from(const JsonValue& json) {
    return Duration{json.integer(0, std::numeric_limits<std::int64_t>::max())};
}

DurationHistogram histogram_from(const JsonValue& json) {
    DurationHistogram histogram;
    const std::uint64_t count = json["count"].count();
    for (const JsonValue& entry : json["values"].items()) {
        const std::vector<JsonValue> pair = entry.items();
        if (pair.size() != 2) entry.fail("a list of two is wanted: a time in ps and how often");
        const Duration value = amount_from(pair[0]);
        const std::uint64_t times = pair[1].count();
        if (times > count - histogram.count()) entry.fail("there are more values than 'count' says");
        histogram.add(value, times);
    }
    if (histogram.count() != count || count == 0) json.fail("'count' is not how many values there are");
    const Duration least = amount_from(json["least_ps"]);
    const Duration most = amount_from(json["most_ps"]);
    if (least > most) json.fail("'least_ps' is more than 'most_ps'");
    histogram.set_extremes(least, most);
    return histogram;
}

JobReport jobs_from(const JsonValue& json) {
    JobReport jobs;
    for (const JobField& field : job_fields) jobs.*field.value = json[field.name].count();
    if (const auto response = json.find("response")) jobs.response = histogram_from(*response);
    return jobs;
}

RequestReport requests_from(const JsonValue& json) {
    RequestReport requests{.begun = json["begun"].count(),
                           .completed = json["completed"].count(),
                           .in_flight_peak = {},
                           .in_flight_mean = {},
                           .span = amount_from(json["span_ps"]),
                           .latency = summary_from(json["latency"]),
                           .latencies = {}};
    if (const auto peak = json.find("in_flight_peak")) requests.in_flight_peak = peak->count();
    if (const auto mean = json.find("in_flight_mean")) requests.in_flight_mean = mean->number();
    if (const auto latencies = json.find("latencies")) requests.latencies = histogram_from(*latencies);
    return requests;
}

// Which of `size` values of an enumeration has that name.
template <typename Enumeration>
Enumeration named(const JsonValue& json, int size) {
    for (int i = 0; i < size; ++i)
        if (name_of(static_cast<Enumeration>(i)) == json.text()) return static_cast<Enumeration>(i);
    json.fail(fmt::format("unknown word {}", shown(json.text())));
}

ObservationReport observation_from(const JsonValue& json) {
    constexpr auto limits = std::numeric_limits<std::int64_t>{};
    ObservationReport observation{json["name"].text(), json["task"].text(), json["count"].count(), {}};
    for (const ObservedFigureDescription& figure : observed_figures)
        if (const auto value = json.find(figure_key(figure)))
            observation.figures.*figure.member = value->integer(limits.min(), limits.max());
    return observation;
}

MemoryFigures task_memory_from(const JsonValue& json) {
    constexpr auto limits = std::numeric_limits<std::int64_t>{};
    MemoryFigures memory;
    const auto faults = json.find("faults");
    for (std::size_t i = 0; i < memory_figures; ++i) {
        const auto figure = static_cast<MemoryFigure>(i);
        if (is_kind_of_fault(figure) && !faults) continue;
        const JsonValue& place = is_kind_of_fault(figure) ? *faults : json;
        if (const auto value = place.find(memory_key(figure)))
            memory[figure] = value->integer(limits.min(), limits.max());
    }
    return memory;
}

TaskReport task_from(const JsonValue& json) {
    TaskReport task;
    task.name = json["name"].text();
    task.kind = named<TaskKind>(json["kind"], task_kinds);
    task.instances = json["instances"].count();
    task.finished = json["finished"].count();
    for (const SummaryField& field : summary_fields) task.*field.value = summary_from(json[field.name]);
    if (const auto system = json.find("system")) task.system = summary_from(*system);
    if (const auto stalled = json.find("stalled")) task.stalled = summary_from(*stalled);
    for (const HistogramField& field : histogram_fields)
        if (const auto histogram = json.find(field.name)) task.*field.value = histogram_from(*histogram);
    for (const SwitchField& field : switch_fields)
        if (const auto count = json.find(field.name)) task.*field.value = count->count();
    if (const auto polling = json.find("polling_ps")) task.polling = amount_from(*polling);
    if (const auto cpu = json.find("window_cpu_ps")) task.window_cpu = amount_from(*cpu);
    if (const auto jobs = json.find("jobs")) task.jobs = jobs_from(*jobs);
    if (const auto memory = json.find("memory")) task.memory = task_memory_from(*memory);
    return task;
}

} // namespace

Json report_json(const Report& report) {
    Json json{{"schema_version", Report::schema_version},
              {"scenario", report.scenario},
              {"executor", report.executor},
              {"profile", report.profile},
              {"scheduling", report.scheduling},
              {"seed", report.seed},
              {"cores", report.cores},
              {"outcome", name_of(report.outcome)}};
    if (!report.diagnosis.empty()) json["diagnosis"] = report.diagnosis;
    json["makespan_ps"] = report.makespan.count();
    if (report.pure_work) json["pure_work_ps"] = report.pure_work->count();
    if (const auto overhead = report.overhead()) json["overhead_ps"] = overhead->count();
    if (report.work) json["work_ps"] = report.work->count();
    if (report.time) json["time"] = time_to_json(*report.time);
    if (report.core_time) {
        json["core_time"] = Json::array();
        for (const TimeByCategory& time : *report.core_time) json["core_time"].push_back(time_to_json(time));
    }
    json["counters"] = counters_to_json(report);
    json["memory"] = Json::object();
    for (const MemoryField& field : memory_fields)
        if (report.memory.*field.value) json["memory"][std::string(field.name)] = (report.memory.*field.value)->count;
    if (Json faults = faults_to_json(report); !faults.empty()) json["faults"] = std::move(faults);
    json["tasks"] = Json::array();
    for (const TaskReport& task : report.tasks) json["tasks"].push_back(task_to_json(task));
    if (report.requests) json["requests"] = requests_to_json(*report.requests);
    if (!report.observations.empty()) {
        json["observations"] = Json::array();
        for (const ObservationReport& seen : report.observations)
            json["observations"].push_back(observation_to_json(seen));
    }
    if (!report.deadlocks.empty()) {
        json["deadlocks"] = Json::array();
        for (const DeadlockReport& deadlock : report.deadlocks) json["deadlocks"].push_back(deadlock_to_json(deadlock));
    }
    if (!report.data_races.empty()) {
        json["data_races"] = Json::array();
        for (const DataRaceReport& race : report.data_races) json["data_races"].push_back(race_to_json(race));
    }
    if (report.foreign_load) json["foreign_load"] = *report.foreign_load;
    if (report.foreign_preemptions) json["foreign_preemptions"] = *report.foreign_preemptions;
    if (report.speed) json["speed"] = *report.speed;
    json["notes"] = report.notes;
    return json;
}

std::string report_to_json(const Report& report) { return json_text(report_json(report)); }

Report report_from(const JsonValue& json) {
    json.check_schema_version(Report::schema_version);
    Report report;
    report.scenario = json["scenario"].text();
    report.executor = json["executor"].text();
    report.profile = json["profile"].text();
    report.scheduling = json["scheduling"].text();
    report.seed = json["seed"].count();
    report.cores = json["cores"].small_count();
    report.outcome = named<Outcome>(json["outcome"], static_cast<int>(Outcome::interrupted) + 1);
    if (const auto diagnosis = json.find("diagnosis")) report.diagnosis = diagnosis->text();
    report.makespan = duration_from(json["makespan_ps"]);
    if (const auto work = json.find("pure_work_ps")) report.pure_work = duration_from(*work);
    if (const auto work = json.find("work_ps")) report.work = duration_from(*work);
    if (const auto time = json.find("time")) report.time = time_from(*time);
    if (const auto core_time = json.find("core_time")) {
        report.core_time.emplace();
        for (const JsonValue& time : core_time->items()) report.core_time->push_back(time_from(time));
    }
    read_counters(json["counters"], report);
    report.memory = memory_from(json["memory"]);
    for (const JsonValue& task : json["tasks"].items()) report.tasks.push_back(task_from(task));
    if (const auto requests = json.find("requests")) report.requests = requests_from(*requests);
    if (const auto observations = json.find("observations"))
        for (const JsonValue& seen : observations->items()) report.observations.push_back(observation_from(seen));
    if (const auto deadlocks = json.find("deadlocks"))
        for (const JsonValue& deadlock : deadlocks->items()) report.deadlocks.push_back(deadlock_from(deadlock));
    if (const auto races = json.find("data_races"))
        for (const JsonValue& race : races->items()) report.data_races.push_back(race_from(race));
    if (const auto load = json.find("foreign_load")) report.foreign_load = load->number();
    if (const auto foreign = json.find("foreign_preemptions")) report.foreign_preemptions = foreign->count();
    if (const auto speed = json.find("speed")) report.speed = speed->number();
    report.notes = json["notes"].texts();
    return report;
}

Report parse_report(std::string_view text, const std::string& file_name) {
    const Json document = parse_json(text, file_name);
    return report_from(JsonValue(document, file_name));
}

Report read_report(const std::string& path) { return parse_report(read_file(path), shown_name(path)); }

} // namespace switchyard::formats
