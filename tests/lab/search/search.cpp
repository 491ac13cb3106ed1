// The best cell of a sweep, searched for between the values that are written down.
#include "lab/search/search.hpp"
#include "formats/sweep/read_sweep.hpp"
#include "lab/search/metrics.hpp"
#include "lab/sweep/planned_work.hpp"
#include "models/errors.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <limits>
#include <sstream>

using namespace switchyard;
using namespace switchyard::lab;
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

SweepPlan plan_of(const std::string& text, const std::vector<std::string>& metrics = {}) {
    formats::SweepFile file = formats::parse_sweep(text, "s.yaml");
    keep_metrics(file.sweep, metrics);
    return SweepPlan(std::move(file));
}

SearchOptions within(std::uint64_t evaluations, std::size_t workers = 1) {
    SearchOptions options;
    options.evaluations = evaluations;
    options.workers = workers;
    return options;
}

SearchResult search_in(const std::string& database, const SweepPlan& plan, const Objective& objective,
                       SearchOptions options = {}) {
    ResultStore store(database, PlannedWork(plan, "test").outline());
    options.tool = "test";
    return search(plan, objective, store, options);
}

std::string exported(const std::string& database) {
    std::ostringstream text;
    sorted_export(database, text);
    return text.str();
}

double number_of(const SearchResult& result, std::size_t parameter) {
    return std::get<double>(result.optimum.best->key.at(parameter));
}

// Eight tasks in turns. A short slice costs switches, in proportion to 1/slice; with a long one the last waits for
// seven others to have theirs.
const std::string turns = R"(
scenario:
  machine: {cores: 1, profile: reference, hz: 0}
  scheduler: {policy: rr, slice: 1ms}
  tasks: {worker: {count: 8, do: [compute: 20ms]}}
)";
const std::string slices = turns + R"(
parameters: {slice: {path: scheduler.slice, log: [10us, 20ms], points: 5}}
metrics: {cost: overhead + task.worker.response, overhead: overhead, response: task.worker.response}
)";

// A pool that has too few workers makes requests wait, and every worker has a stack.
const std::string pool = R"(
scenario:
  machine: {cores: 2, profile: reference}
  scheduler: {policy: rr, slice: 3ms}
  server:
    model: thread-pool
    workers: 4
    requests: 200
    load: {open: 400us}
    do: [compute: 20us, sleep: {exponential: {mean: 4ms}}]
parameters:
  model:
    choices:
      pool: [server.model=thread-pool]
      processes: [server.model=pre-fork]
  cores: {path: machine.cores, values: [1, 2]}
  workers: {path: server.workers, range: [1, 24], step: 1}
replications: 3
metrics: [requests.latency.p99, requests.throughput, switches]
)";

// The figures of every cell of a plan, one replication.
std::vector<std::vector<double>> all_values(const SweepPlan& plan) {
    PointComputer computer(plan);
    std::vector<std::vector<double>> values;
    for (std::uint64_t cell = 0; cell < plan.cells(); ++cell) values.push_back(computer.compute({cell, 0})->values);
    return values;
}

} // namespace

TEST_CASE("A cell at any place of the ranges is a point of the sweep") {
    const SweepPlan plan = plan_of(slices);
    const SweepPlan chosen = plan.with_cells({{0.0}, {0.5}, {1.0}});
    REQUIRE(chosen.cells() == 3);
    CHECK(chosen.values_of(0).at(0).text == "10us");
    CHECK(chosen.values_of(2).at(0).text == "20ms");
    CHECK(*chosen.values_of(1).at(0).number == Approx(std::sqrt(10e-6 * 20e-3)));
    PointComputer of_chosen(chosen), of_design(plan);
    CHECK(of_chosen.resolve({2, 0}).identity == of_design.resolve({4, 0}).identity);
    CHECK(of_chosen.compute({0, 0})->values == of_design.compute({0, 0})->values);
}

TEST_CASE("The slice at which overhead and response are least together is found, where it lies between all values") {
    const formats::ScratchFolder folder;
    const SweepPlan plan = plan_of(slices);
    std::string dense = slices;
    dense.replace(dense.find("points: 5"), 9, "points: 2000");
    double least = std::numeric_limits<double>::infinity();
    for (const std::vector<double>& values : all_values(plan_of(dense))) least = std::min(least, values[0]);
    const SearchResult result = search_in(folder / "s.db", plan, {"cost", false, {}}, within(150));
    REQUIRE(result.optimum.is_feasible);
    CHECK(result.optimum.best->objective <= least * 1.002);
    CHECK(result.optimum.cells <= 150);
    CHECK(result.counts.computed == result.optimum.cells);
    for (const std::vector<double>& values : all_values(plan)) CHECK(values[0] > result.optimum.best->objective);
}

