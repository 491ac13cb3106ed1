#include "sim/sched/task_set.hpp"
#include "tests/sim/sched/played.hpp"

#include <catch2/catch_test_macros.hpp>
#include <random>
#include <set>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {
std::string three_tasks(const std::map<std::string, std::string>& parameters) {
    ScenarioBuilder builder("multiprogramming");
    builder.scheduler("multiprogramming", parameters);
    add(builder, "A", 0s, 2s);
    builder.task("B", TaskKind::thread, [](ProgramBuilder& task) { task.compute(1s).sleep(2s).compute(1s); });
    add(builder, "C", 0s, 4s);
    return play(builder).runs();
}
} // namespace

TEST_CASE("multiprogramming: the core goes to another while one waits; the woken one waits for its turn") {
    CHECK(three_tasks({}) == "A 0-2, B 2-3, C 3-7, B 7-8");
}

TEST_CASE("multiprogramming: the woken one may have the core at once") {
    CHECK(three_tasks({{"woken", "at_once"}}) == "A 0-2, B 2-3, C 3-5, B 5-6, C 6-8");
}

TEST_CASE("Before multiprogramming the core waits along") {
    CHECK(three_tasks({{"switch_on", "end"}}) == "A 0-2, B 2-3, B 5-6, C 6-10");
}

TEST_CASE("multiprogramming goes round: after the last the first, whoever is ready") {
    ScenarioBuilder builder("cyclic");
    builder.scheduler("multiprogramming");
    for (const char* name : {"A", "B", "C"})
        builder.task(name, TaskKind::thread,
                     [](ProgramBuilder& task) { task.repeat(2, [](auto& round) { round.compute(1s).yield(); }); });
    CHECK(play(builder).runs() == "A 0-1, B 1-2, C 2-3, A 3-4, B 4-5, C 5-6");
}

TEST_CASE("TaskSet is a set in the order of ids") {
    sim::TaskSet set;
    std::set<TaskId> model;
    std::mt19937 random(7);
    TaskId room = 0;
    for (int i = 0; i < 20'000; ++i) {
        if (i % 1000 == 0) set.make_room(room += i == 9000 ? 300'000 : 97);
        const TaskId task = static_cast<TaskId>(random() % (room + 1));
        if (random() % 2 == 0)
            set.insert(task), model.insert(task);
        else
            set.remove(task), model.erase(task);
        const TaskId from = static_cast<TaskId>(random() % (room + 100));
        const auto expected = model.lower_bound(from);
        REQUIRE(set.first_from(from) == (expected == model.end() ? no_task : *expected));
        REQUIRE(set.contains(task) == model.contains(task));
    }
}
