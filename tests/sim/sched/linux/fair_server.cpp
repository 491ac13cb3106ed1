// The fair server of Linux 6.12: 50 ms a second for fair tasks that real-time tasks would starve.
#include "tests/sim/sched/linux/tasks.hpp"
#include "tests/sim/sched/linux/timeline.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

TEST_CASE("Beside a SCHED_FIFO hog fair tasks have 50 ms a second, the first at the last moment it is possible") {
    const Timeline timeline = play(on_linux()
                                       .task("hog", TaskKind::thread, computes(10s), fifo(50))
                                       .task("fair", TaskKind::thread, computes(400ms), normal())
                                       .build());
    CHECK(timeline.of("fair").front() == Run{"fair", 950ms, 1000ms, 0});
    for (int second = 0; second < 8; ++second)
        CHECK(timeline.of("fair")[static_cast<std::size_t>(second)] ==
              Run{"fair", (second * 1000 + 950) * 1ms, (second * 1000 + 1000) * 1ms, 0});
}

TEST_CASE("Several fair tasks share what their server gives them") {
    const Timeline timeline = play(on_linux()
                                       .task("hog", TaskKind::thread, computes(10s), fifo(50))
                                       .task("A", TaskKind::thread, computes(1s), normal())
                                       .task("B", TaskKind::thread, computes(1s), normal())
                                       .build());
    const Duration a = timeline.ran("A", 0s, 10s);
    const Duration b = timeline.ran("B", 0s, 10s);
    CHECK(a + b == 500ms);
    CHECK(a >= 200ms);
    CHECK(b >= 200ms);
}

TEST_CASE("Fair tasks that get their share without their server do not call for it") {
    // The real-time task leaves half of every 100 ms.
    const Timeline timeline = play(on_linux()
                                       .task("rt", TaskKind::thread,
                                             [](auto& task) {
                                                 task.repeat(50, [](auto& body) { body.compute(50ms).sleep(50ms); });
                                             },
                                             fifo(50))
                                       .task("fair", TaskKind::thread, computes(2s), normal())
                                       .build());
    for (const Run& run : timeline.of("rt")) CHECK(run.until - run.from == 50ms);
    CHECK(timeline.of("rt").size() == 50);
}

TEST_CASE("The server competes by its deadline with deadline tasks") {
    const Timeline timeline = play(on_linux()
                                       .hz(1000)
                                       .task("D", TaskKind::thread, computes(5s), reserved(90ms, 100ms))
                                       .task("rt", TaskKind::thread, computes(5s), fifo(50))
                                       .task("fair", TaskKind::thread, computes(5s), normal())
                                       .build());
    // Due a second after it begins: behind the deadline task, ahead of the real-time one.
    for (int i = 0; i < 20; ++i) CHECK(timeline.ran("D", i * 100ms, (i + 1) * 100ms) == 90ms);
    CHECK(timeline.ran("fair", 0ms, 950ms) == 0ms);
    CHECK(timeline.ran("fair", 950ms, 1950ms) == 50ms);
}

TEST_CASE("Without a fair server and without throttling, a hog starves everybody") {
    const Timeline timeline = play(on_linux(1, {{"fair_server", "no"}, {"rt_runtime", "1s"}})
                                       .task("hog", TaskKind::thread, computes(10s), fifo(50))
                                       .task("fair", TaskKind::thread, computes(1s), normal())
                                       .build());
    CHECK(timeline.order() == "hog fair");
}

TEST_CASE("Where only fair tasks are, their server changes nothing and costs nothing") {
    const auto hogs = [](const char* server) {
        return play(on_linux(2, {{"fair_server", server}})
                        .task("A", TaskKind::thread, computes(3s), normal())
                        .task("B", TaskKind::thread, computes(3s), normal())
                        .task("C", TaskKind::thread, computes(3s), normal())
                        .build());
    };
    CHECK(hogs("yes").runs == hogs("no").runs);
}
