#include "models/analytic/shares.hpp"

#include "models/analytic/makespan.hpp"
#include "models/errors.hpp"
#include "models/random/draw.hpp"
#include "models/random/uniform.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <limits>
#include <numeric>

using namespace std::chrono_literals;
using namespace switchyard;
using Catch::Approx;

TEST_CASE("one core is shared by weight", "[shares]") {
    CHECK(proportional_shares(std::vector<std::uint64_t>{1, 1, 2}) == std::vector{0.25, 0.25, 0.5});
    CHECK(core_shares(std::vector<std::uint64_t>{1, 1, 2}, 1) == std::vector{0.25, 0.25, 0.5});
    CHECK(proportional_shares({}).empty());
    // Linux's weights of nice 0 and nice 1: 55.5 % and 44.5 %.
    CHECK(proportional_shares(std::vector<std::uint64_t>{1024, 820})[0] == Approx(0.5553).epsilon(1e-4));
}

TEST_CASE("no task gets more than one core, and the others share the rest", "[shares]") {
    // By weight alone the first would get 20/12 cores.
    CHECK(core_shares(std::vector<std::uint64_t>{10, 1, 1}, 2) == std::vector{1.0, 0.5, 0.5});
    // The second is entitled to more than one core only once the first is capped.
    CHECK(core_shares(std::vector<std::uint64_t>{2, 100, 9, 1}, 3) == std::vector{2.0 / 3, 1.0, 1.0, 1.0 / 3});
    CHECK(core_shares(std::vector<std::uint64_t>{7, 1}, 4) == std::vector{1.0, 1.0});
    CHECK(core_shares(std::vector<std::uint64_t>{1, 1, 1}, 2) == std::vector{2.0 / 3, 2.0 / 3, 2.0 / 3});
    const std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
    CHECK(core_shares(std::vector<std::uint64_t>{huge, huge, huge, huge}, 2) == std::vector(4, 0.5));
}

TEST_CASE("shares are fair: within the cap in proportion, and no core idles", "[shares]") {
    DrawStream random({.seed = 51});
    for (int round = 0; round < 2'000; ++round) {
        const auto cores = static_cast<std::uint32_t>(1 + uniform_below(random, 5));
        std::vector<std::uint64_t> weights(1 + uniform_below(random, 8));
        for (std::uint64_t& weight : weights) weight = 1 + uniform_below(random, 1U << uniform_below(random, 11));
        const std::vector<double> shares = core_shares(weights, cores);
        INFO("round " << round);
        const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
        REQUIRE(sum == Approx(std::min<double>(cores, static_cast<double>(weights.size()))));
        for (std::size_t a = 0; a < weights.size(); ++a) {
            REQUIRE(shares[a] <= 1);
            for (std::size_t b = 0; b < weights.size(); ++b) {
                // Whoever gets less for its weight than another is capped.
                const double fairness = shares[a] / static_cast<double>(weights[a]);
                if (fairness < shares[b] / static_cast<double>(weights[b]) * (1 - 1e-9)) REQUIRE(shares[a] == 1);
            }
        }
    }
}

TEST_CASE("fluid turnarounds worked out by hand", "[shares]") {
    // 1 : 3 until the second's 3 s are done at 4 s; 3 s of the first are left.
    CHECK(fluid_turnarounds(std::vector<WeightedTask>{{4s, 1}, {3s, 3}}, 1) == std::vector<Duration>{7s, 4s});
    // Two cores for three: 2/3 each until 3 s, then one each.
    CHECK(fluid_turnarounds(std::vector<WeightedTask>{{2s}, {4s}, {4s}}, 2) == std::vector<Duration>{3s, 5s, 5s});
    CHECK(fluid_turnarounds(std::vector<WeightedTask>{{0s}, {1s}}, 1) == std::vector<Duration>{0s, 1s});
    CHECK(fluid_turnarounds({}, 1).empty());
}

TEST_CASE("round robin with short slices and free switches comes to the fluid", "[shares]") {
    DrawStream random({.seed = 52});
    for (int round = 0; round < 200; ++round) {
        std::vector<Duration> works;
        std::vector<WeightedTask> tasks;
        const std::uint64_t count = 1 + uniform_below(random, 6);
        for (std::uint64_t task = 0; task < count; ++task) {
            works.emplace_back(std::chrono::microseconds{uniform_below(random, 1'000'000)});
            tasks.push_back({.work = works.back()});
        }
        const Duration slice = 10us;
        const std::vector<Duration> sliced = round_robin(works, slice, 0s).turnarounds;
        const std::vector<Duration> fluid = fluid_turnarounds(tasks, 1);
        for (std::size_t task = 0; task < works.size(); ++task) {
            INFO("round " << round << ", task " << task);
            // Each of the others is ahead or behind by a slice at most.
            const Duration difference = std::chrono::abs(sliced[task] - fluid[task]);
            REQUIRE(difference <= slice * static_cast<std::int64_t>(works.size()));
        }
    }
}

TEST_CASE("shares refuse what has no meaning", "[shares]") {
    CHECK_THROWS_AS(proportional_shares(std::vector<std::uint64_t>{1, 0}), InputError);
    CHECK_THROWS_AS(core_shares(std::vector<std::uint64_t>{0}, 1), InputError);
    CHECK_THROWS_AS(core_shares({}, 0), InputError);
    CHECK_THROWS_AS(fluid_turnarounds(std::vector<WeightedTask>{{1s}}, 0), InputError);
    CHECK_THROWS_AS(fluid_turnarounds(std::vector<WeightedTask>{{-1s}}, 1), InputError);
    CHECK_THROWS_AS(fluid_turnarounds(std::vector<WeightedTask>{{1s, 0}}, 1), InputError);
    CHECK_THROWS_AS(fluid_turnarounds(std::vector<WeightedTask>(3, {Duration::max()}), 1), TimeOverflow);
}
