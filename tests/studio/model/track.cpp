#include "studio/model/track.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <random>

using namespace switchyard;
using namespace switchyard::studio;
using namespace std::chrono_literals;

namespace {

Time at(Duration time) { return Time{time}; }

// Running for 1 us, ready for 3 us, again and again.
Track alternating(int times) {
    Track track;
    for (int i = 0; i < times; ++i) {
        track.add(at(i * 4us), Tag(Activity::running, static_cast<std::uint32_t>(i)));
        track.add(at(i * 4us + 1us), Tag(Activity::ready));
    }
    track.finish(at(times * 4us));
    return track;
}

std::vector<Span> seen(const Track& track, const View& view) {
    std::vector<Span> spans;
    track.spans(view, spans);
    return spans;
}

} // namespace

TEST_CASE("intervals at least a pixel wide are shown as they are") {
    const Track track = alternating(2);
    CHECK(track.size() == 4);
    CHECK(seen(track, {at(0us), at(8us), 80}) == std::vector<Span>{{0, 10, Tag(Activity::running, 0), 0, 1},
                                                                   {10, 40, Tag(Activity::ready), 1, 1},
                                                                   {40, 50, Tag(Activity::running, 1), 2, 1},
                                                                   {50, 80, Tag(Activity::ready), 3, 1}});
    // Part of it: what reaches beyond the view ends with it.
    CHECK(seen(track, {at(2us), at(5us), 30}) ==
          std::vector<Span>{{0, 20, Tag(Activity::ready), 1, 1}, {20, 30, Tag(Activity::running, 1), 2, 1}});
    CHECK(seen(track, {at(8us), at(9us), 30}).empty());
    CHECK(seen(track, {at(5us), at(5us), 30}).empty());
}

TEST_CASE("what is narrower than a pixel is folded: the longest is shown, and none is lost") {
    const Track track = alternating(1000);
    const std::vector<Span> spans = seen(track, {at(0us), at(4000us), 100});
    REQUIRE(spans.size() == 100);
    std::uint32_t intervals = 0;
    for (const Span& span : spans) {
        CHECK(span.tag == Tag(Activity::ready)); // three times as long as the others
        CHECK(span.to - span.from == 1);
        intervals += span.intervals;
    }
    CHECK(intervals == 2000);
}

TEST_CASE("whatever is seen, every interval of the view that says something is in one span, from left to right") {
    std::mt19937 random(7); // its sequence is the standard's
    Track track;
    std::int64_t now = 0;
    for (int i = 0; i < 5000; ++i) {
        const auto activity = static_cast<Activity>(random() % activities);
        track.add(Time{Duration{now}}, Tag(activity, static_cast<std::uint32_t>(random() % 5)));
        now += static_cast<std::int64_t>(random() % 3 == 0 ? random() % 100'000 : random() % 100 + 1);
    }
    track.finish(Time{Duration{now}});
    for (int round = 0; round < 200; ++round) {
        CAPTURE(round);
        const auto one = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(now));
        const auto other = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(now));
        const View view{Time{Duration{std::min(one, other)}}, Time{Duration{std::max(one, other) + 1}},
                        static_cast<std::int32_t>(random() % 2000 + 1)};
        std::uint64_t expected = 0;
        for (IntervalIndex i = 0; i < track.size(); ++i) {
            const Interval interval = track.interval(i);
            if (interval.tag.says_something() && interval.begin < view.end && interval.end > view.begin) ++expected;
        }
        std::uint64_t found = 0;
        float right = 0;
        for (const Span& span : seen(track, view)) {
            found += span.intervals;
            CHECK(span.from >= right - 1); // what straddles two pixels is shown in the first
            CHECK(span.to > span.from);
            CHECK(span.tag == track.interval(span.first).tag);
            right = span.to;
        }
        CHECK(found == expected);
    }
}

TEST_CASE("what follows at the same instant takes the place of what was, and what says the same goes on") {
    Track track;
    track.add(at(0us), Tag(Activity::ready));
    track.add(at(5us), Tag(Activity::blocked));
    track.add(at(5us), Tag(Activity::ready));
    track.add(at(9us), Tag(Activity::running, 1));
    track.finish(at(10us));
    REQUIRE(track.size() == 2);
    CHECK(track.interval(0) == Interval{at(0us), at(9us), Tag(Activity::ready)});
    CHECK(track.at(at(8us)) == 0);
    CHECK(track.at(at(9us)) == 1);
    CHECK(track.at(at(99us)) == 1);
}

TEST_CASE("time between two instants is told by activity") {
    const Track track = alternating(10);
    const auto time = track.time_between(at(500ns), at(8us + 500ns));
    CHECK(time[static_cast<std::size_t>(Activity::running)] == 2us);
    CHECK(time[static_cast<std::size_t>(Activity::ready)] == 6us);
}
