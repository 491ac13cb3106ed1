#include "models/fit/least_squares.hpp"

#include "models/errors.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>

using namespace switchyard;
using Catch::Approx;

TEST_CASE("an exact affine law is found again", "[least_squares]") {
    std::vector<Observation> observations;
    for (const double pages : {0.0, 256.0, 4096.0, 131072.0}) observations.push_back({pages, 25'000 + 20.1 * pages});
    const AffineFit fit = fit_affine(observations);
    CHECK(fit.base == Approx(25'000).epsilon(1e-9));
    CHECK(fit.per_unit == Approx(20.1).epsilon(1e-9));
    CHECK(fit.largest_error < 1e-9);
    CHECK_FALSE(fit.clamped);
}

TEST_CASE("the small sizes count as much as the large ones", "[least_squares]") {
    // 5 % too much at the largest size: ordinary least squares would move the base by several times its value.
    std::vector<Observation> observations;
    for (const double pages : {0.0, 0.0, 256.0, 1024.0, 4096.0, 16384.0}) {
        observations.push_back({pages, 25'000 + 20 * pages});
    }
    observations.push_back({131072, (25'000 + 20.0 * 131072) * 1.05});
    const AffineFit fit = fit_affine(observations);
    CHECK(std::abs(fit.base / 25'000 - 1) < 0.02);
    CHECK(fit.largest_error < 0.05);
}

TEST_CASE("noise of a few per cent gives coefficients of a few per cent", "[least_squares]") {
    std::vector<Observation> observations;
    double sign = 1;
    for (int size = 0; size < 20; ++size) {
        const double pages = 100.0 * size * size;
        observations.push_back({pages, (50'000 + 30 * pages) * (1 + 0.03 * sign)});
        sign = -sign;
    }
    const AffineFit fit = fit_affine(observations);
    CHECK(fit.base == Approx(50'000).epsilon(0.03));
    CHECK(fit.per_unit == Approx(30).epsilon(0.03));
    CHECK(fit.mean_error == Approx(0.03).margin(0.01));
}

TEST_CASE("a coefficient that would be negative is held at 0 and the rest fitted without it", "[least_squares]") {
    const std::vector<Observation> falling{{1, 10}, {2, 9}, {3, 8}};
    const AffineFit constant = fit_affine(falling);
    CHECK(constant.clamped);
    CHECK(constant.per_unit == 0);
    CHECK(constant.base > 8);
    CHECK(constant.base < 10);

    const std::vector<Observation> below_zero_at_zero{{10, 5}, {20, 20}, {30, 35}};
    const AffineFit through_zero = fit_affine(below_zero_at_zero);
    CHECK(through_zero.clamped);
    CHECK(through_zero.base == 0);
    CHECK(through_zero.per_unit > 0);
}

TEST_CASE("the error may be relative to something else than the value", "[least_squares]") {
    // What is left after a subtraction may be about nothing: it is judged by what it was subtracted from.
    const std::vector<Observation> rest{{0, -1, 100}, {100, 99, 1000}, {1000, 1001, 10'000}};
    const AffineFit fit = fit_affine(rest);
    CHECK(fit.base < 1);
    CHECK(fit.per_unit == Approx(1).epsilon(0.02));
    const std::vector<Observation> no_scale{{0, 0}, {1, 1}};
    CHECK_THROWS_AS(fit_affine(no_scale), InputError);
}

TEST_CASE("one size gives a constant", "[least_squares]") {
    const std::vector<Observation> same{{8, 10}, {8, 12}};
    const AffineFit fit = fit_affine(same);
    CHECK(fit.per_unit == 0);
    CHECK(fit.base == Approx(10.82).epsilon(0.01));
    CHECK_THROWS_AS(fit_affine(std::vector<Observation>{}), InputError);
}
