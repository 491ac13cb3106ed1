// The Completely Fair Scheduler of Linux 6.5.
#include "fake_kernel.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;

static FairParameters cfs() {
    FairParameters parameters;
    parameters.version = FairVersion::v6_5;
    return parameters;
}

static std::vector<Duration> lengths_of_runs(const FakeKernel& kernel, TaskId of) {
    std::vector<Duration> lengths;
    for (std::size_t index = 1; index < kernel.switches.size(); ++index)
        if (kernel.switches[index - 1].task == of)
            lengths.push_back(kernel.switches[index].at - kernel.switches[index - 1].at);
    return lengths;
}

TEST_CASE("CFS: hogs share the latency period, 6 ms on one core, until slices would be under 0.75 ms", "[fair]") {
    const int hogs = GENERATE(2, 3, 8, 16);
    FakeKernel kernel(cfs(), 1, 0);
    for (int hog_number = 0; hog_number < hogs; ++hog_number) kernel.add({});
    kernel.run_until(Time{2s});
    const std::vector<Duration> lengths = lengths_of_runs(kernel, 0);
    REQUIRE(lengths.size() > 20);
    const Duration slice = std::max(Duration{6ms} / hogs, Duration{750us});
    for (std::size_t index = 10; index < lengths.size(); ++index) // from a slice on it goes at the first nanosecond
        CHECK(std::chrono::abs(lengths[index] - slice) <= Duration{100ns});
    for (TaskId task = 1; task < static_cast<TaskId>(hogs); ++task)
        CHECK(std::chrono::abs(kernel.cpu(task) - kernel.cpu(0)) <= 2 * slice);
}

TEST_CASE("CFS: a slice is a share by weight of the period, and so is time", "[fair]") {
    FakeKernel kernel(cfs(), 1, 1000);
    kernel.add({});
    TaskPlan plan;
    plan.scheduling.nice = 3;
    kernel.add(plan);
    kernel.run_until(Time{30s});
    CHECK(seconds(kernel.cpu(0)) / seconds(kernel.cpu(1)) == Catch::Approx(1024.0 / 526).epsilon(0.002));
}

TEST_CASE("CFS: periods grow with the number of cores", "[fair]") {
    CHECK(FakeKernel(cfs(), 1).state().latency == 6'000'000);
    CHECK(FakeKernel(cfs(), 2).state().latency == 12'000'000);
    CHECK(FakeKernel(cfs(), 8).state().latency == 24'000'000);
    CHECK(FakeKernel(cfs(), 8).state().min_granularity == 3'000'000);
    CHECK(FakeKernel(cfs(), 8).state().wakeup_granularity == 4'000'000);
    CHECK(FakeKernel(cfs(), 8).state().latency_tasks == 8);
}

TEST_CASE("CFS: a long sleeper preempts, since it is put half a period back; one that has just slept does not",
          "[fair]") {
    FakeKernel kernel(cfs(), 1, 250);
    const TaskId hog_task = kernel.add({});
    const TaskId sleeper = kernel.add({.behaviour = periodic(100us, 1000s)});
    kernel.run_until(Time{200ms});
    REQUIRE(kernel.sleeps(sleeper));
    kernel.wake(sleeper);
    CHECK(kernel.running(0) == sleeper);
    // Half of 6 ms behind the least there was.
    CHECK(kernel.entity(hog_task).vruntime - kernel.entity(sleeper).vruntime <= 3'000'000);
    while (!kernel.sleeps(sleeper)) kernel.run_for(100us);
    int preempted = 0;
    for (; preempted < 100 && kernel.running(0) == hog_task; ++preempted) { // it uses up its credit
        kernel.wake(sleeper);
        if (kernel.running(0) == hog_task) break;
        kernel.run_for(100us);
        REQUIRE(kernel.sleeps(sleeper));
    }
    CHECK(preempted <= 20); // from 3 ms to the wake-up granularity of 1 ms in steps of 100 us
    CHECK(kernel.entity(hog_task).vruntime - kernel.entity(sleeper).vruntime <= 1'000'000);
}

TEST_CASE("CFS: a new task waits for a slice, unless START_DEBIT is off", "[fair]") {
    const bool debit = GENERATE(true, false);
    FairParameters parameters = cfs();
    parameters.start_debit = debit;
    FakeKernel kernel(parameters, 1, 0);
    const TaskId first = kernel.add({});
    kernel.run_until(Time{1ms});
    const TaskId second = kernel.add({});
    CHECK(kernel.entity(second).vruntime - kernel.entity(first).vruntime == (debit ? 2'999'998 : 0));
}

TEST_CASE("CFS: minimum virtual time never decreases", "[fair]") {
    FakeKernel kernel(cfs(), 1, 250);
    Nanoseconds least = kernel.state().queues[0].min_vruntime;
    kernel.after_each_event = [&] {
        REQUIRE(kernel.state().queues[0].min_vruntime >= least);
        least = kernel.state().queues[0].min_vruntime;
    };
    kernel.add({});
    kernel.add({.behaviour = periodic(300us, 2ms)});
    kernel.add({.behaviour = periodic(5ms, 700us)});
    kernel.run_until(Time{3s});
    CHECK(least > 500'000'000);
}

TEST_CASE("CFS: a task that moves to another core counts from that core's minimum", "[fair]") {
    FakeKernel kernel(cfs(), 2, 250);
    for (int task = 0; task < 2; ++task) kernel.add({.allowed = {0}});
    kernel.run_until(Time{10s}); // core 1 has seen no virtual time pass at all
    const TaskId late = kernel.add({.behaviour = periodic(2ms, 1000s), .allowed = {0, 1}});
    kernel.run_for(1s);
    REQUIRE(kernel.sleeps(late));
    kernel.add({.allowed = {1}});
    kernel.run_for(100ms);
    kernel.wake(late, 1);
    CHECK(kernel.entity(late).vruntime - kernel.state().queues[kernel.core_of(late)].min_vruntime < 50'000'000);
}

TEST_CASE("CFS: who has yielded is passed over for a while, and time goes on meanwhile even without ticks", "[fair]") {
    FakeKernel kernel(cfs(), 1, 0);
    TaskPlan plan;
    plan.scheduling.nice = 10;
    for (int task = 0; task < 3; ++task) kernel.add(plan);
    kernel.run_until(Time{1s});
    const std::uint64_t before = kernel.dispatches;
    for (int round = 0; round < 10; ++round) {
        const TaskId yields = kernel.running(0);
        kernel.yield(0);
        CHECK(kernel.running(0) != yields);
        kernel.run_for(10ms);
    }
    CHECK(kernel.dispatches - before < 11'000); // a look every 10 us at most
}
