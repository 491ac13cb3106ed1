#include "models/fit/statistics.hpp"

#include "models/errors.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using Catch::Approx;

TEST_CASE("quantiles interpolate between neighbours", "[statistics]") {
    const std::vector<double> samples{40, 10, 30, 20};
    CHECK(median(samples) == Approx(25));
    CHECK(quantile(samples, 0) == 10);
    CHECK(quantile(samples, 1) == 40);
    CHECK(quantile(samples, 0.25) == Approx(17.5));
    CHECK(median(std::vector{7.0}) == 7);
    CHECK_THROWS_AS(median(std::vector<double>{}), InputError);
}

TEST_CASE("a median does not follow one outlier", "[statistics]") {
    CHECK(median(std::vector<double>{10, 11, 12, 13, 1e9}) == 12);
}

TEST_CASE("the least of each group of samples is kept", "[statistics]") {
    CHECK(least_of_groups(std::vector<double>{5, 3, 9, 8, 7, 1}, 3) == std::vector<double>{3, 1});
    CHECK(least_of_groups(std::vector<double>{5, 3, 9, 8}, 3) == std::vector<double>{3});
    CHECK(least_of_groups(std::vector<double>{5, 3}, 3) == std::vector<double>{3});
    CHECK(least_of_groups(std::vector<double>{}, 3).empty());
}

TEST_CASE("a round without samples has no median", "[statistics]") {
    CHECK(round_medians({{1, 2, 3}, {}, {3, 4, 5}}) == std::vector<double>{2, 4});
}
