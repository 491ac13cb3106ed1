// SCHED_DEADLINE as sched(7) and Documentation/scheduler/sched-deadline.rst describe it.
#include "models/errors.hpp"
#include "tests/sim/sched/linux/tasks.hpp"
#include "tests/sim/sched/linux/timeline.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
#include <set>

using namespace switchyard;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

ScenarioBuilder without_ticks(std::uint32_t cores = 1, std::map<std::string, std::string> parameters = {}) {
    parameters.emplace("fair_server", "no");
    parameters.emplace("rt_runtime", "1s");
    return on_linux(cores, parameters).hz(0);
}

// Jobs of so much work, one a period.
ProgramBuilder::Body jobs(std::int64_t count, Duration period, Duration work) {
    return [=](ProgramBuilder& task) {
        task.repeat(count, [=](ProgramBuilder& round) {
            round.job(Distribution::constant(period.count()), [=](ProgramBuilder& job) { job.compute(work); });
        });
    };
}

std::string complaint(const Scenario& scenario) {
    try {
        static_cast<void>(sim::simulate(scenario, free_profile()));
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("Who overruns its runtime is throttled until its next period, whoever else is there") {
    const Timeline alone = play(without_ticks().task("D", TaskKind::thread, computes(25ms), reserved(10ms, 40ms)).build());
    CHECK(alone.runs == std::vector<Run>{{"D", 0ms, 10ms, 0}, {"D", 40ms, 50ms, 0}, {"D", 80ms, 85ms, 0}});
}

TEST_CASE("Throttling is noticed at a tick, and what was had too much is missing in the next period") {
    const Timeline at_ticks =
        play(without_ticks().hz(250).task("D", TaskKind::thread, computes(25ms), reserved(10ms, 40ms)).build());
    CHECK(at_ticks.runs[0] == Run{"D", 0ms, 12ms, 0});
    CHECK(at_ticks.runs[1] == Run{"D", 40ms, 48ms, 0});
    const Timeline hrtick = play(without_ticks(1, {{"hrtick_dl", "yes"}})
                                     .hz(250)
                                     .task("D", TaskKind::thread, computes(25ms), reserved(10ms, 40ms))
                                     .build());
    CHECK(hrtick.runs[0] == Run{"D", 0ms, 10ms, 0});
}

TEST_CASE("Bandwidth isolation: an overrunning task does not make another miss its deadlines") {
    const Timeline timeline = play(without_ticks()
                                       .task("overruns", TaskKind::thread, computes(10s), reserved(30ms, 100ms))
                                       .task("keeps", TaskKind::thread, jobs(50, 50ms, 30ms), reserved(31ms, 50ms))
                                       .build());
    CHECK(timeline.report.tasks[1].jobs.finished == 50);
    CHECK(timeline.report.tasks[1].jobs.missed == 0);
    for (int i = 0; i < 20; ++i) CHECK(timeline.ran("overruns", i * 100ms, (i + 1) * 100ms) == 30ms);
}

TEST_CASE("The task that is due first runs first, and one due earlier takes the core") {
    const Timeline timeline = play(without_ticks()
                                       .task("late", TaskKind::thread, computes(20ms), reserved(20ms, 100ms))
                                       .task("early", TaskKind::thread, computes(10ms), reserved(10ms, 30ms, 5ms))
                                       .task("later", TaskKind::thread, computes(5ms), reserved(5ms, 200ms, 6ms))
                                       .build());
    CHECK(timeline.runs == std::vector<Run>{{"late", 0ms, 5ms, 0},
                                            {"early", 5ms, 15ms, 0},
                                            {"late", 15ms, 30ms, 0},
                                            {"later", 30ms, 35ms, 0}});
}

TEST_CASE("A deadline task goes before every real-time one, at once") {
    const Timeline timeline = play(without_ticks()
                                       .task("rt", TaskKind::thread, computes(20ms), fifo(99))
                                       .task("D", TaskKind::thread, computes(5ms), reserved(5ms, 1s, 7ms))
                                       .build());
    CHECK(timeline.order() == "rt D rt");
    CHECK(timeline.of("D").front().from == 7ms);
}

TEST_CASE("A deadline task that yields has its next runtime in the next period") {
    const Timeline timeline = play(without_ticks()
                                       .task("D", TaskKind::thread,
                                             [](auto& task) { task.compute(2ms).yield().compute(3ms); },
                                             reserved(10ms, 40ms))
                                       .build());
    CHECK(timeline.runs == std::vector<Run>{{"D", 0ms, 2ms, 0}, {"D", 40ms, 43ms, 0}});
}

TEST_CASE("Who wakes with runtime and deadline in the right proportion keeps them; otherwise a period begins") {
    // 8 of 10 ms are left at 2 ms; back at 30 ms, they would be 8 in the 10 ms until 40: too much. Back at 4 ms, they
    // are 8 in 36.
    const auto returns_after = [](Duration pause) {
        return play(without_ticks()
                        .task("D", TaskKind::thread,
                              [=](auto& task) { task.compute(2ms).sleep(pause).compute(11ms); }, reserved(10ms, 40ms))
                        .build());
    };
    CHECK(returns_after(2ms).runs[1] == Run{"D", 4ms, 12ms, 0});
    CHECK(returns_after(2ms).runs[2] == Run{"D", 40ms, 43ms, 0});
    CHECK(returns_after(28ms).runs[1] == Run{"D", 30ms, 40ms, 0});
    CHECK(returns_after(28ms).runs[2] == Run{"D", 70ms, 71ms, 0});
}

TEST_CASE("A constrained deadline: who wakes after it waits for the next period; before it, for what is in proportion") {
    const auto returns_after = [](Duration pause) {
        return play(without_ticks()
                        .task("D", TaskKind::thread,
                              [=](auto& task) { task.compute(2ms).sleep(pause).compute(6ms); },
                              reserved(10ms, 100ms, {}, 20ms))
                        .build());
    };
    CHECK(returns_after(30ms).runs[1] == Run{"D", 100ms, 106ms, 0});
    // Back at 12 ms: 8 ms in the 8 until the deadline is more than half; half of 8 is 4.
    CHECK(returns_after(10ms).runs[1] == Run{"D", 12ms, 16ms, 0});
    CHECK(returns_after(10ms).runs[2] == Run{"D", 100ms, 102ms, 0});
}

TEST_CASE("Deadline tasks are pushed and pulled: those due first run, on two cores") {
    const Timeline timeline = play(without_ticks(2)
                                       .task("a", TaskKind::thread, computes(30ms), reserved(30ms, 100ms))
                                       .task("b", TaskKind::thread, computes(30ms), reserved(30ms, 200ms))
                                       .task("c", TaskKind::thread, computes(30ms), reserved(30ms, 60ms, 10ms))
                                       .build());
    const auto running = [&](Duration at) { return std::set<std::string>{timeline.at(at, 0), timeline.at(at, 1)}; };
    CHECK(running(5ms) == std::set<std::string>{"a", "b"});
    CHECK(running(20ms) == std::set<std::string>{"a", "c"});
    CHECK(running(35ms) == std::set<std::string>{"b", "c"}); // pulled by the core that a leaves
    CHECK(timeline.report.makespan == 50ms);
}

TEST_CASE("Admission: reservations may come to 95 % of the cores") {
    const auto two = [](Duration one, Duration other) {
        return on_linux(2, {{"fair_server", "no"}})
            .task("A", TaskKind::thread, computes(1ms), reserved(one, 100ms))
            .task("B", TaskKind::thread, computes(1ms), reserved(other, 100ms))
            .build();
    };
    CHECK(complaint(two(95ms, 94ms)).empty());
    CHECK_THAT(complaint(two(95ms, 96ms)), ContainsSubstring("task 'B': not admitted"));
}

TEST_CASE("Admission: fair servers count, as measured on Linux 6.18 with two processors (179 % granted, 181 % not)") {
    const auto two = [](Duration one, Duration other) {
        return on_linux(2)
            .task("A", TaskKind::thread, computes(1ms), reserved(one, 100ms))
            .task("B", TaskKind::thread, computes(1ms), reserved(other, 100ms))
            .build();
    };
    CHECK(complaint(two(95ms, 84ms)).empty());
    CHECK_THAT(complaint(two(95ms, 86ms)), ContainsSubstring("task 'B': not admitted"));
}

TEST_CASE("Affinity: a deadline task that may not run everywhere is refused") {
    const auto pinned = [](std::vector<std::uint32_t> cores) {
        return on_linux(2)
            .task("D", TaskKind::thread, computes(1ms),
                  [=](TaskTemplate& task) {
                      reserved(1ms, 10ms)(task);
                      task.cores = cores;
                  })
            .build();
    };
    CHECK(complaint(pinned({0, 1})).empty());
    CHECK_THAT(complaint(pinned({1})), ContainsSubstring("task 'D'") && ContainsSubstring("affinity"));
}
