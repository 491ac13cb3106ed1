#include "native/execute/speed.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <vector>

using namespace switchyard::native;
using Catch::Approx;

// Stamps of a nanosecond, 20 of them lost to the reading.
static WorkCosts costs() {
    WorkCosts costs{};
    costs.nanoseconds_per_stamp = 1;
    costs.stamps_of_sample = 20;
    costs.iteration_picoseconds_before = 900;
    costs.iteration_picoseconds_after = 1100;
    return costs;
}

TEST_CASE("interruptions of single pieces of work do not slow the processor down") {
    std::vector<WorkSample> samples;
    for (std::uint64_t piece = 0; piece < 310; ++piece)
        samples.push_back({piece * 200'000, 100'020 + (piece % 10 == 0 ? 15'000u : 0u), 100'000});
    SpeedEstimate estimate(costs());
    estimate.add_thread(samples);
    CHECK(estimate.result().iteration_picoseconds == Approx(1000));
    CHECK(estimate.result().pieces == 310);
}

TEST_CASE("a clock that wanders counts for as much work as was done at each speed") {
    std::vector<WorkSample> samples;
    for (std::uint64_t piece = 0; piece < 31 * 4; ++piece) {
        const bool slow = piece < 31;
        samples.push_back({piece, 20 + (slow ? 120'000u : 100'000u), 100'000});
    }
    SpeedEstimate estimate(costs());
    estimate.add_thread(samples);
    CHECK(estimate.result().iteration_picoseconds == Approx(1000 * (1.2 + 3) / 4));
}

TEST_CASE("threads count by their work") {
    const std::vector<WorkSample> much(62, {0, 100'020, 100'000}), little(31, {0, 10'020, 5'000});
    SpeedEstimate estimate(costs());
    estimate.add_thread(much);
    estimate.add_thread(little);
    CHECK(estimate.result().iteration_picoseconds == Approx((62 * 100.0 + 31 * 10.0) / (62 * 100.0 + 31 * 5.0) * 1000));
}

TEST_CASE("without a timed piece the speed is that around the run") {
    SpeedEstimate estimate(costs());
    estimate.add_thread({});
    CHECK(estimate.result().iteration_picoseconds == Approx(1000));
    CHECK(estimate.result().pieces == 0);
}