TEST_CASE("Where a constraint decides, the best is right beside it") {
    const formats::ScratchFolder folder;
    const SweepPlan plan = plan_of(slices);
    const Bound bound{"response", true, 2e-3};
    const SearchResult result = search_in(folder / "s.db", plan, {"overhead", false, {bound}});
    REQUIRE(result.optimum.is_feasible);
    std::string dense = slices;
    dense.replace(dense.find("points: 5"), 9, "points: 2000");
    double least = std::numeric_limits<double>::infinity();
    for (const std::vector<double>& values : all_values(plan_of(dense)))
        if (values[2] <= bound.limit) least = std::min(least, values[1]);
    CHECK(result.optimum.best->objective <= least);
    CHECK(result.optimum.best->excess <= 0);
    CHECK(result.optimum.feasible_cells < result.optimum.cells);

    const Bound impossible{"response", true, 1e-6};
    const SearchResult nearest = search_in(folder / "s.db", plan, {"overhead", false, {impossible}});
    CHECK_FALSE(nearest.optimum.is_feasible);
    REQUIRE(nearest.optimum.best);
    CHECK(number_of(nearest, 0) == Approx(10e-6)); // the shortest slice there is
}

TEST_CASE("Among choices and whole numbers a search finds what all of the cells have best") {
    const formats::ScratchFolder folder;
    const SweepPlan plan = plan_of(pool);
    const Objective objective{"switches", false, {{"requests.latency.p99", true, 30e-3}}};
    const SearchResult all = search_in(folder / "all.db", plan, objective);
    CHECK(all.end == SearchEnd::exhausted);
    CHECK(all.optimum.cells == 96);
    CHECK(all.optimum.points == 3 * 96);
    REQUIRE(all.optimum.is_feasible);
    const SearchResult some = search_in(folder / "some.db", plan, objective, within(60, 2));
    CHECK(some.optimum.cells <= 60);
    CHECK(some.optimum.best->key == all.optimum.best->key);
    CHECK(some.optimum.best->objective == all.optimum.best->objective);
    CHECK(some.optimum.best->half_interval == all.optimum.best->half_interval);
    const SearchResult most = search_in(folder / "all.db", plan, {"requests.throughput", true, {}});
    CHECK(most.counts.computed == 0);
    CHECK(most.counts.found == 96);
}

TEST_CASE("A search that is done again computes nothing, and one that was interrupted comes to the same") {
    const formats::ScratchFolder folder;
    const SweepPlan plan = plan_of(pool);
    const Objective objective{"requests.latency.p99", false, {{"switches", true, 900}}};
    const SearchOptions options = within(50, 2);
    const SearchResult whole = search_in(folder / "whole.db", plan, objective, options);
    const std::string points = exported(folder / "whole.db");
    const SearchResult again = search_in(folder / "whole.db", plan, objective, options);
    CHECK(again.counts.computed == 0);
    CHECK(again.counts.found == whole.counts.computed);
    CHECK(again.optimum.best->key == whole.optimum.best->key);
    CHECK(again.end == whole.end);
    CHECK(exported(folder / "whole.db") == points);

    std::uint64_t computed = 0;
    for (const std::uint64_t stop_at : {5U, 15U, 30U}) {
        std::stop_source source;
        SearchOptions interrupted = options;
        interrupted.stop = source.get_token();
        interrupted.show = [&](const SearchProgress& now) {
            if (now.evaluations >= stop_at) source.request_stop();
        };
        const SearchResult part = search_in(folder / "part.db", plan, objective, interrupted);
        CHECK(part.end == SearchEnd::stopped);
        CHECK(part.counts.found == computed);
        computed += part.counts.computed;
    }
    CHECK(computed < whole.counts.computed);
    const SearchResult rest = search_in(folder / "part.db", plan, objective, options);
    CHECK(rest.counts.found == computed);
    CHECK(rest.counts.computed + computed == whole.counts.computed);
    CHECK(rest.optimum.best->key == whole.optimum.best->key);
    CHECK(rest.optimum.best->objective == whole.optimum.best->objective);
    CHECK(exported(folder / "part.db") == points);
}

TEST_CASE("A sweep and a search of it share a database and its points") {
    const formats::ScratchFolder folder;
    const SweepPlan plan = plan_of(pool);
    {
        const PlannedWork work(plan, "test");
        ResultStore store(folder / "s.db", work.outline());
        static_cast<void>(
            make_thread_engine(2)->run(work, Schedule(work.cells(), work.replications()), store, EngineOptions{}));
    }
    const SearchResult result = search_in(folder / "s.db", plan, {"switches", false, {}}, within(60));
    CHECK(result.counts.computed == 0);
    CHECK(result.counts.found == result.optimum.cells);

    std::string other = pool;
    other.replace(other.find("20us"), 4, "21us");
    CHECK_THROWS_MATCHES(search_in(folder / "s.db", plan_of(other), {"switches", false, {}}), InputError,
                         MessageMatches(ContainsSubstring("another base scenario")));
    // The first cells of a search are none of the design's; they are looked at as well.
    const SweepPlan before = plan_of(slices);
    static_cast<void>(search_in(folder / "t.db", before, {"cost", false, {}}, within(5)));
    std::string later = slices;
    later.replace(later.find("20ms]"), 5, "21ms]");
    CHECK_THROWS_AS(search_in(folder / "t.db", plan_of(later), {"cost", false, {}}, within(5)), InputError);
}

