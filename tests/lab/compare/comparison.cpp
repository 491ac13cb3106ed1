#include "lab/compare/comparison.hpp"

#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <stop_token>

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
    CHECK(row(1.15, 1.0, {0.91, 1.09}, 0.10).met() == true); // half the interval is 0.09
    CHECK(row(0.85, 1.0, {1.0, 1.0}, 0.10).met() == false);
    CHECK(row(1.0, std::nullopt, {}, 0.10).met() == false); // not measured is not met
    CHECK_FALSE(row(9.0, 1.0, {1.0, 1.0}, std::nullopt).met().has_value());
}

TEST_CASE("Where the noise is more than the target, what it could hide is neither met nor missed") {
    const lab::MetricComparison hidden = row(1.01, 1.0, {0.8, 1.2}, 0.10);
    CHECK(hidden.is_too_noisy());
    CHECK_FALSE(hidden.met().has_value());
    const lab::MetricComparison wrong = row(1.35, 1.0, {0.8, 1.2}, 0.10); // whatever the noise
    CHECK_FALSE(wrong.is_too_noisy());
    CHECK(wrong.met() == false);
    CHECK_FALSE(row(1.01, 1.0, {0.95, 1.05}, 0.10).is_too_noisy());
    CHECK_FALSE(row(1.01, 1.0, {0.8, 1.2}, std::nullopt).is_too_noisy());
    CHECK_FALSE(row(1.01, std::nullopt, {}, 0.10).is_too_noisy());
    lab::MetricComparison few = row(3, 3, {2, 4}, 0.02);
    few.grain = 1; // nothing smaller is asked for
    CHECK(few.met() == true);
    lab::Comparison comparison;
    comparison.metrics = {hidden};
    CHECK(comparison.passed());
}

TEST_CASE("Scenarios that are too noisy to tell have further rounds, others have not") {
    const auto scenario = [](double target) {
        return ScenarioBuilder("noise")
            .cores(1)
            .scheduler("rr", {{"slice", "1s"}})
            .task("A", TaskKind::thread, [](auto& task) { task.compute(2ms); })
            .target("makespan", target)
            .build();
    };
    lab::ComparisonOptions options;
    options.rounds = 2;
    options.further_rounds = 3;
    options.capture = false;
    std::vector<std::uint32_t> over;
    options.after_round = [&](std::uint32_t round) { over.push_back(round); };
    // Of no machine are two runs alike to the picosecond; and none is off by a factor of ten thousand.
    const auto comparisons = lab::compare({scenario(1e-12), scenario(1e4)}, reference_profile(), options);
    const bool was_noisy = comparisons[0].native.size() == 5;
    CHECK((was_noisy || comparisons[0].metrics.front().met() == false)); // or off by more than the noise
    CHECK(comparisons[1].native.size() == 2);
    CHECK(over.size() == (was_noisy ? 5 : 2));
    CHECK(comparisons[0].metrics.front().rounds.size() == comparisons[0].native.size());
}

TEST_CASE("A scenario is predicted at what costs are while it is run") {
    const Scenario scenario =
        ScenarioBuilder("drifting")
            .cores(1)
            .scheduler("rr", {{"slice", "1s"}})
            .task("A", TaskKind::thread, [](auto& task) { task.repeat(50, [](auto& body) { body.yield(); }); })
            .task("B", TaskKind::thread, [](auto& task) { task.repeat(50, [](auto& body) { body.yield(); }); })
            .build();
    lab::ComparisonOptions options;
    options.rounds = 2;
    options.capture = false;
    const Duration once = lab::compare({scenario}, reference_profile(), options).front().prediction.report.makespan;
    int asked = 0;
    options.costs_now = [&] {
        ++asked;
        lab::CostRatios twice;
        twice.fill(2);
        return twice;
    };
    const lab::Comparison comparison = lab::compare({scenario}, reference_profile(), options).front();
    CHECK(asked == 2); // before and after: the runs are short
    REQUIRE(comparison.costs.front().has_value());
    CHECK(*comparison.costs.front() == 2 / comparison.speed);
    const double ratio =
        static_cast<double>(comparison.prediction.report.makespan.count()) / static_cast<double>(once.count());
    CHECK(ratio > 1.3); // system calls and switches are twice as dear, but not the loop's own work
    CHECK(ratio < 2.1);
}

