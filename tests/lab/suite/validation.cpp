#include "lab/suite/validation.hpp"

#include "tests/lab/suite/sample.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

static lab::MetricComparison measured(const char* name, MetricUnit unit, double predicted, double value) {
    lab::MetricComparison row;
    row.name = name;
    row.unit = unit;
    row.predicted = predicted;
    row.predicted_interval = {predicted, predicted};
    row.measured = value;
    row.measured_interval = {value, value};
    row.target = 0.1;
    row.rounds = {value};
    return row;
}

TEST_CASE("a comparison becomes rows that say what kind of figure they are") {
    lab::Comparison comparison;
    comparison.scenario = "one";
    comparison.family = "hogs";
    comparison.metrics = {measured("makespan", MetricUnit::time, 1.0, 1.05),
                          measured("switches", MetricUnit::count, 9, 9),
                          measured("task.A.share", MetricUnit::share, 0.5, 0.4),
                          measured("memory.resident", MetricUnit::bytes, 4096, 4096),
                          measured("requests.throughput", MetricUnit::count, 3000, 2900)};
    const lab::ValidatedScenario scenario = lab::validated(comparison);
    REQUIRE(scenario.rows.size() == 5);
    CHECK(scenario.rows[0].kind == lab::RowKind::time);
    CHECK(scenario.rows[1].kind == lab::RowKind::count);
    CHECK(scenario.rows[2].kind == lab::RowKind::share);
    CHECK(scenario.rows[3].kind == lab::RowKind::size);
    CHECK(scenario.rows[4].kind == lab::RowKind::time); // a rate depends on how fast the machine is
    CHECK(scenario.rows[0].met == true);
    CHECK(scenario.rows[2].met == false);
    CHECK_FALSE(scenario.passed);
    CHECK(scenario.family == "hogs");
}

TEST_CASE("where time goes is told for both sides, and the part that is most wrong is named") {
    lab::Comparison comparison;
    Report& predicted = comparison.prediction.report;
    predicted.time.emplace();
    (*predicted.time)[static_cast<std::size_t>(TimeCategory::work)] = 100ms;
    (*predicted.time)[static_cast<std::size_t>(TimeCategory::switching)] = 10ms;
    (*predicted.time)[static_cast<std::size_t>(TimeCategory::kernel)] = 5ms;
    Report native;
    native.cores = 1;
    native.makespan = 140ms;
    native.work = 100ms;
    TaskReport& task = native.tasks.emplace_back();
    task.instances = 1;
    task.cpu.add(138ms);
    comparison.native = {native};
    const lab::ValidatedScenario scenario = lab::validated(comparison);
    REQUIRE(scenario.predicted.has_value());
    REQUIRE(scenario.measured.has_value());
    CHECK(std::abs(scenario.predicted->system - 0.015) < 1e-9);
    CHECK(scenario.charged.size() == 2);
    CHECK(std::abs(scenario.measured->system - 0.038) < 1e-9);
    CHECK(std::abs(scenario.measured->idle - 0.002) < 1e-9);
    CHECK(lab::wrong_category(scenario).starts_with("system: 15.00 ms predicted, 38.00 ms measured"));
}

TEST_CASE("a summary counts by family, and apart what does not depend on speed") {
    const lab::Validation validation = lab::sample_validation();
    const lab::ValidationSummary summary = lab::summarize(validation);
    REQUIRE(summary.families.size() == 2);
    CHECK(summary.families[0].name == "hogs");
    CHECK(summary.families[0].rows == 4);
    CHECK(summary.families[0].met == 4);
    CHECK(summary.families[0].counts == 2);
    CHECK(summary.families[1].met == 0);
    CHECK(summary.families[1].too_noisy == 1);
    CHECK(summary.all.too_noisy == 1); // of no other count
    CHECK(summary.all.rows == 5);
    CHECK(summary.all.met == 4);
    CHECK(summary.all.counts_met == 2);
    CHECK(summary.not_run == 0);  // the ring was run: its row was missed
    CHECK_FALSE(summary.holds()); // 80 %
    CHECK_FALSE(lab::all_met(validation));
}

TEST_CASE("a suite holds with nine rows of ten, but with no count outside and nothing left out") {
    lab::Validation validation = lab::sample_validation();
    lab::ValidatedScenario& hogs = validation.scenarios[0];
    for (int i = 0; i < 5; ++i) hogs.rows.push_back(hogs.rows[0]);
    CHECK(lab::summarize(validation).holds()); // 9 of 10
    lab::Validation noisy = validation;
    noisy.scenarios[0].rows.push_back(noisy.scenarios[1].rows.back());
    CHECK_FALSE(lab::summarize(noisy).holds()); // two of twelve cannot be told
    lab::Validation wrong_count = validation;
    for (int i = 0; i < 20; ++i) wrong_count.scenarios[0].rows.push_back(hogs.rows[0]);
    wrong_count.scenarios[0].rows[1].met = false;
    CHECK_FALSE(lab::summarize(wrong_count).holds());
    lab::ValidatedScenario not_run;
    not_run.name = "impossible";
    not_run.not_native = "no such thing here";
    validation.scenarios.push_back(not_run);
    CHECK(lab::summarize(validation).not_run == 1);
    CHECK_FALSE(lab::summarize(validation).holds());
    CHECK_FALSE(lab::summarize(lab::Validation{}).holds()); // of nothing nothing follows
}

TEST_CASE("a curve keeps its ends and its shares, however many values there are") {
    DurationHistogram values;
    for (int i = 1; i <= 10000; ++i) values.add(std::chrono::microseconds{i});
    const lab::CumulativeShares shares = lab::cumulative_shares(values);
    CHECK(shares.count == 10000);
    CHECK(shares.steps.size() <= lab::most_steps + 2);
    CHECK(shares.steps.size() > lab::most_steps / 2);
    CHECK(shares.steps.back().second == 1.0);
    CHECK(std::ranges::is_sorted(shares.steps));
    for (const auto& [value, share] : shares.steps) CHECK(std::abs(value - share * 0.01) < 2e-4);
    CHECK(lab::cumulative_shares(DurationHistogram{}).steps.empty());
}

TEST_CASE("costs of the scenarios' own time are told by family of laws, over all scenarios") {
    const std::vector<lab::CostSpan> spans = lab::spans_of_costs(lab::sample_validation());
    REQUIRE(spans.size() == 2);
    CHECK(spans[0].family == "switches");
    CHECK(spans[0].lowest == 1.05);
    CHECK(spans[0].highest == 1.25);
    CHECK(spans[1].family == "system calls");
    CHECK(spans[1].median == 0.98);
}

TEST_CASE("drift is the largest change from the beginning, in either direction") {
    CHECK(std::abs(lab::Drift{"yield", {100, 105, 90}}.largest() - 0.1) < 1e-12);
    CHECK(lab::Drift{"yield", {}}.largest() == 0);
}
