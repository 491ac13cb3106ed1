// What EEVDF does with tasks, one behaviour each.
#include "fake_kernel.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "models/units/wide_integer.hpp"
#include "sim/sched/fair/eevdf.hpp"

#include <cmath>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;

namespace {

FairParameters of_version(FairVersion version) {
    FairParameters parameters;
    parameters.version = version;
    return parameters;
}

TaskPlan with_slice(Duration slice, Behaviour behaviour = hog()) {
    TaskPlan plan;
    plan.scheduling.slice = slice;
    plan.behaviour = std::move(behaviour);
    return plan;
}

TaskPlan of_nice(int value) {
    TaskPlan plan;
    plan.scheduling.nice = value;
    return plan;
}

// A task that runs for `run` whenever it is woken, and never of itself.
TaskPlan woken(Duration run, Duration slice = {}) { return with_slice(slice, periodic(run, 1000s)); }

} // namespace

TEST_CASE("The base slice grows with the logarithm of the number of cores, up to eight", "[fair]") {
    const FairParameters parameters;
    const auto slice_on = [&](CoreId cores, TunableScaling scaling) {
        FairParameters scaled = parameters;
        scaled.tunable_scaling = scaling;
        return FakeKernel(scaled, cores).state().base_slice;
    };
    CHECK(slice_on(1, TunableScaling::log) == 700'000);
    CHECK(slice_on(2, TunableScaling::log) == 1'400'000);
    CHECK(slice_on(4, TunableScaling::log) == 2'100'000);
    CHECK(slice_on(7, TunableScaling::log) == 2'100'000);
    CHECK(slice_on(64, TunableScaling::log) == 2'800'000);
    CHECK(slice_on(64, TunableScaling::none) == 700'000);
    CHECK(slice_on(6, TunableScaling::linear) == 4'200'000);
    CHECK(slice_on(64, TunableScaling::linear) == 5'600'000);
}

TEST_CASE("Hogs of one weight take turns at ticks, though their slice is shorter", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 250);
    for (int task = 0; task < 3; ++task) kernel.add({});
    kernel.run_until(Time{12s});
    for (TaskId task = 0; task < 3; ++task) CHECK(std::chrono::abs(kernel.cpu(task) - 4s) <= 4ms);
    for (std::size_t index = 1; index < kernel.switches.size(); ++index) {
        CHECK((kernel.switches[index].at - kernel.switches[index - 1].at) == Duration{4ms});
        CHECK(kernel.switches[index].task != kernel.switches[index - 1].task);
    }
}

TEST_CASE("Without ticks, and with HRTICK, a slice ends when it is consumed", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    const bool hrtick = GENERATE(false, true);
    FairParameters parameters = of_version(version);
    parameters.hrtick = hrtick;
    FakeKernel kernel(parameters, 1, hrtick ? 250 : 0);
    kernel.add({});
    kernel.add({});
    kernel.run_until(Time{70ms});
    REQUIRE(kernel.switches.size() > 90);
    for (std::size_t index = 4; /* first requests are shorter */ index < kernel.switches.size(); ++index)
        CHECK((kernel.switches[index].at - kernel.switches[index - 1].at) == Duration{700us});
}

TEST_CASE("Time is shared in the ratio of weights", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    const int value = GENERATE(-20, -10, -1, 0, 5, 18);
    FakeKernel kernel(of_version(version), 1, 1000);
    kernel.add(of_nice(value));
    kernel.add(of_nice(value + 1));
    kernel.run_until(Time{60s});
    const double ratio = seconds(kernel.cpu(0)) / seconds(kernel.cpu(1));
    const double weights =
        static_cast<double>(weight_of_nice(value).weight) / static_cast<double>(weight_of_nice(value + 1).weight);
    CHECK(ratio == Catch::Approx(weights).epsilon(0.001));
}

TEST_CASE("Virtual time of a hog is its processor time by 1024 over its weight", "[fair]") {
    FakeKernel kernel(of_version(FairVersion::v6_17), 1, 250);
    kernel.add(of_nice(0));
    kernel.add(of_nice(5));
    kernel.run_until(Time{1s});
    const Nanoseconds begin = kernel.entity(1).vruntime - kernel.entity(1).rate.virtual_time(kernel.entity(1).sum_exec);
    kernel.run_until(Time{9s});
    const Entity& entity = kernel.entity(1);
    CHECK(std::abs(entity.vruntime - begin - entity.sum_exec * 1024 / 335) < entity.sum_exec / 100'000);
}

TEST_CASE("A wakee that asks for less preempts at once if it is eligible, one that asks for as much does not",
          "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    const bool preempt_short = GENERATE(true, false);
    FairParameters parameters = of_version(version);
    parameters.preempt_short = preempt_short;
    FakeKernel kernel(parameters, 1, 250);
    kernel.add(with_slice(20ms));
    kernel.add(with_slice(20ms));
    const TaskId same = kernel.add(woken(100us, 20ms));
    const TaskId shorter = kernel.add(woken(100us, 200us));
    kernel.run_until(Time{200ms});
    // A millisecond into the request of a hog that is behind the other, and so protected until it is consumed: one that
    // is ahead is not.
    const auto begin_a_request = [&] {
        kernel.run_for(60ms);
        const auto is_behind = [&] {
            const TaskId now = kernel.running(0);
            return now < 2 && kernel.entity(now).vruntime + 10'000'000 < kernel.entity(1 - now).vruntime;
        };
        while (is_behind()) kernel.run_for(100us);
        while (!is_behind()) kernel.run_for(100us);
        kernel.run_for(1ms);
        REQUIRE(kernel.sleeps(same));
        REQUIRE(kernel.sleeps(shorter));
    };
    begin_a_request();
    const TaskId running = kernel.running(0);
    kernel.wake(same);
    CHECK(kernel.running(0) == running);
    begin_a_request();
    kernel.wake(shorter);
    CHECK((kernel.running(0) == shorter) == preempt_short);
}

TEST_CASE("The running task is not replaced before it has had what it asked for", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    FairParameters parameters = of_version(version);
    FakeKernel kernel(parameters, 1, 1000);
    kernel.add(with_slice(10ms));
    kernel.add(with_slice(10ms));
    kernel.run_until(Time{1s});
    REQUIRE(kernel.switches.size() > 90);
    for (std::size_t index = 4; /* first requests are shorter */ index < kernel.switches.size(); ++index)
        CHECK(kernel.switches[index].at - kernel.switches[index - 1].at >= Duration{10ms});
}

TEST_CASE("Protection lasts for the shortest request that waits from 6.17 on, for one's own before", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 1000);
    const TaskId long_one = kernel.add(with_slice(20ms));
    kernel.add(with_slice(2ms));
    kernel.run_until(Time{2s});
    Duration longest{};
    for (std::size_t index = 1; index < kernel.switches.size(); ++index)
        if (kernel.switches[index - 1].task == long_one)
            longest = std::max(longest, kernel.switches[index].at - kernel.switches[index - 1].at);
    if (version == FairVersion::v6_12)
        CHECK(longest >= 18ms);
    else
        CHECK(longest <= 4ms);
    CHECK(std::chrono::abs(kernel.cpu(0) - kernel.cpu(1)) <= 40ms); // whatever they ask for, they get as much
}

TEST_CASE("Who blocks ahead of the others stays queued until it is picked, and leaves then", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 0);
    const TaskId sleeper = kernel.add({.behaviour = periodic(300us, 1000s)});
    kernel.add({});
    kernel.add({});
    kernel.run_until(Time{301us});
    REQUIRE(kernel.sleeps(sleeper));
    const Entity& entity = kernel.entity(sleeper);
    CHECK(entity.delayed); // it ran, and so is ahead
    CHECK(entity.on_queue);
    CHECK(kernel.state().queues[0].tasks == 3);
    CHECK(kernel.state().queues[0].delayed_tasks == 1);
    kernel.run_for(10ms);
    CHECK_FALSE(entity.delayed);
    CHECK_FALSE(entity.on_queue);
    CHECK(entity.lag <= 0); // having waited has gained it nothing
    CHECK(kernel.state().queues[0].tasks == 2);
}

