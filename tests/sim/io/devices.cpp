// Waiting for devices: how long, by which calls, and at whose expense.
#include "models/analytic/queueing.hpp"
#include "models/errors.hpp"
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cmath>
#include <vector>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

constexpr double millisecond = 1e9; // in ps
constexpr auto call = 3us;
constexpr auto read_eventfd = 4us; // the half of what writing and reading takes
constexpr auto control = 16us;
constexpr auto epoll_wait = 32us;
constexpr auto submit = 64us;
constexpr auto reap = 128us;

CostProfile told_apart() {
    CostProfile profile = free_profile();
    profile[Cost::system_call] = Law::constant(call);
    profile[Cost::eventfd_transfer] = Law::constant(2 * read_eventfd);
    profile[Cost::epoll_control] = Law::constant(control);
    profile[Cost::epoll_wait] = Law::constant(epoll_wait);
    profile[Cost::io_uring_submit] = Law::constant(submit);
    profile[Cost::io_uring_completion] = Law::constant(reap);
    return profile;
}

Report run(const Scenario& scenario, const CostProfile& profile) {
    const Report report = sim::simulate(scenario, profile);
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    REQUIRE(sum == report.makespan * static_cast<std::int64_t>(report.cores));
    return report;
}

Report run(const ScenarioBuilder& scenario, const CostProfile& profile) { return run(scenario.build(), profile); }

ScenarioBuilder with_disk(Duration service, std::uint32_t parallel = 1, std::uint32_t depth = 0) {
    return ScenarioBuilder("devices")
        .cores(1)
        .hz(0)
        .scheduler("rr", {{"slice", "1s"}})
        .device("disk", Distribution::constant(service.count()), parallel, depth);
}

std::function<void(TaskTemplate&)> instances(std::uint32_t count) {
    return [count](TaskTemplate& task) { task.count = count; };
}

Duration in(const Report& report, TimeCategory category) { return (*report.time)[static_cast<std::size_t>(category)]; }

Report one_operation(TaskKind kind, WaitStyle style, Duration service = 1ms) {
    return run(with_disk(service).task("A", kind, [style](auto& task) { task.io("disk", style); }), told_apart());
}

} // namespace

TEST_CASE("blocking: one system call") {
    const Report report = one_operation(TaskKind::thread, WaitStyle::blocking);
    CHECK(report.makespan == call + 1ms);
    CHECK(report.counters.system_calls == 1);
    CHECK(report.counters.device_operations == 1);
    CHECK(report.counters.wake_ups == 1);
    CHECK(report.tasks[0].blocked.sum == 1ms);
    CHECK(in(report, TimeCategory::kernel) == call);
}

TEST_CASE("polling: calls in vain until the one that it is done during") {
    constexpr auto poll = call + read_eventfd;
    const Duration service{GENERATE(1000us, 7000us, 3us, 0us)};
    const auto in_vain = service / Duration{poll};
    const Report report = one_operation(TaskKind::thread, WaitStyle::polling, service);
    CHECK(report.makespan == call + (in_vain + 1) * Duration{poll});
    CHECK(report.counters.polls == static_cast<std::uint64_t>(in_vain));
    CHECK(report.counters.system_calls == static_cast<std::uint64_t>(in_vain) + 2);
    CHECK(report.counters.wake_ups == 0);
    CHECK(report.tasks[0].blocked.sum == 0us);
    CHECK(report.tasks[0].polling == (in_vain + 1) * Duration{poll});
    CHECK(in(report, TimeCategory::kernel) == report.makespan);
}

TEST_CASE("readiness: ask, tell epoll, fetch") {
    const Report alone = one_operation(TaskKind::thread, WaitStyle::readiness);
    CHECK(alone.counters.system_calls == 4); // epoll_wait is one of its own
    CHECK(alone.makespan == call + 1ms + call + read_eventfd);
    CHECK(in(alone, TimeCategory::kernel) == 4 * call + control + epoll_wait + read_eventfd);
    const Report carried = one_operation(TaskKind::coroutine, WaitStyle::readiness);
    CHECK(carried.counters.system_calls == 4); // epoll_wait is its event loop's
    CHECK(carried.counters.callbacks == 1);
    CHECK(carried.tasks[0].blocked.sum == 1ms - call - control);
}

TEST_CASE("readiness of what is done before one could wait for it is no wait") {
    const Report report = one_operation(TaskKind::coroutine, WaitStyle::readiness, 1us);
    CHECK(report.makespan == 3 * call + control + read_eventfd);
    CHECK(report.counters.callbacks == 0);
    CHECK(report.counters.system_calls == 3);
}

