#include "formats/json/figure.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cstdint>
#include <limits>
#include <random>

using namespace switchyard;
using namespace switchyard::formats;

constexpr std::int64_t one = 65536; // a picosecond or a byte in fixed point

TEST_CASE("a figure reads as the decimal somebody would write") {
    CHECK(decimal_of(1500 * one, CostUnit::picoseconds) == 1.5);
    CHECK(decimal_of(461'200 * one, CostUnit::picoseconds) == 461.2);
    CHECK(decimal_of(100'000'000'000 * one, CostUnit::picoseconds) == 1e8); // the textbook's 0.1 s
    CHECK(decimal_of(6554, CostUnit::bytes) == 0.1);                        // the step nearest to a tenth
    CHECK(decimal_of(0, CostUnit::bytes) == 0);
    CHECK(decimal_of(-20'100 * one, CostUnit::picoseconds) == -20.1);
}

TEST_CASE("a decimal is taken for what is written, not for the double next to it") {
    CHECK(fixed_point_of(0.001, CostUnit::picoseconds) == one);
    CHECK(fixed_point_of(1'000'000'000.001, CostUnit::picoseconds) == 1'000'000'000'001 * one);
    CHECK(fixed_point_of(0.5, CostUnit::bytes) == one / 2);
    CHECK(fixed_point_of(1e-30, CostUnit::bytes) == 0);
    CHECK(fixed_point_of(-1.5, CostUnit::picoseconds) == -1500 * one);
}

TEST_CASE("a figure out of range is not read") {
    for (const double value :
         {1e15, -1e15, 1e300, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
        CHECK_FALSE(fixed_point_of(value, CostUnit::bytes).has_value());
}

TEST_CASE("figures survive being written and read") {
    std::mt19937_64 random(1);
    const auto check = [](std::int64_t figure) {
        for (const CostUnit unit : {CostUnit::picoseconds, CostUnit::bytes})
            if (fixed_point_of(decimal_of(figure, unit), unit) != figure) return false;
        return true;
    };
    int lost = 0;
    for (int i = 0; i < 20'000; ++i) {
        const auto bits = static_cast<int>(random() % 49);
        const auto fine = static_cast<std::int64_t>(random() & ((std::uint64_t{1} << (bits + 1)) - 1)); // below 8 ms
        const auto whole =
            static_cast<std::int64_t>(random() % 100'000'000'000'000) * one; // below 100 s, in picoseconds
        if (!check(fine) || !check(-fine) || !check(whole)) ++lost;
    }
    CHECK(lost == 0);
}

TEST_CASE("plain numbers change unit by moving the decimal point") {
    CHECK(to_file_unit(461'234.5, CostUnit::picoseconds) == 461.2345);
    CHECK(from_file_unit(461.2345, CostUnit::picoseconds) == 461'234.5);
    CHECK(from_file_unit(0.1, CostUnit::picoseconds) == 100);
    CHECK(to_file_unit(1e25, CostUnit::picoseconds) == 1e22);
    CHECK(from_file_unit(1e-7, CostUnit::picoseconds) == 1e-4);
    CHECK(to_file_unit(8.4, CostUnit::bytes) == 8.4);
}
