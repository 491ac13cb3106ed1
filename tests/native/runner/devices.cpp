// Devices of real runs: everything that was asked for is done, not before its time, in every style and by every kind of
// task; and nothing is left behind.
#include "tests/native/runner/native_run.hpp"

#include "native/plan/compile.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

using namespace switchyard;
using namespace switchyard::native;
using namespace std::chrono_literals;

namespace {

Distribution constant(Duration length) { return Distribution::constant(length.count()); }

std::function<void(TaskTemplate&)> instances(std::uint32_t count) {
    return [count](TaskTemplate& task) { task.count = count; };
}

bool is_known(const Report& report, std::string_view counter) {
    return std::find(report.counters_known.begin(), report.counters_known.end(), counter) !=
           report.counters_known.end();
}

} // namespace

TEST_CASE("every style does all operations, for every kind of task, none of them before its time") {
    const WaitStyle style =
        GENERATE(WaitStyle::blocking, WaitStyle::polling, WaitStyle::readiness, WaitStyle::completion);
    const TaskKind kind = GENERATE(TaskKind::process, TaskKind::thread, TaskKind::coroutine, TaskKind::fiber);
    CAPTURE(name_of(style), name_of(kind));
    const Report report = run_natively(
        ScenarioBuilder("styles")
            .device("disk", constant(200us), 2)
            .task(
                "A", kind, [style](auto& task) { task.repeat(25, [style](auto& body) { body.io("disk", style); }); },
                instances(4))
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(task_of(report, "A").finished == 4);
    CHECK(is_known(report, "device_operations"));
    CHECK(report.counters.device_operations == 100);
    CHECK(report.makespan >= 100 * 200us / 2);
    CHECK((report.counters.polls > 0) == (style == WaitStyle::polling));
    CHECK(task_of(report, "A").polling.has_value() == (style == WaitStyle::polling));
    const bool is_suspended = is_carried(kind) && (style == WaitStyle::readiness || style == WaitStyle::completion);
    CHECK(report.counters.callbacks == (is_suspended ? 100u : 0u));
    CHECK(descendants().empty());
}

TEST_CASE("waits of one event loop overlap; a call that blocks stops them all") {
    const auto makespan = [](WaitStyle style) {
        return run_natively(
                   ScenarioBuilder("overlap")
                       .device("network", constant(20ms), 20)
                       .task(
                           "A", TaskKind::coroutine, [style](auto& task) { task.io("network", style); }, instances(20))
                       .build())
            .makespan;
    };
    const Duration blocking = makespan(WaitStyle::blocking);
    CHECK(blocking >= 400ms);
    CHECK(makespan(WaitStyle::readiness) < blocking);
    CHECK(makespan(WaitStyle::completion) < blocking);
}

TEST_CASE("tasks of several processes stand in one line for a device") {
    const WaitStyle style = GENERATE(WaitStyle::blocking, WaitStyle::completion);
    const Report report =
        run_natively(ScenarioBuilder("line")
                         .device("disk", constant(10ms))
                         .task(
                             "A", TaskKind::process, [style](auto& task) { task.io("disk", style); }, instances(3))
                         .task("B", TaskKind::thread, [style](auto& task) { task.io("disk", style); })
                         .task("C", TaskKind::coroutine, [style](auto& task) { task.io("disk", style); })
                         .build());
    CHECK(report.counters.device_operations == 5);
    CHECK(report.makespan >= 50ms);
}

TEST_CASE("a device that has taken all it takes refuses some, and serves all in the end") {
    const WaitStyle style = GENERATE(WaitStyle::polling, WaitStyle::readiness, WaitStyle::blocking);
    const TaskKind kind = GENERATE(TaskKind::thread, TaskKind::coroutine);
    const Report report = run_natively(
        ScenarioBuilder("depth")
            .device("disk", constant(2ms), 1, 2)
            .task(
                "A", kind, [style](auto& task) { task.repeat(3, [style](auto& body) { body.io("disk", style); }); },
                instances(4))
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.device_operations == 12);
    CHECK(report.makespan >= 24ms);
}

TEST_CASE("children of every kind use devices, and one task several styles") {
    const auto all_styles = [](ProgramBuilder& task) {
        task.io("disk", WaitStyle::polling)
            .io("disk", WaitStyle::blocking)
            .io("disk", WaitStyle::readiness)
            .io("disk", WaitStyle::completion)
            .io("disk", WaitStyle::blocking);
    };
    const Report report = run_natively(
        ScenarioBuilder("children")
            .device("disk", Distribution::uniform(50e6, 150e6), 4)
            .task("parent", TaskKind::process,
                  [&](auto& task) {
                      all_styles(task);
                      task.fork("child", all_styles)
                          .spawn("thread", TaskKind::thread, all_styles)
                          .io("disk")
                          .join("thread")
                          .wait("child");
                  })
            .task("loop", TaskKind::fiber,
                  [&](auto& task) {
                      task.spawn("fiber", TaskKind::fiber, all_styles).io("disk", WaitStyle::readiness).join("fiber");
                  })
            .build());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.device_operations == 4 * 5 + 2);
    CHECK(descendants().empty());
}