TEST_CASE("A target may be an amount, and nothing smaller than a switch or a tick is asked for") {
    lab::MetricComparison run_length = row(4.04e-3, 4.0e-3, {4.0e-3, 4.0e-3}, std::nullopt);
    CHECK_FALSE(run_length.met().has_value());
    run_length.within = 50e-6;
    CHECK(run_length.met() == true);
    run_length.predicted = 4.06e-3;
    CHECK(run_length.met() == false);

    lab::MetricComparison switches = row(4, 3, {3, 3}, 0.02);
    CHECK(switches.met() == false);
    switches.grain = 1;
    CHECK(switches.met() == true);
    switches.predicted = 5;
    CHECK(switches.met() == false);
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
    options.phases = 7;
    std::size_t calls = 0;
    const auto comparisons =
        lab::compare({scenario}, reference_profile(), options, [&](double fraction, std::string_view) {
            CHECK(fraction >= 0);
            CHECK(fraction <= 1);
            ++calls;
        });
    REQUIRE(comparisons.size() == 1);
    const lab::Comparison& comparison = comparisons[0];
    CHECK(calls == 5); // before, each round, after
    CHECK(comparison.phases.size() == 7);
    if (comparison.not_captured.empty()) CHECK(comparison.captured.size() == 3);
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
    CHECK(comparison.metrics[0].rounds.size() == 3);
    CHECK(comparison.metrics[0].spread().value() >= 0);
}

TEST_CASE("Tasks that compete are compared by switches, run lengths and shares, as far as the machine tells") {
    const Scenario scenario = ScenarioBuilder("compete")
                                  .cores(1)
                                  .scheduler("rr", {{"slice", "4ms"}})
                                  .task("A", TaskKind::process, [](auto& task) { task.compute(30ms); })
                                  .task("B", TaskKind::process, [](auto& task) { task.compute(30ms); })
                                  .target("task.A.window_share", 1.0)
                                  .target("task.A.run_length.distance", 1.0)
                                  .build();
    lab::ComparisonOptions options;
    options.rounds = 2;
    const auto comparisons = lab::compare({scenario}, reference_profile(), options);
    const lab::Comparison& comparison = comparisons.front();
    const auto row = [&](std::string_view name) {
        const auto found = std::ranges::find(comparison.metrics, name, &lab::MetricComparison::name);
        REQUIRE(found != comparison.metrics.end());
        return *found;
    };
    CHECK(row("task.A.involuntary_switches").measured.has_value()); // getrusage knows them anywhere
    CHECK(row("task.A.involuntary_switches").grain == 1);
    CHECK(row("task.B.window_share").predicted.has_value());
    REQUIRE(comparison.distributions.size() >= 2);
    CHECK(comparison.distributions[0].name == "task.A.run_length");
    CHECK(comparison.distributions[0].target == 1.0);
    const bool is_captured = comparison.not_captured.empty();
    CHECK(row("task.A.run_length.p50").measured.has_value() == is_captured);
    CHECK(row("task.A.window_share").measured.has_value() == is_captured);
    CHECK(row("task.A.window_share").met() == is_captured); // what is not available is not met
    CHECK(comparison.distributions[0].met() == is_captured);
}