TEST_CASE("Who blocks although it is owed something leaves at once with its lag", "[fair]") {
    FakeKernel kernel(of_version(FairVersion::v6_17), 1, 250);
    kernel.add({});
    kernel.run_until(Time{10ms});
    TaskPlan plan;
    plan.scheduling.policy = LinuxPolicy::batch; // does not preempt
    plan.behaviour = periodic(1ns, 1000s);
    const TaskId task = kernel.add(plan);
    // It waits for the next tick, and so is owed.
    while (!kernel.sleeps(task)) kernel.run_for(100us);
    CHECK_FALSE(kernel.entity(task).on_queue);
    CHECK(kernel.entity(task).lag > 0);
}

TEST_CASE("Woken while delayed, a task goes on where it was, but with no lag to its credit", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 0);
    const TaskId sleeper = kernel.add({.behaviour = periodic(300us, 1000s)});
    kernel.add({});
    kernel.add({});
    kernel.run_until(Time{301us});
    REQUIRE(kernel.entity(sleeper).delayed);
    const Nanoseconds vruntime = kernel.entity(sleeper).vruntime;
    kernel.wake(sleeper);
    CHECK_FALSE(kernel.entity(sleeper).delayed);
    CHECK(kernel.entity(sleeper).vruntime == vruntime); // it is still ahead
    CHECK(kernel.state().queues[0].delayed_tasks == 0);
}

