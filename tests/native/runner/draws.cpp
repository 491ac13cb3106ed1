#include "tests/native/runner/native_run.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;

TEST_CASE("a run sleeps as long as its draws say") {
    const Distribution pause = Distribution::uniform(1e9, 9e9); // 1 to 9 ms
    const Scenario scenario = ScenarioBuilder("draws")
                                  .seed(7)
                                  .task("A", TaskKind::process,
                                        [&](auto& task) {
                                            task.repeat(3, [&](auto& body) {
                                                body.fork("c", [&](auto& child) { child.sleep(pause); }).wait("c");
                                            });
                                        })
                                  .build();
    // repeat fork sleep: one child after another takes the next draw of the whole family.
    Duration all{};
    for (std::uint64_t draw = 0; draw < 3; ++draw) all += Duration{sample(pause, {7, 0, 0, 2, draw})};
    const Report report = run_natively(scenario);
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.makespan >= all);
}

TEST_CASE("a drawn number of rounds is executed exactly") {
    const Distribution rounds = Distribution::uniform(5, 50);
    const Scenario scenario =
        ScenarioBuilder("rounds")
            .seed(3)
            .task(
                "A", TaskKind::thread,
                [&](auto& task) {
                    task.repeat(rounds, [](auto& body) { body.spawn("t", TaskKind::thread, {}).join("t"); });
                },
                [](auto& task) { task.count = 2; })
            .build();
    const auto expected = static_cast<std::uint64_t>(sample(rounds, {3, 0, 0, 0, 0}) + sample(rounds, {3, 0, 1, 0, 0}));
    CHECK(run_natively(scenario).counters.threads_created == expected);
}
