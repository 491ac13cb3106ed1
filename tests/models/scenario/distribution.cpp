#include "models/scenario/distribution.hpp"

#include "models/errors.hpp"
#include "tests/models/says.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <vector>

using namespace switchyard;

static std::vector<std::int64_t> drawn(const Distribution& distribution, std::uint64_t count) {
    std::vector<std::int64_t> values;
    for (std::uint64_t draw = 0; draw < count; ++draw)
        values.push_back(sample(distribution, {.seed = 11, .task = 1, .instance = 2, .operation = 3, .draw = draw}));
    return values;
}

// The largest distance between the share of draws up to x and the probability of them (Kolmogorov and Smirnov).
static double distance(std::vector<std::int64_t> values, const std::function<double(double)>& probability_up_to) {
    std::ranges::sort(values);
    const auto n = static_cast<double>(values.size());
    double largest = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double expected = probability_up_to(static_cast<double>(values[i]));
        largest = std::max({largest, std::abs(static_cast<double>(i) / n - expected),
                            std::abs(static_cast<double>(i + 1) / n - expected)});
    }
    return largest;
}

static double average(const std::vector<std::int64_t>& values) {
    double sum = 0;
    for (const std::int64_t value : values) sum += static_cast<double>(value);
    return sum / static_cast<double>(values.size());
}

constexpr std::uint64_t many = 20'000;
// Exceeded by one right sample in a thousand; the draws are fixed, so that these either pass for ever or never.
static const double tolerated = 1.95 / std::sqrt(static_cast<double>(many));

TEST_CASE("draws follow their distribution function") {
    constexpr double micro = 1e6;
    CHECK(distance(drawn(Distribution::uniform(2 * micro, 6 * micro), many),
                   [](double x) { return (x - 2 * micro) / (4 * micro); }) < tolerated);
    CHECK(distance(drawn(Distribution::exponential(5 * micro), many),
                   [](double x) { return 1 - std::exp(-x / (5 * micro)); }) < tolerated);
    CHECK(distance(drawn(Distribution::normal(50 * micro, 5 * micro), many), [](double x) {
              return std::erfc((50 * micro - x) / (5 * micro) / std::sqrt(2.0)) / 2;
          }) < tolerated);
    CHECK(distance(drawn(Distribution::lognormal(5 * micro, 0.5), many), [](double x) {
              return std::erfc(-std::log(x / (5 * micro)) / 0.5 / std::sqrt(2.0)) / 2;
          }) < tolerated);
    CHECK(distance(drawn(Distribution::pareto(3 * micro, 2.5), many),
                   [](double x) { return x < 3 * micro ? 0 : 1 - std::pow(3 * micro / x, 2.5); }) < tolerated);
}

TEST_CASE("an empirical distribution draws each of its values equally often") {
    const std::vector<std::int64_t> values = drawn(Distribution::empirical({10, 20, 40}), many);
    for (const std::int64_t value : {10, 20, 40}) {
        const auto share = static_cast<double>(std::ranges::count(values, value)) / static_cast<double>(many);
        CHECK(std::abs(share - 1.0 / 3) < 0.01);
    }
}

