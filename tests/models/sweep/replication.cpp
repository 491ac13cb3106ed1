#include "models/sweep/replication.hpp"

#include <catch2/catch_test_macros.hpp>
#include <limits>
#include <vector>

using namespace switchyard;

static Replications rule(std::uint32_t at_least, std::uint32_t at_most, double within) {
    return {at_least, at_most, StoppingRule{"m", within, 0.95}};
}

TEST_CASE("Without a rule a cell has as many replications as it says") {
    const Replications five{5, 5, {}};
    const std::vector<double> values{1, 1, 1, 1, 1, 1};
    CHECK(replications_needed(five, values) == 5U);
    CHECK(!replications_needed(five, std::span(values).first(4)));
    CHECK(replications_needed({}, std::span(values).first(1)) == 1U);
    CHECK(!replications_needed({}, {}));
}

TEST_CASE("Replications end as soon as the interval is narrow enough") {
    // 10, 12, 11: mean 11, deviation 1, t(2, 97.5 %) = 4.3027: 4.3027 / sqrt(3) = 2.484, which is 22.6 % of the mean.
    const std::vector<double> values{10, 12, 11, 11, 11, 11};
    CHECK(replications_needed(rule(2, 100, 0.23), values) == 3U);
    CHECK(replications_needed(rule(2, 100, 0.22), values) == 4U); // t(3) x 0.8165 / 2 = 1.299: 11.8 %
    CHECK(!replications_needed(rule(2, 100, 0.01), values));
    CHECK(replications_needed(rule(2, 6, 0.01), values) == 6U);
    CHECK(replications_needed(rule(5, 100, 0.23), values) == 5U);
}

TEST_CASE("How many replications a cell has does not depend on how many were computed") {
    const std::vector<double> values{10, 12, 11, 50, -7, 11, 3, 900};
    for (std::size_t computed = 3; computed <= values.size(); ++computed)
        CHECK(replications_needed(rule(2, 100, 0.23), std::span(values).first(computed)) == 3U);
}

TEST_CASE("Values that do not vary are known at once, and failures end the waiting") {
    CHECK(replications_needed(rule(3, 100, 0.01), std::vector<double>{0, 0, 0}) == 3U);
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    CHECK(replications_needed(rule(3, 100, 0.01), std::vector<double>{1, unknown, 9}) == 3U);
    CHECK(!replications_needed(rule(3, 100, 0.01), std::vector<double>{1, unknown}));
}