TEST_CASE("completion: one call, and the result is found in the ring") {
    const Report alone = one_operation(TaskKind::thread, WaitStyle::completion);
    CHECK(alone.counters.system_calls == 1);
    CHECK(alone.makespan == call + submit + 1ms + reap);
    const Report carried = one_operation(TaskKind::fiber, WaitStyle::completion);
    CHECK(carried.counters.system_calls == 2); // with its event loop's epoll_wait
    CHECK(carried.counters.callbacks == 1);
    CHECK(carried.makespan == call + submit + 1ms + reap);
}

TEST_CASE("a blocking operation in a coroutine stalls all its thread carries; the others only itself") {
    const auto scenario = [](WaitStyle style) {
        return with_disk(10ms, 100).task(
            "A", TaskKind::coroutine, [style](auto& task) { task.io("disk", style); }, instances(100));
    };
    CHECK(run(scenario(WaitStyle::blocking), free_profile()).makespan == 1s);
    CHECK(run(scenario(WaitStyle::polling), free_profile()).makespan == 1s);
    for (const WaitStyle style : {WaitStyle::readiness, WaitStyle::completion}) {
        const Report report = run(scenario(style), free_profile());
        CHECK(report.makespan == 10ms);
        CHECK(report.counters.callbacks == 100);
    }
}

TEST_CASE("D/D/1: operations that come as fast as they are served never wait, faster ones one behind the other") {
    const WaitStyle style =
        GENERATE(WaitStyle::blocking, WaitStyle::polling, WaitStyle::readiness, WaitStyle::completion);
    const auto scenario = [style](Duration gap) {
        ScenarioBuilder made = with_disk(1ms);
        made.cores(8);
        for (int i = 0; i < 8; ++i)
            made.task(
                "A" + std::to_string(i), TaskKind::thread, [style](auto& task) { task.io("disk", style); },
                [&](TaskTemplate& task) { task.start = Distribution::constant((gap * i).count()); });
        return made;
    };
    const Report relaxed = run(scenario(1ms), free_profile());
    for (const TaskReport& task : relaxed.tasks) CHECK(task.turnaround.sum == 1ms);
    const Report crowded = run(scenario(250us), free_profile());
    for (int i = 0; i < 8; ++i)
        CHECK(crowded.tasks[static_cast<std::size_t>(i)].turnaround.sum == (i + 1) * 1ms - i * 250us);
}

// As in tests/sim/sched/queueing.cpp: the mean of independent runs, and its confidence interval.
TEST_CASE("M/M/c: a device is the queue of theory") {
    constexpr int runs = 12;
    constexpr double student = 4.44; // 99.9 % two-sided, 11 degrees of freedom
    constexpr std::uint32_t jobs = 20'000;
    const std::uint32_t servers = GENERATE(1U, 4U);
    const double rate = 0.75 * servers * 1000;
    const WaitStyle style = servers == 1 ? WaitStyle::blocking : WaitStyle::completion;
    std::vector<double> waits;
    for (int number = 0; number < runs; ++number) {
        const Report report = run(ScenarioBuilder("queue")
                                      .cores(1)
                                      .hz(0)
                                      .seed(static_cast<std::uint64_t>(number) + 1)
                                      .scheduler("fifo")
                                      .device("disk", Distribution::exponential(millisecond), servers)
                                      .task(
                                          "A", TaskKind::thread, [style](auto& task) { task.io("disk", style); },
                                          [&](TaskTemplate& task) {
                                              task.count = jobs;
                                              task.start = Distribution::uniform(0, jobs / rate * 1000 * millisecond);
                                          }),
                                  free_profile());
        REQUIRE(report.tasks[0].finished == jobs);
        waits.push_back(seconds(report.tasks[0].blocked.sum) / jobs);
    }
    double mean = 0;
    for (const double wait : waits) mean += wait / runs;
    double variance = 0;
    for (const double wait : waits) variance += (wait - mean) * (wait - mean) / (runs - 1);
    const double half_width = student * std::sqrt(variance / runs);
    const double expected = mmc(rate, 1000, servers).response;
    INFO(servers << " servers: expected " << expected << ", got " << mean << " +- " << half_width);
    CHECK(std::abs(mean - expected) <= half_width);
    CHECK(half_width < 0.08 * expected);
}

TEST_CASE("beyond its depth a device refuses who does not want to wait in the call; in the end all are served") {
    const WaitStyle style = GENERATE(WaitStyle::polling, WaitStyle::readiness);
    const TaskKind kind =
        style == WaitStyle::polling ? TaskKind::thread : GENERATE(TaskKind::thread, TaskKind::coroutine);
    ScenarioBuilder scenario = with_disk(1ms, 1, 2);
    scenario.cores(5).task(
        "A", kind, [style](auto& task) { task.io("disk", style); }, instances(5));
    const Report report = run(scenario, told_apart());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.counters.device_operations == 5);
    CHECK(report.makespan > 5ms);
    if (style == WaitStyle::polling) {
        CHECK(report.counters.polls > 0);
    } else {
        CHECK(report.counters.polls == 0);
        // Two are taken at once. Three are refused, tell epoll, and ask anew.
        CHECK(report.counters.system_calls >= 5 * 3 + 3 * 2);
    }
}

