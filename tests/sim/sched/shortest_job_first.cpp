#include "tests/sim/sched/played.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

TEST_CASE("sjf: the shortest next burst goes first, equal ones in the order they came, nobody is preempted") {
    ScenarioBuilder builder("sjf");
    builder.scheduler("sjf");
    add(builder, "A", 0s, 5s);
    add(builder, "B", 1s, 3s);
    add(builder, "C", 1s, 2s);
    add(builder, "D", 2s, 2s);
    CHECK(play(builder).runs() == "A 0-5, C 5-7, D 7-9, B 9-12");
}

TEST_CASE("sjf looks at the next burst, not at all the work there will be") {
    ScenarioBuilder builder("bursts");
    builder.scheduler("sjf");
    add(builder, "first", 0s, 1s);
    builder.task("talker", TaskKind::thread,
                 [](ProgramBuilder& task) { task.repeat(3, [](auto& round) { round.compute(2s).sleep(1s); }); });
    add(builder, "long", 0s, 3s);
    CHECK(play(builder).runs() == "first 0-1, talker 1-3, long 3-6, talker 6-8, talker 9-11");
}

TEST_CASE("srtf: what counts is what is left, also of the one that runs") {
    ScenarioBuilder builder("srtf");
    builder.scheduler("srtf");
    add(builder, "A", 0s, 8s);
    add(builder, "B", 1s, 4s);
    add(builder, "C", 2s, 9s);
    add(builder, "D", 3s, 5s);
    // Silberschatz, Galvin and Gagne's example.
    CHECK(play(builder).runs() == "A 0-1, B 1-5, D 5-10, A 10-17, C 17-26");

    ScenarioBuilder late("late");
    late.scheduler("srtf");
    add(late, "A", 0s, 10s);
    add(late, "B", 8s, 5s); // less than A's 10 s, more than the 2 s it has left
    add(late, "C", 9s, 1s); // as much as A has left
    CHECK(play(late).runs() == "A 0-10, C 10-11, B 11-16");
}

TEST_CASE("srtf preempts the task with most left of those that run") {
    ScenarioBuilder builder("two cores");
    builder.cores(2).scheduler("srtf");
    add(builder, "A", 0s, 10s);
    add(builder, "B", 0s, 20s);
    add(builder, "C", 1s, 3s);
    const Played played = play(builder);
    CHECK(played.runs(0) == "A 0-10");
    CHECK(played.runs(1) == "B 0-1, C 1-4, B 4-23");
}
