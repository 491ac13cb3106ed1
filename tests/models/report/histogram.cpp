#include "models/report/histogram.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <vector>

using namespace std::chrono_literals;
using namespace switchyard;

static std::vector<Duration> many_values() {
    std::vector<Duration> values;
    for (std::int64_t i = 0; i < 5'000; ++i) values.emplace_back(i * i * i * 977 + i);
    return values;
}

static DurationHistogram histogram_of(const std::vector<Duration>& values) {
    DurationHistogram histogram;
    for (const Duration value : values) histogram.add(value);
    return histogram;
}

TEST_CASE("an empty histogram has no values and no extremes") {
    const DurationHistogram histogram;
    CHECK(histogram.empty());
    CHECK(histogram.count() == 0);
    CHECK(histogram.values().empty());
    CHECK(histogram.quantile(0.5) == 0s);
    CHECK(histogram.least() == Duration::max());
    CHECK(histogram.most() == Duration::min());
}

TEST_CASE("a few durations are kept as they are, with quantiles by nearest rank") {
    const DurationHistogram histogram = histogram_of({7ms, 1ms, 3ms, 1ms});
    CHECK(histogram.values() == std::vector<std::pair<Duration, std::uint64_t>>{{1ms, 2}, {3ms, 1}, {7ms, 1}});
    CHECK(histogram.quantile(0) == 1ms);
    CHECK(histogram.quantile(0.5) == 1ms); // two of four do not exceed it
    CHECK(histogram.quantile(0.51) == 3ms);
    CHECK(histogram.quantile(0.75) == 3ms);
    CHECK(histogram.quantile(1) == 7ms);
    CHECK(histogram.least() == 1ms);
    CHECK(histogram.most() == 7ms);
}

TEST_CASE("the last that is kept exactly and the first that is not are counted alike") {
    for (const std::size_t size : {DurationHistogram::few, DurationHistogram::few + 1}) {
        DurationHistogram histogram;
        for (std::size_t i = 1; i <= size; ++i) histogram.add(Duration{static_cast<std::int64_t>(i)});
        CHECK(histogram.count() == size);
        CHECK(histogram.values().size() == size); // below 256 ps each value has a bucket of its own
        CHECK(histogram.quantile(1) == Duration{static_cast<std::int64_t>(size)});
    }
}

TEST_CASE("many durations are known within 1/256 of their value, their number and extremes exactly") {
    const std::vector<Duration> values = many_values(); // ascending
    const DurationHistogram histogram = histogram_of(values);
    CHECK(histogram.count() == values.size());
    CHECK(histogram.least() == values.front());
    CHECK(histogram.most() == values.back());
    for (const double share : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
        const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size()) + 0.999);
        const Duration exact = values[rank - 1];
        const Duration error = std::chrono::abs(histogram.quantile(share) - exact);
        CHECK(error * 256 <= exact);
    }
    CHECK(histogram.quantile(0) == values.front());
    CHECK(histogram.quantile(1) <= values.back());
}

TEST_CASE("the order in which durations come makes no difference") {
    std::vector<Duration> values = many_values();
    const DurationHistogram forwards = histogram_of(values);
    std::ranges::reverse(values);
    CHECK(histogram_of(values) == forwards);
    values.pop_back();
    CHECK_FALSE(histogram_of(values) == forwards);
}

TEST_CASE("a duration as long as one can be has a bucket") {
    DurationHistogram histogram;
    histogram.add(Duration::max(), 100);
    histogram.add(Duration::zero(), 100);
    CHECK(histogram.quantile(1) == Duration::max());
    CHECK(histogram.quantile(0.5) == Duration::zero());
}

TEST_CASE("adding one value often is adding it as often") {
    DurationHistogram once, often;
    once.add(4ms, 200);
    for (int i = 0; i < 200; ++i) often.add(4ms);
    CHECK(once == often);
    once.add(4ms, 0);
    CHECK(once == often);
}

TEST_CASE("histograms add up to that of all their values") {
    const std::vector<Duration> values = many_values();
    DurationHistogram sum;
    const auto part = [&](std::ptrdiff_t from, std::ptrdiff_t to) {
        return histogram_of({values.begin() + from, values.begin() + to});
    };
    sum.add(part(0, 30)); // few, then many
    sum.add(part(30, 2'000));
    sum.add(part(2'000, std::ssize(values)));
    sum.add(DurationHistogram{});
    CHECK(sum == histogram_of(values));
    CHECK(sum.least() == values.front());
    CHECK(sum.most() == values.back());
}
