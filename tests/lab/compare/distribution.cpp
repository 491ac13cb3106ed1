#include "lab/compare/distribution.hpp"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;
using Catch::Approx;

static DurationHistogram of(std::initializer_list<Duration> values) {
    DurationHistogram histogram;
    for (const Duration value : values) histogram.add(value);
    return histogram;
}

TEST_CASE("Kolmogorov and Smirnov's distance is the largest gap between two distribution functions") {
    CHECK(lab::kolmogorov_smirnov(of({4ms, 4ms}), of({4ms})) == 0);
    CHECK(lab::kolmogorov_smirnov(of({1ms, 2ms}), of({3ms, 4ms})) == 1);
    CHECK(lab::kolmogorov_smirnov(of({1ms, 2ms, 3ms, 4ms}), of({1ms, 2ms, 3ms, 9ms})) == Approx(0.25));
    CHECK(lab::kolmogorov_smirnov(of({1ms, 3ms}), of({2ms})) == Approx(0.5));
    CHECK(lab::kolmogorov_smirnov(of({2ms}), of({1ms, 3ms})) == Approx(0.5)); // either way round
    CHECK(lab::kolmogorov_smirnov(of({2ms}), of({1ms, 3ms}), 1ms) == 0);
    CHECK(lab::kolmogorov_smirnov(of({2ms}), of({1ms, 9ms}), 1ms) == Approx(0.5));
    CHECK(lab::kolmogorov_smirnov(of({1ms, 9ms}), of({2ms}), 1ms) == Approx(0.5));
}

TEST_CASE("the distance that chance makes shrinks with the number of values") {
    CHECK(lab::distance_by_chance(100, 100) == Approx(1.358 * 0.141421).epsilon(1e-5));
    CHECK(lab::distance_by_chance(10'000, 10'000) == Approx(0.0192).epsilon(1e-3));
    CHECK(lab::distance_by_chance(10, 1000) == lab::distance_by_chance(1000, 10));
}

TEST_CASE("a distribution meets its target within the distance that chance makes, and never unmeasured") {
    lab::DistributionComparison row{"task.A.run_length", {}, {}, 0, false, {}};
    for (int i = 0; i < 1000; ++i) {
        row.predicted.add(4ms);
        row.measured.add(i < 100 ? 3ms : 4ms);
    }
    CHECK(row.distance() == Approx(0.1));
    CHECK_FALSE(row.met().has_value()); // no target
    row.target = 0.07;
    CHECK(row.met() == true); // chance makes 0.061 of it
    CHECK_FALSE(row.is_too_noisy());
    row.target = 0.05; // chance makes more than is asked for
    CHECK(row.is_too_noisy());
    CHECK_FALSE(row.met().has_value());
    row.target = 0.03;
    CHECK(row.met() == false);
    row.measured = {};
    row.target = 1;
    CHECK(row.met() == false);
    CHECK_FALSE(row.distance().has_value());
}

TEST_CASE("distributions of all rounds are put together; of runs that did not complete, nothing") {
    Report first, second;
    TaskReport task;
    task.name = "A";
    task.run_length.add(4ms);
    first.tasks = second.tasks = {task};
    second.outcome = Outcome::interrupted;
    const std::vector<Report> predicted{first, first}, measured{first, second};
    const std::vector<std::string> tasks{"A", "B"};
    const auto rows = lab::compare_distributions(predicted, measured, tasks);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].name == "task.A.run_length");
    CHECK(rows[0].predicted.count() == 2);
    CHECK(rows[0].measured.count() == 1);
}

TEST_CASE("values of one round share its phase: by chance, a few rounds are farther off than as many single values") {
    const auto reports_of = [](std::initializer_list<std::chrono::milliseconds> phases) {
        std::vector<Report> reports;
        for (const auto latency : phases) {
            TaskReport task;
            task.name = "A";
            for (int i = 0; i < 1000; ++i) task.wake_up_latency.add(latency);
            reports.emplace_back().tasks = {task};
        }
        return reports;
    };
    const std::vector<std::string> tasks{"A"};
    const auto alike = reports_of({1ms, 1ms, 1ms, 1ms}), different = reports_of({1ms, 2ms, 3ms, 4ms});
    const std::vector<Report> measured = reports_of({1ms, 3ms});
    const auto same = lab::compare_distributions(alike, measured, tasks).front();
    CHECK(same.by_chance() == lab::distance_by_chance(4000, 2000));
    const auto row = lab::compare_distributions(different, measured, tasks).front();
    CHECK(row.by_chance() >= 0.5); // two phases of four, at best
    CHECK(row.by_chance() <= 0.75);
    CHECK(row.by_chance() == lab::compare_distributions(different, measured, tasks).front().by_chance());
}
