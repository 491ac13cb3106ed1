#include "formats/scenario/read_scenario.hpp"
#include "lab/predict.hpp"
#include "lab/sweep/description.hpp"
#include "lab/sweep/plan.hpp"
#include "models/sweep/replication.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_floating_point.hpp>
#include <cmath>
#include <map>
#include <set>

using namespace switchyard;
using namespace switchyard::lab;

static SweepPlan plan_of(const std::string& scenario, const std::string& rest) {
    return SweepPlan(formats::parse_sweep("scenario: {" + scenario + "}\n" + rest, "s.yaml"));
}

static const std::string two_tasks = "machine: {cores: 1, profile: reference}, scheduler: {policy: rr, slice: 1ms}, "
                                     "tasks: {A: {do: [compute: 10ms]}, B: {do: [compute: 10ms]}}";
static const std::string drawn =
    "machine: {cores: 1, profile: reference}, tasks: {A: {do: [compute: {exponential: {mean: 1ms}}]}}";

static PointResult point(const SweepPlan& plan, std::uint64_t cell, std::uint32_t replication = 0) {
    return PointComputer(plan).compute({cell, replication}).value();
}

TEST_CASE("A point is what a run of its scenario predicts") {
    const SweepPlan plan = plan_of(two_tasks, "parameters: {scheduler.slice: [1ms, 2ms]}\n"
                                              "metrics: {makespan: makespan, overhead: overhead, "
                                              "share: overhead / makespan, switches: switches}");
    const std::vector<formats::Override> change{{"scheduler.slice", "2ms"}};
    const Report report =
        predict(formats::parse_scenario("{" + two_tasks + "}", "t.yaml", change), reference_profile());
    const PointResult result = point(plan, 1);
    REQUIRE(result.status == PointStatus::done);
    CHECK(result.values.at(0) == static_cast<double>(report.makespan.count()) / 1e12);
    CHECK(result.values.at(1) == static_cast<double>(report.overhead()->count()) / 1e12);
    CHECK(result.values.at(2) == result.values.at(1) / result.values.at(0));
    CHECK(result.values.at(3) == number(*metric(report, "switches")));
}

TEST_CASE("A point is the same whatever was computed before it") {
    const SweepPlan plan =
        plan_of(drawn, "parameters: {switch: {scale: switch.*, values: [0, 1, 3]}, machine.cores: [1, 2], "
                       "profile: [reference, textbook]}\n"
                       "replications: 3\nmetrics: [makespan, overhead]");
    REQUIRE(plan.cells() == 12);
    PointComputer forwards(plan);
    PointComputer backwards(plan);
    std::map<PointIndex, PointResult> found;
    for (std::uint64_t cell = 0; cell < 12; ++cell)
        for (std::uint32_t replication = 0; replication < 3; ++replication)
            found[{cell, replication}] = forwards.compute({cell, replication}).value();
    for (std::uint64_t cell = 12; cell-- > 0;)
        for (std::uint32_t replication = 3; replication-- > 0;) {
            const PointResult again = backwards.compute({cell, replication}).value();
            const PointResult& first = found[{cell, replication}];
            CHECK(again.identity == first.identity);
            CHECK(again.seed == first.seed);
            CHECK(again.values == first.values);
        }
    std::set<PointIdentity> identities;
    for (const auto& [index, result] : found) identities.insert(result.identity);
    CHECK(identities.size() == found.size());
}

TEST_CASE("A law that is scaled is charged so many times") {
    const SweepPlan plan = plan_of(two_tasks, "profile: textbook\n"
                                              "parameters: {switch: {scale: switch.context, values: [0, 0.5, 1, 2]}}\n"
                                              "metrics: {switching: time.switching}");
    const double once = point(plan, 2).values.at(0);
    REQUIRE(once > 0);
    CHECK(point(plan, 0).values.at(0) == 0);
    CHECK_THAT(point(plan, 1).values.at(0), Catch::Matchers::WithinRel(once / 2, 1e-9));
    CHECK_THAT(point(plan, 3).values.at(0), Catch::Matchers::WithinRel(once * 2, 1e-9));
}

