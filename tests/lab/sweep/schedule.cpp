#include "lab/sweep/schedule.hpp"

#include "models/errors.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <set>
#include <vector>

using namespace switchyard;
using namespace switchyard::lab;

TEST_CASE("the units of all parts together are those of the sweep, each once", "[sweep]") {
    for (const std::uint64_t cells : {0u, 1u, 2u, 7u, 24u, 101u})
        for (const std::uint64_t parts : {1u, 2u, 3u, 8u}) {
            const Replications replications{3, 3, {}};
            std::set<PointIndex> points;
            std::uint64_t units = 0;
            for (std::uint64_t i = 0; i < parts; ++i) {
                const Schedule schedule(cells, replications, {i, parts});
                CHECK(schedule.units() <= 3 * cells / parts + 1);
                CHECK(schedule.units() >= 3 * cells / parts);
                units += schedule.units();
                for (std::uint64_t unit = 0; unit < schedule.units(); ++unit) points.insert(schedule.first_point(unit));
            }
            CHECK(units == 3 * cells);
            CHECK(points.size() == 3 * cells);
            if (cells > 0) CHECK(*points.rbegin() == PointIndex{cells - 1, 2});
        }
}

TEST_CASE("no part has all cells of one value, however often it comes round", "[sweep]") {
    for (const std::uint64_t period : {2u, 4u, 8u, 5u}) {
        const Schedule schedule(8000, {}, {1, 4});
        std::vector<int> of_value(period);
        for (std::uint64_t unit = 0; unit < schedule.units(); ++unit)
            ++of_value[schedule.first_point(unit).cell % period];
        for (const int count : of_value) {
            CHECK(count > 0.8 * 2000 / static_cast<double>(period));
            CHECK(count < 1.2 * 2000 / static_cast<double>(period));
        }
    }
}

TEST_CASE("shards are written as one of so many", "[sweep]") {
    CHECK(shard_part_from("2/8").index == 1);
    CHECK(shard_part_from("2/8").count == 8);
    for (const char* const wrong : {"", "0/8", "9/8", "1", "1/", "1/2/3", "-1/2", "a/b"})
        CHECK_THROWS_AS(shard_part_from(wrong), InputError);
}

TEST_CASE("the interval of the mean is Student's", "[sweep]") {
    // Mean 10, deviation 1, n = 4: half the width is 3.182446 / 2 at 95 %.
    const double deviation = std::sqrt(3.0) / 2; // of four values at +-1 times it
    const std::vector<double> values{10 - deviation, 10 + deviation, 10 - deviation, 10 + deviation};
    CHECK(is_precise_enough({"m", 0.1591224, 0.95}, values));
    CHECK_FALSE(is_precise_enough({"m", 0.1591222, 0.95}, values));
    CHECK_FALSE(is_precise_enough({"m", 1, 0.95}, std::vector<double>{1.0}));
    CHECK_FALSE(is_precise_enough({"m", 1, 0.95}, std::vector<double>{1.0, std::nan("")}));
    CHECK(is_precise_enough({"m", 0, 0.95}, std::vector<double>{0.0, 0.0}));
}
