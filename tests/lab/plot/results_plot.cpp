#include "lab/plot/results_plot.hpp"

#include "lab/results/filter.hpp"
#include "models/errors.hpp"
#include "tests/formats/scratch_folder.hpp"
#include "tests/lab/results/sample_database.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace switchyard::lab;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

std::vector<std::string> texts(const Axis& axis) {
    std::vector<std::string> all;
    for (const AxisMark& mark : axis.marks) all.push_back(mark.text);
    return all;
}

PlotRequest request(PlotKind kind, const std::string& x, const std::string& y) {
    PlotRequest wanted;
    wanted.kind = kind;
    wanted.x = x;
    wanted.y = y;
    return wanted;
}

} // namespace

TEST_CASE("an axis is logarithmic where values were spaced in proportion", "[plot]") {
    CHECK(is_spaced_logarithmically(std::array{1.0, 10.0, 100.0}));
    CHECK(is_spaced_logarithmically(std::array{1.0, 2.0, 4.0, 8.0, 16.0}));
    CHECK(is_spaced_logarithmically(std::array{1e-3, 1.0}));
    CHECK(!is_spaced_logarithmically(std::array{1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0}));
    CHECK(!is_spaced_logarithmically(std::array{0.0, 1.0, 10.0, 100.0}));
    CHECK(!is_spaced_logarithmically(std::array{1.0, 2.0, 4.0}));
}

TEST_CASE("axes are marked in the unit that suits them", "[plot]") {
    const ResultColumn slice{"slice", ColumnRole::parameter, ValueUnit::seconds, ""};
    const Axis decades = parameter_axis(slice, {1e-4, 1e-3, 1e-2, 1e-1, 1.0});
    CHECK(decades.logarithmic);
    CHECK(decades.label == "slice");
    CHECK(texts(decades) == std::vector<std::string>{"100 us", "1 ms", "10 ms", "100 ms", "1 s"});
    const Axis steps = parameter_axis(slice, {0.002, 0.004, 0.006, 0.008, 0.01});
    CHECK(!steps.logarithmic);
    CHECK(steps.label == "slice (ms)");
    CHECK(texts(steps) == std::vector<std::string>{"2", "4", "6", "8", "10"});
    const ResultColumn memory{"memory", ColumnRole::metric, ValueUnit::bytes, ""};
    const Axis sizes = figure_axis(memory, std::array{0.0, 67108864.0});
    CHECK(sizes.label == "memory (MiB)");
    CHECK(sizes.low == 0);
    CHECK(texts(sizes) == std::vector<std::string>{"0", "16", "32", "48", "64"});
    const Axis powers = figure_axis(memory, std::array{1024.0, 16777216.0});
    CHECK(powers.logarithmic);
    CHECK(powers.marks[0].text == "1 KiB");
    const ResultColumn model{"model", ColumnRole::parameter, ValueUnit::none, ""};
    const Axis words = parameter_axis(model, {"a", "b"});
    CHECK(words.place(ResultValue("b")) == 1);
    CHECK(!words.place(ResultValue("c")));
    CHECK_THROWS_AS(parameter_axis(model, {"a", "b"}, AxisKind::logarithmic), InputError);
    CHECK_THROWS_AS(figure_axis(memory, std::array{0.0, 1.0}, AxisKind::logarithmic), InputError);
    const ResultColumn share{"share", ColumnRole::metric, ValueUnit::share, ""};
    CHECK_THAT(axis_script(figure_axis(share, std::array{0.001, 0.1}), "y"), ContainsSubstring("'1 %%' 0.01"));
    // One value, or none that differ, is drawn all the same.
    const Axis one = figure_axis(memory, std::array{5.0});
    CHECK(one.low < 5);
    CHECK(one.high > 5);
}

TEST_CASE("a script has the means, their intervals, and a line for each value", "[plot]") {
    const formats::ScratchFolder folder;
    make_sample(folder / "sample.db");
    const ResultsDatabase database(folder / "sample.db");
    PlotRequest lines = request(PlotKind::lines, "slice", "overhead");
    lines.by = {"model"};
    const std::string script = results_picture(database, lines).script;
    CHECK_THAT(script, ContainsSubstring("$line_0_0 << EOD\n0.001 0.001 "));
    CHECK_THAT(script, ContainsSubstring("title 'threads'"));
    CHECK_THAT(script, ContainsSubstring("filledcurves"));
    CHECK_THAT(script, ContainsSubstring("set logscale x\n"));
    CHECK_THAT(script, ContainsSubstring("set title 'slices: overhead over slice'"));
    lines.linear = {"x"};
    CHECK_THAT(results_picture(database, lines).script, ContainsSubstring("unset logscale x\n"));
    lines.condition = parse_condition("slice = 1s", database);
    CHECK_THROWS_MATCHES(results_picture(database, lines), InputError,
                         MessageMatches(ContainsSubstring("nothing to draw")));
}