TEST_CASE("the mean of the draws is the mean of the distribution") {
    for (const Distribution& distribution :
         {Distribution::constant(7'000'000), Distribution::uniform(2e6, 6e6), Distribution::exponential(5e6),
          Distribution::normal(5e7, 5e6), Distribution::lognormal(5e6, 0.5), Distribution::pareto(3e6, 3.5),
          Distribution::empirical({1'000, 2'000, 6'000})}) {
        const double expected = mean(distribution);
        CHECK(std::abs(average(drawn(distribution, many)) - expected) < 0.02 * expected);
    }
    CHECK(mean(Distribution::pareto(1, 1)) == std::numeric_limits<double>::infinity());
}

TEST_CASE("a constant is what it says, exactly") {
    const std::int64_t large = std::numeric_limits<std::int64_t>::max() - 1; // no double is equal to it
    CHECK(sample(Distribution::constant(large), {}) == large);
}

TEST_CASE("draws without spread are constant") {
    CHECK(sample(Distribution::uniform(5, 5), {}) == 5);
    CHECK(sample(Distribution::exponential(0), {}) == 0);
    CHECK(sample(Distribution::normal(8, 0), {}) == 8);
    CHECK(sample(Distribution::lognormal(8, 0), {}) == 8);
    CHECK(sample(Distribution::pareto(0, 2), {}) == 0);
    CHECK(sample(Distribution::empirical({9}), {}) == 9);
}

TEST_CASE("draws are never negative, and never beyond 64 bits") {
    for (const std::int64_t value : drawn(Distribution::normal(1, 1'000), 2'000)) REQUIRE(value >= 0);
    const std::vector<std::int64_t> heavy = drawn(Distribution::pareto(1e18, 0.1), 2'000);
    CHECK(*std::ranges::min_element(heavy) >= 1'000'000'000'000'000'000);
    CHECK(*std::ranges::max_element(heavy) == std::numeric_limits<std::int64_t>::max());
    for (const std::int64_t value : drawn(Distribution::lognormal(1e18, 1e300), 100)) REQUIRE(value >= 0);
}

TEST_CASE("a draw depends on its key and on nothing else") {
    const Distribution work = Distribution::exponential(1e9);
    const DrawKey key{.seed = 1, .task = 2, .instance = 3, .operation = 4, .draw = 5};
    const std::int64_t value = sample(work, key);
    static_cast<void>(sample(work, {.seed = 9}));
    CHECK(sample(work, key) == value);

    std::set<std::int64_t> values{value};
    for (DrawKey other : {DrawKey{2, 2, 3, 4, 5}, DrawKey{1, 3, 3, 4, 5}, DrawKey{1, 2, 4, 4, 5},
                          DrawKey{1, 2, 3, 5, 5}, DrawKey{1, 2, 3, 4, 6}, DrawKey{1, 2, 3, 4, 5 + (1ULL << 32U)}})
        values.insert(sample(work, other));
    CHECK(values.size() == 7);
}

TEST_CASE("draws are the same on every machine and with every compiler") {
    const DrawKey key{.seed = 42, .task = 1, .instance = 2, .operation = 3, .draw = 4};
    CHECK(sample(Distribution::uniform(0, 1e12), key) == 345'794'724'337);
    CHECK(sample(Distribution::exponential(1e12), key) == 1'061'909'962'250);
    CHECK(sample(Distribution::normal(1e12, 1e11), key) == 1'002'574'532'957);
    CHECK(child_instance(1, 2, 3) == 553'939'136);
}

TEST_CASE("children draw for themselves: their instance numbers differ by parent, operation and number") {
    std::set<std::uint32_t> numbers;
    std::size_t children = 0;
    for (std::uint32_t parent = 0; parent < 20; ++parent)
        for (std::uint32_t operation = 0; operation < 20; ++operation)
            for (std::uint64_t nth = 0; nth < 20; ++nth, ++children)
                numbers.insert(child_instance(parent, operation, nth));
    CHECK(numbers.size() == children); // 8,000 of 2^32: two alike are to be expected once in a hundred such sets
    CHECK(child_instance(7, 8, 9) == child_instance(7, 8, 9));
    CHECK(child_instance(7, 8, 1ULL << 32U) != child_instance(7, 8, 0));
}

TEST_CASE("a distribution refuses parameters that mean nothing") {
    const double infinite = std::numeric_limits<double>::infinity();
    const double no_number = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_MATCHES(Distribution::constant(-1), InputError, says("cannot be negative"));
    CHECK_THROWS_MATCHES(Distribution::uniform(2, 1), InputError, says("'low' not above 'high'"));
    CHECK_THROWS_AS(Distribution::uniform(-1, 1), InputError);
    CHECK_THROWS_AS(Distribution::uniform(0, infinite), InputError);
    CHECK_THROWS_AS(Distribution::exponential(-1), InputError);
    CHECK_THROWS_AS(Distribution::exponential(no_number), InputError);
    CHECK_THROWS_AS(Distribution::normal(1, -1), InputError);
    CHECK_THROWS_AS(Distribution::lognormal(1, no_number), InputError);
    CHECK_THROWS_MATCHES(Distribution::pareto(1, 0), InputError, says("shape must be above 0"));
    CHECK_THROWS_MATCHES(Distribution::empirical({}), InputError, says("list at least one"));
    CHECK_THROWS_AS(Distribution::empirical({1, -1}), InputError);
}

TEST_CASE("A sequence is what was recorded, in its order, and again from the first") {
    const Distribution recorded = Distribution::sequence({5, 3, 9});
    CHECK(drawn(recorded, 7) == std::vector<std::int64_t>{5, 3, 9, 5, 3, 9, 5});
    CHECK(mean(recorded) == 17.0 / 3);
    CHECK_THROWS_AS(Distribution::sequence({}), InputError);
    CHECK_THROWS_AS(Distribution::sequence({1, -1}), InputError);
}
