// SCHED_FIFO and SCHED_RR as sched(7) describes them.
#include "tests/sim/sched/linux/tasks.hpp"
#include "tests/sim/sched/linux/timeline.hpp"

#include <catch2/catch_test_macros.hpp>
#include <set>

using namespace switchyard;
using namespace std::chrono_literals;

TEST_CASE("Real-time tasks run in the order of their priorities, whatever order they come in") {
    const Timeline timeline = play(on_linux()
                                       .task("low", TaskKind::thread, computes(10ms), fifo(1))
                                       .task("high", TaskKind::thread, computes(10ms), rr(99))
                                       .task("middle", TaskKind::thread, computes(10ms), fifo(50))
                                       .build());
    CHECK(timeline.order() == "high middle low");
    CHECK(timeline.report.makespan == 30ms);
}

TEST_CASE("A task of higher priority has the core at once; the other goes on before its equals when that is over") {
    const Timeline timeline = play(on_linux()
                                       .task("A", TaskKind::thread, computes(10ms), fifo(10))
                                       .task("B", TaskKind::thread, computes(10ms), fifo(10))
                                       .task("X", TaskKind::thread, computes(1ms), fifo(11, 3300us))
                                       .build());
    CHECK(timeline.order() == "A X A B");
    CHECK(timeline.of("X") == std::vector<Run>{{"X", 3300us, 4300us, 0}});
    CHECK(timeline.of("B").front().from == 11ms);
}

TEST_CASE("SCHED_FIFO never rotates; equals wait for the end, a yield lets them go first") {
    CHECK(play(on_linux()
                   .task("A", TaskKind::thread, computes(700ms), fifo(10))
                   .task("B", TaskKind::thread, computes(700ms), fifo(10))
                   .build())
              .order() == "A B");
    CHECK(play(on_linux()
                   .task("A", TaskKind::thread, [](auto& task) { task.compute(5ms).yield().compute(5ms); }, fifo(10))
                   .task("B", TaskKind::thread, computes(5ms), fifo(10))
                   .task("low", TaskKind::thread, computes(5ms), fifo(9))
                   .build())
              .order() == "A B A low");
}

TEST_CASE("SCHED_RR rotates among equals every 100 ms, which are counted in ticks") {
    const Timeline timeline = play(on_linux()
                                       .task("A", TaskKind::thread, computes(250ms), rr(10))
                                       .task("B", TaskKind::thread, computes(250ms), rr(10))
                                       .build());
    CHECK(timeline.runs == std::vector<Run>{{"A", 0ms, 100ms, 0},
                                            {"B", 100ms, 200ms, 0},
                                            {"A", 200ms, 300ms, 0},
                                            {"B", 300ms, 400ms, 0},
                                            {"A", 400ms, 450ms, 0},
                                            {"B", 450ms, 500ms, 0}});
    // 10 ms is three ticks of 4 ms; who begins between two ticks is counted from the first of them on.
    const Timeline short_slices = play(on_linux(1, {{"rr_slice", "10ms"}})
                                           .task("A", TaskKind::thread, computes(20ms), rr(10, 1ms))
                                           .task("B", TaskKind::thread, computes(20ms), rr(10, 1ms))
                                           .build());
    CHECK(short_slices.runs[0] == Run{"A", 1ms, 12ms, 0});
    CHECK(short_slices.runs[1] == Run{"B", 12ms, 24ms, 0});
    // Without ticks a slice is exact.
    const Timeline exact = play(on_linux(1, {{"rr_slice", "10ms"}})
                                    .hz(0)
                                    .task("A", TaskKind::thread, computes(20ms), rr(10, 1ms))
                                    .task("B", TaskKind::thread, computes(20ms), rr(10, 1ms))
                                    .build());
    CHECK(exact.runs[0] == Run{"A", 1ms, 11ms, 0});
    CHECK(exact.runs[1] == Run{"B", 11ms, 21ms, 0});
}

TEST_CASE("What is left of a slice is kept over a sleep and over a preemption") {
    const Timeline timeline = play(on_linux()
                                       .task("A", TaskKind::thread,
                                             [](auto& task) { task.compute(60ms).sleep(20ms).compute(200ms); }, rr(10))
                                       .task("B", TaskKind::thread, computes(400ms), rr(10))
                                       .task("X", TaskKind::thread, computes(4ms), fifo(20, 300ms))
                                       .build());
    CHECK(timeline.runs[0] == Run{"A", 0ms, 60ms, 0});
    CHECK(timeline.runs[1] == Run{"B", 60ms, 160ms, 0});
    CHECK(timeline.runs[2] == Run{"A", 160ms, 200ms, 0}); // 40 ms of its first slice were left
    CHECK(timeline.runs[3] == Run{"B", 200ms, 300ms, 0});
    CHECK(timeline.runs[4] == Run{"X", 300ms, 304ms, 0});
}

