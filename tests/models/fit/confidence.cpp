#include "models/fit/confidence.hpp"

#include "models/errors.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <vector>

using namespace switchyard;
using Catch::Approx;

TEST_CASE("the mean's interval is Student's t of the tables") {
    // t of 0.975 for 4 and 1 degrees of freedom is 2.776445 and 12.706205; of 0.95 for 9, 1.833113.
    const std::vector<double> five{1, 2, 3, 4, 5};
    CHECK(mean_and_deviation(five).mean == 3);
    CHECK(mean_and_deviation(five).deviation == Approx(std::sqrt(2.5)).epsilon(1e-15));
    CHECK(*half_interval_of_mean(five) == Approx(2.776445 * std::sqrt(2.5 / 5)).epsilon(1e-6));
    CHECK(*half_interval_of_mean(std::vector<double>{0, 2}) == Approx(12.706205).epsilon(1e-6));
    CHECK(*half_interval_of_mean(std::vector<double>{1, -1, 1, -1, 1, -1, 1, -1, 1, -1}, 0.9) ==
          Approx(1.833113 / 3).epsilon(1e-6));
}

TEST_CASE("an interval needs two values, and a confidence that is one") {
    CHECK(!half_interval_of_mean(std::vector<double>{7}));
    CHECK(*half_interval_of_mean(std::vector<double>{7, 7, 7}) == 0);
    CHECK(mean_and_deviation(std::vector<double>{7}).deviation == 0);
    CHECK_THROWS_AS(mean_and_deviation(std::vector<double>{}), InputError);
    CHECK_THROWS_AS(half_interval_of_mean(std::vector<double>{1, 2}, 1), InputError);
}

TEST_CASE("large values that hardly differ keep their deviation") {
    CHECK(mean_and_deviation(std::vector<double>{1e9, 1e9 + 1, 1e9 + 2}).deviation == Approx(1).epsilon(1e-12));
}
