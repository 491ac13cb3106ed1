#include "studio/model/series.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <random>

using namespace switchyard;
using namespace switchyard::studio;
using namespace std::chrono_literals;

TEST_CASE("a pixel of a series has the least and the most the figure was in it") {
    Series series;
    for (int i = 0; i < 100; ++i) series.add(Time{i * 1us}, i % 10);
    series.finish();
    std::vector<Column> columns;
    series.columns({Time{0us}, Time{100us}, 10}, columns);
    CHECK(columns == std::vector<Column>(10, Column{0, 9}));
    series.columns({Time{3us}, Time{5us}, 2}, columns);
    CHECK(columns == std::vector<Column>{{3, 3}, {4, 4}});
    CHECK(series.at(Time{12us + 500ns}) == 2);
    CHECK(series.at(Time{-1us}) == 0);
    CHECK(series.most() == 9);
}

TEST_CASE("no step of a series is lost, however many fall into a pixel") {
    std::mt19937 random(11);
    Series series;
    std::vector<std::pair<Time, std::int64_t>> steps;
    std::int64_t now = 0;
    for (int i = 0; i < 3000; ++i) {
        now += static_cast<std::int64_t>(random() % 1000) + 1;
        steps.emplace_back(Time{Duration{now}}, static_cast<std::int64_t>(random() % 1000));
        series.add(steps.back().first, steps.back().second);
    }
    series.finish();
    for (const std::int32_t pixels : {1, 7, 300, 5000}) {
        const View view{Time{}, Time{Duration{now + 1}}, pixels};
        std::vector<Column> columns;
        series.columns(view, columns);
        REQUIRE(columns.size() == static_cast<std::size_t>(pixels));
        for (std::int32_t pixel = 0; pixel < pixels; ++pixel) {
            const Time begin = view.time_of(pixel), end = view.time_of(pixel + 1);
            Column expected{series.at(begin), series.at(begin)};
            for (const auto& [time, value] : steps)
                if (time > begin && time < end)
                    expected = {std::min(expected.least, value), std::max(expected.most, value)};
            CHECK(columns[static_cast<std::size_t>(pixel)] == expected);
        }
    }
}
