// What is found out from results: what metrics depend on, what is best, the page.
#include "lab/plot/gnuplot.hpp"
#include "lab/results/filter.hpp"
#include "lab/results/optimum.hpp"
#include "lab/results/page.hpp"
#include "lab/results/sensitivity.hpp"
#include "models/errors.hpp"
#include "models/random/draw.hpp"
#include "tests/formats/scratch_folder.hpp"
#include "tests/lab/results/sample_database.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <numbers>

using namespace switchyard;
using namespace switchyard::lab;
using Catch::Approx;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

double angle(std::uint32_t column, std::uint64_t row) {
    const double share = static_cast<double>(draw({11, column, 0, 0}, row) >> 11U) * 0x1p-53;
    return (2 * share - 1) * std::numbers::pi;
}

double ishigami(const std::vector<SampleValue>& x) {
    const auto of = [&](std::size_t i) { return std::get<double>(x[i]); };
    return std::sin(of(0)) + 7 * std::pow(std::sin(of(1)), 2) + 0.1 * std::pow(of(2), 4) * std::sin(of(0));
}

const std::vector<SampleColumn> three_columns{{"a", "parameter", "none", "a"},
                                              {"b", "parameter", "none", "b"},
                                              {"c", "parameter", "none", "c"},
                                              {"f", "metric", "none", "f"}};

} // namespace

TEST_CASE("samples in pairs are found among the cells, and give Sobol' indices with intervals around the known ones") {
    const formats::ScratchFolder folder;
    {
        SampleDatabase database(folder / "pairs.db", three_columns);
        database.run("BEGIN");
        for (std::uint64_t row = 0; row < 2000; ++row) {
            const std::vector<SampleValue> a{angle(0, row), angle(1, row), angle(2, row)};
            const std::vector<SampleValue> b{angle(3, row), angle(4, row), angle(5, row)};
            database.add({b, 0, {ishigami(b)}});
            for (std::size_t i = 0; i < 3; ++i) {
                std::vector<SampleValue> mixed = a;
                mixed[i] = b[i];
                database.add({mixed, 0, {ishigami(mixed)}});
            }
            database.add({a, 0, {ishigami(a)}});
        }
        database.run("COMMIT");
    }
    const ResultsDatabase database(folder / "pairs.db");
    const Sensitivity found = sensitivity_of(database, "f");
    CHECK(found.method == SensitivityMethod::sobol);
    REQUIRE(found.parameters.size() == 3);
    constexpr std::array first{0.3139, 0.4424, 0.0}, total{0.5576, 0.4424, 0.2437};
    for (std::size_t i = 0; i < 3; ++i) {
        const ParameterSensitivity& one = found.parameters[i];
        CHECK(one.first == Approx(first[i]).margin(0.06));
        CHECK(*one.total == Approx(total[i]).margin(0.06));
        REQUIRE(one.first_interval);
        CHECK(one.first_interval->low < one.first);
        CHECK(one.first < one.first_interval->high);
        CHECK(one.first_interval->low - 0.02 < first[i]);
        CHECK(first[i] < one.first_interval->high + 0.02);
    }
    // Without some of them they are pairs no more.
    const Sensitivity rest = sensitivity_of(database, "f", parse_condition("a > 0", database));
    CHECK(rest.method == SensitivityMethod::regression);
    CHECK(*rest.explained < 0.9);
}

TEST_CASE("every combination of values gives shares of variance, with intervals over replications") {
    const formats::ScratchFolder folder;
    {
        SampleDatabase database(folder / "grid.db", three_columns);
        for (const double a : {0.0, 1.0})
            for (const std::string b : {"one", "two", "three"})
                for (const int replication : {0, 1, 2})
                    database.add(
                        {{a, b, 7.0}, replication, {3 * a + static_cast<double>(b.size()) + 0.01 * replication}});
    }
    const Sensitivity found = sensitivity_of(ResultsDatabase(folder / "grid.db"), "f");
    CHECK(found.method == SensitivityMethod::factorial);
    CHECK(found.cells == 6);
    REQUIRE(found.parameters.size() == 2); // c does not vary
    // Variances 9/4 and, of 3, 3 and 5, 8/9.
    CHECK(found.parameters[0].first == Approx(2.25 / (2.25 + 8.0 / 9)).epsilon(1e-12));
    CHECK(*found.parameters[1].total == Approx(8.0 / 9 / (2.25 + 8.0 / 9)).epsilon(1e-12));
    CHECK(found.parameters[0].first_interval);
}