TEST_CASE("A lone SCHED_RR task goes on slice after slice; who joins it waits for the end of the one in progress") {
    const Timeline timeline = play(on_linux()
                                       .task("A", TaskKind::thread, computes(900ms), rr(10))
                                       .task("B", TaskKind::thread, computes(900ms), rr(10, 730ms))
                                       .build());
    CHECK(timeline.runs[0] == Run{"A", 0ms, 800ms, 0});
    CHECK(timeline.runs[1] == Run{"B", 800ms, 900ms, 0});
    CHECK(timeline.report.counters.dispatches <= 12);
}

TEST_CASE("Who has to wait where it wakes is pushed to a core whose task is less urgent: the m most urgent run") {
    const auto seconds = [](auto& task) { task.compute(1s); };
    const Timeline timeline = play(on_linux(2, {{"fair_server", "no"}, {"rt_runtime", "1s"}})
                                       .task("p10", TaskKind::thread, seconds, fifo(10))
                                       .task("p20", TaskKind::thread, seconds, fifo(20))
                                       .task("p30", TaskKind::thread, seconds, fifo(30, 100ms))
                                       .task("p40", TaskKind::thread, seconds, fifo(40, 200ms))
                                       .build());
    const auto running = [&](Duration at) { return std::set<std::string>{timeline.at(at, 0), timeline.at(at, 1)}; };
    CHECK(running(50ms) == std::set<std::string>{"p10", "p20"});
    CHECK(running(150ms) == std::set<std::string>{"p20", "p30"});
    CHECK(running(250ms) == std::set<std::string>{"p30", "p40"});
    CHECK(running(1150ms) == std::set<std::string>{"p20", "p40"}); // pulled as soon as a core is free
    CHECK(timeline.report.makespan == 2100ms);
}

TEST_CASE("Four cores: at every instant the four most urgent of seven run") {
    ScenarioBuilder scenario = on_linux(4, {{"fair_server", "no"}, {"rt_runtime", "1s"}});
    for (int i = 1; i <= 7; ++i)
        scenario.task("p" + std::to_string(i), TaskKind::thread, computes(100ms), fifo(i, (7 - i) * 10ms));
    const Timeline timeline = play(scenario.build());
    // They come from the most urgent one down, so nobody is ever taken off.
    for (int i = 4; i <= 7; ++i) CHECK(timeline.of("p" + std::to_string(i)).size() == 1);
    for (int i = 1; i <= 3; ++i)
        CHECK(timeline.of("p" + std::to_string(i)).front().from == 100ms + (3 - i) * 10ms);
    CHECK(timeline.report.makespan == 220ms);
}

TEST_CASE("Pinned real-time tasks stay where they are, and a migratable one makes way for its pinned equal") {
    const Timeline timeline = play(on_linux(2, {{"fair_server", "no"}, {"rt_runtime", "1s"}})
                                       .task("free", TaskKind::thread, computes(100ms), fifo(10))
                                       .task("pinned", TaskKind::thread, computes(100ms), fifo(10, 20ms, {0}))
                                       .build());
    CHECK(timeline.of("pinned") == std::vector<Run>{{"pinned", 20ms, 120ms, 0}});
    CHECK(timeline.of("free") == std::vector<Run>{{"free", 0ms, 20ms, 0}, {"free", 20ms, 100ms, 1}});
    const Timeline both = play(on_linux(2, {{"fair_server", "no"}, {"rt_runtime", "1s"}})
                                   .task("A", TaskKind::thread, computes(100ms), fifo(10, 0ms, {1}))
                                   .task("B", TaskKind::thread, computes(100ms), fifo(10, 0ms, {1}))
                                   .build());
    CHECK(both.report.makespan == 200ms);
    CHECK(both.on(0).empty());
}

TEST_CASE("RT throttling, before 6.12: 950 ms in every second on each core, whether or not somebody else is there") {
    const Timeline alone = play(on_linux(1, {{"fair_server", "no"}})
                                    .hz(1000)
                                    .task("hog", TaskKind::thread, computes(2s), fifo(50))
                                    .build());
    CHECK(alone.runs == std::vector<Run>{{"hog", 0ms, 950ms, 0}, {"hog", 1s, 1950ms, 0}, {"hog", 2s, 2100ms, 0}});
    const Timeline beside = play(on_linux(1, {{"fair_server", "no"}})
                                     .hz(1000)
                                     .task("hog", TaskKind::thread, computes(10s), fifo(50))
                                     .task("fair", TaskKind::thread, computes(10s), normal())
                                     .build());
    for (int second = 0; second < 10; ++second)
        CHECK(beside.ran("fair", second * 1s, (second + 1) * 1s) == 50ms);
}

TEST_CASE("A running real-time task, alone or the most urgent, costs no events") {
    const Timeline timeline = play(on_linux(2)
                                       .task("A", TaskKind::thread, computes(1000s), rr(10))
                                       .task("B", TaskKind::thread, computes(1000s), fifo(20))
                                       .build());
    CHECK(timeline.report.counters.dispatches == 2);
}