TEST_CASE("Without delayed dequeue everybody leaves at once", "[fair]") {
    FairParameters parameters = of_version(FairVersion::v6_12);
    parameters.delay_dequeue = false;
    FakeKernel kernel(parameters, 1, 0);
    const TaskId sleeper = kernel.add({.behaviour = periodic(300us, 1000s)});
    kernel.add({});
    kernel.run_until(Time{301us});
    REQUIRE(kernel.sleeps(sleeper));
    CHECK_FALSE(kernel.entity(sleeper).on_queue);
    CHECK(kernel.entity(sleeper).lag < 0);
}

TEST_CASE("A task's lag is the same after it has slept as before, however long", "[fair]") {
    FairParameters parameters = of_version(FairVersion::v6_17);
    parameters.delay_dequeue = false;
    const Duration sleep = GENERATE(Duration{1ms}, Duration{5s});
    FakeKernel kernel(parameters, 1, 0);
    const TaskId task = kernel.add({.behaviour = periodic(300us, 1000s)});
    kernel.add({});
    kernel.add({});
    kernel.run_until(Time{301us});
    const Nanoseconds before = kernel.entity(task).lag;
    REQUIRE(before < 0);
    kernel.run_for(sleep);
    kernel.wake(task);
    FairState& fair = const_cast<FairState&>(kernel.state());
    const Nanoseconds after = avg_vruntime(fair, fair.queues[0]) - kernel.entity(task).vruntime;
    CHECK(std::abs(after - before) <= 1);
}

TEST_CASE("A new task's first request is half as long", "[fair]") {
    const bool initial = GENERATE(true, false);
    FairParameters parameters;
    parameters.place_deadline_initial = initial;
    FakeKernel kernel(parameters, 1, 0);
    kernel.add({});
    const TaskId task = kernel.add({});
    CHECK(kernel.entity(task).deadline - kernel.entity(task).vruntime == (initial ? 350'000 : 700'000));
}

TEST_CASE("A forked child does not preempt its parent, even if it is ahead; before 6.17 it does", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 250);
    const TaskId parent = kernel.add({});
    kernel.add(with_slice(100ms)); // is owed what the parent has been ahead, but not in a hurry
    kernel.run_for(300us);         // of its first slice, which is half a slice long
    REQUIRE(kernel.running(0) == parent);
    const TaskId child = kernel.add({}, 0);
    CHECK(kernel.running(0) == (version == FairVersion::v6_17 ? parent : child));
}

TEST_CASE("A parent that forks after the end of its slice gives way at once, not at the next tick", "[fair]") {
    FakeKernel kernel(of_version(FairVersion::v6_17), 1, 250);
    const TaskId parent = kernel.add({});
    kernel.add({});
    kernel.run_for(400us); // its first slice was 350 us
    REQUIRE(kernel.running(0) == parent);
    kernel.add({}, 0);
    CHECK(kernel.running(0) != parent);
}

