// What scheduling domains do to where tasks run.
#include "fake_kernel.hpp"
#include "invariants.hpp"

#include "sim/sched/fair/load.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <algorithm>
#include <set>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;
using Catch::Approx;

namespace {

Topology regular(const RegularTopology& shape) { return Topology(cores_of(shape), describe(shape)); }
Topology two_smt_cores() { return regular({.cores_per_cache = 2, .threads_per_core = 2}); }

FairParameters any_version() {
    FairParameters parameters;
    parameters.version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    return parameters;
}

std::uint32_t tasks_on(const FakeKernel& kernel, std::span<const std::uint32_t> cores) {
    std::uint32_t tasks = 0;
    for (const std::uint32_t core : cores) tasks += kernel.state().queues[core].tasks;
    return tasks;
}

// Tasks that are created on core 0 while it is all there is, and may go where they like from then on.
void start_on_core_0(FakeKernel& kernel, int tasks) {
    for (CoreId core = 1; core < kernel.state().cores; ++core)
        kernel.add({.behaviour = periodic(100ms, forever), .allowed = {core}});
    for (int task = 0; task < tasks; ++task) kernel.add({.core = 0}, 0);
}

} // namespace

TEST_CASE("New hogs are given a physical core each before they share one", "[fair]") {
    FakeKernel kernel(any_version(), two_smt_cores(), 250);
    kernel.add({}, 0);
    kernel.run_for(1ms);
    kernel.add({}, 0);
    const Topology& topology = kernel.state().machine.topology;
    CHECK(topology.physical_core(kernel.core_of(0)) != topology.physical_core(kernel.core_of(1)));
}

TEST_CASE("Of two hogs on siblings one is pushed to the physical core that is idle", "[fair]") {
    FakeKernel kernel(any_version(), two_smt_cores(), 250);
    kernel.after_each_event = [&] { check_all(kernel.state()); };
    // The other core is busy while they start.
    for (CoreId core = 2; core < 4; ++core) kernel.add({.behaviour = periodic(20ms, forever), .allowed = {core}});
    const TaskId one = kernel.add({.core = 0}, 0);
    const TaskId other = kernel.add({.core = 1}, 1);
    const Topology& topology = kernel.state().machine.topology;
    REQUIRE(topology.physical_core(kernel.core_of(one)) == topology.physical_core(kernel.core_of(other)));
    kernel.run_until(Time{500ms});
    CHECK(topology.physical_core(kernel.core_of(one)) != topology.physical_core(kernel.core_of(other)));
    const auto moved = kernel.migrations;
    kernel.run_for(2s); // and there they stay
    CHECK(kernel.migrations == moved);
}

TEST_CASE("A wakee finds a physical core that is idle rather than a sibling of a busy one", "[fair]") {
    FakeKernel kernel({}, regular({.cores_per_cache = 4, .threads_per_core = 2}), 250);
    const TaskId task = kernel.add({.behaviour = periodic(1ms, 1000s), .core = 0});
    kernel.run_until(Time{50ms});
    kernel.add({.allowed = {0}});
    kernel.add({.allowed = {2}});
    kernel.wake(task);
    CHECK(kernel.core_of(task) == 4);
    kernel.run_for(50ms);
    // When none is, the sibling of where it was will do.
    for (const CoreId core : {CoreId{6}, CoreId{4}}) kernel.add({.allowed = {core}});
    kernel.run_for(1ms);
    kernel.wake(task);
    CHECK(kernel.core_of(task) == 5);
}

TEST_CASE("A wakee stays within the last-level cache of its waker or of where it was", "[fair]") {
    FakeKernel kernel({}, regular({.caches_per_node = 2, .cores_per_cache = 4}), 250);
    const TaskId task = kernel.add({.behaviour = periodic(1ms, 1000s), .core = 1});
    kernel.run_until(Time{10ms});
    REQUIRE(kernel.core_of(task) == 1);
    for (CoreId core = 0; core < 4; ++core) kernel.add({.allowed = {core}});
    kernel.run_for(300ms);
    kernel.wake(task, 0); // four others are idle
    CHECK(kernel.core_of(task) < 4);
}

