#include "lab/compare/comparison.hpp"

#include "formats/json/document.hpp"
#include "lab/compare/comparison_json.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

static lab::MetricComparison row(double predicted, std::optional<double> measured, Interval interval,
                                 std::optional<double> target) {
    lab::MetricComparison row;
    row.name = "overhead";
    row.predicted = predicted;
    row.predicted_interval = {predicted, predicted};
    row.measured = measured;
    row.measured_interval = interval;
    row.target = target;
    return row;
}

TEST_CASE("A target is met where the error is within it, give or take the machine's own noise") {
    CHECK(row(1.05, 1.0, {1.0, 1.0}, 0.10).met() == true);
    CHECK(row(1.15, 1.0, {1.0, 1.0}, 0.10).met() == false);
    CHECK(row(1.15, 1.0, {0.9, 1.1}, 0.10).met() == true); // half the interval is 0.1
    CHECK(row(0.85, 1.0, {1.0, 1.0}, 0.10).met() == false);
    CHECK(row(1.0, std::nullopt, {}, 0.10).met() == false); // not measured is not met
    CHECK_FALSE(row(9.0, 1.0, {1.0, 1.0}, std::nullopt).met().has_value());
}

TEST_CASE("A target that cannot be predicted is not met") {
    lab::MetricComparison unknown = row(0, 1.0, {1, 1}, 0.1);
    unknown.predicted.reset();
    CHECK(unknown.met() == false);
}

TEST_CASE("One missed target fails a comparison; a figure without target never does") {
    lab::Comparison comparison; // its prediction completed
    comparison.metrics = {row(1.0, 1.0, {1, 1}, 0.1), row(9.0, 1.0, {1, 1}, std::nullopt)};
    CHECK(comparison.passed());
    comparison.metrics.push_back(row(9.0, 1.0, {1, 1}, 0.1));
    CHECK_FALSE(comparison.passed());
}

TEST_CASE("A scenario is predicted, run for real in rounds, and both stand side by side") {
    const Scenario scenario =
        ScenarioBuilder("side by side")
            .cores(1)
            .scheduler("rr", {{"slice", "1s"}})
            .task("A", TaskKind::thread,
                  [](auto& task) { task.repeat(50, [](auto& body) { body.compute(100us).yield(); }); })
            .target("task.A.turnaround", 10.0)
            .build();
    lab::ComparisonOptions options;
    options.rounds = 3;
    std::size_t calls = 0;
    const auto comparisons =
        lab::compare({scenario}, reference_profile(), options, [&](double fraction, std::string_view) {
            CHECK(fraction >= 0);
            CHECK(fraction <= 1);
            ++calls;
        });
    REQUIRE(comparisons.size() == 1);
    const lab::Comparison& comparison = comparisons[0];
    CHECK(calls == 4);
    CHECK(comparison.native.size() == 3);
    CHECK(comparison.not_native.empty());
    REQUIRE(comparison.metrics.size() == 3);
    CHECK(comparison.metrics[0].name == "makespan");
    CHECK(comparison.metrics[1].name == "overhead");
    CHECK(comparison.metrics[2].name == "task.A.turnaround");
    for (const lab::MetricComparison& metric : comparison.metrics) {
        REQUIRE(metric.measured.has_value());
        CHECK(metric.measured_interval.low <= *metric.measured);
        CHECK(*metric.measured <= metric.measured_interval.high);
    }
    const formats::Json json = formats::parse_json(lab::comparisons_to_json(comparisons), "test");
    CHECK(json["comparisons"][0]["native"].size() == 3);
    CHECK(json["comparisons"][0]["metrics"][2]["name"] == "task.A.turnaround");
}