TEST_CASE("Common random numbers are the same in every cell, independent ones follow from the cell alone") {
    const auto seeds = [](const std::string& values, const std::string& numbers) {
        const SweepPlan plan =
            plan_of(drawn, "parameters: {machine.cores: " + values + "}\nrandom_numbers: " + numbers +
                               "\nreplications: 2\nmetrics: [makespan]");
        PointComputer computer(plan);
        std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> found;
        for (std::uint64_t cell = 0; cell < plan.cells(); ++cell)
            found[plan.values_of(cell)[0].text] = {computer.resolve({cell, 0}).seed, computer.resolve({cell, 1}).seed};
        return found;
    };
    auto common = seeds("[1, 2]", "common");
    CHECK(common["1"] == common["2"]);
    CHECK(common["1"].first != common["1"].second);
    auto independent = seeds("[1, 2]", "independent");
    CHECK(independent["1"].first != independent["2"].first);
    CHECK(independent["1"].first != independent["1"].second);
    auto more = seeds("[4, 2, 3, 1]", "independent");
    CHECK(more["1"] == independent["1"]);
    CHECK(more["2"] == independent["2"]);
}

TEST_CASE("A seed that is a parameter is the run's own") {
    const SweepPlan plan = plan_of(drawn, "parameters: {seeds: [7, 8]}\nmetrics: [makespan]");
    CHECK(point(plan, 1).seed == 8);
    const Report report = predict(formats::parse_scenario("{seed: 8, " + drawn + "}", "t.yaml"), reference_profile());
    CHECK(point(plan, 1).values.at(0) == static_cast<double>(report.makespan.count()) / 1e12);
}

TEST_CASE("What is wrong with a point is its reason, and says nothing of others") {
    const std::string waits = "semaphores: {never: 0}, tasks: {A: {do: [compute: 1ms]}, B: {do: [yield]}}";
    const SweepPlan plan =
        plan_of(waits, "parameters: {what: {choices: {well: [], ill: ['tasks.B.do=[acquire: never]']}}}\n"
                       "metrics: [makespan]");
    CHECK(point(plan, 0).status == PointStatus::done);
    const PointResult ill = point(plan, 1);
    CHECK(ill.status == PointStatus::failed);
    CHECK(ill.reason.find("never") != std::string::npos);
    CHECK(ill.reason.find('\n') == std::string::npos);
    CHECK(std::isnan(ill.values.at(0)));
    CHECK(ill.identity != point(plan, 0).identity);
}

TEST_CASE("A cell that is no scenario fails alone") {
    const SweepPlan plan = plan_of("machine: {cores: 2}, tasks: {A: {cores: [0], do: [compute: 1ms]}}",
                                   "parameters: {machine.cores: [2, 1, 4], 'tasks.A.cores': ['[0]', '[1]', '[0]']}\n"
                                   "design: grid\nmetrics: [makespan]\n");
    CHECK(point(plan, 0).status == PointStatus::done);
    const PointResult impossible = point(plan, 4); // core 1 of one core
    CHECK(impossible.status == PointStatus::failed);
    CHECK(impossible.reason.find("from 0 to 0") != std::string::npos);
}

TEST_CASE("A budget of events gives a point up at the same event on every machine") {
    const std::string ring =
        "machine: {cores: 1, profile: reference}, tasks: {A: {count: 2, do: [repeat: {times: 1000, "
        "do: [{compute: 1us}, yield]}]}}";
    const std::string metrics = "\nmetrics: [makespan]";
    const PointResult whole = point(plan_of(ring, "budget: {events: 100000}" + metrics), 0);
    CHECK(whole.status == PointStatus::done);
    const PointResult part = point(plan_of(ring, "budget: {events: 100}" + metrics), 0);
    CHECK(part.status == PointStatus::over_budget);
    CHECK(part.reason == "more than 100 events");
    CHECK(part.identity == whole.identity);
}

