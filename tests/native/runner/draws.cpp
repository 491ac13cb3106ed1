#include "tests/native/runner/native_run.hpp"

#include <catch2/catch_test_macros.hpp>
#include <cmath>

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
    // repeat fork sleep: each child draws for itself.
    Duration all{};
    for (std::uint64_t nth = 0; nth < 3; ++nth) all += Duration{sample(pause, {7, 0, child_instance(0, 1, nth), 2, 0})};
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

// An iteration of the work loop counts for a nanosecond in these runs, however long it takes: their work is the sum of
// nanoseconds that were drawn.
static std::int64_t work_done(const Scenario& scenario) {
    const Report report = run_natively(scenario, {.iteration_picoseconds = 1000});
    CHECK(report.outcome == Outcome::completed);
    REQUIRE(report.work);
    REQUIRE(report.speed);
    return std::llround(static_cast<double>(report.work->count()) * *report.speed / 1000);
}

TEST_CASE("children started in a repeat compute what each of them draws") {
    constexpr std::uint64_t children = 6, rounds = 3;
    const Distribution work = Distribution::exponential(20e6);
    const auto computes = [&](ProgramBuilder& child) { child.repeat(rounds, [&](auto& body) { body.compute(work); }); };
    // repeat fork repeat compute: every child counts its own executions of the compute.
    std::int64_t expected = 0;
    for (std::uint64_t nth = 0; nth < children; ++nth)
        for (std::uint64_t draw = 0; draw < rounds; ++draw)
            expected += (sample(work, {19, 0, child_instance(0, 1, nth), 3, draw}) + 500) / 1000;

    const auto started_by = [&](TaskKind kind, const ProgramBuilder::Body& start) {
        return ScenarioBuilder("children")
            .seed(19)
            .task("A", kind, [&](auto& task) { task.repeat(children, start); })
            .build();
    };
    for (const TaskKind kind : {TaskKind::thread, TaskKind::coroutine, TaskKind::fiber}) {
        CAPTURE(name_of(kind));
        CHECK(work_done(started_by(kind, [&](auto& body) { body.spawn("c", kind, computes); })) == expected);
    }
    CHECK(work_done(started_by(TaskKind::process, [&](auto& body) { body.fork("c", computes); })) == expected);
    for (const bool shares_memory : {false, true}) {
        CAPTURE(shares_memory);
        CHECK(work_done(started_by(TaskKind::process, [&](auto& body) { body.clone("c", shares_memory, computes); })) ==
              expected);
    }
}

TEST_CASE("a vforked child draws before and after its exec") {
    const Distribution work = Distribution::exponential(20e6);
    const Scenario scenario =
        ScenarioBuilder("vfork")
            .seed(19)
            .task("A", TaskKind::process,
                  [&](auto& task) {
                      task.repeat(3, [&](auto& body) {
                          body.vfork("c",
                                     [&](auto& child) {
                                         child.compute(work).exec([&](auto& image) {
                                             image.repeat(2, [&](auto& again) { again.compute(work); });
                                         });
                                     })
                              .wait("c");
                      });
                  })
            .build();
    // repeat vfork compute exec repeat compute
    std::int64_t expected = 0;
    for (std::uint64_t nth = 0; nth < 3; ++nth) {
        const std::uint32_t child = child_instance(0, 1, nth);
        expected += (sample(work, {19, 0, child, 2, 0}) + 500) / 1000;
        for (std::uint64_t draw = 0; draw < 2; ++draw) expected += (sample(work, {19, 0, child, 5, draw}) + 500) / 1000;
    }
    CHECK(work_done(scenario) == expected);
}

TEST_CASE("a forked child that continues counts its draws from the fork on") {
    const Distribution work = Distribution::exponential(20e6);
    const Scenario scenario = ScenarioBuilder("continues")
                                  .seed(19)
                                  .task("A", TaskKind::process,
                                        [&](auto& task) {
                                            task.repeat(Distribution::empirical({2}), [&](auto& body) {
                                                body.compute(work).fork("c", {}, Afterwards::continues);
                                            });
                                        })
                                  .build();
    // repeat compute fork repeat_end: the parent computes in both rounds, its first child in the second.
    std::int64_t expected = (sample(work, {19, 0, child_instance(0, 2, 0), 1, 0}) + 500) / 1000;
    for (std::uint64_t draw = 0; draw < 2; ++draw) expected += (sample(work, {19, 0, 0, 1, draw}) + 500) / 1000;
    const Report report = run_natively(scenario, {.iteration_picoseconds = 1000});
    CHECK(report.counters.forks == 3);
    CHECK(work_done(scenario) == expected);
}

TEST_CASE("children started for each message draw under the numbers the simulator gives them") {
    constexpr std::uint64_t messages = 6;
    const Distribution work = Distribution::exponential(20e6);
    // for_each spawn compute repeat compute; and what the server itself computes, for_each compute spawn ...
    const auto served_by = [&](TaskKind kind) {
        return ScenarioBuilder("for each")
            .seed(19)
            .channel("q", ChannelKind::unix_stream)
            .task("client", TaskKind::process,
                  [](auto& task) { task.repeat(messages, [](auto& body) { body.send("q.client", {10}); }); })
            .task("server", kind,
                  [&](auto& task) {
                      const auto serve = [&](auto& child) {
                          child.compute(work).repeat(2, [&](auto& again) { again.compute(work); });
                      };
                      task.for_each(
                          "q.server", {10},
                          [&](auto& body) {
                              body.compute(work);
                              if (kind == TaskKind::process)
                                  body.fork("c", serve);
                              else
                                  body.spawn("c", kind, serve);
                          },
                          is_carried(kind));
                  })
            .build();
    };
    std::int64_t expected = 0;
    for (std::uint64_t nth = 0; nth < messages; ++nth) {
        const std::uint32_t child = child_instance(0, 2, nth);
        expected += (sample(work, {19, 1, 0, 1, nth}) + 500) / 1000 + (sample(work, {19, 1, child, 3, 0}) + 500) / 1000;
        for (std::uint64_t draw = 0; draw < 2; ++draw) expected += (sample(work, {19, 1, child, 5, draw}) + 500) / 1000;
    }
    for (const TaskKind kind : {TaskKind::process, TaskKind::thread, TaskKind::coroutine, TaskKind::fiber}) {
        CAPTURE(name_of(kind));
        CHECK(work_done(served_by(kind)) == expected);
    }
}
