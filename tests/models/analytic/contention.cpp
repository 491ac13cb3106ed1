#include "models/analytic/contention.hpp"

#include "models/analytic/queueing.hpp"
#include "models/errors.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <cmath>

using namespace switchyard;
using Catch::Approx;

TEST_CASE("Amdahl's law: nothing serial, all of it, and a twentieth", "[contention]") {
    CHECK(amdahl_speed_up(8, 0) == 8);
    CHECK(amdahl_speed_up(8, 1) == 1);
    CHECK(amdahl_speed_up(1, 0.3) == 1);
    CHECK(amdahl_speed_up(20, 0.05) == Approx(20 / 1.95));
    CHECK(amdahl_speed_up(1'000'000, 0.05) == Approx(20).epsilon(1e-4)); // never more than 1 / serial
}

TEST_CASE("universal scalability has its maximum where it is said to be", "[contention]") {
    const double contention = 0.02, coherency = 0.0005;
    const double best = std::sqrt((1 - contention) / coherency); // 44.27
    const auto at = [&](std::uint32_t n) { return universal_scalability(n, contention, coherency); };
    std::uint32_t most = 1;
    for (std::uint32_t n = 1; n < 200; ++n)
        if (at(n) > at(most)) most = n;
    CHECK(std::abs(most - best) <= 1);
}

TEST_CASE("the repairman: two workers by hand, and Erlang's formula for many", "[contention]") {
    // Two states of one: think 2, service 1. p0 : p1 : p2 = 1 : 2 x 1/2 : 2 x 1/4 = 2 : 2 : 1, throughput = 3/5.
    const ContentionMeans two = repairman(2, 2, 1);
    CHECK(two.throughput == Approx(0.6));
    CHECK(two.utilisation == Approx(0.6));
    CHECK(two.response == Approx(2 / 0.6 - 2));
    CHECK(two.queue == Approx(0.8));
    CHECK(repairman(1, 9, 1).throughput == Approx(0.1));
    // The thing is free with the probability of Erlang's loss formula, of as many servers as workers and a load of
    // think / service.
    for (const std::uint32_t workers : {1u, 5u, 20u, 100u})
        CHECK(1 - repairman(workers, 10, 1).utilisation == Approx(erlang_b(10, workers)).epsilon(1e-9).margin(1e-12));
}

TEST_CASE("bounds lie around the repairman, and the synchronous one is Amdahl's", "[contention]") {
    CHECK(saturation_point(9, 1) == 10);
    for (const std::uint32_t workers : {1u, 2u, 8u, 10u, 64u}) {
        const double found = repairman(workers, 9, 1).throughput;
        CHECK(found <= highest_throughput(workers, 9, 1) * (1 + 1e-12));
        CHECK(found >= synchronous_throughput(workers, 9, 1) * (1 - 1e-12));
        CHECK(synchronous_throughput(workers, 9, 1) * 10 == Approx(amdahl_speed_up(workers, 0.1)));
    }
    CHECK(highest_throughput(10, 9, 1) == 1);
}

TEST_CASE("what is no contention is refused", "[contention]") {
    CHECK_THROWS_AS(amdahl_speed_up(0, 0.1), InputError);
    CHECK_THROWS_AS(amdahl_speed_up(2, 1.1), InputError);
    CHECK_THROWS_AS(universal_scalability(2, 0.1, -1), InputError);
    CHECK_THROWS_AS(repairman(0, 1, 1), InputError);
    CHECK_THROWS_AS(repairman(2, 0, 0), InputError);
    CHECK_THROWS_AS(repairman(2, -1, 2), InputError);
    CHECK_THROWS_AS(saturation_point(1, 0), InputError);
}
