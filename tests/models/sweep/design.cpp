#include "models/sweep/design.hpp"

#include "tests/models/says.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cmath>
#include <numeric>
#include <set>

using namespace switchyard;

static Sweep sweep_of(SweepDesign design, std::initializer_list<std::size_t> sizes) {
    Sweep sweep;
    sweep.design = design;
    for (const std::size_t size : sizes) {
        SweepParameter& parameter = sweep.parameters.emplace_back();
        parameter.name = "p" + std::to_string(sweep.parameters.size());
        parameter.values.resize(size);
    }
    return sweep;
}

TEST_CASE("A grid has every value with every other, the first parameter varying slowest") {
    const Sweep sweep = sweep_of(SweepDesign::grid, {2, 3, 4});
    REQUIRE(count_cells(sweep) == 24);
    CHECK(grid_indices(sweep, 0) == std::vector<std::uint64_t>{0, 0, 0});
    CHECK(grid_indices(sweep, 5) == std::vector<std::uint64_t>{0, 1, 1});
    CHECK(grid_indices(sweep, 23) == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(count_cells(sweep_of(SweepDesign::grid, {})) == 1);
}

TEST_CASE("Designs that cannot be are refused") {
    CHECK_THROWS_MATCHES(count_cells(sweep_of(SweepDesign::grid, {100'000, 100'000, 1000})), InputError,
                         says("more than 1000000000000 cells"));
    CHECK_THROWS_MATCHES(count_cells(sweep_of(SweepDesign::paired, {3, 2})), InputError,
                         says("'p1' has 3 values, 'p2' 2"));
    CHECK_THROWS_MATCHES(count_cells(sweep_of(SweepDesign::sobol, {2})), InputError, says("'samples'"));
    CHECK(count_cells(sweep_of(SweepDesign::paired, {3, 3})) == 3);
}

TEST_CASE("A Latin hypercube has one sample in every stratum of every dimension") {
    for (const std::uint64_t samples : {1U, 2U, 7U, 64U, 1000U}) {
        std::vector<std::set<std::uint64_t>> strata(3);
        for (std::uint64_t sample = 0; sample < samples; ++sample) {
            const std::vector<double> position = latin_hypercube(7, samples, sample, strata.size());
            for (std::size_t i = 0; i < strata.size(); ++i) {
                REQUIRE(position[i] >= 0);
                REQUIRE(position[i] < 1);
                strata[i].insert(static_cast<std::uint64_t>(position[i] * static_cast<double>(samples)));
            }
        }
        for (const auto& dimension : strata) CHECK(dimension.size() == samples);
    }
}

TEST_CASE("The dimensions of a Latin hypercube, and its seeds, have nothing to do with each other") {
    constexpr std::uint64_t samples = 1000;
    double together = 0;
    std::size_t alike = 0;
    for (std::uint64_t sample = 0; sample < samples; ++sample) {
        const std::vector<double> one = latin_hypercube(1, samples, sample, 2);
        const std::vector<double> other = latin_hypercube(2, samples, sample, 2);
        together += (one[0] - 0.5) * (one[1] - 0.5) * 12;
        alike += std::abs(one[0] - other[0]) < 1e-3 ? 1U : 0U;
    }
    CHECK(std::abs(together / samples) < 0.1); // a correlation; its deviation is 0.03
    CHECK(alike < 20);                         // 2 are expected
}

TEST_CASE("The Sobol sequence is that of Joe and Kuo, any point by itself") {
    const SobolSequence sequence(3);
    // Their program's first points for new-joe-kuo-6, the origin left out.
    CHECK(sequence.point(0) == std::vector{0.5, 0.5, 0.5});
    CHECK(sequence.point(1) == std::vector{0.75, 0.25, 0.25});
    CHECK(sequence.point(2) == std::vector{0.25, 0.75, 0.75});
    CHECK(sequence.point(3) == std::vector{0.375, 0.375, 0.625});
    CHECK(sequence.point(2) == std::vector{0.25, 0.75, 0.75}); // again: nothing is kept
    CHECK(sequence.point(7) == std::vector{0.1875, 0.3125, 0.9375});
}

TEST_CASE("2^k - 1 points of the Sobol sequence and the origin fill every interval of 2^-k once") {
    constexpr std::uint64_t cells = 256;
    const SobolSequence sequence(21);
    std::vector<std::set<std::uint64_t>> filled(21, {0});
    for (std::uint64_t index = 0; index + 1 < cells; ++index) {
        const std::vector<double> point = sequence.point(index);
        for (std::size_t i = 0; i < filled.size(); ++i) filled[i].insert(static_cast<std::uint64_t>(point[i] * cells));
    }
    for (const auto& dimension : filled) CHECK(dimension.size() == cells);
}

TEST_CASE("Saltelli's design takes one parameter after the other from the second matrix") {
    constexpr std::size_t parameters = 3;
    const SobolSequence sequence(sobol_dimensions(SweepDesign::saltelli, parameters));
    const std::vector<double> both = sequence.point(4);
    const std::vector<double> a(both.begin(), both.begin() + parameters);
    const std::vector<double> b(both.begin() + parameters, both.end());
    const auto cell = [&](std::uint64_t which) { return saltelli_position(sequence, 4 * 5 + which, parameters); };
    CHECK(cell(0) == a);
    CHECK(cell(1) == b);
    CHECK(cell(2) == std::vector{b[0], a[1], a[2]});
    CHECK(cell(4) == std::vector{a[0], a[1], b[2]});
    Sweep sweep = sweep_of(SweepDesign::saltelli, {2, 2, 2});
    sweep.samples = 10;
    CHECK(count_cells(sweep) == 50);
}
