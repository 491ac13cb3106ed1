#include "native/measurement/cycles.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard::native;

TEST_CASE("the work loop does all its iterations in order", "[cycles]") {
    const auto one_by_one = [](std::uint64_t iterations) {
        std::uint64_t value = 1;
        for (std::uint64_t i = 0; i < iterations; ++i) value = run_work_loop(1, value);
        return value;
    };
    CHECK(run_work_loop(0, 42) == 42);
    CHECK(run_work_loop(1000) == one_by_one(1000));
    CHECK(run_work_loop(1000) != run_work_loop(999));
}

TEST_CASE("time stamps never go back and have a positive length", "[cycles]") {
    std::uint64_t last = time_stamp();
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t now = time_stamp();
        REQUIRE(now >= last);
        last = now;
    }
    CHECK(calibrate_time_stamps(std::chrono::milliseconds{5}).nanoseconds_per_stamp > 0);
    CHECK(TimeStampScale{0.5}.nanoseconds(100, 300) == Catch::Approx(100));
}

TEST_CASE("a bracket turns time at the present speed into time at the nominal one", "[cycles]") {
    const BracketedTime slow = bracketed(1000, 1200, 1300); // the loop took 1250 ps an iteration, nominally 1000
    CHECK(slow.iteration_picoseconds == Catch::Approx(1250));
    CHECK(slow.disagreement == Catch::Approx(0.08));
    CHECK(slow.nominal_nanoseconds(1000) == Catch::Approx(800));
    CHECK(slow.iterations() == Catch::Approx(800));
    CHECK(slow.cycles() == Catch::Approx(3200));
}

TEST_CASE("bracketed work is timed", "[cycles]") {
    bool done = false;
    const BracketedTime time = measure_bracketed(TimeStampScale{1}, [&] { done = true; });
    CHECK(done);
    CHECK(time.nanoseconds >= 0);
    CHECK(time.iteration_picoseconds > 0);
}
