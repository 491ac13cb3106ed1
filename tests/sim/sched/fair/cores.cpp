// Which core a task goes to, and what balancing does afterwards.
#include "fake_kernel.hpp"
#include "invariants.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <set>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;
using Catch::Approx;

TEST_CASE("New tasks spread over idle cores, then over the least loaded", "[fair]") {
    FakeKernel kernel({}, 4, 250);
    for (int task = 0; task < 4; ++task) kernel.add({}, 0);
    std::set<CoreId> used;
    for (TaskId task = 0; task < 4; ++task) used.insert(kernel.core_of(task));
    CHECK(used.size() == 4);
    // Loads are averages: who has just begun is not seen to be in the way yet.
    for (int task = 0; task < 4; ++task) {
        kernel.run_for(200ms);
        kernel.add({}, 0);
    }
    for (CoreId core = 0; core < 4; ++core) CHECK(kernel.state().queues[core].tasks == 2);
}

TEST_CASE("A woken task goes back to its idle core", "[fair]") {
    FakeKernel kernel({}, 4, 250);
    const TaskId task = kernel.add({.behaviour = periodic(1ms, 1000s), .core = 2});
    kernel.run_until(Time{10ms});
    REQUIRE(kernel.core_of(task) == 2);
    kernel.wake(task);
    CHECK(kernel.core_of(task) == 2);
    kernel.run_for(10ms);
    kernel.wake(task, 1); // nor does a waker elsewhere draw it away
    CHECK(kernel.core_of(task) == 2);
}

TEST_CASE("A woken task whose core is taken goes to one that is idle", "[fair]") {
    FakeKernel kernel({}, 3, 250);
    const TaskId task = kernel.add({.behaviour = periodic(1ms, 1000s), .core = 1});
    kernel.run_until(Time{10ms});
    const TaskId there = kernel.add({.allowed = {1}});
    REQUIRE(kernel.running(1) == there);
    kernel.wake(task);
    CHECK(kernel.core_of(task) == 2); // from the next core on
    kernel.run_for(500us);
    CHECK(kernel.running(2) == task);
}

TEST_CASE("Affinity is kept to, whatever is idle", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_17);
    FairParameters parameters;
    parameters.version = version;
    FakeKernel kernel(parameters, 4, 250); // asserts that a task runs where it may
    for (int task = 0; task < 6; ++task) kernel.add({.behaviour = periodic(3ms, 1ms), .allowed = {1, 2}});
    kernel.run_until(Time{2s});
    Duration sum{};
    for (TaskId task = 0; task < 6; ++task) sum += kernel.cpu(task);
    CHECK(seconds(sum) == Approx(4).epsilon(0.01)); // both cores are busy
    for (const FakeKernel::Switch& one : kernel.switches) CHECK((one.core == 1 || one.core == 2));
}

TEST_CASE("A core that runs out of tasks takes one that waits elsewhere and is not hot", "[fair]") {
    FakeKernel kernel({}, 2, 250);
    Scheduling patient;
    patient.slice = 100ms;
    kernel.add({.scheduling = patient, .allowed = {0}});
    kernel.add({.behaviour = periodic(20ms, 1000s), .allowed = {1}});
    const TaskId waits = kernel.add({.scheduling = patient, .core = 0});
    REQUIRE(kernel.core_of(waits) == 0);
    kernel.run_until(Time{21ms});
    CHECK(kernel.core_of(waits) == 1);
    CHECK(kernel.running(1) == waits);
}

TEST_CASE("What has run within the migration cost stays where its data is", "[fair]") {
    FairParameters parameters;
    parameters.migration_cost = GENERATE(Duration{500us}, Duration{1s});
    FakeKernel kernel(parameters, 2, 1000);
    Scheduling patient;
    patient.slice = 100ms;
    kernel.add({.scheduling = patient, .allowed = {0}});
    kernel.add({.behaviour = periodic(20500us, 1000s), .allowed = {1}});
    const TaskId waits = kernel.add({.scheduling = patient, .core = 0});
    kernel.run_until(Time{22ms});
    CHECK((kernel.core_of(waits) == 1) == (parameters.migration_cost == 500us));
}

TEST_CASE("Balancing evens out what was started on one core", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    FairParameters parameters;
    parameters.version = version;
    const CoreId cores = GENERATE(as<CoreId>{}, 2, 4);
    FakeKernel kernel(parameters, cores, 250);
    kernel.after_each_event = [&] { check_all(kernel.state()); };
    // Kept busy while the others are started, the other cores cannot be chosen at once.
    for (CoreId core = 1; core < cores; ++core) kernel.add({.behaviour = periodic(10ms, forever), .allowed = {core}});
    for (CoreId task = 0; task < 2 * cores; ++task) kernel.add({.core = 0}, 0);
    kernel.run_until(Time{3s});
    for (CoreId core = 0; core < cores; ++core) {
        INFO("core " << core);
        CHECK(kernel.state().queues[core].tasks == 2);
    }
}

TEST_CASE("An odd hog out moves from core to core, so that all get about as much", "[fair]") {
    FakeKernel kernel({}, 2, 250);
    for (int task = 0; task < 3; ++task) kernel.add({});
    kernel.run_until(Time{60s});
    for (TaskId task = 0; task < 3; ++task) CHECK(seconds(kernel.cpu(task)) > 14.0);
    CHECK(kernel.state().overloaded == 1);
}

TEST_CASE("Where no core has two tasks no time is spent on balancing", "[fair]") {
    FakeKernel kernel({}, 4, 250);
    for (int task = 0; task < 4; ++task) kernel.add({});
    kernel.run_until(Time{1s});
    CHECK(kernel.switches.size() == 4);
    CHECK(kernel.migrations <= 3); // where they were started
    CHECK_FALSE(kernel.state().balancing);
}

TEST_CASE("The same events lead to the same schedule", "[fair]") {
    const auto run = [] {
        FakeKernel kernel({}, 4, 250);
        for (int task = 0; task < 30; ++task)
            kernel.add({.behaviour = periodic(std::chrono::microseconds{100 + 70 * task}, 300us)}, 0);
        kernel.run_until(Time{500ms});
        return kernel.switches;
    };
    CHECK(run() == run());
}
