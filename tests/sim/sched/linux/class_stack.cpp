// Linux's stack of classes as a whole.
#include "tests/sim/sched/linux/tasks.hpp"
#include "tests/sim/sched/linux/timeline.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
#include <map>
#include <string>

using namespace switchyard;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("Deadline goes before real time, real time before fair, and a higher class takes the core at once") {
    const Timeline timeline = play(on_linux()
                                       .task("fair", TaskKind::thread, computes(10ms), normal({}, {}, -20))
                                       .task("rt", TaskKind::thread, computes(10ms), rr(1, 2500us))
                                       .task("deadline", TaskKind::thread, computes(3ms), reserved(5ms, 100ms, 3100us))
                                       .build());
    CHECK(timeline.runs == std::vector<Run>{{"fair", 0ms, 2500us, 0},
                                            {"rt", 2500us, 3100us, 0},
                                            {"deadline", 3100us, 6100us, 0},
                                            {"rt", 6100us, 15500us, 0},
                                            {"fair", 15500us, 23ms, 0}});
}

TEST_CASE("A lower class never preempts, whatever its tasks ask for") {
    const Timeline timeline = play(on_linux()
                                       .task("rt", TaskKind::thread, computes(100ms), fifo(1))
                                       .task("fair", TaskKind::thread, computes(1ms), normal(10ms, {}, -20))
                                       .build());
    CHECK(timeline.order() == "rt fair");
}

TEST_CASE("The report says which classes there are") {
    const auto description = [](const char* policy) {
        return sim::simulate(
                   ScenarioBuilder("x").hz(250).scheduler(policy).task("A", TaskKind::thread, computes(1ms)).build(),
                   free_profile())
            .scheduling;
    };
    for (const char* policy : {"linux", "eevdf", "cfs"})
        CHECK_THAT(description(policy),
                   ContainsSubstring("linux: deadline; real time, rr slice 100 ms; fair") && ContainsSubstring("idle"));
}

TEST_CASE("A parameter of the other fair algorithm is refused, by the name of the one it belongs to") {
    const auto refusal = [](const char* policy, const std::map<std::string, std::string>& parameters) {
        const Scenario scenario = ScenarioBuilder("x")
                                      .hz(250)
                                      .scheduler(policy, parameters)
                                      .task("A", TaskKind::thread, computes(1ms))
                                      .build();
        try {
            static_cast<void>(sim::simulate(scenario, free_profile()));
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK_THAT(refusal("linux", {{"latency", "5ms"}}), ContainsSubstring("latency: belongs to cfs"));
    CHECK_THAT(refusal("linux", {{"fair", "eevdf-6.12"}, {"start_debit", "no"}}),
               ContainsSubstring("start_debit: belongs to cfs"));
    CHECK_THAT(refusal("linux", {{"fair", "cfs"}, {"base_slice", "3ms"}}),
               ContainsSubstring("base_slice: belongs to eevdf"));
    CHECK_THAT(refusal("eevdf", {{"latency", "5ms"}}), ContainsSubstring("no parameter 'latency'"));
    CHECK_THAT(refusal("cfs", {{"base_slice", "5ms"}}), ContainsSubstring("no parameter 'base_slice'"));
    CHECK(refusal("linux", {{"fair", "cfs"}, {"latency", "5ms"}}).empty());
    CHECK(refusal("linux", {{"base_slice", "3ms"}, {"migration_cost", "1ms"}}).empty());
}

TEST_CASE("A fair task on a machine of its own costs no events, however long it runs") {
    const char* policy = GENERATE("linux", "eevdf", "cfs");
    const Report report = sim::simulate(ScenarioBuilder("alone")
                                            .cores(2)
                                            .hz(1000)
                                            .scheduler(policy)
                                            .task("A", TaskKind::thread, computes(std::chrono::hours{24}))
                                            .build(),
                                        free_profile());
    CHECK(report.counters.dispatches == 1);
    CHECK(report.makespan == std::chrono::hours{24});
}

TEST_CASE("Time adds up over classes and cores") {
    ScenarioBuilder scenario = on_linux(3);
    scenario.task(
        "rt", TaskKind::thread, [](auto& t) { t.repeat(100, [](auto& b) { b.compute(3ms).sleep(2ms); }); },
        [](TaskTemplate& task) { rr(10)(task), task.count = 4; });
    scenario.task(
        "D", TaskKind::thread, [](auto& t) { t.repeat(50, [](auto& b) { b.compute(7ms).sleep(1ms); }); },
        [](TaskTemplate& task) { reserved(4ms, 20ms)(task), task.count = 3; });
    scenario.task(
        "N", TaskKind::thread, [](auto& t) { t.repeat(40, [](auto& b) { b.compute(5ms).sleep(3ms); }); },
        [](TaskTemplate& task) { task.count = 5; });
    const Report report = sim::simulate(scenario.build(), reference_profile());
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    CHECK(sum == report.makespan * 3);
    for (const TaskReport& task : report.tasks) CHECK(task.finished == task.instances);
    CHECK(report.outcome == Outcome::completed);
}