TEST_CASE("A waker and the one it wakes stay within one last-level cache", "[fair]") {
    FakeKernel kernel({}, regular({.caches_per_node = 2, .cores_per_cache = 2}), 1000);
    const TaskId waker = kernel.add({.behaviour = periodic(100us, 1000s), .core = 0});
    kernel.run_for(10ms); // one that begins meanwhile would begin where nobody is busy
    const TaskId wakee = kernel.add({.behaviour = periodic(200us, 1000s), .core = 1});
    kernel.run_for(10ms);
    REQUIRE(kernel.core_of(wakee) == 1);
    for (int round = 0; round < 300; ++round) {
        kernel.wake(waker);
        kernel.run_for(100us); // and is done when the other one wakes
        kernel.wake(wakee, kernel.core_of(waker));
        kernel.run_for(937us);
    }
    std::set<std::uint32_t> caches;
    const Time settled = Time{100ms};
    for (const FakeKernel::Switch& one : kernel.switches)
        if (one.at > settled && one.task != no_task) caches.insert(kernel.state().machine.topology.cache(one.core));
    CHECK(caches.size() == 1);
}

TEST_CASE("A waker on another node does not draw a wakee away from an idle core", "[fair]") {
    FakeKernel kernel({}, regular({.nodes = 2, .cores_per_cache = 2}), 250);
    const TaskId task = kernel.add({.behaviour = periodic(1ms, 1000s), .core = 2});
    kernel.run_until(Time{10ms});
    REQUIRE(kernel.core_of(task) == 2);
    kernel.wake(task, 0); // from an interrupt there, while it is idle
    CHECK(kernel.core_of(task) == 2);
    kernel.run_for(10ms);
    kernel.add({.allowed = {0}});
    kernel.add({.allowed = {2}});
    kernel.wake(task, 0);
    CHECK(kernel.state().machine.topology.node(kernel.core_of(task)) == 1); // the other core of its node
}

TEST_CASE("Hogs spread evenly over last-level caches", "[fair]") {
    const int hogs = GENERATE(6, 8, 16);
    const bool at_once = GENERATE(true, false);
    FakeKernel kernel({}, regular({.caches_per_node = 2, .cores_per_cache = 4}), 250);
    if (at_once) {
        start_on_core_0(kernel, hogs);
    } else {
        for (int task = 0; task < hogs; ++task) {
            kernel.add({}, 0);
            kernel.run_for(20ms);
        }
    }
    kernel.run_until(Time{3s});
    const Topology& topology = kernel.state().machine.topology;
    CHECK(tasks_on(kernel, topology.cores_of_cache(0)) == static_cast<std::uint32_t>(hogs) / 2);
    CHECK(tasks_on(kernel, topology.cores_of_cache(1)) == static_cast<std::uint32_t>(hogs) / 2);
    for (CoreId core = 0; core < 8; ++core)
        CHECK(kernel.state().queues[core].tasks <= (static_cast<unsigned>(hogs) + 7) / 8);
}

TEST_CASE("A pair that begins on one node stays there, more hogs than that do not", "[fair]") {
    FakeKernel kernel({}, regular({.nodes = 2, .cores_per_cache = 16}), 250);
    const Topology& topology = kernel.state().machine.topology;
    kernel.add({}, 0);
    kernel.run_for(1ms);
    kernel.add({}, 0);
    kernel.run_for(1s);
    CHECK(tasks_on(kernel, topology.cores_of_node(0)) == 2); // within the allowance: two nodes, two caches
    for (int task = 0; task < 14; ++task) {
        kernel.add({}, 0);
        kernel.run_for(1ms);
    }
    kernel.run_for(2s);
    CHECK(std::abs(static_cast<int>(tasks_on(kernel, topology.cores_of_node(0))) - 8) <= 1);
}

TEST_CASE("A hog does not stay on a slow core while a fast one is idle", "[fair]") {
    TopologyDescription big_and_little;
    big_and_little.speeds = {1000, 400};
    FakeKernel kernel(any_version(), Topology(2, big_and_little), 250);
    const TaskId guest = kernel.add({.behaviour = periodic(50ms, forever), .allowed = {0}});
    const TaskId hog_ = kernel.add({.core = 1}, 1);
    REQUIRE(kernel.core_of(hog_) == 1);
    kernel.run_until(Time{400ms});
    REQUIRE(kernel.ended(guest));
    CHECK(kernel.running(0) == hog_);
    const auto moved = kernel.migrations;
    kernel.run_for(1s);
    CHECK(kernel.migrations == moved);
}

