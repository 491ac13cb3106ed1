#include "models/fit/bootstrap.hpp"

#include "models/errors.hpp"
#include "models/fit/statistics.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <random>

using namespace switchyard;
using Catch::Approx;

TEST_CASE("a bootstrap interval is the same for the same seed and holds the median", "[bootstrap]") {
    const std::vector<double> rounds{101, 99, 103, 98, 100};
    const Interval interval = bootstrap_median(rounds, {.seed = 7});
    CHECK(interval == bootstrap_median(rounds, {.seed = 7}));
    CHECK(interval.low >= 98);
    CHECK(interval.low <= 100);
    CHECK(interval.high >= 100);
    CHECK(interval.high <= 103);
    CHECK(interval.low < interval.high);
}

TEST_CASE("of three rounds a bootstrap interval is their whole range", "[bootstrap]") {
    CHECK(bootstrap_median(std::vector<double>{10, 20, 30}) == Interval{10, 30});
}

TEST_CASE("a single round has an interval of no width", "[bootstrap]") {
    CHECK(bootstrap_median(std::vector<double>{42}) == Interval{42, 42});
    CHECK_THROWS_AS(bootstrap_median(std::vector<double>{}), InputError);
}

TEST_CASE("figures computed from the same rounds keep what the rounds have in common", "[bootstrap]") {
    // Two probes that are slow in the same rounds: each is uncertain, their difference is not.
    const std::vector<double> hop{110, 150, 190}, system_call{10, 50, 90};
    const auto intervals = bootstrap_over_rounds(3, [&](std::span<const std::size_t> drawn) {
        std::vector<double> hops, calls;
        for (const std::size_t round : drawn) {
            hops.push_back(hop[round]);
            calls.push_back(system_call[round]);
        }
        return std::vector{median(hops), median(hops) - median(calls)};
    });
    REQUIRE(intervals.size() == 2);
    CHECK(intervals[0] == Interval{110, 190});
    CHECK(intervals[1] == Interval{100, 100});
}

TEST_CASE("a 95 % interval holds the true median about 95 times in 100", "[bootstrap]") {
    std::mt19937_64 engine(3);
    int held = 0;
    for (int experiment = 0; experiment < 200; ++experiment) {
        std::vector<double> rounds;
        for (int round = 0; round < 15; ++round) { // sum of uniforms: about normal, median 6
            double sum = 0;
            for (int term = 0; term < 12; ++term) sum += static_cast<double>(engine() >> 11) * 0x1p-53;
            rounds.push_back(sum);
        }
        const Interval interval = bootstrap_median(rounds, {.resamples = 400});
        held += interval.low <= 6 && 6 <= interval.high;
    }
    CHECK(held >= 180);
}

TEST_CASE("rounds that lie far apart disagree, but not for one bad round of many", "[bootstrap]") {
    CHECK(disagreement_of_rounds(std::vector<double>{100, 101, 99}) < most_disagreement_of_rounds);
    CHECK(disagreement_of_rounds(std::vector<double>{100, 120, 99}) == Approx(0.21));
    CHECK(disagreement_of_rounds(std::vector<double>{100, 101, 99, 100, 102, 98, 200}) < most_disagreement_of_rounds);
    CHECK(disagreement_of_rounds(std::vector<double>{100, 200, 100, 200, 100, 200, 150}) > most_disagreement_of_rounds);
    CHECK(disagreement_of_rounds(std::vector<double>{100}) == 0);
    CHECK(disagreement_of_rounds(std::vector<double>{0, 0}) == 0);
}
