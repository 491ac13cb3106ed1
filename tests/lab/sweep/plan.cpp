#include "lab/sweep/plan.hpp"

#include "tests/formats/input_error.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <set>

using namespace switchyard;
using namespace switchyard::lab;

static const std::string base = R"(
  machine: {cores: 1, profile: textbook}
  scheduler: {policy: rr, slice: 1s}
  tasks: {A: {do: [compute: 10s]}, B: {do: [compute: 10s]}}
)";

static SweepPlan plan_of(const std::string& rest) {
    return SweepPlan(formats::parse_sweep("scenario:" + base + rest, "s.yaml"));
}

static std::string error_in(const std::string& rest) {
    return formats::error_of([&] { static_cast<void>(plan_of(rest)); });
}

TEST_CASE("The corners of the classic question come out of a sweep's file exactly") {
    const SweepPlan plan(formats::read_sweep(SWITCHYARD_SOURCE_DIR "/scenarios/sweeps/classic-corners.yaml"));
    REQUIRE(plan.cells() == 4);
    PointComputer computer(plan);
    std::vector<double> makespans;
    for (std::uint64_t cell = 0; cell < 4; ++cell) {
        const auto result = computer.compute({cell, 0});
        REQUIRE(result);
        REQUIRE(result->status == PointStatus::done);
        makespans.push_back(result->values.at(0));
    }
    CHECK(makespans == std::vector{21.9, 10.0, 20.1, 20.1});
    CHECK(plan.values_of(2).at(0).text == "coroutines");
    CHECK(plan.values_of(3).at(1).number == 2.0);
    CHECK(plan.metric_units() == std::vector{MetricUnit::time, MetricUnit::time});
}

TEST_CASE("A point's identity follows from what it is, not from where it stands") {
    const SweepPlan few = plan_of("parameters: {scheduler.slice: [1s, 2s]}\nmetrics: [makespan]");
    const SweepPlan many =
        plan_of("parameters: {scheduler.slice: [500ms, 2s, 1s], machine.cores: [1, 2]}\nname: other\n"
                "metrics: [overhead]");
    const SweepPlan other_seed = plan_of("parameters: {scheduler.slice: [1s]}\nseed: 2\nmetrics: [makespan]");
    PointComputer of_few(few);
    PointComputer of_many(many);
    PointComputer of_other_seed(other_seed);
    CHECK(of_few.resolve({0, 0}).identity != of_few.resolve({1, 0}).identity);
    CHECK(of_few.resolve({0, 0}).identity != of_few.resolve({0, 1}).identity);
    CHECK(of_few.resolve({0, 0}).identity != of_other_seed.resolve({0, 0}).identity);
    const PointIdentity again = PointComputer(few).resolve({1, 0}).identity;
    CHECK(of_few.resolve({1, 0}).identity == again);

    std::set<PointIdentity> all;
    for (std::uint64_t cell = 0; cell < many.cells(); ++cell) all.insert(of_many.resolve({cell, 0}).identity);
    CHECK(all.size() == 6);
}

TEST_CASE("What is wrong with a sweep is said in one line before anything runs") {
    const std::string metrics = "\nmetrics: [makespan]";
    CHECK(error_in("parameters: {scheduler.slise: [1s]}" + metrics) ==
          "s.yaml:5:32: policy 'rr' has no parameter 'slise' (did you mean 'slice'?); it has: slice, also_alone");
    CHECK(error_in("parameters: {scheduler.slice: [1s, 4KiB]}" + metrics) ==
          "s.yaml:5:36: '4KiB': unknown unit 'KiB': write 4s, 4ms or 4us");
    CHECK(error_in("parameters: {tasks.A.do.0.compute: [1s, soon]}" + metrics) ==
          "s.yaml:5:41: 'soon' is not a duration: write 10s, 10ms or 10us");
    CHECK(error_in("parameters: {tasks.C.count: [1]}" + metrics) == "s.yaml:5:30: there is no 'C' in 'tasks'");
    CHECK(error_in("parameters: {machine.cores: [1, 100000000]}" + metrics) ==
          "s.yaml:5:33: 'cores' takes an integer from 1 to 4096, not '100000000'");
    CHECK(error_in("parameters: {scheduler.policy: [rr, lotery]}" + metrics)
              .starts_with("s.yaml:5:37: unknown scheduling policy 'lotery' (did you mean 'lottery'?)"));
    CHECK(error_in("parameters: {x: {scale: switch.contex, values: [1]}}" + metrics) ==
          "s.yaml:5:14: no profile has a cost called 'switch.contex' (did you mean 'switch.context'?): 'switchyard "
          "profile show reference' lists them");
    CHECK(error_in("parameters: {profile: [textbook, referense]}" + metrics) ==
          "s.yaml:5:34: there is no built-in profile and no file 'referense' (did you mean 'reference'?); built in: "
          "textbook, reference, free");
    CHECK(error_in("metrics: [makespam]") == "s.yaml:5:11: there is no metric 'makespam' (did you mean 'makespan'?)");
    CHECK(error_in("metrics: {m: makespan + switches}") ==
          "s.yaml:5:14: what is added, subtracted or compared must be of one unit");
    CHECK(error_in("metrics: {m: makespan + }") ==
          "s.yaml:5:14: 'makespan +' is no expression: a name or number is missing before the end");
    CHECK(error_in("metrics: [task.C.turnaround]") == "s.yaml:5:11: 'task.C.turnaround': no task is called 'C'");
    CHECK(error_in("replications: {at_most: 9, until: {metric: overhed, within: 1%}}\nmetrics: [overhead]") ==
          "s.yaml:5:44: no metric of this sweep is called 'overhed' (did you mean 'overhead'?)");
    CHECK(error_in("parameters: {alternative: {choices: {a: [tasks.A.kind=coroutine], b: [tasks.A.knd=thread]}}}" +
                   metrics) == "s.yaml:5:67: there is no 'knd' in 'tasks.A' (did you mean 'kind'?)");
    CHECK(error_in("design: paired\nparameters: {scheduler.slice: [1s, 2s], machine.cores: [1]}" + metrics) ==
          "s.yaml:6:41: design 'paired' goes through all lists together: 'scheduler.slice' has 2 values, "
          "'machine.cores' 1");
}