TEST_CASE("who dies with an operation under way takes nobody along") {
    const NamedRunner runner;
    const Report report = run_natively(
        ScenarioBuilder("dies")
            .device("disk", constant(30ms))
            .task("dies", TaskKind::process,
                  [](auto& task) {
                      task.spawn("asks", TaskKind::thread, [](auto& child) { child.io("disk"); }).sleep(10ms).crash();
                  })
            .task("waits", TaskKind::process, [](auto& task) { task.sleep(15ms).io("disk"); })
            .build(),
        {.runner = runner.path()});
    CHECK(report.counters.crashes == 1);
    CHECK(task_of(report, "waits").finished == 1);
    CHECK(report.makespan >= 60ms); // the device goes on with what it was asked for
    CHECK(runner.processes().empty());
    CHECK(descendants().empty());
}

TEST_CASE("a run that is stopped while it waits for a device says so") {
    const Report report =
        run_natively(ScenarioBuilder("long")
                         .device("tape", constant(60s))
                         .task("A", TaskKind::thread, [](auto& task) { task.io("tape"); })
                         .task("B", TaskKind::coroutine, [](auto& task) { task.io("tape", WaitStyle::completion); })
                         .build(),
                     {.time_limit = 2s});
    CHECK(report.outcome == Outcome::interrupted);
    CHECK(report.diagnosis.find("A waits for device 'tape'") != std::string::npos);
    CHECK(report.diagnosis.find("B waits for device 'tape'") != std::string::npos);
    CHECK(descendants().empty());
}

TEST_CASE("the plan knows how much a device can be asked for") {
    const Scenario scenario =
        ScenarioBuilder("plan")
            .device("wide", constant(1ms), 1'000'000'000)
            .device("narrow", constant(1500ns), 2, 3)
            .task(
                "A", TaskKind::thread, [](auto& task) { task.io("narrow", WaitStyle::readiness).io("wide"); },
                instances(5))
            .build();
    CHECK_FALSE(why_not_native(scenario));
    const int cpu = 0;
    const Plan plan = compile(scenario, {.iteration_picoseconds = 1000, .cpus = std::span(&cpu, 1)});
    REQUIRE(plan.devices.size() == 2);
    CHECK(plan.devices[0].servers == 5);
    CHECK(plan.devices[0].asking == 0);
    CHECK(plan.devices[1].servers == 2);
    CHECK(plan.devices[1].depth == 3);
    CHECK(plan.devices[1].asking == 5);
    CHECK(plan.devices[1].first_instant == 5);
    CHECK(plan.operations[0].style == WaitStyle::readiness);
    CHECK(plan.operations[0].value == 1500);
}
