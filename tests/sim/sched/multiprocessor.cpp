#include "sim/sched/warm_cache.hpp"
#include "tests/models/says.hpp"
#include "tests/sim/sched/played.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {
ScenarioBuilder machine(std::map<std::string, std::string> parameters) {
    parameters.emplace("tick", "1s");
    parameters.emplace("slice", "4s");
    parameters.emplace("peek", "0s");
    ScenarioBuilder builder("machine");
    builder.cores(2).scheduler("multiprocessor_rr", parameters);
    return builder;
}
} // namespace

TEST_CASE("multiprocessor_rr: all cores are interrupted together, free ones fetch in between") {
    ScenarioBuilder builder = machine({});
    add(builder, "A", 0s, 6s);
    add(builder, "B", 0s, 3s);
    add(builder, "C", 0s, 6s);
    const Played played = play(builder);
    CHECK(played.runs(0) == "A 0-6, C 8-9"); // at 8 s everybody starts anew from the first core
    CHECK(played.runs(1) == "B 0-3, C 3-8");
}

TEST_CASE("multiprocessor_rr: a task that is done within a tick keeps its core until the tick is over") {
    ScenarioBuilder builder = machine({});
    builder.cores(1);
    add(builder, "A", 0s, 500ms);
    add(builder, "B", 0s, 1s);
    CHECK(play(builder).runs() == "A 0-0.5, B 1-2");
}

TEST_CASE("multiprocessor_rr: with a queue per core a core idles beside another's queue, unless it steals") {
    const auto makespan = [](const char* peek) {
        ScenarioBuilder builder = machine({{"queues", "per_core"}, {"peek", peek}});
        for (const char* name : {"A", "B", "C", "D"}) // dealt in turn: A and C, B and D
            add(builder, name, 0s, *name == 'A' || *name == 'C' ? 8s : 1s);
        return play(builder).report.makespan;
    };
    CHECK(makespan("0s") == 16s);
    CHECK(makespan("4s") < 16s);
}

TEST_CASE("multiprocessor_rr: a task bound to its core is not stolen") {
    ScenarioBuilder builder = machine({{"queues", "per_core"}, {"peek", "1s"}});
    for (const char* name : {"A", "B"})
        builder.task(
            name, TaskKind::thread, [](ProgramBuilder& task) { task.compute(8s); },
            [](TaskTemplate& task) { task.cores = {0}; });
    CHECK(play(builder).report.makespan == 16s);
}

TEST_CASE("multiprocessor_rr: a warm task works faster, a cold one does not get warm in a cache too small for it") {
    const auto makespan = [](Bytes working_set) {
        ScenarioBuilder builder = machine({{"cache", "100B"}, {"warm_up", "2s"}, {"warm_rate", "4"}});
        add(builder, "A", 0s, 10s, [&](Scheduling& scheduling) { scheduling.working_set = working_set; });
        return play(builder).report.makespan;
    };
    CHECK(makespan(Bytes{100}) == 4s); // two cold, and 8 s of work at four times the speed
    CHECK(makespan(Bytes{101}) == 10s);
}

TEST_CASE("WarmCache: what became warm first goes first, however recently it was used") {
    sim::WarmCache cache(Bytes{100}, 1);
    for (const TaskId task : {0U, 1U}) cache.place(task, Bytes{50}), cache.tick(task);
    cache.place(0, Bytes{50});
    cache.tick(0); // used again
    cache.place(2, Bytes{50});
    cache.tick(2);
    CHECK_FALSE(cache.is_warm(0));
    CHECK(cache.is_warm(1));
    CHECK(cache.is_warm(2));
}

TEST_CASE("multiprocessor_rr: slices and peeks are whole numbers of ticks") {
    ScenarioBuilder builder = machine({{"peek", "1500ms"}});
    add(builder, "A", 0s, 1s);
    CHECK_THROWS_MATCHES(play(builder), InputError, says("peek: it is to be a multiple of the tick, 1 s"));
}