TEST_CASE("A budget of time ends what never ends, and a stop from outside leaves no result") {
    const std::string endless = "machine: {cores: 1, profile: reference}, tasks: {A: {count: 2, do: [repeat: {times: "
                                "1000000000, do: [{compute: 1us}, yield]}]}}";
    const SweepPlan plan = plan_of(endless, "budget: {time: 20ms}\nmetrics: [makespan]");
    const PointResult result = point(plan, 0);
    CHECK(result.status == PointStatus::over_budget);
    CHECK(result.reason == "not done after 20 ms");
    std::stop_source source;
    source.request_stop();
    const SweepPlan unbounded = plan_of(endless, "metrics: [makespan]");
    CHECK(!PointComputer(unbounded).compute({0, 0}, source.get_token()));
    const PointEstimate estimate = estimate_points(unbounded, std::chrono::milliseconds(20));
    CHECK(estimate.was_cut_short);
    CHECK(describe(unbounded, estimate).find("not known") != std::string::npos);
}

TEST_CASE("The contents of a trace are part of a point's identity") {
    const formats::ScratchFolder folder;
    const std::string sweep =
        folder.write("s.yaml", "scenario: {tasks: {A: {kind: process, do: [map: {as: r, size: 64KiB}, "
                               "touch: {region: r, pattern: trace, trace: pages.txt}]}}}\n"
                               "metrics: [minor_faults]\n");
    const auto identity = [&] { return PointComputer(SweepPlan(formats::read_sweep(sweep))).resolve({0, 0}).identity; };
    folder.write("pages.txt", "1\n2\n");
    const PointIdentity first = identity();
    CHECK(identity() == first);
    folder.write("pages.txt", "1\n3\n");
    CHECK(identity() != first);
}

TEST_CASE("What is said of a scenario is no part of a point's identity, what it does is") {
    const auto identity = [](const std::string& scenario) {
        return PointComputer(plan_of(scenario, "metrics: [makespan]")).resolve({0, 0}).identity;
    };
    const PointIdentity plain = identity(two_tasks);
    CHECK(identity("name: other, about: the same, seed: 9, expect: {makespan: 1s}, " + two_tasks) == plain);
    CHECK(identity("locks: {l: mutex}, " + two_tasks) != plain);
}

TEST_CASE("Replications go on until the interval is narrow enough") {
    const SweepPlan plan = plan_of(
        "machine: {profile: free}, tasks: {A: {do: [repeat: {times: 30, do: [compute: {exponential: {mean: 1ms}}]}]}}",
        "replications: {at_most: 1000, until: {metric: makespan, within: 5%}}\n"
        "metrics: [switches, makespan]");
    REQUIRE(plan.stopping_metric() == 1U);
    PointComputer computer(plan);
    std::vector<double> values;
    while (!is_enough(plan.sweep().replications, values))
        values.push_back(computer.compute({0, static_cast<std::uint32_t>(values.size())}).value().values[1]);
    // The deviation of a mean of 30 exponentials is 18 %: about (1.96 x 18 / 5)^2 = 50 replications.
    CHECK(values.size() > 20);
    CHECK(values.size() < 120);
    CHECK(replications_needed(plan.sweep().replications, values) == values.size());
}

TEST_CASE("A plan is described in words") {
    const SweepPlan plan =
        plan_of(two_tasks, "name: n\nabout: Why?\nparameters: {slice: {path: scheduler.slice, log: [1ms, 1s], "
                           "points: 10}, switch: {scale: switch.*, values: [0.5, 1]}}\n"
                           "replications: {at_least: 2, at_most: 5, until: {metric: o, within: 1%}}\n"
                           "metrics: {o: overhead / makespan}\nbudget: {events: 1000, time: 1s}");
    CHECK(describe(plan, PointEstimate{2, 0.5, 0.4, 0.6, 0, "", false}, 2) == R"(sweep         n: Why?
scenario      written in the sweep's file
parameters    slice (scheduler.slice): 10 values, 1ms to 1s
              switch times switch.*: 0.5, 1
design        grid, 20 cells
replications  2 to 5, until o is within 1 % (95 % confidence), common random numbers
points        40 to 100
metrics       o = overhead / makespan (share)
budget        1000 events, 1.000 s a point
time          about 10.00 s to 25.00 s on 2 workers: 500.0 ms a point (2 tried, 400.0 ms to 600.0 ms)
)");
    const PointEstimate estimate = estimate_points(plan, std::chrono::seconds(60));
    CHECK(estimate.points == 16);
    CHECK(estimate.least <= estimate.mean);
    CHECK(estimate.mean <= estimate.most);
}
