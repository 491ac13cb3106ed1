#include "formats/sweep/read_sweep.hpp"

#include "tests/formats/input_error.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::formats;

static const std::string head = "scenario: {tasks: {A: {do: [yield]}}}\nmetrics: [makespan]\n";

static Sweep read(const std::string& rest) { return parse_sweep(head + rest, "s.yaml").sweep; }

static SweepParameter parameter(const std::string& text) {
    return read("parameters: {" + text + "}\n").parameters.at(0);
}

static std::vector<std::string> texts(const SweepParameter& parameter) {
    std::vector<std::string> all;
    for (const SweepValue& value : parameter.values) all.push_back(value.text);
    return all;
}

using Texts = std::vector<std::string>;

TEST_CASE("a parameter's values are listed, spaced out, alternatives, or in a file") {
    CHECK(texts(parameter("scheduler.slice: [1ms, 10ms]")) == Texts{"1ms", "10ms"});
    CHECK(parameter("scheduler.slice: [1ms, 10ms]").values[1].number == 0.01);
    CHECK(parameter("scheduler.slice: [1ms, 10ms]").unit == ParameterUnit::time);
    CHECK(texts(parameter("s: {path: x, log: [1ms, 1s], points: 4}")) == Texts{"1ms", "10ms", "100ms", "1s"});
    CHECK(texts(parameter("c: {path: x, range: [1, 7], step: 3}")) == Texts{"1", "4", "7"});
    CHECK(texts(parameter("c: {path: x, range: [0.0, 1.0], points: 3}")) == Texts{"0", "0.5", "1"});
    CHECK(parameter("c: {path: x, range: [1, 7], step: 3}").range->whole);
    CHECK_FALSE(parameter("s: {path: x, range: [1ms, 7ms], step: 3ms}").range->whole); // there are times in between
    const SweepParameter models = parameter("m: {choices: {threads: [a.b=c], loop: [a.b=d, e=f]}}");
    CHECK(models.target == ParameterTarget::alternative);
    CHECK(texts(models) == Texts{"threads", "loop"});
    CHECK(models.values[1].changes == std::vector<SweepChange>{{"a.b", "d"}, {"e", "f"}});
    CHECK(parameter("n: {choices: {10: [], 100: []}}").values[1].number == 100.0);

    const ScratchFolder folder;
    folder.write("costs.json", R"(["1ms", "2ms"])");
    folder.write("costs.txt", "# costs\n\n 3ms \n4ms\n");
    const std::string file =
        folder.write("s.yaml", head + "parameters: {a: {path: x, from: costs.json}, b: {path: y, from: costs.txt}}\n");
    const Sweep sweep = read_sweep(file).sweep;
    CHECK(texts(sweep.parameters[0]) == Texts{"1ms", "2ms"});
    CHECK(texts(sweep.parameters[1]) == Texts{"3ms", "4ms"});
}

TEST_CASE("what is varied is a path, a law, the profile or the seed") {
    CHECK(parameter("a.b: [1]").path == "a.b");
    CHECK(parameter("a: {path: b.c, values: [1]}").path == "b.c");
    const SweepParameter law = parameter("s: {scale: switch.*, values: [0.5, 200%]}");
    CHECK(law.target == ParameterTarget::law);
    CHECK(law.unit == ParameterUnit::factor);
    CHECK(law.values[1].number == 2.0);
    CHECK(parameter("profile: [textbook]").target == ParameterTarget::profile);
    CHECK(parameter("seeds: {range: [1, 5], step: 1}").target == ParameterTarget::seed);
}

