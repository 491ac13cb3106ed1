#include "lab/calibrate/budget.hpp"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard::lab;
using Catch::Approx;

TEST_CASE("a round's share of the time, less its overhead, is shared out by weight", "[budget]") {
    const Budget budget{100, 10, 0.001};
    CHECK(probe_seconds(budget, {0, 4, 10, 5}) == Approx(2));       // (100 / 4 - 5) / 10
    CHECK(probe_seconds(budget, {40, 3, 10, 5}) == Approx(1.5));    // what was late is made up for
    CHECK(probe_seconds(budget, {0, 1, 1, 0}) == Approx(10));       // no more than is of use
    CHECK(probe_seconds(budget, {0, 4, 10, 30}) == Approx(0.001));  // no less than says something
    CHECK(probe_seconds(budget, {200, 4, 10, 0}) == Approx(0.001)); // too late already
    CHECK(probe_seconds(budget, {0, 4, 0, 0}) == Approx(10));       // nothing has a weight
}

TEST_CASE("a calibration ends in time however many probes there are and whatever they take besides", "[budget]") {
    const Budget budget;
    for (const double probes : {1.0, 50.0, 300.0, 1000.0, 3000.0})
        for (const double overhead_of_one : {0.001, 0.01, 0.03}) {
            const double overhead = probes * overhead_of_one;
            double elapsed = 0, known = 0.03 * probes, longest = 0;
            std::uint32_t rounds = 0;
            for (; rounds < 7; ++rounds) {
                if (rounds >= 3 && !another_round_fits(budget, elapsed, longest)) break;
                const double round = probes * probe_seconds(budget, {elapsed, 7 - rounds, probes, known}) + overhead;
                elapsed += round;
                longest = std::max(longest, round);
                known = overhead;
            }
            INFO(probes << " probes, each with an overhead of " << overhead_of_one);
            CHECK(rounds >= 3);
            CHECK(elapsed <= std::max(budget.seconds * 1.001, 3 * (overhead + 0.3 * probes * 0.35)));
            if (overhead * 7 < budget.seconds / 2) CHECK(elapsed <= budget.seconds * 1.001);
        }
}
