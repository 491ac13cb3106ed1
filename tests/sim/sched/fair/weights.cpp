#include "sim/sched/fair/weights.hpp"

#include <catch2/catch_test_macros.hpp>

#include <random>

using namespace switchyard::sim;

TEST_CASE("Weights of nice values are the kernel's, with inverses rounded to the nearest", "[fair]") {
    CHECK(weight_of_nice(0) == LoadWeight{1024 << 10, 4194304});
    CHECK(weight_of_nice(-20) == LoadWeight{88761 << 10, 48388});
    CHECK(weight_of_nice(-19) == LoadWeight{71755 << 10, 59856});
    CHECK(weight_of_nice(1) == LoadWeight{820 << 10, 5237765});
    CHECK(weight_of_nice(19) == LoadWeight{15 << 10, 286331153});
    CHECK(weight_of_idle() == LoadWeight{3 << 10, 1431655765});
    for (int nice = -20; nice < 19; ++nice) {
        const auto more = static_cast<double>(weight_of_nice(nice).weight);
        const auto less = static_cast<double>(weight_of_nice(nice + 1).weight);
        INFO(nice);
        CHECK((more / less > 1.17 && more / less < 1.28)); // 1.25 a step, as far as whole numbers allow
    }
}

TEST_CASE("Virtual time of nice 0 is time, and passes in inverse proportion to the weight elsewhere", "[fair]") {
    CHECK(rate_of(weight_of_nice(0)).virtual_time(123456789) == 123456789);
    // 10 ms at nice 5: 10'000'000 x 1024 / 335, through 2^32 / 335 and truncated.
    CHECK(rate_of(weight_of_nice(5)).virtual_time(10'000'000) == 30567164);
    CHECK(rate_of(weight_of_idle()).virtual_time(3'000'000) == 1023999999);
    for (int nice = -20; nice <= 19; ++nice) {
        const auto exact = 4'000'000 * std::int64_t{1024} / (weight_of_nice(nice).weight >> 10);
        const auto approximate = rate_of(weight_of_nice(nice)).virtual_time(4'000'000);
        INFO(nice);
        CHECK((approximate >= exact - exact / 100'000 - 1 && approximate <= exact + exact / 100'000 + 1));
    }
}

TEST_CASE("The time until an advance of virtual time is the shortest that brings it about", "[fair]") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 20'000; ++round) {
        const LoadWeight load = round % 3 == 0 ? weight_of_sum(static_cast<Weight>(2 + random() % 200'000'000))
                                               : weight_of_nice(static_cast<int>(random() % 40) - 20);
        const VirtualRate rate = rate_of(load);
        const auto advance = static_cast<Nanoseconds>(random() % (std::uint64_t{1} << (1 + random() % 40)));
        const Nanoseconds time = rate.time_until(advance);
        CHECK(rate.virtual_time(time) >= advance);
        if (time > 0) CHECK(rate.virtual_time(time - 1) < advance);
    }
    CHECK(rate_of(weight_of_nice(3)).time_until(-5) == 0);
}

TEST_CASE("A part of a slice by weight is truncated, and 64 bits of sum do no harm", "[fair]") {
    CHECK(calc_delta(6'000'000, weight_of_nice(0).weight, weight_of_sum(2 * nice_0_load)) == 2999998);
    CHECK(calc_delta(6'000'000, weight_of_nice(0).weight, weight_of_sum(Weight{1} << 50)) <= 6);
    CHECK(scale_load_down(0) == 0);
    CHECK(scale_load_down(1) == 2); // what weighs anything weighs 2
    CHECK(scale_load_down(Weight{3} << 10) == 3);
}
