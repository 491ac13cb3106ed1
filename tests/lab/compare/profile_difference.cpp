#include "lab/compare/profile_difference.hpp"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::lab;
using Catch::Approx;

namespace {

Law constant(double value, double low, double high) {
    Law law = Law::constant_of(value);
    law.interval = Interval{low, high};
    return law;
}

const std::vector<Cost> all = [] {
    std::vector<Cost> every;
    for (int i = 0; i < costs; ++i) every.push_back(static_cast<Cost>(i));
    return every;
}();

} // namespace

TEST_CASE("figures of two profiles are compared with their intervals", "[profile]") {
    CostProfile left, right;
    left[Cost::system_call] = constant(100'000, 99'000, 101'000);
    right[Cost::system_call] = constant(110'000, 108'000, 112'000);
    left[Cost::yield] = constant(50'000, 45'000, 55'000);
    right[Cost::yield] = constant(54'000, 52'000, 60'000);
    left[Cost::tick] = Law::constant_of(1000);
    right[Cost::wake_up] = Law::constant_of(1000);
    left[Cost::fork] = Law::affine(20e6, {{Quantity::pages, 10'000}});
    right[Cost::fork] = Law::affine(30e6, {{Quantity::pages, 12'000}});
    left[Cost::fork]->interval = Interval{19e6, 21e6};
    const ProfileDifference difference = difference_of(left, right, all);
    REQUIRE(difference.figures.size() == 4);
    const FigureDifference& call = difference.figures[0];
    CHECK(call.cost == Cost::system_call);
    CHECK(*call.ratio() == Approx(1.1));
    CHECK(call.beyond_intervals() == true);
    CHECK(difference.figures[1].cost == Cost::yield);
    CHECK(difference.figures[1].beyond_intervals() == false); // they overlap
    CHECK(difference.figures[2].part.empty());
    CHECK_FALSE(difference.figures[2].beyond_intervals().has_value()); // one has none
    CHECK(difference.figures[3].part == "per pages");
    CHECK(*difference.figures[3].ratio() == Approx(1.2));
    CHECK(difference.only_left == std::vector{Cost::tick});
    CHECK(difference.only_right == std::vector{Cost::wake_up});

    const std::vector<Cost> some{Cost::yield};
    CHECK(difference_of(left, right, some).figures.size() == 1);
}

TEST_CASE("tables are compared at the least and at the largest amount both have", "[profile]") {
    CostProfile left, right;
    const std::pair<std::int64_t, double> few[] = {{0, 0}, {10, 100}, {100, 1000}};
    const std::pair<std::int64_t, double> more[] = {{10, 200}, {50, 600}, {100, 1500}, {500, 9000}};
    left[Cost::memory_copy] = Law::table(Quantity::bytes, few);
    right[Cost::memory_copy] = Law::table(Quantity::bytes, more);
    left[Cost::memory_copy]->interval = Interval{990, 1010};
    left[Cost::memory_copy]->origin.probe = right[Cost::memory_copy]->origin.probe = "memory_copy";
    right[Cost::memory_copy]->origin.points = {{"memory_copy", 100, 1500, 1500, {1400, 1600}}};
    const ProfileDifference difference = difference_of(left, right, all);
    REQUIRE(difference.figures.size() == 2);
    CHECK(difference.figures[0].part == "at 10 bytes");
    CHECK(*difference.figures[0].ratio() == Approx(2));
    CHECK(difference.figures[1].part == "at 100 bytes");
    CHECK(*difference.figures[1].ratio() == Approx(1.5));
    CHECK(difference.figures[1].beyond_intervals() == true);
}

TEST_CASE("machines and kernels are compared too", "[profile]") {
    CostProfile left, right;
    left.origin = {"EPYC", "Linux 6.12.1", "", "", 2};
    right.origin = {"EPYC", "Linux 6.18.44", "", "", 4};
    left.iteration_picoseconds = 900;
    right.iteration_picoseconds = 1000;
    left.hz = right.hz = 250;
    left.kernel = {{"base_slice", "750 us", ""}, {"autogroup", "yes", ""}, {"hrtick", "no", ""}};
    right.kernel = {{"base_slice", "700 us", ""}, {"autogroup", "yes", ""}, {"preemption", "lazy", ""}};
    const ProfileDifference difference = difference_of(left, right, all);
    CHECK(difference.speed == Approx(0.9));
    REQUIRE(difference.machine.size() == 2);
    CHECK(difference.machine[0].name == "kernel");
    CHECK(difference.machine[1].right == "4");
    REQUIRE(difference.kernel.size() == 3);
    CHECK(difference.kernel[0].name == "base_slice");
    CHECK(difference.kernel[0].right == "700 us");
    CHECK(difference.kernel[1].name == "hrtick");
    CHECK(difference.kernel[1].right.empty());
    CHECK(difference.kernel[2].left.empty());
    right.kernel.clear(); // a profile that never asked
    CHECK(difference_of(left, right, all).kernel.empty());
}
