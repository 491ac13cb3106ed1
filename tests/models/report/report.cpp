#include "models/report/report.hpp"
#include "models/report/counters.hpp"

#include "models/errors.hpp"
#include "tests/models/says.hpp"

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <set>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace switchyard;
using namespace switchyard::size_literals;

static Report small_report() {
    Report report;
    report.makespan = 21'900ms;
    report.pure_work = 20s;
    report.counters.context_switches = 19;
    report.memory.resident = Bytes{8602};
    TaskReport task;
    task.name = "A";
    task.turnaround.add(20s);
    task.turnaround.add(21s);
    report.tasks.push_back(task);
    task.name = "A/child.one";
    report.tasks.push_back(task);
    return report;
}

// --- Durations in short ----------------------------------------------------------------------------------------------

TEST_CASE("a summary of durations knows their number, sum, least, most and mean") {
    DurationSummary summary;
    CHECK(summary.mean() == 0s);
    for (const Duration value : {Duration{3s}, Duration{1s}, Duration{4s}}) summary.add(value);
    CHECK(summary.count == 3);
    CHECK(summary.sum == 8s);
    CHECK(summary.least == 1s);
    CHECK(summary.most == 4s);
    CHECK(summary.mean() == Duration{8s} / 3);
}

TEST_CASE("the sum of many long waits does not overflow") {
    DurationSummary summary;
    for (int i = 0; i < 1'000; ++i) summary.add(Duration::max() - Duration{i});
    CHECK(summary.count == 1'000);
    CHECK(summary.laps == 999);
    CHECK(summary.mean() == Duration::max() - Duration{500}); // minus 499.5, rounded down
}

// --- Names -----------------------------------------------------------------------------------------------------------

TEST_CASE("categories, outcomes and counters have names of their own") {
    std::set<std::string_view> names;
    for (int i = 0; i < time_categories; ++i) names.insert(name_of(static_cast<TimeCategory>(i)));
    CHECK(names.size() == time_categories);
    CHECK(name_of(TimeCategory::switching) == "switching");
    CHECK(name_of(Outcome::completed) == "completed");
    CHECK(name_of(Outcome::deadlocked) == "deadlocked");
    CHECK(name_of(Outcome::livelocked) == "livelocked");
    CHECK(name_of(Outcome::interrupted) == "interrupted");

    Counters counters;
    std::uint64_t next = 1;
    for (const CounterDescription& counter : counter_descriptions) counters.*counter.member = next++;
    std::set<std::uint64_t> values; // every counter is named once: none was overwritten
    names.clear();
    for (const CounterDescription& counter : counter_descriptions) {
        values.insert(counters.*counter.member);
        names.insert(counter.name);
    }
    CHECK(values.size() == counter_descriptions.size());
    CHECK(names.size() == counter_descriptions.size());
    CHECK(counters.steals == counter_descriptions.size());
}

// --- Metrics ---------------------------------------------------------------------------------------------------------

TEST_CASE("overhead is what a run takes beyond its pure work") {
    Report report = small_report();
    CHECK(report.overhead() == 1'900ms);
    report.pure_work.reset();
    CHECK_FALSE(report.overhead().has_value());
    CHECK_FALSE(metric(report, "overhead").has_value());
}

TEST_CASE("figures of a report are found by name") {
    Report report = small_report();
    CHECK(metric(report, "makespan") == Metric{MetricUnit::time, Duration{21'900ms}.count()});
    CHECK(metric(report, "pure_work") == Metric{MetricUnit::time, Duration{20s}.count()});
    CHECK(metric(report, "overhead") == Metric{MetricUnit::time, Duration{1'900ms}.count()});
    CHECK(metric(report, "context_switches") == Metric{MetricUnit::count, 19});
    CHECK(metric(report, "memory.resident") == Metric{MetricUnit::bytes, 8602});
    CHECK(metric(report, "task.A.turnaround") == Metric{MetricUnit::time, Duration{20'500ms}.count()});
    CHECK(metric(report, "task.A/child.one.turnaround") == Metric{MetricUnit::time, Duration{20'500ms}.count()});

    report.time.emplace();
    (*report.time)[static_cast<std::size_t>(TimeCategory::switching)] = 1'900ms;
    CHECK(metric(report, "time.switching") == Metric{MetricUnit::time, Duration{1'900ms}.count()});
    CHECK(metric(report, "time.idle") == Metric{MetricUnit::time, 0});

    report.foreign_load = 0.0125;
    CHECK(metric(report, "foreign_load") == Metric{MetricUnit::share, 12'500'000'000});
}

TEST_CASE("what an executor does not know is absent, not zero") {
    Report report = small_report();
    CHECK_FALSE(metric(report, "time.switching").has_value());
    CHECK_FALSE(metric(report, "memory.kernel").has_value());
    CHECK_FALSE(metric(report, "foreign_load").has_value());
    CHECK_FALSE(metric(report, "task.A.waiting").has_value());
    CHECK_FALSE(metric(report, "task.A/other.cpu").has_value());
    report.counters_known = {"voluntary_switches"};
    CHECK_FALSE(metric(report, "context_switches").has_value());
    CHECK(metric(report, "voluntary_switches") == Metric{MetricUnit::count, 0});
}

TEST_CASE("distributions, jobs and switches of a task are figures too") {
    Report report = small_report();
    TaskReport& task = report.tasks[0];
    for (int i = 1; i <= 50; ++i) task.run_length.add(i * 1ms);
    task.wake_up_latency.add(30us);
    task.jobs = {.released = 4, .finished = 3, .missed = 2, .aborted = 1, .response = {}};
    task.jobs.response.add(5ms);
    task.involuntary_switches = 0;
    const auto time = [](Duration value) { return Metric{MetricUnit::time, value.count()}; };
    CHECK(metric(report, "task.A.run_length.p50") == time(25ms));
    CHECK(metric(report, "task.A.run_length.p99") == time(50ms));
    CHECK(metric(report, "task.A.run_length.most") == time(50ms));
    CHECK(metric(report, "task.A.wake_up_latency.p99") == time(30us));
    CHECK(metric(report, "task.A.jobs.response.most") == time(5ms));
    CHECK(metric(report, "task.A.jobs.released") == Metric{MetricUnit::count, 4});
    CHECK(metric(report, "task.A.jobs.finished") == Metric{MetricUnit::count, 3});
    CHECK(metric(report, "task.A.jobs.missed") == Metric{MetricUnit::count, 2});
    CHECK(metric(report, "task.A.jobs.aborted") == Metric{MetricUnit::count, 1});
    CHECK(metric(report, "task.A.involuntary_switches") == Metric{MetricUnit::count, 0});
    CHECK_FALSE(metric(report, "task.A.voluntary_switches").has_value());
    CHECK_FALSE(metric(report, "task.A/child.one.run_length.p50").has_value());
    CHECK_FALSE(metric(report, "task.A/child.one.jobs.missed").has_value());
    CHECK_THROWS_MATCHES(metric(report, "task.A.run_length.p90"), InputError, says("a task has no 'run_length.p90'"));
    CHECK_THROWS_MATCHES(metric(report, "task.A.jobs.mised"), InputError, says("did you mean 'jobs.missed'?"));
    const std::vector<std::string> tasks{"A", "A.jobs"}; // names may contain points
    CHECK(unit_of_metric("task.A.jobs.released", tasks) == MetricUnit::count);
    CHECK(unit_of_metric("task.A.jobs.cpu", tasks) == MetricUnit::time);
}

TEST_CASE("a task's share is its part of the processor time of all tasks") {
    Report report = small_report();
    CHECK_FALSE(metric(report, "task.A.share").has_value()); // nobody's time is known
    report.tasks[0].cpu.add(3s);
    report.tasks[1].cpu.add(1s);
    CHECK(metric(report, "task.A.share") == Metric{MetricUnit::share, 750'000'000'000});
    CHECK_FALSE(metric(report, "task.A.window_share").has_value());
    report.tasks[0].window_cpu = 1s;
    report.tasks[1].window_cpu = 2s;
    CHECK(metric(report, "task.A.window_share") == Metric{MetricUnit::share, 333'333'333'333});
    // 139 days each: more together than a Duration holds.
    report.tasks[0].cpu = report.tasks[1].cpu = {.count = 9, .sum = 5s, .laps = 3, .least = 1s, .most = 200s};
    CHECK(metric(report, "task.A.share") == Metric{MetricUnit::share, 500'000'000'000});
    report.tasks[1].cpu = {};
    report.tasks[1].finished = 1; // it ran, and for how long is not known
    CHECK_FALSE(metric(report, "task.A.share").has_value());
}

TEST_CASE("a name that means nothing is refused, and what was meant suggested") {
    const Report report = small_report();
    CHECK_THROWS_MATCHES(metric(report, "makspan"), InputError, says("did you mean 'makespan'?"));
    CHECK_THROWS_MATCHES(metric(report, "contextswitches"), InputError, says("did you mean 'context_switches'?"));
    CHECK_THROWS_MATCHES(metric(report, "time.swiching"), InputError, says("did you mean 'time.switching'?"));
    CHECK_THROWS_MATCHES(metric(report, "happiness"), InputError, says("there are makespan, "));
    CHECK_THROWS_MATCHES(metric(report, "task.B.cpu"), InputError, says("no task is called 'B'"));
    CHECK_THROWS_MATCHES(metric(report, "task.A.turnarond"), InputError, says("did you mean 'turnaround'?"));
    CHECK_THROWS_MATCHES(metric(report, "task.A"), InputError, says("task.NAME.FIGURE"));
    CHECK_THROWS_AS(metric(report, ""), InputError);
}

TEST_CASE("the unit of a metric is known before there is a report") {
    const std::vector<std::string> tasks{"A"};
    CHECK(unit_of_metric("makespan", tasks) == MetricUnit::time);
    CHECK(unit_of_metric("ticks", tasks) == MetricUnit::count);
    CHECK(unit_of_metric("memory.kernel", tasks) == MetricUnit::bytes);
    CHECK(unit_of_metric("foreign_load", tasks) == MetricUnit::share);
    CHECK(unit_of_metric("task.A.response", tasks) == MetricUnit::time);
    CHECK(unit_of_metric("task.A/child.response", tasks) == MetricUnit::time);
    CHECK_THROWS_AS(unit_of_metric("task.AB.response", tasks), InputError);
}

TEST_CASE("a metric's value is read with the unit it has") {
    CHECK(parse_metric(MetricUnit::time, "21.9s") == Metric{MetricUnit::time, Duration{21'900ms}.count()});
    CHECK(parse_metric(MetricUnit::count, "19") == Metric{MetricUnit::count, 19});
    CHECK(parse_metric(MetricUnit::bytes, "64KiB") == Metric{MetricUnit::bytes, 65'536});
    CHECK(parse_metric(MetricUnit::share, "2%") == Metric{MetricUnit::share, 20'000'000'000});
    for (const std::string_view text : {"", "-1", "1.5", "19s", "1e3", " 19", "99999999999999999999"})
        CHECK_THROWS_MATCHES(parse_metric(MetricUnit::count, text), InputError, says("is not a count"));
    CHECK_THROWS_AS(parse_metric(MetricUnit::time, "19"), InputError);
    CHECK_THROWS_AS(parse_metric(MetricUnit::bytes, "19s"), InputError);
    CHECK_THROWS_MATCHES(parse_metric(MetricUnit::share, "99999999999"), InputError, says("out of range"));
}

TEST_CASE("a metric is written in the unit people use") {
    const Report report = small_report();
    CHECK(text_of(*metric(report, "makespan")) == "21.9 s");
    CHECK(text_of(*metric(report, "context_switches")) == "19");
    CHECK(text_of(*metric(report, "memory.resident")) == "8.4 KiB");
    CHECK(text_of(parse_metric(MetricUnit::share, "2%")) == "2 %");
    CHECK(text_of(parse_metric(MetricUnit::share, "0.123456")) == "12.35 %");
    CHECK(text_of(parse_metric(MetricUnit::share, "250")) == "25000 %");
}

TEST_CASE("a metric as a number is in seconds, bytes, a count or a share") {
    CHECK(number({MetricUnit::time, Duration{21'900ms}.count()}) == 21.9);
    CHECK(number({MetricUnit::count, 19}) == 19);
    CHECK(number({MetricUnit::bytes, 4096}) == 4096);
    CHECK(number({MetricUnit::share, 20'000'000'000}) == 0.02);
}
