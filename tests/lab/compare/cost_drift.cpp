#include "lab/compare/cost_drift.hpp"

#include "native/probes/probe.hpp"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <utility>
#include <vector>

using namespace switchyard;
using Catch::Approx;

TEST_CASE("every family has a probe that is measured at its amount, and no law is in two") {
    std::set<Cost> seen;
    for (const lab::DriftFamily& family : lab::families_of_drift()) {
        INFO(family.name);
        const native::Probe* const probe = native::probe_named(family.probe);
        REQUIRE(probe != nullptr);
        CHECK((probe->amounts.empty() ? family.amount == 0
                                      : std::ranges::find(probe->amounts, family.amount) != probe->amounts.end()));
        CHECK(probe->bracketing != native::Bracketing::none); // the clock is part of the ratio
        for (const Cost cost : family.costs) CHECK(seen.insert(cost).second);
    }
}

TEST_CASE("what a profile's stopwatch saw is found by probe and amount") {
    CostProfile profile = free_profile();
    const lab::DriftFamily& family = lab::families_of_drift()[3];
    CHECK_FALSE(lab::calibrated_figure(profile, family).has_value());
    Law law = Law::constant_of(100);
    for (const auto& [at, seen] : {std::pair{std::int64_t{1}, 300.0}, std::pair{family.amount, 500.0}}) {
        MeasuredPoint& point = law.origin.points.emplace_back();
        point.probe = family.probe;
        point.at = at;
        point.seen = seen;
    }
    profile[family.costs.front()] = law;
    CHECK(lab::calibrated_figure(profile, family).value() == 500);
}

TEST_CASE("laws of a family are scaled as wholes, those of others stay") {
    CostProfile profile = free_profile();
    profile[Cost::system_call] = Law::constant_of(1000);
    profile[Cost::system_call]->interval = Interval{900, 1100};
    profile[Cost::fork_table] = Law::affine(2000, {{Quantity::pages, 10}});
    profile[Cost::switch_coroutine] = Law::constant_of(77);
    lab::CostRatios ratios;
    ratios[0] = 1.5;
    ratios[7] = 2;
    const CostProfile now = lab::scaled(profile, ratios);
    CHECK(evaluate(*now[Cost::system_call]) == 1500);
    CHECK(now[Cost::system_call]->interval->high == Approx(1650));
    CHECK(evaluate(*now[Cost::fork_table], {Quantity::pages, 100}) == 2 * (2000 + 1000));
    CHECK(now[Cost::switch_coroutine] == profile[Cost::switch_coroutine]);
    CHECK(lab::scaled(profile, {}) == profile);
}

TEST_CASE("readings are put together family by family, as far as they are known") {
    lab::CostRatios first, second, third;
    first[0] = 1;
    second[0] = 4;
    third[0] = 1.5;
    third[1] = 3;
    CHECK(*lab::between(first, second)[0] == Approx(2));
    CHECK(*lab::between(first, third)[1] == 3);
    CHECK(*lab::between(third, first)[1] == 3);
    const lab::CostRatios all = lab::median_of(std::vector{first, second, third});
    CHECK(*all[0] == 1.5);
    CHECK(*all[1] == 3);
    CHECK_FALSE(all[2].has_value());
    CHECK(*lab::at_speed(all, 1.5)[0] == Approx(1)); // as many cycles more as there are more of them in a second
}
