#include "native/plan/compile.hpp"

#include "models/errors.hpp"
#include "native/plan/family.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

static const std::vector<int> one_cpu{0};

static Plan compiled(const Scenario& scenario) { return compile(scenario, {1000, one_cpu}); }

TEST_CASE("a plan holds exactly the amounts the simulator draws") {
    const Distribution work = Distribution::exponential(50e6), pause = Distribution::uniform(1e6, 9e6);
    const Scenario scenario =
        ScenarioBuilder("drawn")
            .seed(42)
            .task("first", TaskKind::thread, [](auto& task) { task.yield(); })
            .task(
                "second", TaskKind::thread,
                [&](auto& task) { task.repeat(7, [&](auto& body) { body.compute(work).sleep(pause); }); },
                [](auto& task) { task.count = 2; })
            .build();
    const Plan plan = compiled(scenario);
    REQUIRE(plan.instances.size() == 3);
    for (std::uint32_t number = 0; number < 2; ++number) {
        const PlanInstance& instance = plan.instances[1 + number];
        REQUIRE(instance.first_amount + 14 <= plan.values.size());
        for (std::uint64_t draw = 0; draw < 7; ++draw) {
            const std::size_t round = instance.first_amount + 2 * draw;
            // An iteration takes 1000 ps here: both in thousands of picoseconds, rounded.
            CHECK(plan.values[round] == (sample(work, {42, 1, number, 1, draw}) + 500) / 1000);
            CHECK(plan.values[round + 1] == (sample(pause, {42, 1, number, 2, draw}) + 500) / 1000);
        }
    }
}

TEST_CASE("a plan has room for the children of all instances") {
    const Distribution children = Distribution::uniform(0, 10);
    const Plan plan =
        compiled(ScenarioBuilder("children")
                     .seed(5)
                     .task(
                         "drawn", TaskKind::process,
                         [&](auto& task) { task.repeat(children, [](auto& body) { body.fork("c", {}); }); },
                         [](auto& task) { task.count = 3; })
                     .task(
                         "alike", TaskKind::process, [](auto& task) { task.fork("c", {}).fork("d", {}); },
                         [](auto& task) { task.count = 4; })
                     .build());
    std::int64_t expected = 4 * 2;
    for (std::uint32_t number = 0; number < 3; ++number) expected += sample(children, {5, 0, number, 0, 0});
    CHECK(plan.header.dynamic_tasks == expected);
}

TEST_CASE("process tasks have a process each, threads the one they name, coroutines a carrier") {
    const auto nothing = [](ProgramBuilder& task) { task.yield(); };
    const Plan plan = compiled(ScenarioBuilder("house")
                                   .task("t", TaskKind::thread, nothing, [](auto& task) { task.count = 2; })
                                   .task("p", TaskKind::process, nothing, [](auto& task) { task.count = 2; })
                                   .task("c", TaskKind::coroutine, nothing, [](auto& task) { task.count = 5; })
                                   .task("d", TaskKind::coroutine, nothing, [](auto& task) { task.carrier = "other"; })
                                   .build());
    REQUIRE(plan.processes.size() == 3); // p, p and "main" for all the rest
    CHECK(plan.processes[2].threads == 4);
    CHECK(plan.threads[0].is_main);
    CHECK_FALSE(plan.threads[2].is_main);
    CHECK(std::count_if(plan.threads.begin(), plan.threads.end(), [](auto& thread) { return thread.carries; }) == 2);
    CHECK(plan.threads[4].instances == 5);
}

TEST_CASE("a plan survives being written and mapped") {
    const Plan plan = compiled(
        ScenarioBuilder("bytes")
            .semaphore("s", 3)
            .pipe("p", {4096})
            .task("A", TaskKind::thread,
                  [](auto& task) { task.acquire("s").compute(Distribution::exponential(1e6)).send("p", {10}); })
            .build());
    std::vector<std::byte> bytes = encode(plan);
    const PlanView view = view_plan(bytes);
    CHECK(std::ranges::equal(view.values, plan.values));
    CHECK(view.operations.size() == plan.operations.size());
    CHECK(view.semaphores[0].initial == 3);
    CHECK(view.semaphores[0].within_process);
    CHECK(view.channels[0].capacity == 4096);

    CHECK_THROWS_AS(view_plan(std::span(bytes).first(bytes.size() - 8)), SystemError);
    CHECK_THROWS_AS(view_plan(std::span(bytes).first(8)), SystemError);
    bytes[0] = std::byte{0};
    CHECK_THROWS_AS(view_plan(bytes), SystemError);
}

TEST_CASE("a semaphore used by two processes is not one process's own") {
    const auto takes = [](ProgramBuilder& task) { task.acquire("s").release("s"); };
    const Plan plan = compiled(ScenarioBuilder("two processes")
                                   .semaphore("s", 1)
                                   .task("p", TaskKind::process, takes, [](auto& task) { task.count = 2; })
                                   .build());
    CHECK_FALSE(plan.semaphores[0].within_process);
}