TEST_CASE("A suite looks at what it has targets for, and at nothing else") {
    const Scenario scenario = ScenarioBuilder("only targets")
                                  .cores(1)
                                  .scheduler("linux")
                                  .task("A", TaskKind::process, [](auto& task) { task.compute(10ms); })
                                  .task("B", TaskKind::process, [](auto& task) { task.compute(10ms); })
                                  .target("switches", 1.0)
                                  .build();
    lab::ComparisonOptions options;
    options.rounds = 2;
    options.only_targets = true;
    std::vector<std::uint32_t> over;
    options.after_round = [&](std::uint32_t round) { over.push_back(round); };
    const lab::Comparison comparison = lab::compare({scenario}, reference_profile(), options).front();
    CHECK(over == std::vector<std::uint32_t>{0, 1});
    CHECK(comparison.captured.empty()); // nobody asks for events
    CHECK(comparison.phases.size() == 2);
    REQUIRE(comparison.metrics.size() == 3);
    CHECK(comparison.metrics[2].name == "switches");
    CHECK(comparison.metrics[2].measured.has_value());
}

TEST_CASE("Who asks to stop before the first round gets a comparison that says so") {
    const Scenario scenario =
        ScenarioBuilder("stopped").cores(1).task("A", TaskKind::process, [](auto& task) { task.compute(1ms); }).build();
    std::stop_source stop;
    lab::ComparisonOptions options;
    options.stop = stop.get_token();
    const auto comparisons = lab::compare({scenario, scenario}, reference_profile(), options,
                                          [&](double, std::string_view) { stop.request_stop(); });
    REQUIRE(comparisons.size() == 2);
    CHECK(comparisons[0].native.empty());
    CHECK(comparisons[1].not_native.find("interrupted") != std::string::npos);
}

TEST_CASE("The spread of a figure is the widest difference of its rounds") {
    lab::MetricComparison noisy = row(1.0, 2.0, {2, 2}, 0.1);
    CHECK_FALSE(noisy.spread().has_value());
    noisy.rounds = {1.9, 2.0, 2.3};
    CHECK(std::abs(noisy.spread().value() - 0.2) < 1e-12);
}

TEST_CASE(
    "Where only counters are to be had, shares, migrations and waiting are compared, and no distribution is made up") {
    const Scenario scenario = ScenarioBuilder("counted")
                                  .cores(1)
                                  .scheduler("linux")
                                  .task("A", TaskKind::process, [](auto& task) { task.compute(30ms); })
                                  .task("B", TaskKind::process, [](auto& task) { task.compute(30ms); })
                                  .target("task.A.run_length.distance", 1.0)
                                  .build();
    lab::ComparisonOptions options;
    options.rounds = 2;
    options.events = native::EventSource::counters;
    const lab::Comparison comparison = lab::compare({scenario}, reference_profile(), options).front();
    CHECK_FALSE(comparison.not_captured.empty());
    if (comparison.captured.empty()) SKIP("the kernel tells nothing of its tasks in /proc");
    CHECK(comparison.captured.size() == 2);
    const auto row = [&](std::string_view name) {
        const auto found = std::ranges::find(comparison.metrics, name, &lab::MetricComparison::name);
        REQUIRE(found != comparison.metrics.end());
        return *found;
    };
    CHECK(row("task.A.window_share").measured.has_value());
    CHECK(row("task.A.waiting").measured.has_value());
    CHECK(row("task.A.waiting").predicted.has_value());
    CHECK_FALSE(row("task.A.run_length.p50").measured.has_value());
    CHECK(comparison.distributions[0].measured.empty());
    CHECK(comparison.distributions[0].met() == false);
}

TEST_CASE("on processors a tenth faster the same work takes as much less time, whatever speed they had", "[compare]") {
    const Scenario even = ScenarioBuilder("even")
                              .cores(2)
                              .scheduler("rr")
                              .task("A", TaskKind::thread, [](auto& task) { task.compute(1100ms); })
                              .build();
    CHECK(sim::simulate(lab::at_speed(even, 1.1), free_profile()).makespan == 1s);
    Scenario uneven = even;
    uneven.machine.topology.speeds = {1000, 400};
    CHECK(lab::at_speed(uneven, 1.1).machine.topology.speeds == std::vector<std::uint32_t>{1100, 440});
}