TEST_CASE("A light task may stay on a slow core, one that does not fit wakes on a fast one", "[fair]") {
    TopologyDescription big_and_little;
    big_and_little.speeds = {1000, 400};
    FakeKernel kernel({}, Topology(2, big_and_little), 1000);
    const Duration run = GENERATE(Duration{500us}, Duration{8ms});
    const TaskId task = kernel.add({.behaviour = periodic(run, 10ms - run), .core = 1}, 1);
    kernel.run_until(Time{2s});
    CHECK(kernel.core_of(task) == (run == 8ms ? 0 : 1));
}

TEST_CASE("Load of different weight spreads by weight over caches", "[fair]") {
    FakeKernel kernel({}, regular({.caches_per_node = 2, .cores_per_cache = 1}), 250);
    kernel.after_each_event = [&] { check_all(kernel.state()); };
    Scheduling heavy;
    heavy.nice = -5; // about three of nice 0
    kernel.add({.scheduling = heavy}, 0);
    for (int task = 0; task < 3; ++task) {
        kernel.run_for(100ms);
        kernel.add({}, 0);
    }
    kernel.run_until(Time{5s});
    const CoreId core_of_heavy = kernel.core_of(0);
    CHECK(kernel.state().queues[core_of_heavy].tasks <= 2);
    CHECK(seconds(kernel.cpu(0)) > 3.3); // rather than its share of 3.03 of 6.03 on one core: 2.5 s
}

TEST_CASE("The same events lead to the same schedule on any topology", "[fair]") {
    const auto run = [] {
        FakeKernel kernel({}, regular({.nodes = 2, .caches_per_node = 2, .cores_per_cache = 2, .threads_per_core = 2}),
                          250);
        for (int task = 0; task < 40; ++task)
            kernel.add({.behaviour = periodic(std::chrono::microseconds{100 + 170 * task}, 900us)}, 0);
        kernel.run_until(Time{300ms});
        check_all(kernel.state());
        return kernel.switches;
    };
    CHECK(run() == run());
}

TEST_CASE("A waker that is about to sleep draws the wakee to its core where no core is idle", "[fair]") {
    // The wakee was on core 1 last, which has little to do, but is not idle.
    const auto core_of_woken = [](Enqueue why, int hogs_on_core_0) {
        FakeKernel kernel({}, regular({.cores_per_cache = 2}), 250);
        const TaskId wakee = kernel.add({.behaviour = periodic(1ms, 1000s), .allowed = {}, .core = 1}, 1);
        kernel.run_for(10ms);
        for (int hog = 0; hog < hogs_on_core_0; ++hog) kernel.add({.allowed = {0}});
        Scheduling light;
        light.nice = 19;
        kernel.add({.scheduling = light, .allowed = {1}});
        kernel.run_for(10ms);
        REQUIRE(kernel.core_of(wakee) == 1);
        kernel.wake(wakee, 0, why);
        return kernel.core_of(wakee);
    };
    CHECK(core_of_woken(Enqueue::woken, 1) == 1);
    CHECK(core_of_woken(Enqueue::woken_in_passing, 1) == 0); // alone there, and gone in a moment
    CHECK(core_of_woken(Enqueue::woken_in_passing, 3) == 1); // two more stay
}

TEST_CASE("Tasks that arrive together begin evenly on all cores", "[fair]") {
    FakeKernel kernel(any_version(), regular({.cores_per_cache = 2}), 250);
    for (int task = 0; task < 4; ++task) kernel.add({});
    for (CoreId core = 0; core < 2; ++core) CHECK(kernel.state().queues[core].tasks == 2);
    const TaskId bound = kernel.add({.allowed = {1}});
    CHECK(kernel.core_of(bound) == 1);
    CHECK(kernel.core_of(kernel.add({})) == 0);
}
