#include "tests/models/says.hpp"
#include "tests/sim/sched/played.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {
ScenarioBuilder feedback(const std::map<std::string, std::string>& parameters) {
    ScenarioBuilder builder("feedback");
    builder.scheduler("mlfq", parameters);
    return builder;
}
} // namespace

TEST_CASE("mlfq: a long task falls level by level, a new one runs before it") {
    ScenarioBuilder builder = feedback({{"quanta", "1s 2s 4s"}, {"boost", "0s"}});
    add(builder, "long", 0s, 10s);
    add(builder, "new", 4s, 2s);
    // `new` preempts `long` at the bottom at once, drops itself, and is still above it.
    CHECK(play(builder).runs() == "long 0-4, new 4-6, long 6-12");
}

TEST_CASE("mlfq: an allotment is used up in pieces, too") {
    ScenarioBuilder builder = feedback({{"quanta", "2s 2s"}, {"boost", "0s"}});
    builder.task("gamer", TaskKind::thread,
                 [](ProgramBuilder& task) { task.repeat(4, [](auto& round) { round.compute(1s).sleep(1ms); }); });
    add(builder, "long", 0s, 4s);
    // Its second second is the last of its allotment: when it comes back at 4.001 s it preempts nobody any more.
    CHECK(play(builder).runs() == "gamer 0-1, long 1-3, gamer 3-4, long 4-6, gamer 6-7, gamer 7.001-8.001");
}

TEST_CASE("mlfq, waiting refills: who waits just before its quantum ends keeps the core from others for ever") {
    const auto gamer_takes = [](const char* refills) {
        ScenarioBuilder builder =
            feedback({{"quanta", "100ms 100ms 100ms"}, {"boost", "0s"}, {"wait_refills", refills}});
        builder.task("gamer", TaskKind::thread, [](ProgramBuilder& task) {
            task.repeat(100, [](auto& round) { round.compute(99ms).sleep(1ms); });
        });
        add(builder, "honest", 0s, 100s);
        return play(builder).report.tasks[0].turnaround.mean();
    };
    CHECK(gamer_takes("yes") < 10200ms); // once it waits for the other to fall
    CHECK(gamer_takes("no") > 19s);
}

TEST_CASE("mlfq: a boost saves who would starve") {
    const auto long_takes = [](const char* boost) {
        ScenarioBuilder builder = feedback({{"quanta", "1s 1s"}, {"boost", boost}});
        add(builder, "long", 0s, 3s); // falls, and is overtaken again and again
        for (int i = 0; i < 10; ++i) add(builder, fmt::format("short{}", i), 1s + i * 1s, 1s);
        return play(builder).report.tasks[0].turnaround.mean();
    };
    CHECK(long_takes("0s") == 13s);
    CHECK(long_takes("4s") < 13s);
}

TEST_CASE("mlfq: a preempted task keeps the head of its level and the rest of its quantum") {
    ScenarioBuilder builder = feedback({{"quanta", "1s 4s"}, {"boost", "0s"}});
    add(builder, "A", 0s, 6s);
    add(builder, "B", 0s, 6s);
    add(builder, "C", 4s, 1s);
    CHECK(play(builder).runs() == "A 0-1, B 1-2, A 2-4, C 4-5, A 5-7, B 7-11, A 11-12, B 12-13");
}

TEST_CASE("mlfq: boosts do not hide a deadlock") {
    ScenarioBuilder builder = feedback({{"boost", "1s"}});
    builder.semaphore("never");
    builder.task("waits", TaskKind::thread, [](ProgramBuilder& task) { task.compute(2500ms).acquire("never"); });
    const Played played = play(builder);
    CHECK(played.report.outcome == Outcome::deadlocked);
}

TEST_CASE("mlfq: levels and allotments have to match") {
    ScenarioBuilder builder = feedback({{"quanta", "1s 2s 4s"}, {"allotments", "1 2"}});
    add(builder, "A", 0s, 1s);
    CHECK_THROWS_MATCHES(play(builder), InputError, says("3 levels (quanta) and 2 allotments"));
}
