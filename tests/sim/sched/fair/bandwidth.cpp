// Quotas.
#include "fake_kernel.hpp"
#include "invariants.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <utility>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;
using Catch::Approx;

namespace {

Group bounded(Duration quota, Duration period, Duration burst = {}, std::uint32_t parent = no_group) {
    Group made;
    made.name = "bounded";
    made.quota = quota;
    made.period = period;
    made.burst = burst;
    made.parent = parent;
    return made;
}

FairParameters of_version(FairVersion version) {
    FairParameters parameters;
    parameters.version = version;
    return parameters;
}

TaskPlan in_group(std::uint32_t of, Behaviour behaviour = hog(), std::vector<CoreId> allowed = {}) {
    TaskPlan plan;
    plan.group = of;
    plan.behaviour = std::move(behaviour);
    plan.allowed = std::move(allowed);
    return plan;
}

// The longest the core had nobody to run.
Duration longest_idle(const FakeKernel& kernel) {
    Duration longest{};
    for (std::size_t index = 1; index < kernel.switches.size(); ++index)
        if (kernel.switches[index - 1].task == no_task)
            longest = std::max(longest, kernel.switches[index].at - kernel.switches[index - 1].at);
    return longest;
}

} // namespace

TEST_CASE("A group gets its quota in each period and no more, within a tick", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    const std::uint32_t hz = GENERATE(0U, 1000U, 250U);
    FakeKernel kernel(of_version(version), 1, hz, {bounded(20ms, 100ms)});
    const TaskId task = kernel.add(in_group(0));
    kernel.run_until(Time{9999ms});
    CHECK(std::chrono::abs(kernel.cpu(task) - 2s) <= 20ms + 4ms);
    CHECK(kernel.running(0) == no_task);
    kernel.run_until(Time{10001ms});
    CHECK(kernel.running(0) == task); // the period's timer has let it go on
}

TEST_CASE("What a group may not use others get", "[fair]") {
    FakeKernel kernel({}, 1, 250, {bounded(10ms, 50ms)});
    const TaskId bound = kernel.add(in_group(0));
    const TaskId free = kernel.add({});
    kernel.run_until(Time{10s});
    CHECK(seconds(kernel.cpu(bound)) == Approx(2).epsilon(0.05));
    CHECK(seconds(kernel.cpu(bound) + kernel.cpu(free)) == Approx(10));
}

TEST_CASE("A quota bounds all cores together, and is drawn in slices", "[fair]") {
    FakeKernel kernel({}, 4, 1000, {bounded(100ms, 100ms)});
    for (int task = 0; task < 4; ++task) kernel.add(in_group(0));
    kernel.run_until(Time{10s});
    Duration sum{};
    for (TaskId task = 0; task < 4; ++task) sum += kernel.cpu(task);
    CHECK(seconds(sum) == Approx(10).epsilon(0.02)); // a whole core's worth
    for (TaskId task = 0; task < 4; ++task) CHECK(seconds(kernel.cpu(task)) == Approx(2.5).epsilon(0.2));
}

TEST_CASE("Overdrawn time is paid back", "[fair]") {
    // At 250 Hz a quota of 1 ms is noticed to be used up after 4 ms, which the next three periods pay for.
    FakeKernel kernel({}, 1, 250, {bounded(1ms, 10ms)});
    const TaskId task = kernel.add(in_group(0));
    kernel.run_until(Time{10s});
    CHECK(seconds(kernel.cpu(task)) == Approx(1).epsilon(0.02));
    CHECK(longest_idle(kernel) >= 25ms);
}

TEST_CASE("Bursts use what earlier periods left", "[fair]") {
    const bool bursts = GENERATE(true, false);
    FakeKernel kernel({}, 1, 0, {bounded(20ms, 100ms, bursts ? Duration{20ms} : Duration{})});
    // After a millisecond and two periods without use, 35 ms at once: more than a quota.
    const TaskId task = kernel.add(in_group(0, [first = true]() mutable {
        return std::exchange(first, false) ? Burst{1ms, 249ms} : Burst{35ms, 1000s};
    }));
    kernel.run_until(Time{290ms});
    CHECK(kernel.cpu(task) == (bursts ? 36ms : 22ms)); // the core had kept 1 ms of what it did not need
    kernel.run_until(Time{400ms});
    CHECK(kernel.cpu(task) == 36ms);
}

TEST_CASE("A parent's quota bounds its children, and a child's itself", "[fair]") {
    FakeKernel kernel({}, 1, 1000, {bounded(50ms, 100ms), bounded(10ms, 100ms, {}, 0), Group{"unbounded", 0}});
    const TaskId small = kernel.add(in_group(1));
    const TaskId rest = kernel.add(in_group(2));
    kernel.run_until(Time{10s});
    CHECK(seconds(kernel.cpu(small)) == Approx(1).epsilon(0.1));
    CHECK(seconds(kernel.cpu(small) + kernel.cpu(rest)) == Approx(5).epsilon(0.05));
}

TEST_CASE("Tasks may come and go while their group is throttled", "[fair]") {
    FakeKernel kernel({}, 1, 1000, {bounded(10ms, 100ms)});
    kernel.after_each_event = [&] { check_all(kernel.state()); };
    const TaskId first = kernel.add(in_group(0));
    const TaskId sleeper = kernel.add(in_group(0, periodic(1ms, 20ms)));
    kernel.run_until(Time{50ms});
    REQUIRE(kernel.running(0) == no_task); // throttled
    const TaskId late = kernel.add(in_group(0));
    CHECK(kernel.running(0) == no_task);
    const TaskId free = kernel.add({});
    CHECK(kernel.running(0) == free);
    kernel.run_until(Time{5s});
    CHECK(seconds(kernel.cpu(first) + kernel.cpu(late) + kernel.cpu(sleeper)) == Approx(0.5).epsilon(0.05));
    CHECK(kernel.cpu(late) > 100ms);
}

TEST_CASE("Without use a quota's timer stops, and starts again", "[fair]") {
    FakeKernel kernel({}, 1, 0, {bounded(10ms, 100ms)});
    const TaskId task = kernel.add(in_group(0, periodic(5ms, 10s)));
    kernel.run_until(Time{1s});
    CHECK_FALSE(kernel.state().groups[1].bandwidth.timer_runs);
    kernel.run_until(Time{10006ms});
    CHECK(kernel.state().groups[1].bandwidth.timer_runs);
    kernel.run_until(Time{11s});
    CHECK(kernel.cpu(task) == 10ms);
}

TEST_CASE("A core that goes idle gives its time back to those that are throttled", "[fair]") {
    FakeKernel kernel({}, 2, 0, {bounded(12ms, 100ms)});
    // One takes a slice of 5 ms and uses 100 us; the rest of it is the other's, after the slack timer.
    kernel.add(in_group(0, periodic(100us, 1000s), {1}));
    const TaskId user = kernel.add(in_group(0, hog(), {0}));
    kernel.run_until(Time{99ms});
    CHECK(kernel.cpu(user) > 10500us);
    CHECK(kernel.cpu(user) <= 12ms);
}