TEST_CASE("a Pareto front is what no other cell is better than in both", "[plot]") {
    const formats::ScratchFolder folder;
    {
        SampleDatabase sample(
            folder / "front.db",
            {{"n", "parameter", "none", "n"}, {"x", "metric", "none", "x"}, {"y", "metric", "none", "y"}});
        sample.add({{1.0}, 0, {1, 5}});
        sample.add({{2.0}, 0, {2, 3}});
        sample.add({{3.0}, 0, {3, 4}}); // worse than 2 in both
        sample.add({{4.0}, 0, {5, 1}});
    }
    const ResultsDatabase database(folder / "front.db");
    PlotRequest front = request(PlotKind::pareto, "x", "y");
    CHECK_THAT(results_picture(database, front).script, ContainsSubstring("$front_0 << EOD\n1 5\n2 3\n5 1\nEOD"));
    front.maximize = {"y"};
    CHECK_THAT(results_picture(database, front).script, ContainsSubstring("$front_0 << EOD\n1 5\nEOD"));
    front.maximize = {"x"};
    CHECK_THAT(results_picture(database, front).script, ContainsSubstring("$front_0 << EOD\n5 1\nEOD"));
    front.maximize = {"n"};
    CHECK_THROWS_AS(results_picture(database, front), InputError);
}

TEST_CASE("boxes are quartiles, with what is far beyond as points", "[plot]") {
    const formats::ScratchFolder folder;
    {
        SampleDatabase sample(folder / "box.db", {{"n", "parameter", "none", "n"}, {"y", "metric", "none", "y"}});
        int replication = 0;
        for (const double y : {1.0, 2.0, 3.0, 4.0, 100.0}) sample.add({{1.0}, replication++, {y}});
    }
    const std::string script =
        results_picture(ResultsDatabase(folder / "box.db"), request(PlotKind::box, "n", "y")).script;
    CHECK_THAT(script, ContainsSubstring("$boxes_0_0 << EOD\n0 2 1 4 4 3\nEOD"));
    CHECK_THAT(script, ContainsSubstring("$beyond_0_0 << EOD\n0 100\nEOD"));
}

TEST_CASE("what cannot be drawn is refused with what to do", "[plot]") {
    const formats::ScratchFolder folder;
    make_sample(folder / "sample.db");
    const ResultsDatabase database(folder / "sample.db");
    CHECK_THROWS_AS(results_picture(database, request(PlotKind::lines, "overhead", "slice")), InputError);
    CHECK_THROWS_AS(results_picture(database, request(PlotKind::heat, "slice", "model")), InputError);
    CHECK_THROWS_MATCHES(parse_plot_kind("line"), InputError,
                         MessageMatches(ContainsSubstring("did you mean 'lines'")));
    PlotRequest twice = request(PlotKind::lines, "slice", "overhead");
    twice.logarithmic = {"z"};
    CHECK_THROWS_AS(results_picture(database, twice), InputError);
}

TEST_CASE("every kind of picture is one that gnuplot draws", "[plot]") {
    const formats::ScratchFolder folder;
    make_sample(folder / "sample.db");
    const ResultsDatabase database(folder / "sample.db");
    try {
        require_gnuplot();
    } catch (const SystemError&) {
        SKIP("no gnuplot");
    }
    std::vector<PlotRequest> all{
        request(PlotKind::lines, "slice", "overhead"), request(PlotKind::lines, "model", "overhead"),
        request(PlotKind::heat, "slice", "model"),     request(PlotKind::scatter, "overhead", "memory.resident"),
        request(PlotKind::box, "slice", "overhead"),   request(PlotKind::pareto, "overhead", "memory.resident")};
    all[2].colour = "overhead";
    all[3].by = {"slice"};
    all[4].facet = "model";
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string name = "picture" + std::to_string(i) + ".svg";
        const ResultsPicture picture = results_picture(database, all[i]);
        draw(picture.script, folder / name, picture.size);
        CHECK_THAT(folder.read(name), ContainsSubstring("</svg>"));
    }
    const std::string element = drawn_for_page(results_picture(database, all[0]).script, "mine");
    CHECK(element.starts_with("<svg"));
    CHECK_THAT(element, ContainsSubstring("mine_gpDot"));
    CHECK(element.find("#gp") == std::string::npos);
}
