#include "models/trace/digest.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

static TraceEvent event(Duration at, TaskId task, EventKind kind, Stop why = Stop::preempted, std::uint16_t core = 0) {
    return {Time{at}, 0, task, no_task, core, kind, static_cast<std::uint8_t>(why), 0};
}

// A computes from 0 to 10 ms but for 4 to 6 ms, when B has its core; B becomes ready at 2 ms and ends at 6 ms.
static Trace two_tasks() {
    Trace trace;
    trace.tasks = {{"A", 0, false}, {"B", 1, false}};
    trace.cores = 1;
    trace.events = {
        event(0ms, 0, EventKind::ready),
        event(0ms, 0, EventKind::running),
        event(2ms, 1, EventKind::ready),
        event(4ms, 0, EventKind::stopped),
        event(4ms, 1, EventKind::running),
        event(6ms, 1, EventKind::stopped, Stop::ended),
        event(6ms, 1, EventKind::ended),
        event(6ms, 0, EventKind::running),
        event(10ms, 0, EventKind::stopped, Stop::ended),
        event(10ms, 0, EventKind::ended),
    };
    return trace;
}

TEST_CASE("the common window is from the last task's being ready to the first one's end") {
    const Trace trace = two_tasks();
    const std::array<TaskId, 2> both{0, 1};
    const auto window = common_window(trace, both);
    REQUIRE(window.has_value());
    CHECK(window->begin == Time{2ms});
    CHECK(window->end == Time{6ms});
    const auto figures = digest(trace, window);
    CHECK(figures[0].window_cpu == 2ms);
    CHECK(figures[1].window_cpu == 2ms);
    CHECK(figures[0].run_length.values() == std::vector<std::pair<Duration, std::uint64_t>>{{4ms, 2}});
    CHECK(figures[0].involuntary_switches == 1);
    CHECK(figures[0].voluntary_switches == 1);
}

TEST_CASE("tasks that are never there together have no window") {
    Trace trace = two_tasks();
    trace.tasks.push_back({"C", 2, false});
    const std::array<TaskId, 3> all{0, 1, 2};
    CHECK_FALSE(common_window(trace, all).has_value()); // C never begins
    trace.events.push_back(event(11ms, 2, EventKind::ready));
    CHECK_FALSE(common_window(trace, all).has_value()); // the others have ended
    CHECK_FALSE(common_window(trace, {}).has_value());
    CHECK(digest(trace, std::nullopt)[0].window_cpu == 0ms);
}

TEST_CASE("a task that stops and goes on at once on its core has not been switched") {
    Trace trace;
    trace.tasks = {{"A", 0, false}};
    trace.events = {event(0ms, 0, EventKind::ready),
                    event(0ms, 0, EventKind::running),
                    event(3ms, 0, EventKind::stopped, Stop::yielded),
                    event(3ms, 0, EventKind::running),
                    event(5ms, 0, EventKind::stopped, Stop::blocked),
                    event(7ms, 0, EventKind::ready),
                    event(8ms, 0, EventKind::running),
                    event(9ms, 0, EventKind::stopped, Stop::ended)};
    const TaskDigest figures = digest(trace, std::nullopt)[0];
    CHECK(figures.run_length.values() == std::vector<std::pair<Duration, std::uint64_t>>{{1ms, 1}, {5ms, 1}});
    CHECK(figures.involuntary_switches == 0);
    CHECK(figures.voluntary_switches == 2);
    CHECK(figures.wake_ups == 1);
    CHECK(figures.wake_up_latency.values() == std::vector<std::pair<Duration, std::uint64_t>>{{1ms, 1}});
}

TEST_CASE("a task that still runs at the end of the trace has had its time in the window") {
    Trace trace = two_tasks();
    trace.events.resize(8);
    trace.events.push_back(event(9ms, 1, EventKind::ready));
    CHECK(digest(trace, TraceWindow{Time{0ms}, Time{8ms}})[0].window_cpu == 6ms);
}
