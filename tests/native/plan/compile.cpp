#include "native/plan/compile.hpp"

#include "models/errors.hpp"
#include "native/plan/executions.hpp"

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

static std::vector<std::uint64_t> counted(const ProgramBuilder::Body& body) {
    ProgramBuilder builder;
    body(builder);
    const Program program = builder.build();
    return executions_of(program, [&](std::uint32_t operation, std::uint64_t draw) {
        return sample(program.amounts[program.code[operation].amount], {1, 0, 0, operation, draw});
    });
}

TEST_CASE("operations in repeats are executed as often as all rounds together") {
    // repeat compute repeat yield repeat_end repeat_end end
    const auto times = counted([](auto& program) {
        program.repeat(3, [](auto& outer) { outer.compute(1us).repeat(4, [](auto& inner) { inner.yield(); }); });
    });
    CHECK(times == std::vector<std::uint64_t>{1, 3, 3, 12, 12, 3, 1});
}

TEST_CASE("a repeat of zero rounds executes nothing") {
    const auto times = counted([](auto& program) { program.repeat(0, [](auto& body) { body.yield(); }); });
    CHECK(times == std::vector<std::uint64_t>{1, 0, 0, 1});
}

TEST_CASE("the children of a fork count for their parent") {
    // repeat fork compute exit wait repeat_end end
    const auto times = counted([](auto& program) {
        program.repeat(5, [](auto& body) { body.fork("c", [](auto& child) { child.compute(1us); }).wait("c"); });
    });
    CHECK(times == std::vector<std::uint64_t>{1, 5, 5, 5, 5, 5, 1});
}

TEST_CASE("children that continue double the tasks at every fork") {
    // repeat fork yield repeat_end end
    const auto times = counted([](auto& program) {
        program.repeat(3, [](auto& body) { body.fork("c", {}, Afterwards::continues).yield(); });
    });
    CHECK(times == std::vector<std::uint64_t>{1, 1 + 2 + 4, 2 + 4 + 8, 2 + 4 + 8, 8});
}

TEST_CASE("a drawn number of rounds is drawn before the run") {
    const Distribution rounds = Distribution::uniform(0, 10);
    const auto times = counted([&](auto& program) {
        program.repeat(20, [&](auto& outer) { outer.repeat(rounds, [](auto& inner) { inner.yield(); }); });
    });
    std::uint64_t all = 0;
    for (std::uint64_t draw = 0; draw < 20; ++draw)
        all += static_cast<std::uint64_t>(sample(rounds, {1, 0, 0, 1, draw}));
    CHECK(times[2] == all);
}

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
        const PlanStream& computes = plan.streams[instance.first_stream];
        const PlanStream& sleeps = plan.streams[instance.first_stream + 1];
        REQUIRE(computes.values == 7);
        REQUIRE(sleeps.values == 7);
        for (std::uint64_t draw = 0; draw < 7; ++draw) {
            // An iteration takes 1000 ps here: both in thousands of picoseconds, rounded.
            CHECK(plan.values[computes.first_value + draw] == (sample(work, {42, 1, number, 1, draw}) + 500) / 1000);
            CHECK(plan.values[sleeps.first_value + draw] == (sample(pause, {42, 1, number, 2, draw}) + 500) / 1000);
        }
    }
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
    CHECK(view.pipes[0].capacity == 4096);

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

TEST_CASE("what cannot run natively says why in a line") {
    const Scenario drawn_forks = ScenarioBuilder("forks")
                                     .task("A", TaskKind::process,
                                           [](auto& task) {
                                               task.repeat(Distribution::uniform(1, 3), [](auto& body) {
                                                   body.fork("c", {}, Afterwards::continues).yield();
                                               });
                                           })
                                     .build();
    REQUIRE(why_not_native(drawn_forks));
    CHECK_THAT(*why_not_native(drawn_forks), ContainsSubstring("task 'A'") && ContainsSubstring("drawn length"));
    CHECK_THROWS_AS(compiled(drawn_forks), InputError);

    const Scenario fork_bomb =
        ScenarioBuilder("bomb")
            .task("A", TaskKind::process,
                  [](auto& task) {
                      task.repeat(30, [](auto& body) { body.fork("c", {}, Afterwards::continues).yield(); });
                  })
            .build();
    CHECK(why_not_native(fork_bomb));

    const Scenario ordinary =
        ScenarioBuilder("ordinary").task("A", TaskKind::process, [](auto& task) { task.compute(1s); }).build();
    CHECK_FALSE(why_not_native(ordinary));
}
