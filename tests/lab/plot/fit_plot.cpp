#include "lab/plot/fit_plot.hpp"

#include "lab/plot/gnuplot.hpp"
#include "models/errors.hpp"
#include "tests/formats/scratch_folder.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>

using namespace switchyard;
using namespace switchyard::lab;

namespace {

CostProfile profile_of_fork() {
    CostProfile profile;
    profile.name = "mine";
    Law law = Law::affine(25e6, {{Quantity::pages, 20'000}});
    law.origin.probe = "fork_call";
    for (const std::int64_t pages : {0, 256, 1024, 4096}) {
        MeasuredPoint point;
        point.probe = "fork_call";
        point.at = pages;
        point.value = point.seen = 25e6 + 20'000 * static_cast<double>(pages);
        point.interval = {point.value - 1e6, point.value + 1e6};
        point.held_out = pages == 1024;
        law.origin.points.push_back(point);
    }
    profile[Cost::fork] = law;
    return profile;
}

bool has_gnuplot() {
    try {
        require_gnuplot();
        return true;
    } catch (const SystemError&) {
        return false;
    }
}

} // namespace

TEST_CASE("the script of a fit has the law, its points with their intervals, and those held out", "[plot]") {
    const std::string script = fit_script(profile_of_fork(), Cost::fork);
    CHECK(script.find("$fitted << EOD\n0 25000 24000 26000\n256 30120 ") != std::string::npos);
    CHECK(script.find("$held_out << EOD\n1024 45480 ") != std::string::npos);
    CHECK(script.find("'held out'") != std::string::npos);
    CHECK(script.find("set logscale x") != std::string::npos); // 256 to 4096
    CHECK(script.find("set logscale y") == std::string::npos); // 25 to 107 us
    CHECK_THROWS_AS(fit_script(profile_of_fork(), Cost::tick), InputError);
    CostProfile old = profile_of_fork();
    old[Cost::fork]->origin.points.clear();
    CHECK_THROWS_AS(fit_script(old, Cost::fork), InputError);
}

TEST_CASE("a constant law is drawn over its readings", "[plot]") {
    CostProfile profile;
    profile[Cost::tick] = Law::constant_of(5000);
    profile[Cost::tick]->origin.points = {{"a", 0, 5000, 4000, {3900, 4100}}, {"b", 0, 7000, 6000, {5900, 6100}}};
    const std::string script = fit_script(profile, Cost::tick);
    CHECK(script.find("$fitted << EOD\n1 4 3.9 4.1\n2 6 5.9 6.1\nEOD") != std::string::npos);
    CHECK(script.find("'held out'") == std::string::npos);
}

TEST_CASE("text in a script is quoted", "[plot]") {
    CHECK(gnuplot_quoted("it's\na 'law'") == "'it''s a ''law'''");
    CHECK_THROWS_AS(gnuplot_terminal("picture.bmp"), InputError);
}

TEST_CASE("a picture is drawn where there is gnuplot, and nothing else is left", "[plot]") {
    const formats::ScratchFolder folder;
    if (!has_gnuplot()) SKIP("no gnuplot");
    plot_fit(profile_of_fork(), Cost::fork, folder / "fork.svg");
    CHECK(folder.read("fork.svg").find("<svg") != std::string::npos);
    CHECK(folder.read("fork.svg").find("held out") != std::string::npos);
    plot_fit(profile_of_fork(), Cost::fork, folder / "fork.png");
    CHECK(folder.read("fork.png").starts_with("\x89PNG"));
    CHECK(folder.entries() == 2);
    CHECK_THROWS_AS(draw("plot nonsense(", folder / "broken.svg"), SystemError);
    CHECK(folder.entries() == 2);
}

TEST_CASE("without gnuplot the message says what to install", "[plot]") {
    const std::string path = std::getenv("PATH");
    setenv("PATH", "/nowhere", 1);
    std::string message;
    try {
        require_gnuplot();
    } catch (const SystemError& error) {
        message = error.what();
    }
    setenv("PATH", path.c_str(), 1);
    CHECK(message.find("gnuplot-nox") != std::string::npos);
}