TEST_CASE("a plan has each working set once, with the size it has when it is gone over") {
    const auto computes = [](ProgramBuilder& task) {
        task.map("region", Bytes{100'000}).compute_over("region", 1ms).compute_over(Bytes{5000}, 1ms);
        task.compute(1ms).compute_over("region", 2ms);
    };
    const Plan plan = compiled(ScenarioBuilder("sets").task("A", TaskKind::process, computes).build());
    REQUIRE(plan.working_sets.size() == 2);
    CHECK(plan.working_sets[0].size == 25 * 4096); // whole pages, as the region has
    CHECK(plan.working_sets[0].region != no_index);
    CHECK(plan.working_sets[1] == PlanWorkingSet{no_index, 5000});
    CHECK(plan.operations[1].object == 0);
    CHECK(plan.operations[2].object == 1);
    CHECK(plan.operations[3].object == no_object);
    CHECK(plan.operations[4].object == 0);

    const auto grows = [](ProgramBuilder& task) {
        task.map("region", Bytes{4096}).remap("region", Bytes{8192}).compute_over("region", 1ms);
    };
    const Scenario growing = ScenarioBuilder("grows").task("A", TaskKind::process, grows).build();
    REQUIRE(why_not_native(growing));
    CHECK_THAT(*why_not_native(growing), ContainsSubstring("computes over 'region', whose size changes"));
}

TEST_CASE("what cannot run natively says why in a line") {
    const Scenario fork_bomb =
        ScenarioBuilder("bomb")
            .task("A", TaskKind::process,
                  [](auto& task) {
                      task.repeat(30, [](auto& body) { body.fork("c", {}, Afterwards::continues).yield(); });
                  })
            .build();
    REQUIRE(why_not_native(fork_bomb));
    CHECK_THAT(*why_not_native(fork_bomb), ContainsSubstring("task 'A'") && ContainsSubstring("children"));
    CHECK_THROWS_AS(compiled(fork_bomb), InputError);

    const Scenario endless_draws =
        ScenarioBuilder("draws")
            .task("A", TaskKind::thread,
                  [](auto& task) {
                      task.repeat(most_amounts + 1, [](auto& body) { body.compute(Distribution::exponential(1e6)); });
                  })
            .build();
    REQUIRE(why_not_native(endless_draws));
    CHECK_THAT(*why_not_native(endless_draws), ContainsSubstring("amounts"));

    const Scenario many_alike =
        ScenarioBuilder("many")
            .task(
                "A", TaskKind::thread,
                [](auto& task) {
                    task.repeat(most_tasks / 2, [](auto& body) { body.spawn("t", TaskKind::thread, {}); });
                },
                [](auto& task) { task.count = 3; })
            .build();
    REQUIRE(why_not_native(many_alike));

    const Scenario ordinary =
        ScenarioBuilder("ordinary").task("A", TaskKind::process, [](auto& task) { task.compute(1s); }).build();
    CHECK_FALSE(why_not_native(ordinary));
}

TEST_CASE("threads that outnumber the cores begin on those with the fewest") {
    const auto planned = [](std::uint32_t count, std::vector<std::uint32_t> cores_of_first) {
        const std::vector<int> cpus{0, 1};
        return compile(ScenarioBuilder("homes")
                           .cores(2)
                           .task(
                               "first", TaskKind::process, [](auto& task) { task.compute(1ms); },
                               [&](TaskTemplate& task) { task.cores = cores_of_first; })
                           .task(
                               "real time", TaskKind::process, [](auto& task) { task.compute(1ms); },
                               [](TaskTemplate& task) {
                                   task.scheduling.policy = LinuxPolicy::fifo;
                                   task.scheduling.priority = 1;
                               })
                           .task(
                               "others", TaskKind::process, [](auto& task) { task.compute(1ms); },
                               [&](TaskTemplate& task) { task.count = count; })
                           .build(),
                       {1000, cpus});
    };
    const auto homes = [](const Plan& plan) {
        std::vector<std::uint32_t> all;
        for (const PlanThread& thread : plan.threads) all.push_back(thread.home);
        return all;
    };
    CHECK(homes(planned(3, {})) == std::vector<std::uint32_t>{0, no_index, 1, 0, 1});
    CHECK(homes(planned(2, {1})) == std::vector<std::uint32_t>{1, no_index, 0, 0});
    const std::vector<int> cpus{0, 1};
    const Plan few = compile(ScenarioBuilder("few")
                                 .cores(2)
                                 .task(
                                     "a", TaskKind::process, [](auto& task) { task.compute(1ms); },
                                     [](TaskTemplate& task) { task.count = 2; })
                                 .build(),
                             {1000, cpus});
    CHECK(homes(few) == std::vector<std::uint32_t>{no_index, no_index}); // the kernel finds each a core
}

TEST_CASE("a plan has the timer slack that was asked for, none being a wish too") {
    const auto planned = [](std::optional<Duration> slack) {
        return compiled(ScenarioBuilder("slack")
                            .task(
                                "A", TaskKind::thread, [](auto& task) { task.sleep(1ms); },
                                [=](TaskTemplate& task) { task.scheduling.timer_slack = slack; })
                            .build())
            .threads.at(0)
            .scheduling.timer_slack;
    };
    CHECK(planned(std::nullopt) == -1);
    CHECK(planned(0us) == 0);
    CHECK(planned(200us) == 200'000);
}