TEST_CASE("designs, replications, seeds, metrics and budgets are as written") {
    const Sweep sweep =
        read("about: Why?\nprofile: free\nparameters: {a: {log: [1ms, 1s]}}\ndesign: sobol\nsamples: 9\n"
             "replications: {at_least: 4, at_most: 8, until: {metric: makespan, within: 2%, confidence: 90%}}\n"
             "random_numbers: independent\nseed: 3\nbudget: {events: 10, time: 5s}\n");
    CHECK(sweep.name == "s");
    CHECK(sweep.about == "Why?");
    CHECK(sweep.profile == "free");
    CHECK(sweep.design == SweepDesign::sobol);
    CHECK(sweep.samples == 9);
    CHECK(sweep.parameters[0].range->logarithmic);
    CHECK(sweep.replications.at_least == 4);
    CHECK(sweep.replications.at_most == 8);
    CHECK(sweep.replications.until->within == 0.02);
    CHECK(sweep.replications.until->confidence == 0.9);
    CHECK(!sweep.common_random_numbers);
    CHECK(sweep.seed == 3);
    CHECK(sweep.budget.events == 10U);
    CHECK(sweep.budget.seconds == 5.0);
    CHECK(sweep.metrics.at(0).expression == "makespan");
    CHECK(read("replications: 7").replications.at_least == 7);
    const Sweep named = parse_sweep("scenario: {tasks: {}}\nmetrics: {share: a / b}", "s.yaml").sweep;
    CHECK(named.metrics.at(0).name == "share");
    CHECK(named.metrics.at(0).expression == "a / b");
}

TEST_CASE("the base is a file beside the sweep, or written in it, with what it includes") {
    const ScratchFolder folder;
    folder.write("parts/tasks.yaml", "tasks: {A: {do: [yield]}}\n");
    folder.write("base.yaml", "include: [parts/tasks.yaml]\nmachine: {cores: 2}\n");
    const SweepFile beside = read_sweep(folder.write("sweeps/s.yaml", "scenario: ../base.yaml\nmetrics: [makespan]\n"));
    CHECK(beside.sweep.scenario == folder / "base.yaml");
    CHECK(beside.base.find("tasks") != nullptr);
    const SweepFile inside =
        read_sweep(folder.write("s.yaml", "scenario: {include: [parts/tasks.yaml]}\nmetrics: [makespan]\n"));
    CHECK(inside.sweep.scenario.empty());
    CHECK(inside.base.find("tasks") != nullptr);
}

