#include "studio/model/timeline.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::studio;
using namespace std::chrono_literals;

namespace {

struct Written {
    Trace trace;
    void add(Duration at, EventKind kind, TaskId task, std::uint16_t core = no_core, TaskId other = no_task,
             std::uint8_t detail = 0, std::int64_t value = 0) {
        TraceEvent event;
        event.time = Time{at};
        event.value = value;
        event.task = task;
        event.other = other;
        event.core = core;
        event.kind = kind;
        event.detail = detail;
        trace.events.push_back(event);
    }
};

constexpr auto stop(Stop why) { return static_cast<std::uint8_t>(why); }

// Two threads of one core: A runs 10 us and wakes B meanwhile, a switch of 2 us, B runs 10 us.
Trace two_threads() {
    Written run;
    run.trace.cores = 1;
    run.trace.tasks = {{"A", 0, false}, {"B", 0, false}};
    run.add(0us, EventKind::ready, 0);
    run.add(0us, EventKind::running, 0, 0);
    run.add(4us, EventKind::ready, 1, no_core, 0);
    run.add(10us, EventKind::stopped, 0, 0, no_task, stop(Stop::blocked));
    run.add(10us, EventKind::overhead, no_task, 0, no_task, static_cast<std::uint8_t>(Overhead::switching), 2'000'000);
    run.add(12us, EventKind::running, 1, 0);
    run.add(22us, EventKind::stopped, 1, 0, no_task, stop(Stop::ended));
    run.add(22us, EventKind::ended, 1);
    return run.trace;
}

std::vector<Interval> intervals(const Track& track) {
    std::vector<Interval> all;
    for (IntervalIndex i = 0; i < track.size(); ++i) all.push_back(track.interval(i));
    return all;
}

} // namespace

TEST_CASE("a core's track says who runs and what it does besides, a task's what it is doing") {
    const std::optional<Timeline> timeline = make_timeline(two_threads());
    REQUIRE(timeline);
    CHECK(intervals(timeline->cores[0]) == std::vector<Interval>{
                                               {Time{0us}, Time{10us}, Tag(Activity::running, 0)},
                                               {Time{10us}, Time{12us}, Tag(Activity::switching)},
                                               {Time{12us}, Time{22us}, Tag(Activity::running, 1)},
                                           });
    CHECK(intervals(timeline->tasks[0]) == std::vector<Interval>{{Time{0us}, Time{10us}, Tag(Activity::running, 0)},
                                                                 {Time{10us}, Time{22us}, Tag(Activity::blocked)}});
    CHECK(intervals(timeline->tasks[1]) == std::vector<Interval>{{Time{0us}, Time{4us}, Tag()},
                                                                 {Time{4us}, Time{12us}, Tag(Activity::ready)},
                                                                 {Time{12us}, Time{22us}, Tag(Activity::running, 0)}});
    CHECK(timeline->arrows == std::vector<Arrow>{{Time{4us}, Time{12us}, 0, 1}});
    CHECK(timeline->ready.at(Time{5us}) == 1);
    CHECK(timeline->ready.at(Time{13us}) == 0);
    CHECK(timeline->marks == std::vector<Mark>{{Time{22us}, 1, 7}});
    CHECK(timeline->end == Time{22us});
}

TEST_CASE("a carried task is on its thread's core while it is resumed, and in its thread's state without one") {
    Written run;
    run.trace.cores = 1;
    run.trace.tasks = {{"loop", 0, false}, {"C", 0, true}};
    run.add(0us, EventKind::ready, 0);
    run.add(0us, EventKind::running, 0, 0);
    run.add(1us, EventKind::resumed, 1, 0, 0);
    run.add(3us, EventKind::stopped, 0, 0, no_task, stop(Stop::preempted));
    run.add(5us, EventKind::running, 0, 0);
    run.add(7us, EventKind::suspended, 1, 0, 0);
    run.add(8us, EventKind::stopped, 0, 0, no_task, stop(Stop::ended));
    const std::optional<Timeline> timeline = make_timeline(run.trace);
    REQUIRE(timeline);
    CHECK(intervals(timeline->cores[0]) == std::vector<Interval>{{Time{0us}, Time{1us}, Tag(Activity::running, 0)},
                                                                 {Time{1us}, Time{3us}, Tag(Activity::running, 1)},
                                                                 {Time{3us}, Time{5us}, Tag()},
                                                                 {Time{5us}, Time{7us}, Tag(Activity::running, 1)},
                                                                 {Time{7us}, Time{8us}, Tag(Activity::running, 0)}});
    CHECK(intervals(timeline->tasks[1]) == std::vector<Interval>{{Time{0us}, Time{1us}, Tag()},
                                                                 {Time{1us}, Time{3us}, Tag(Activity::running, 0)},
                                                                 {Time{3us}, Time{5us}, Tag(Activity::ready)},
                                                                 {Time{5us}, Time{7us}, Tag(Activity::running, 0)},
                                                                 {Time{7us}, Time{8us}, Tag(Activity::suspended)}});
}

TEST_CASE("making a timeline can be stopped") {
    std::stop_source stop;
    stop.request_stop();
    CHECK_FALSE(make_timeline(two_threads(), stop.get_token()));
}
