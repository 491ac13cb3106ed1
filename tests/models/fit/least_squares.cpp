#include "models/fit/least_squares.hpp"

#include "models/errors.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <iterator>
#include <numbers>
#include <random>
#include <vector>

using namespace switchyard;
using Catch::Approx;

TEST_CASE("an exact affine law is found again", "[least_squares]") {
    std::vector<FitPoint> observations;
    for (const double pages : {0.0, 256.0, 4096.0, 131072.0}) observations.push_back({pages, 25'000 + 20.1 * pages});
    const AffineFit fit = fit_affine(observations);
    CHECK(fit.base == Approx(25'000).epsilon(1e-9));
    CHECK(fit.per_unit == Approx(20.1).epsilon(1e-9));
    CHECK(fit.largest_error < 1e-9);
    CHECK_FALSE(fit.clamped);
}

TEST_CASE("the small sizes count as much as the large ones", "[least_squares]") {
    // 5 % too much at the largest size: ordinary least squares would move the base by several times its value.
    std::vector<FitPoint> observations;
    for (const double pages : {0.0, 0.0, 256.0, 1024.0, 4096.0, 16384.0}) {
        observations.push_back({pages, 25'000 + 20 * pages});
    }
    observations.push_back({131072, (25'000 + 20.0 * 131072) * 1.05});
    const AffineFit fit = fit_affine(observations);
    CHECK(std::abs(fit.base / 25'000 - 1) < 0.02);
    CHECK(fit.largest_error < 0.05);
}

TEST_CASE("noise of a few per cent gives coefficients of a few per cent", "[least_squares]") {
    std::vector<FitPoint> observations;
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
    const std::vector<FitPoint> falling{{1, 10}, {2, 9}, {3, 8}};
    const AffineFit constant = fit_affine(falling);
    CHECK(constant.clamped);
    CHECK(constant.per_unit == 0);
    CHECK(constant.base > 8);
    CHECK(constant.base < 10);

    const std::vector<FitPoint> below_zero_at_zero{{10, 5}, {20, 20}, {30, 35}};
    const AffineFit through_zero = fit_affine(below_zero_at_zero);
    CHECK(through_zero.clamped);
    CHECK(through_zero.base == 0);
    CHECK(through_zero.per_unit > 0);
}

TEST_CASE("the error may be relative to something else than the value", "[least_squares]") {
    // What is left after a subtraction may be about nothing: it is judged by what it was subtracted from.
    const std::vector<FitPoint> rest{{0, -1, 100}, {100, 99, 1000}, {1000, 1001, 10'000}};
    const AffineFit fit = fit_affine(rest);
    CHECK(fit.base < 1);
    CHECK(fit.per_unit == Approx(1).epsilon(0.02));
    const std::vector<FitPoint> no_scale{{0, 0}, {1, 1}};
    CHECK_THROWS_AS(fit_affine(no_scale), InputError);
}

TEST_CASE("one size gives a constant", "[least_squares]") {
    const std::vector<FitPoint> same{{8, 10}, {8, 12}};
    const AffineFit fit = fit_affine(same);
    CHECK(fit.per_unit == 0);
    CHECK(fit.base == Approx(10.82).epsilon(0.01));
    CHECK_THROWS_AS(fit_affine(std::vector<FitPoint>{}), InputError);
}

namespace {

// Numbers of the standard normal distribution, the same on any machine (Box and Muller 1958).
double normal(std::mt19937_64& engine) {
    const auto uniform = [&] { return (static_cast<double>(engine() >> 11) + 0.5) * 0x1p-53; };
    return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform());
}

constexpr double true_base = 25'000, true_per_unit = 20.1;
constexpr double amounts[] = {0, 256, 1024, 4096, 16384, 65536, 131072};

// The law's values, each off by a normally distributed share of itself: what costs that span decades look like.
std::vector<FitPoint> noisy(std::mt19937_64& engine, double share) {
    std::vector<FitPoint> observations;
    for (const double amount : amounts)
        observations.push_back({amount, (true_base + true_per_unit * amount) * (1 + share * normal(engine))});
    return observations;
}

// Ordinary least squares, for comparison: every equation's scale is the same.
AffineFit ordinary(std::vector<FitPoint> observations) {
    for (FitPoint& observation : observations) observation.scale = 1;
    return fit_affine(observations);
}

} // namespace

TEST_CASE("noise that grows with the value leaves both coefficients near the truth, on average on it",
          "[least_squares]") {
    std::mt19937_64 engine(7);
    constexpr int times = 400;
    double base = 0, per_unit = 0, square = 0, ordinary_square = 0;
    for (int i = 0; i < times; ++i) {
        const std::vector<FitPoint> observations = noisy(engine, 0.05);
        const AffineFit fit = fit_affine(observations);
        base += fit.base / times;
        per_unit += fit.per_unit / times;
        square += std::pow(fit.base / true_base - 1, 2) / times;
        ordinary_square += std::pow(ordinary(observations).base / true_base - 1, 2) / times;
    }
    CHECK(base == Approx(true_base).epsilon(0.01));
    CHECK(per_unit == Approx(true_per_unit).epsilon(0.01));
    CHECK(std::sqrt(square) < 0.05);                           // no worse than a single measurement
    CHECK(std::sqrt(ordinary_square) > 5 * std::sqrt(square)); // which is why the weights are relative
}

TEST_CASE("one measurement that is half as much again moves a fit of seven by less than a fifth", "[least_squares]") {
    for (std::size_t bad = 0; bad < std::size(amounts); ++bad) {
        std::mt19937_64 engine(1);
        std::vector<FitPoint> observations = noisy(engine, 0);
        observations[bad].value *= 1.5;
        const AffineFit fit = fit_affine(observations);
        INFO("outlier at " << observations[bad].quantity);
        CHECK(fit.base == Approx(true_base).epsilon(0.2));
        CHECK(fit.per_unit == Approx(true_per_unit).epsilon(0.2));
        CHECK(fit.largest_error > 0.2); // and it is seen
    }
}

TEST_CASE("what is held out is met as well as what was fitted, where the law is true", "[least_squares]") {
    std::mt19937_64 engine(3);
    const std::vector<FitPoint> observations = noisy(engine, 0.02);
    std::vector<FitPoint> fitted;
    for (std::size_t i = 0; i < observations.size(); i += 2) fitted.push_back(observations[i]);
    const AffineFit fit = fit_affine(fitted);
    for (std::size_t i = 1; i < observations.size(); i += 2)
        CHECK(fit(observations[i].quantity) == Approx(observations[i].value).epsilon(0.08));
}