TEST_CASE("beyond its depth the kernel keeps what a blocking call or a ring asks for") {
    const WaitStyle style = GENERATE(WaitStyle::blocking, WaitStyle::completion);
    const Report report = run(with_disk(1ms, 1, 2).task(
                                  "A", TaskKind::thread, [style](auto& task) { task.io("disk", style); }, instances(5)),
                              free_profile());
    CHECK(report.makespan == 5ms);
    CHECK(report.counters.system_calls == 5);
}

TEST_CASE("who polls is preempted, and goes on to poll") {
    const auto scenario = [](Duration slice) {
        ScenarioBuilder made("shared");
        made.cores(1).hz(0).scheduler("rr", {{"slice", std::to_string(slice / 1us) + "us"}});
        made.device("disk", Distribution::constant(Duration{10ms}.count()));
        made.task("polls", TaskKind::thread, [](auto& task) { task.io("disk", WaitStyle::polling); });
        made.task("computes", TaskKind::thread, [](auto& task) { task.compute(20ms); });
        return made;
    };
    const Report alternating = run(scenario(1000us), free_profile());
    CHECK(alternating.tasks[0].polling == 5ms); // every other millisecond of ten
    CHECK(alternating.makespan == 25ms);
    const Report late = run(scenario(50ms), free_profile()); // it has the core until it is done
    CHECK(late.tasks[0].polling == 10ms);
    CHECK(late.makespan == 30ms);
}

TEST_CASE("an operation goes on when who asked for it dies, and the next one waits for it") {
    const Report report =
        run(with_disk(10ms)
                .cores(2)
                .task("dies", TaskKind::process,
                      [](auto& task) {
                          task.spawn("asks", TaskKind::thread, [](auto& child) { child.io("disk"); }).sleep(1ms).exit();
                      })
                .task("waits", TaskKind::process, [](auto& task) { task.sleep(2ms).io("disk"); }),
            free_profile());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.makespan == 20ms);
}

TEST_CASE("room that a task dies with before it could ask again is the next one's") {
    // Its thread is told of room at 10 ms while a spinning core keeps it from asking; its process ends at 15 ms.
    ScenarioBuilder scenario("dies");
    scenario.cores(2).hz(0).scheduler("fifo").device("disk", Distribution::constant(Duration{10ms}.count()), 1, 1);
    scenario.task("has it", TaskKind::process, [](auto& task) { task.io("disk"); });
    scenario.task(
        "dies", TaskKind::process,
        [](auto& task) {
            task.spawn("asks", TaskKind::thread, [](auto& child) { child.io("disk", WaitStyle::readiness); })
                .sleep(5ms)
                .compute(10ms)
                .exit();
        },
        [](TaskTemplate& task) {
            task.start = Distribution::constant(1'000'000'000);
            task.cores = {0};
        });
    scenario.task(
        "waits", TaskKind::process, [](auto& task) { task.io("disk", WaitStyle::readiness); },
        [](TaskTemplate& task) {
            task.start = Distribution::constant(2'000'000'000);
            task.cores = {1};
        });
    const Report report = run(scenario, free_profile());
    CHECK(report.outcome == Outcome::completed);
    CHECK(report.makespan == 26ms);
}

TEST_CASE("a device's operation is a wait that ends by itself, told by name where the run is stopped") {
    const Report report = run(with_disk(1ms).semaphore("never").task(
                                  "A", TaskKind::thread, [](auto& task) { task.io("disk").acquire("never"); }),
                              free_profile());
    CHECK(report.outcome == Outcome::deadlocked);
    CHECK(report.makespan == 1ms);
}

TEST_CASE("a trace has of polling what there was of it") {
    Trace trace;
    const Scenario scenario =
        with_disk(1ms)
            .task("A", TaskKind::thread, [](auto& task) { task.io("disk", WaitStyle::polling).compute(1ms); })
            .build();
    sim::SimulationOptions options;
    options.trace = &trace;
    const Report report = sim::simulate(scenario, told_apart(), options);
    Duration overhead{};
    for (const TraceEvent& event : trace.events)
        if (event.kind == EventKind::overhead) overhead += Duration{event.value};
    CHECK(overhead == in(report, TimeCategory::kernel));
    CHECK(report.makespan == overhead + 1ms);
}
