#include "formats/json/report_json.hpp"
#include "tests/formats/input_error.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::formats;
using namespace std::chrono_literals;

// A simulator's report, with everything it can know.
static Report full_report() {
    Report report;
    report.scenario = "two-tasks";
    report.executor = "simulation";
    report.profile = "textbook";
    report.scheduling = "rr, slice 1 s";
    report.seed = 18446744073709551615u;
    report.cores = 2;
    report.outcome = Outcome::deadlocked;
    report.diagnosis = "A waits for B";
    report.makespan = 21'900ms;
    report.pure_work = 20s;
    report.time = TimeByCategory{20s, 1'900ms, 0s, 0s, 0s, 21'900ms};
    report.core_time = {TimeByCategory{20s, 1'900ms}, TimeByCategory{0s, 0s, 0s, 0s, 0s, 21'900ms}};
    report.counters.context_switches = 19;
    report.counters.dispatches = 20;
    report.memory = {Bytes{16 << 20}, std::nullopt, Bytes{32768}};
    TaskReport& task = report.tasks.emplace_back();
    task.name = "A";
    task.kind = TaskKind::process;
    task.instances = 2;
    task.finished = 1;
    task.turnaround.add(20'800ms);
    task.turnaround.add(21'900ms);
    task.response.add(0s);
    task.system.add(300ms);
    task.waiting = {.count = 100'000, .sum = 5s, .laps = 3, .least = 1s, .most = 200s};
    task.run_length.add(4ms);
    task.run_length.add(4ms);
    task.run_length.add(8ms);
    for (int i = 1; i <= 1000; ++i) task.wake_up_latency.add(i * 1us + 7ns); // more than are kept exactly
    task.voluntary_switches = 0;
    task.involuntary_switches = 493;
    task.window_cpu = 987ms;
    task.jobs = {.released = 3, .finished = 2, .missed = 1, .aborted = 1, .response = {}};
    task.jobs.response.add(2ms);
    task.memory[MemoryFigure::minor_faults] = 100;
    task.memory[MemoryFigure::fault_copy] = 60;
    task.memory[MemoryFigure::bytes_swapped_out] = 8192;
    task.memory[MemoryFigure::peak_resident] = 409'600;
    report.tasks.emplace_back().name = "nothing known";
    ObservedFigures seen;
    seen.minor_faults = 1000;
    seen.page_tables = -8192;
    seen.resident = 4'096'000;
    report.observations.push_back({"after write", "A", 2, seen});
    report.notes = {"no cost is known for 'tick'"};
    return report;
}

// A native run's, which knows less and other things.
static Report native_report() {
    Report report;
    report.executor = "native";
    report.makespan = 2s;
    report.counters.voluntary_switches = 3;
    report.counters_known = {"voluntary_switches", "involuntary_switches"};
    report.work = 1900ms;
    report.foreign_load = 0.0123;
    report.speed = 1.07;
    return report;
}

TEST_CASE("a report survives being written and read") {
    CHECK(parse_report(report_to_json(full_report()), "r.json") == full_report());
    CHECK(parse_report(report_to_json(native_report()), "r.json") == native_report());
}

TEST_CASE("a distribution is written as its values and how often they came, and keeps its extremes") {
    const Json json = report_json(full_report());
    const Json& task = json["tasks"][0];
    CHECK(task["run_length"] == Json{{"count", 3},
                                     {"least_ps", 4'000'000'000},
                                     {"most_ps", 8'000'000'000},
                                     {"values", {{4'000'000'000, 2}, {8'000'000'000, 1}}}});
    CHECK(task["wake_up_latency"]["values"].size() < 1000);
    CHECK(task["jobs"]["missed"] == 1);
    CHECK(task["voluntary_switches"] == 0);
    for (const char* key :
         {"run_length", "wake_up_latency", "voluntary_switches", "involuntary_switches", "window_cpu_ps", "jobs"})
        CHECK_FALSE(json["tasks"][1].contains(key));

    const DurationHistogram before = full_report().tasks[0].wake_up_latency;
    const DurationHistogram after = parse_report(json_text(json), "r.json").tasks[0].wake_up_latency;
    CHECK(after.least() == before.least());
    CHECK(after.most() == before.most());
    for (const double share : {0.0, 0.5, 0.99, 1.0}) CHECK(after.quantile(share) == before.quantile(share));
}

TEST_CASE("times are integer picoseconds, sizes integer bytes, and each says so in its name") {
    const Json json = report_json(full_report());
    CHECK(json["makespan_ps"] == 21'900'000'000'000);
    CHECK(json["overhead_ps"] == 1'900'000'000'000);
    CHECK(json["time"]["switching_ps"] == 1'900'000'000'000);
    CHECK(json["core_time"].size() == 2);
    CHECK(json["memory"]["kernel_bytes"] == 32768);
    CHECK(json["counters"]["context_switches"] == 19);
    CHECK(json["outcome"] == "deadlocked");
    CHECK(json["tasks"][0]["turnaround"]["mean_ps"] == 21'350'000'000'000);
    CHECK(json["tasks"][0]["blocked"] == Json{{"count", 0}});
}

TEST_CASE("a task's memory has its unit in each name, and kinds of faults together") {
    const Json memory = report_json(full_report())["tasks"][0]["memory"];
    CHECK(memory["minor_faults"] == 100);
    CHECK(memory["faults"]["copy"] == 60);
    CHECK(memory["faults"].size() == 1);
    CHECK(memory["bytes_swapped_out"] == 8192);
    CHECK(memory["peak_resident_bytes"] == 409'600);
    CHECK_FALSE(report_json(full_report()).contains("faults")); // one task does not know its own
    Report alone = full_report();
    alone.tasks.pop_back();
    CHECK(report_json(alone)["faults"]["copy"] == 60);
}

TEST_CASE("what an executor does not know is absent") {
    const Json json = report_json(native_report());
    for (const char* key : {"pure_work_ps", "overhead_ps", "time", "core_time", "diagnosis"})
        CHECK_FALSE(json.contains(key));
    CHECK(json["memory"].empty());
    CHECK(json["counters"].size() == 2);
    CHECK(json["counters"]["involuntary_switches"] == 0); // known to be none
    CHECK_FALSE(report_json(full_report()).contains("foreign_load"));
}

TEST_CASE("text that is not UTF-8 still gives valid JSON") {
    Report report;
    report.scenario = "broken \xff name";
    CHECK(parse_report(report_to_json(report), "r.json").scenario == "broken \xef\xbf\xbd name");
}

TEST_CASE("a broken report says what and where") {
    const auto changed = [](const char* pointer, Json value) {
        Json json = report_json(full_report());
        json[Json::json_pointer(pointer)] = std::move(value);
        return error_of([&] { static_cast<void>(parse_report(json_text(json), "r.json")); });
    };
    CHECK(changed("/a_later_key", 1) == "no error");
    CHECK(changed("/schema_version", 7) == "r.json: $.schema_version: version 7 cannot be read: this program reads 1");
    CHECK(changed("/makespan_ps", 1.5) ==
          "r.json: $.makespan_ps: an integer from -9223372036854775808 to 9223372036854775807 is wanted");
    CHECK(changed("/tasks/0/kind", "job") == "r.json: $.tasks[0].kind: unknown word 'job'");
    CHECK(changed("/tasks/0/turnaround", Json{{"count", 1}}) == "r.json: $.tasks[0].turnaround: 'sum_ps' is missing");
    CHECK(changed("/memory/kernel_bytes", -1) ==
          "r.json: $.memory.kernel_bytes: an integer from 0 to 9223372036854775807 is wanted");
    CHECK(changed("/time", Json::object()) == "r.json: $.time: 'work_ps' is missing");
    CHECK(changed("/tasks/0/run_length/count", 4) ==
          "r.json: $.tasks[0].run_length: 'count' is not how many values there are");
    CHECK(changed("/tasks/0/run_length/values/0/1", 4) ==
          "r.json: $.tasks[0].run_length.values[0]: there are more values than 'count' says");
    CHECK(changed("/tasks/0/run_length/values/0", Json::array({1})) ==
          "r.json: $.tasks[0].run_length.values[0]: a list of two is wanted: a time in ps and how often");
    CHECK(changed("/tasks/0/run_length/least_ps", 9'000'000'000) ==
          "r.json: $.tasks[0].run_length: 'least_ps' is more than 'most_ps'");
    CHECK(error_of([] { static_cast<void>(parse_report("{", "r.json")); }) ==
          "r.json:1:2: malformed JSON: it ends too early");
}
