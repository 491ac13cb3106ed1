#include "models/fit/sensitivity.hpp"

#include "models/errors.hpp"
#include "models/random/draw.hpp"

#include <array>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <numbers>

using namespace switchyard;
using Catch::Approx;

namespace {

// Ishigami and Homma 1990, whose indices are known: first order 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437.
double ishigami(const std::array<double, 3>& x) {
    return std::sin(x[0]) + 7 * std::pow(std::sin(x[1]), 2) + 0.1 * std::pow(x[2], 4) * std::sin(x[0]);
}

double angle(std::uint32_t column, std::uint64_t row) {
    const double share = static_cast<double>(draw({7, column, 0, 0}, row) >> 11U) * 0x1p-53;
    return (2 * share - 1) * std::numbers::pi;
}

} // namespace

TEST_CASE("the indices of Ishigami's function come out of samples in pairs") {
    std::vector<double> a, b;
    std::vector<std::vector<double>> ab(3);
    for (std::uint64_t row = 0; row < 20'000; ++row) {
        const std::array<double, 3> first{angle(0, row), angle(1, row), angle(2, row)};
        const std::array<double, 3> second{angle(3, row), angle(4, row), angle(5, row)};
        a.push_back(ishigami(first));
        b.push_back(ishigami(second));
        for (std::size_t i = 0; i < 3; ++i) {
            std::array<double, 3> mixed = first;
            mixed[i] = second[i];
            ab[i].push_back(ishigami(mixed));
        }
    }
    const SensitivityIndices indices = sobol_indices(a, b, ab);
    constexpr std::array first{0.3139, 0.4424, 0.0}, total{0.5576, 0.4424, 0.2437};
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(indices.first[i] == Approx(first[i]).margin(0.02));
        CHECK(indices.total[i] == Approx(total[i]).margin(0.02));
    }
}

TEST_CASE("a factorial design gives shares of variance exactly") {
    // x + 2 y + z with x in {-1, 1}, y in {-1, 0, 1}, z constant: variances 1 and 4 x 2/3.
    std::vector<double> sum, product;
    for (const double x : {-1.0, 1.0})
        for (const double y : {-1.0, 0.0, 1.0}) {
            sum.push_back(x + 2 * y);
            product.push_back(x * y);
        }
    const std::array<std::size_t, 3> levels{2, 3, 1};
    const SensitivityIndices of_sum = factorial_indices(levels, sum);
    CHECK(of_sum.first[0] == Approx(3.0 / 11).epsilon(1e-14));
    CHECK(of_sum.first[1] == Approx(8.0 / 11).epsilon(1e-14));
    CHECK(of_sum.first[2] == 0);
    CHECK(of_sum.total[0] == Approx(3.0 / 11).epsilon(1e-14));
    CHECK(of_sum.total[1] == Approx(8.0 / 11).epsilon(1e-14));
    const SensitivityIndices of_product = factorial_indices(levels, product);
    CHECK(of_product.first[0] == Approx(0).margin(1e-15));
    CHECK(of_product.first[1] == Approx(0).margin(1e-15));
    CHECK(of_product.total[0] == Approx(1).epsilon(1e-14));
    CHECK(of_product.total[1] == Approx(1).epsilon(1e-14));
    CHECK_THROWS_AS(factorial_indices(levels, std::vector<double>(5)), InputError);
}

TEST_CASE("a straight line has its coefficients, and says what it does not explain") {
    std::vector<std::vector<double>> inputs(3);
    std::vector<double> straight, bent;
    for (const double x : {-1.0, 0.0, 1.0})
        for (const double y : {-1.0, 0.0, 1.0}) {
            inputs[0].push_back(x * 1000);
            inputs[1].push_back(y);
            inputs[2].push_back(7);
            straight.push_back(3 * x - 4 * y + 100);
            bent.push_back(x * x);
        }
    const StandardisedRegression line = standardised_regression(inputs, straight);
    CHECK(line.coefficients[0] == Approx(0.6).epsilon(1e-12));
    CHECK(line.coefficients[1] == Approx(-0.8).epsilon(1e-12));
    CHECK(line.coefficients[2] == Approx(0).margin(1e-12));
    CHECK(line.explained == Approx(1).epsilon(1e-12));
    CHECK(standardised_regression(inputs, bent).explained == Approx(0).margin(1e-12));
    CHECK_THROWS_AS(standardised_regression(inputs, std::vector<double>{1, 2, 3}), InputError);
}
