// Load averages: a half is left after 32 periods, and what is always there counts whole.
#include "fake_kernel.hpp"
#include "invariants.hpp"

#include "sim/sched/fair/load.hpp"

#include <catch2/catch_approx.hpp>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;
using Catch::Approx;

namespace {

Nanoseconds at(const FakeKernel& kernel) { return nanoseconds(kernel.now()); }
std::int64_t load(const FakeKernel& kernel, CoreId core) { return load_of(kernel.state(), core, at(kernel)); }
std::int64_t used(const FakeKernel& kernel, TaskId task) {
    return utilization_of(kernel.state(), kernel.entity(task), at(kernel));
}

} // namespace

TEST_CASE("After 32 periods a half is left of a load", "[fair]") {
    CHECK(decay_factors[1] == 0xfa83b2da); // 2^32 x 0.5^(1/32), as published
    CHECK(decay_factors[16] == 0xb504f333);
    CHECK(decay_load(1'000'000, 32) == 999'999 / 2); // rounded down
    CHECK(decay_load(std::uint64_t{1} << 40, 64) == Approx(1LL << 38).epsilon(1e-6));
    CHECK(decay_load(greatest_load_sum, 10'000) == 0);
}

TEST_CASE("What has always been there stays so, and averages to what it is", "[fair]") {
    std::uint64_t sum = 0;
    LoadTime now = 12'345;
    for (const LoadTime step : {1, 700, 5'000, 1, 1'000'000, 333}) {
        sum = LoadStep(now, now + step).of(sum, 1);
        now += step;
    }
    CHECK(load_average(sum, now, 1024) == Approx(1024).margin(1));
    const LoadStep half(now, now + 32 * load_period);
    CHECK(load_average(half.of(sum, 0), now + 32 * load_period, 1024) == Approx(512).margin(1));
    // In two steps as in one, but for rounding.
    const LoadStep first(now, now + 7'000);
    const LoadStep second(now + 7'000, now + 20'000);
    CHECK(second.of(first.of(sum, 0), 1) == Approx(static_cast<double>(LoadStep(now, now + 20'000).of(sum, 0) +
                                                                       LoadStep(now + 7'000, now + 20'000).growth()))
                                                .margin(3));
}

TEST_CASE("A hog's load is its weight, and it uses the core whole", "[fair]") {
    FakeKernel kernel({}, 1, 250);
    Scheduling nice;
    nice.nice = 5;
    const TaskId hog_ = kernel.add({.scheduling = nice});
    kernel.run_until(Time{2s});
    CHECK(load_of(kernel.entity(hog_), at(kernel)) == Approx(335).margin(2));
    CHECK(load(kernel, 0) == Approx(335).margin(2));
    CHECK(used(kernel, hog_) == Approx(1024).margin(4));
    CHECK(runnable_of(kernel.state(), 0, at(kernel)) == Approx(1024).margin(4));
}

TEST_CASE("Two hogs are each there all the time, and use half of the core each", "[fair]") {
    FakeKernel kernel({}, 1, 250);
    kernel.add({});
    kernel.add({});
    kernel.run_until(Time{2s});
    CHECK(load(kernel, 0) == Approx(2048).margin(6));
    CHECK(used(kernel, 0) + used(kernel, 1) == Approx(1024).margin(8));
    CHECK(used(kernel, 0) == Approx(512).margin(50)); // it is a matter of whose turn it was last
}

TEST_CASE("The load of who sleeps decays where it was, by half in 33 ms", "[fair]") {
    FakeKernel kernel({}, 2, 250);
    const TaskId task = kernel.add({.behaviour = periodic(1s, 1000s)});
    kernel.run_until(Time{1s + Duration{32 * 1'048'576'000LL}});
    REQUIRE(kernel.sleeps(task));
    CHECK(load(kernel, 0) == Approx(512).margin(3));
    CHECK(load_of(kernel.entity(task), at(kernel)) == Approx(512).margin(3));
    CHECK(load(kernel, 1) == 0);
}

TEST_CASE("A task that moves takes its load along", "[fair]") {
    FakeKernel kernel({}, 2, 250);
    const TaskId task = kernel.add({.behaviour = periodic(500ms, 1000s)});
    kernel.run_until(Time{500ms});
    REQUIRE(kernel.sleeps(task));
    kernel.add({.allowed = {0}});
    const std::int64_t before = load(kernel, 0);
    kernel.wake(task); // core 0 is taken
    REQUIRE(kernel.core_of(task) == 1);
    CHECK(load(kernel, 0) == Approx(before - load(kernel, 1)).margin(4));
    CHECK(load(kernel, 1) == Approx(1024).margin(4));
    kernel.run_for(600ms);
    CHECK(load(kernel, 0) == Approx(1024).margin(4));
}

TEST_CASE("A group's load is what its queues have, and moves with its tasks", "[fair]") {
    Group group;
    group.name = "group";
    group.shares = 512;
    FakeKernel kernel({}, 2, 1000, {group});
    kernel.after_each_event = [&] { check_all(kernel.state()); };
    kernel.add({.group = 0, .allowed = {0}});
    kernel.add({.behaviour = periodic(7ms, 3ms), .group = 0});
    kernel.add({.behaviour = periodic(2ms, 3ms)});
    kernel.run_until(Time{3s});
    const std::int64_t total = load(kernel, 0) + load(kernel, 1);
    CHECK(total > 512);
    CHECK(total < 512 + 1024);
}
