#include "tests/sim/sched/played.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {
std::function<void(Scheduling&)> priority(std::int32_t level) {
    return [level](Scheduling& scheduling) { scheduling.priority = level; };
}

ScenarioBuilder three_levels(const std::map<std::string, std::string>& parameters) {
    ScenarioBuilder builder("priorities");
    builder.scheduler("static_priority", parameters);
    add(builder, "low", 0s, 4s, priority(1));
    add(builder, "high", 1s, 2s, priority(9));
    add(builder, "middle", 2s, 1s, priority(5));
    add(builder, "peer", 2s, 1s, priority(5));
    return builder;
}
} // namespace

TEST_CASE("static_priority: the larger priority preempts, equals wait for each other") {
    CHECK(play(three_levels({})).runs() == "low 0-1, high 1-3, middle 3-4, peer 4-5, low 5-8");
}

TEST_CASE("static_priority, not preemptive: who runs goes on, then the largest") {
    CHECK(play(three_levels({{"preemptive", "no"}})).runs() == "low 0-4, high 4-6, middle 6-7, peer 7-8");
}

TEST_CASE("Ageing: a task that has waited long enough is ahead of what comes later, however urgent") {
    const auto stream = [](const std::map<std::string, std::string>& parameters) {
        ScenarioBuilder builder("starvation");
        builder.scheduler("static_priority", parameters);
        add(builder, "low", 0s, 1s, priority(0));
        for (int i = 0; i < 6; ++i) add(builder, fmt::format("urgent{}", i), i * 1s, 1s, priority(3));
        return play(builder).runs();
    };
    CHECK(stream({}) == "urgent0 0-1, urgent1 1-2, urgent2 2-3, urgent3 3-4, urgent4 4-5, urgent5 5-6, low 6-7");
    // Three levels are gained in 3 s: what comes after 3 s stands behind it; at 3 s they are equal, and it came first.
    CHECK(stream({{"ageing", "1s"}}) ==
          "urgent0 0-1, urgent1 1-2, urgent2 2-3, low 3-4, urgent3 4-5, urgent4 5-6, urgent5 6-7");
}

TEST_CASE("Ageing begins anew when a task has waited for something else than a core") {
    ScenarioBuilder builder("anew");
    builder.scheduler("static_priority", {{"ageing", "1s"}});
    builder.task("sleeper", TaskKind::thread, [](ProgramBuilder& task) { task.sleep(10s).compute(1s); });
    add(builder, "urgent", 9s, 3s, priority(2));
    CHECK(play(builder).runs() == "urgent 9-12, sleeper 12-13"); // ready since 10, not since 0
}