TEST_CASE("a broken sweep is refused in one line, at its place") {
    const Broken cases[] = {
        {"metric: [makespan]", "s.yaml:3:1: unknown key 'metric' in a sweep (did you mean 'metrics'?)"},
        {"seed: 1\nseed: 2", "s.yaml:4:1: duplicate key 'seed': first given at 3:1"},
        {"parameters: {a: 1ms}", "s.yaml:3:17: 'a' takes a list of values or a map, not '1ms'"},
        {"parameters: {a: []}", "s.yaml:3:17: 'a' has no values"},
        {"parameters: {a: {}}", "s.yaml:3:14: 'a' has no values: say values, range, log, from or choices"},
        {"parameters: {a: {values: [1], range: [1, 2]}}",
         "s.yaml:3:31: 'a' has its values from 'values' already: leave one of the two away"},
        {"parameters: {a: {range: [10, 1], step: 1}}", "s.yaml:3:25: the range from '10' to '1' is empty"},
        {"parameters: {a: {range: [1ms, 4KiB], points: 3}}",
         "s.yaml:3:31: '4KiB' does not fit the range: both ends and the step have one unit"},
        {"parameters: {a: {range: [1ms, 4ms], step: 1}}",
         "s.yaml:3:43: '1' does not fit the range: both ends and the step have one unit"},
        {"parameters: {a: {range: [1, 2, 3], step: 1}}", "s.yaml:3:25: 'range' takes two values: from where to where"},
        {"parameters: {a: {range: [1, 4]}}", "s.yaml:3:18: how many values? Say 'points' or 'step' beside 'range'"},
        {"parameters: {a: {range: [1, 4], step: 0}}", "s.yaml:3:39: a step is more than 0"},
        {"parameters: {a: {range: [1, 4], step: 1, points: 4}}",
         "s.yaml:3:42: 'step' and 'points' say the same: leave one of the two away"},
        {"parameters: {a: {range: [0.0, 1.0], step: 0.0000001}}", "s.yaml:3:43: more than 100000 values"},
        {"parameters: {a: {log: [0, 4], points: 4}}",
         "s.yaml:3:24: equal ratios cannot begin at '0': write more than 0"},
        {"parameters: {a: {log: [1, 4], step: 1}}", "s.yaml:3:31: equal ratios have 'points', no 'step'"},
        {"parameters: {a: {log: [fast, slow], points: 4}}",
         "s.yaml:3:24: 'fast' is no number, time, size or share: a range goes from one to another"},
        {"parameters: {a: {values: [1], points: 4}}", "s.yaml:3:31: 'points' belongs to 'range' or 'log'"},
        {"parameters: {a: {scale: switch.context, values: [1ms]}}",
         "s.yaml:3:50: '1ms' is no factor: a law is multiplied by a plain number of 0 or more"},
        {"parameters: {a: {scale: switch.context, path: b, values: [1]}}",
         "s.yaml:3:41: 'path' has no place beside 'scale': a law is the profile's"},
        {"parameters: {a: {choices: {b: [c]}}}", "s.yaml:3:32: 'c' is not 'path=value', as in scheduler.slice=1ms"},
        {"parameters: {a: {from: ../costs.txt}}",
         "s.yaml:3:24: cannot read '../costs.txt': only files below this file's folder can be"},
        {"parameters: {a: {from: costs.txt}}", "costs.txt: cannot be read: No such file or directory"},
        {"parameters: {seed: [1, 2]}", "s.yaml:3:14: results have a column 'seed' already: call it 'seeds'"},
        {"parameters: {seeds: [1.5]}", "s.yaml:3:22: '1.5' is no seed: write a whole number below 2^53"},
        {"parameters: {seeds: [1, 2]}\nreplications: 2",
         "s.yaml:3:14: 'seeds' says every run's seed: there is nothing for replications to vary"},
        {"parameters: {Makespan: [1]}", "s.yaml:2:11: results have a column 'makespan' already: give the metric "
                                        "another name (metrics: {name: expression})"},
        {"design: random",
         "s.yaml:3:9: unknown design 'random': known are 'grid', 'paired', 'latin_hypercube', 'sobol' and 'saltelli'"},
        {"samples: 10", "s.yaml:3:1: 'samples' belongs to design latin_hypercube, sobol or saltelli"},
        {"design: sobol", "s.yaml:3:9: this design draws its cells: say how many with 'samples'"},
        {"replications: 0", "s.yaml:3:15: 'replications' takes an integer from 1 to 1000000, not '0'"},
        {"replications: {at_most: 5}", "s.yaml:3:1: 'replications' needs 'until': a map"},
        {"replications: {at_least: 9, at_most: 5, until: {metric: makespan, within: 1%}}",
         "s.yaml:3:26: 'at_least' takes an integer from 2 to 5, not '9'"},
        {"replications: {at_most: 5, until: {metric: makespan, within: 0%}}",
         "s.yaml:3:62: 'within' is more than 0% and less than 100%"},
        {"budget: {events: 0}", "s.yaml:3:18: 'events' takes an integer of 1 or more, not '0'"},
        {"random_numbers: same", "s.yaml:3:17: unknown way to draw seeds 'same': known are 'common' and 'independent'"},
    };
    for (const Broken& broken : cases) {
        INFO(broken.text);
        CHECK(error_of([&] { static_cast<void>(read(broken.text)); }) == broken.message);
    }
    CHECK(error_of([] { static_cast<void>(parse_sweep("", "s.yaml")); }) ==
          "s.yaml: there is nothing in it: a sweep needs 'scenario'");
    CHECK(error_of([] { static_cast<void>(parse_sweep("scenario: nowhere.yaml\nmetrics: [makespan]", "s.yaml")); }) ==
          "s.yaml:1:11: the scenario 'nowhere.yaml' cannot be read: No such file or directory");
}
