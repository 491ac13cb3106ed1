#include "lab/explain/critical_path.hpp"
#include "lab/predict.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

struct Explained {
    Report report;
    Trace trace;
    lab::CriticalPath path;

    [[nodiscard]] Duration operator[](lab::PathCategory category) const {
        return path.by_category[static_cast<std::size_t>(category)];
    }
};

Explained explain(const ScenarioBuilder& scenario, const CostProfile& profile) {
    Explained result;
    sim::SimulationOptions options;
    options.trace = &result.trace;
    result.report = lab::predict(scenario.build(), profile, options);
    result.path = lab::critical_path(result.trace);
    Time at{}; // every path: gapless from 0 to the makespan
    for (const lab::PathPiece& piece : result.path.pieces) {
        REQUIRE(piece.begin == at);
        REQUIRE(piece.end > piece.begin);
        at = piece.end;
    }
    REQUIRE(at - Time{} == result.report.makespan);
    return result;
}

ScenarioBuilder on(std::uint32_t cores) {
    return ScenarioBuilder("explained").cores(cores).scheduler("rr", {{"slice", "1s"}});
}

} // namespace

TEST_CASE("The classic makespan is 20 s of work and 1.9 s of switching") {
    const auto task = [](ProgramBuilder& program) { program.compute(10s); };
    const Explained result =
        explain(on(1).task("A", TaskKind::thread, task).task("B", TaskKind::thread, task), textbook_profile());
    CHECK(result[lab::PathCategory::work] == 20s);
    CHECK(result[lab::PathCategory::switching] == 1900ms);
    CHECK(result.path.by_task.size() == 2);
}

TEST_CASE("On two cores only the longer task is on the path") {
    const Explained result = explain(on(2)
                                         .task("short", TaskKind::thread, [](auto& task) { task.compute(3s); })
                                         .task("long", TaskKind::thread, [](auto& task) { task.compute(8s); }),
                                     textbook_profile());
    REQUIRE(result.path.by_task.size() == 1);
    CHECK(result.path.by_task[0].first == "long");
    CHECK(result[lab::PathCategory::work] == 8s);
}

TEST_CASE("A sleep is time that was asked for") {
    const Explained result =
        explain(on(1).task("A", TaskKind::thread, [](auto& task) { task.compute(1s).sleep(5s).compute(2s); }),
                textbook_profile());
    CHECK(result[lab::PathCategory::asked] == 5s);
    CHECK(result[lab::PathCategory::work] == 3s);
}

TEST_CASE("A late start is time that was asked for") {
    const Explained result = explain(on(1).task(
                                         "A", TaskKind::thread, [](auto& task) { task.compute(1s); },
                                         [](auto& task) { task.start = Distribution::constant(4'000'000'000'000); }),
                                     textbook_profile());
    CHECK(result[lab::PathCategory::asked] == 4s);
}

TEST_CASE("The path goes through whoever woke the task, on another core too") {
    const Explained result = explain(
        on(2)
            .semaphore("ready")
            .task("producer", TaskKind::thread, [](auto& task) { task.compute(3s).release("ready").compute(1s); })
            .task("consumer", TaskKind::thread, [](auto& task) { task.compute(1s).acquire("ready").compute(4s); }),
        textbook_profile());
    CHECK(result.report.makespan == 7s);
    CHECK(result[lab::PathCategory::work] == 7s);
    REQUIRE(result.path.by_task.size() == 2);
    CHECK(result.path.by_task[0] == std::pair<std::string, Duration>{"consumer", 4s});
    CHECK(result.path.by_task[1] == std::pair<std::string, Duration>{"producer", 3s});
}

TEST_CASE("Coroutines appear under their own names, and what they stall is theirs") {
    const Explained result = explain(on(1)
                                         .task("A", TaskKind::coroutine, [](auto& task) { task.sleep(2s).compute(1s); })
                                         .task("B", TaskKind::coroutine, [](auto& task) { task.compute(5s); }),
                                     textbook_profile());
    CHECK(result.report.makespan == 8100ms);
    CHECK(result[lab::PathCategory::asked] == 2s);
    CHECK(result[lab::PathCategory::work] == 6s);
    CHECK(result[lab::PathCategory::switching] == 100ms);
}

TEST_CASE("Every path adds up under real costs, with ticks, children and pipes") {
    for (const std::uint32_t cores : {1u, 2u, 3u}) {
        const Explained result = explain(
            on(cores)
                .pipe("p")
                .task("parent", TaskKind::process,
                      [](auto& task) {
                          task.repeat(20, [](auto& body) {
                              body.fork("c", [](auto& child) { child.compute(300us); }).compute(5ms).wait("c");
                          });
                      })
                .task("writer", TaskKind::thread,
                      [](auto& task) { task.repeat(50, [](auto& body) { body.compute(1ms).send("p", Bytes{100}); }); })
                .task("reader", TaskKind::thread,
                      [](auto& task) {
                          task.repeat(50, [](auto& body) { body.receive("p", Bytes{100}).compute(500us); });
                      }),
            reference_profile());
        CHECK(result.report.outcome == Outcome::completed);
        CHECK(result[lab::PathCategory::work] > 0s);
    }
}

TEST_CASE("Two sleeps in a row, and one of no length") {
    const Explained result =
        explain(on(1).task("A", TaskKind::thread, [](auto& task) { task.sleep(1s).sleep(0s).compute(1s); }),
                textbook_profile());
    CHECK(result[lab::PathCategory::asked] == 1s);
}

TEST_CASE("Who is killed in the middle of a switch or of a system call kept the next one waiting until then") {
    const auto lives_in = [](const char* process, std::uint32_t core) {
        return [=](TaskTemplate& task) { task.process = process, task.cores = {core}; };
    };
    for (const CostProfile& profile : {textbook_profile(), reference_profile()}) {
        const Explained result = explain(
            ScenarioBuilder("killed")
                .cores(2)
                .scheduler("rr", {{"slice", "10s"}})
                .task(
                    "K", TaskKind::thread, [](auto& task) { task.compute(1050ms).exit(); }, lives_in("P", 0))
                .task(
                    "X", TaskKind::thread, [](auto& task) { task.compute(1s); }, lives_in("Q", 1))
                .task(
                    "V", TaskKind::thread,
                    [](auto& task) {
                        task.repeat(100'000, [](auto& body) { body.fork("c", [](auto& child) { child.exit(); }); });
                    },
                    lives_in("P", 1))
                .task(
                    "N", TaskKind::thread, [](auto& task) { task.compute(5s); }, lives_in("Q", 1)),
            profile);
        CHECK(result[lab::PathCategory::asked] == 0s);
    }
}

TEST_CASE("A coroutine stays itself when its carrier moves to another core") {
    const Explained result =
        explain(on(2)
                    .task("C", TaskKind::coroutine, [](auto& task) { task.compute(1s).sleep(1s).compute(5s); })
                    .task(
                        "X", TaskKind::thread, [](auto& task) { task.compute(2s); },
                        [](auto& task) {
                            task.process = "Q", task.cores = {0},
                            task.start = Distribution::constant(1'500'000'000'000);
                        }),
                free_profile());
    REQUIRE(result.path.by_task.size() == 1);
    CHECK(result.path.by_task[0].first == "C");
}