TEST_CASE("Cells that fail are never best, and say why") {
    const formats::ScratchFolder folder;
    const std::string waits = R"(
scenario: {semaphores: {never: 0}, tasks: {A: {do: [compute: 5ms]}, B: {do: [yield]}}}
parameters:
  what: {choices: {well: ['tasks.A.do=[compute: 9ms]'], ill: ['tasks.B.do=[acquire: never]']}}
  switching: {scale: switch.context, range: [0.5, 2]}
metrics: [makespan]
design: sobol
samples: 4
)";
    const SearchResult result = search_in(folder / "s.db", plan_of(waits), {"makespan", false, {}}, within(30));
    REQUIRE(result.optimum.best);
    CHECK(std::get<std::string>(result.optimum.best->key.at(0)) == "well");
    CHECK(result.counts.failed > 0);
    CHECK(result.counts.failed < result.optimum.cells);
    CHECK_THAT(result.first_failures.at(0), ContainsSubstring("never"));

    std::string ill = waits;
    ill.replace(ill.find("well: ['tasks.A.do=[compute: 9ms]'], "), 38, "");
    const SearchResult none = search_in(folder / "none.db", plan_of(ill), {"makespan", false, {}}, within(30));
    CHECK_FALSE(none.optimum.best);
    CHECK(none.counts.failed == none.optimum.cells);
}

TEST_CASE("What a search goes by need not be among the sweep's metrics") {
    const formats::ScratchFolder folder;
    const std::string name = "overhead + makespan";
    const SweepPlan plan = plan_of(slices, {name, "overhead"});
    CHECK(plan.sweep().metrics.size() == 4);
    const SearchResult result = search_in(folder / "s.db", plan, {name, false, {}}, within(20));
    CHECK(result.optimum.best->objective > 0.16); // 8 x 20 ms, and the overhead twice
    CHECK(unit_of(plan, name) == ValueUnit::seconds);
    const auto refused = [](const std::string& metric) { return MessageMatches(ContainsSubstring(metric)); };
    CHECK_THROWS_MATCHES(plan_of(slices, {"slice"}), InputError, refused("is a parameter"));
    CHECK_THROWS_MATCHES(plan_of(slices, {"Overhead"}), InputError, refused("written 'overhead'"));
    CHECK_THROWS_AS(plan_of(slices, {"overhaed"}), InputError);
}

TEST_CASE("Lists of numbers are searched in their order where there are too many combinations") {
    std::string lists = turns + "metrics: [makespan]\nparameters:\n"
                                "  slice: {path: scheduler.slice, log: [1ms, 20ms], points: 2}\n"
                                "  cores: {path: machine.cores, values: [1, 2, 3, 4, 5, 6, 7, 8]}\n"
                                "  what: {choices: {a: [], b: ['tasks.worker.count=4']}}\n";
    const SweepPlan plan = plan_of(lists);
    const SearchSpace wide(plan.sweep(), 200);
    CHECK(wide.combinations() == 16);
    CHECK(wide.searched().size() == 1);
    const SearchSpace narrow(plan.sweep(), 60);
    CHECK(narrow.combinations() == 2);
    REQUIRE(narrow.searched().size() == 2);
    CHECK(narrow.searched().at(1).steps == 8);
    const CellPosition last = narrow.cell(1, {1, 1});
    const std::vector<CellValue> values = plan.with_cells({last}).values_of(0);
    CHECK(values.at(0).text == "20ms");
    CHECK(values.at(1).text == "8");
    CHECK(values.at(2).text == "b");
    const SearchSpace::Move back = narrow.moved({1, 1}, 1, -1.0 / 16);
    CHECK(back.is_neighbour);
    CHECK(plan.with_cells({narrow.cell(1, back.place)}).values_of(0).at(1).text == "7");
}

TEST_CASE("What cannot be searched is refused in one line") {
    const auto space = [](const std::string& rest, std::uint64_t evaluations = 200) {
        return SearchSpace(plan_of(turns + "metrics: [makespan]\n" + rest).sweep(), evaluations);
    };
    const auto says = [](const std::string& text) { return MessageMatches(ContainsSubstring(text)); };
    CHECK_THROWS_MATCHES(space("design: paired\nparameters: {machine.cores: [1, 2]}"), InputError, says("paired"));
    CHECK_THROWS_MATCHES(space("parameters: {seeds: [1, 2]}"), InputError, says("chance"));
    CHECK_THROWS_MATCHES(space(""), InputError, says("no parameters"));
    CHECK_THROWS_MATCHES(space("parameters: {what: {choices: {a: [], b: [], c: []}}}", 2), InputError,
                         says("--evaluations 3"));
}