TEST_CASE("what no sensitivity can be told of is said") {
    const formats::ScratchFolder folder;
    {
        SampleDatabase database(folder / "few.db", three_columns);
        database.add({{1.0, "x", 1.0}, 0, {1}});
        database.add({{2.0, "y", 1.0}, 0, {2}});
        database.add({{3.0, "y", 1.0}, 0, {2}});
    }
    const ResultsDatabase database(folder / "few.db");
    CHECK_THROWS_MATCHES(sensitivity_of(database, "f"), InputError, MessageMatches(ContainsSubstring("'b' has words")));
    CHECK_THROWS_MATCHES(sensitivity_of(database, "a"), InputError, MessageMatches(ContainsSubstring("no metric")));
    CHECK_THROWS_MATCHES(sensitivity_of(database, "f", parse_condition("a = 1", database)), InputError,
                         MessageMatches(ContainsSubstring("no parameter varies")));
}

TEST_CASE("the best cell keeps the constraints; where none does it is the nearest") {
    const formats::ScratchFolder folder;
    make_sample(folder / "sample.db");
    const ResultsDatabase database(folder / "sample.db");
    const auto unit_of = [&](const std::string& name) { return database.column(name).unit; };
    Objective objective{"overhead", false, {}};
    CHECK(best_of(database, objective).best->key == std::vector<ResultValue>{0.1, "loop"});
    objective.maximize = true;
    CHECK(best_of(database, objective).best->key == std::vector<ResultValue>{0.001, "threads"});
    objective.bounds = {parse_bound("memory.resident <= 1GiB", unit_of), parse_bound("overhead<=0.5ms", unit_of)};
    const Optimum bounded = best_of(database, objective);
    CHECK(bounded.is_feasible);
    CHECK(bounded.feasible_cells == 2);
    CHECK(bounded.cells == 6);
    CHECK(bounded.points == 11);
    CHECK(bounded.best->key == std::vector<ResultValue>{0.01, "loop"});
    objective.bounds = {parse_bound("memory.resident <= 1MiB", unit_of)};
    const Optimum nearest = best_of(database, objective);
    CHECK(!nearest.is_feasible);
    CHECK(nearest.best->excess == Approx(63));
    CHECK(nearest.best->key == std::vector<ResultValue>{0.001, "loop"});
    CHECK_THROWS_AS(parse_bound("memory.resident < 1GiB", unit_of), InputError);
    CHECK_THROWS_AS(parse_bound("memory.resident <= 1ms", unit_of), InputError);
    CHECK_THROWS_AS(parse_bound("memory <= 1GiB", unit_of), InputError);
}

TEST_CASE("the page of results is whole: every element is closed and nothing comes from elsewhere") {
    const formats::ScratchFolder folder;
    make_sample(folder / "sample.db");
    try {
        require_gnuplot();
    } catch (const SystemError&) {
        SKIP("no gnuplot");
    }
    const ResultsDatabase database(folder / "sample.db");
    const std::string html = results_page(database);
    CHECK(html == results_page(database));
    CHECK_THAT(html, ContainsSubstring("Which slice is &lt;long&gt; enough?"));
    CHECK_THAT(html, ContainsSubstring("a deadlock, with a comma"));
    CHECK(html.find("src=") == std::string::npos);
    CHECK(html.find("<link") == std::string::npos);
    CHECK(html.find("<script") == std::string::npos);
    CHECK(html.find("@import") == std::string::npos);
    // Two metrics over two parameters.
    std::size_t pictures = 0;
    for (std::size_t at = html.find("<svg"); at != std::string::npos; at = html.find("<svg", at + 1)) ++pictures;
    CHECK(pictures == 4);

    // Elements are closed in the order in which they were opened.
    std::vector<std::string> open;
    for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at)) {
        if (html.compare(at, 4, "<!--") == 0) {
            at = html.find("-->", at);
            continue;
        }
        const std::size_t end = html.find('>', at);
        REQUIRE(end != std::string::npos);
        const std::string tag = html.substr(at + 1, end - at - 1);
        at = end;
        if (tag.starts_with('!') || tag.starts_with("meta") || tag.ends_with('/')) continue;
        const std::string name =
            tag.substr(tag.starts_with('/') ? 1 : 0, tag.find_first_of(" \n\t", 1) - (tag.starts_with('/') ? 1 : 0));
        if (!tag.starts_with('/')) {
            open.push_back(name);
            continue;
        }
        INFO(html.substr(end > 200 ? end - 200 : 0, 220));
        REQUIRE(!open.empty());
        REQUIRE(open.back() == name);
        open.pop_back();
    }
    CHECK(open.empty());
    // What pictures define is named apart.
    std::vector<std::string> names;
    for (std::size_t at = html.find(" id="); at != std::string::npos; at = html.find(" id=", at + 1))
        names.push_back(html.substr(at + 5, html.find(html[at + 4], at + 5) - at - 5));
    std::ranges::sort(names);
    CHECK(std::ranges::adjacent_find(names) == names.end());
}