TEST_CASE("Custom requests are 0.1 to 100 ms long", "[fair]") {
    FakeKernel kernel({}, 1, 0);
    CHECK(kernel.entity(kernel.add(with_slice(1us))).slice == 100'000);
    CHECK(kernel.entity(kernel.add(with_slice(3ms))).slice == 3'000'000);
    CHECK(kernel.entity(kernel.add(with_slice(1s))).slice == 100'000'000);
}

TEST_CASE("Batch and idle tasks preempt nobody, but idle ones are preempted at once", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 250);
    TaskPlan plan;
    plan.scheduling.policy = LinuxPolicy::idle;
    const TaskId idle = kernel.add(plan);
    plan = woken(1ms);
    const TaskId normal = kernel.add(plan);
    plan.scheduling.policy = LinuxPolicy::batch;
    plan.scheduling.slice = 100us;
    const TaskId batch = kernel.add(plan);
    kernel.run_until(Time{101ms});
    REQUIRE(kernel.running(0) == idle);
    kernel.wake(normal);
    CHECK(kernel.running(0) == normal);
    kernel.wake(batch);
    CHECK(kernel.running(0) == normal);
}

TEST_CASE("An idle task has three thousandths of a normal one's weight", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 1000);
    TaskPlan plan;
    plan.scheduling.policy = LinuxPolicy::idle;
    const TaskId idle = kernel.add(plan);
    kernel.add({});
    kernel.run_until(Time{100s});
    CHECK(seconds(kernel.cpu(idle)) == Catch::Approx(100.0 * 3 / 1027).epsilon(0.05));
}

TEST_CASE("Who yields gives up the rest of its request, and others run", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 250);
    kernel.add({});
    kernel.add({});
    kernel.run_until(Time{401ms});
    const TaskId running = kernel.running(0);
    kernel.yield(0);
    CHECK(kernel.running(0) != running);
}

TEST_CASE("A task made nicer goes on from where it is at its new rate", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 1000);
    const TaskId one = kernel.add({});
    const TaskId two = kernel.add({});
    kernel.run_until(Time{1s});
    kernel.change(one, [](Scheduling& scheduling) { scheduling.nice = 5; });
    const Duration before_one = kernel.cpu(one);
    const Duration before_two = kernel.cpu(two);
    kernel.run_for(20s);
    const double ratio = seconds(kernel.cpu(one) - before_one) / seconds(kernel.cpu(two) - before_two);
    CHECK(ratio == Catch::Approx(335.0 / 1024).epsilon(0.01));
}

TEST_CASE("A task that was alone is found at the request that the ticks had brought it to", "[fair]") {
    const std::uint32_t hz = GENERATE(100U, 250U, 1000U);
    const Duration slice = GENERATE(Duration{700us}, Duration{3ms}, Duration{9500us}, Duration{100ms});
    const Duration alone = GENERATE(Duration{100us}, Duration{3900us}, Duration{11ms}, Duration{1234567us});
    const int value = GENERATE(0, 7, -20);
    TaskPlan plan = with_slice(slice);
    plan.scheduling.nice = value;
    FakeKernel kernel({}, 1, hz);
    const TaskId task = kernel.add(plan);
    kernel.run_until(Time{alone});
    kernel.add({}); // accounts for the time that has passed

    // Tick by tick.
    const VirtualRate rate = rate_of(weight_of_nice(value));
    Nanoseconds vruntime = 0;
    Nanoseconds deadline = rate.virtual_time(nanoseconds(slice)) / 2;
    Nanoseconds at = 0;
    for (std::int64_t tick = 1; at < nanoseconds(alone); ++tick) {
        const Nanoseconds next = std::min(nanoseconds(alone), tick * (1'000'000'000'000 / hz) / 1000);
        vruntime += rate.virtual_time(next - at);
        at = next;
        if (vruntime >= deadline) deadline = vruntime + rate.virtual_time(nanoseconds(slice));
    }
    CHECK(kernel.entity(task).vruntime == vruntime);
    CHECK(kernel.entity(task).deadline == deadline);
}

TEST_CASE("Without ticks a task that goes on after its request is looked at again when another is due", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    const int other = GENERATE(1, 19);
    FakeKernel kernel(of_version(version), 1, 0);
    kernel.add(of_nice(-20));
    kernel.add(of_nice(other));
    kernel.add(of_nice(other));
    kernel.run_until(Time{10s});
    CHECK(kernel.dispatches < 30'000); // of 0.7 ms, and not of a nanosecond
    const double weights =
        static_cast<double>(weight_of_nice(other).weight) / static_cast<double>(weight_of_nice(-20).weight);
    CHECK(seconds(kernel.cpu(1)) / seconds(kernel.cpu(0)) == Catch::Approx(weights).epsilon(0.15));
}
