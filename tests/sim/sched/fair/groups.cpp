// Groups share by their weights, whatever is in them.
#include "fake_kernel.hpp"
#include "invariants.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace switchyard;
using namespace switchyard::sim;
using namespace std::chrono_literals;
using Catch::Approx;

namespace {

Group group(std::int64_t shares, std::uint32_t parent = no_group) {
    Group made;
    made.name = "group";
    made.shares = shares;
    made.parent = parent;
    return made;
}

FairParameters of_version(FairVersion version) {
    FairParameters parameters;
    parameters.version = version;
    return parameters;
}

TaskPlan in_group(std::uint32_t of, Behaviour behaviour = hog()) {
    TaskPlan plan;
    plan.group = of;
    plan.behaviour = std::move(behaviour);
    return plan;
}

double cpu_of(const FakeKernel& kernel, std::initializer_list<TaskId> tasks) {
    double sum = 0;
    for (const TaskId task : tasks) sum += seconds(kernel.cpu(task));
    return sum;
}

} // namespace

TEST_CASE("Groups share in the ratio of their shares, however many tasks they have", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 1000, {group(1024), group(3072)});
    kernel.add(in_group(0));
    for (int task = 0; task < 4; ++task) kernel.add(in_group(0));
    kernel.add(in_group(1));
    kernel.run_until(Time{20s});
    CHECK(cpu_of(kernel, {0, 1, 2, 3, 4}) == Approx(5).epsilon(0.01));
    CHECK(cpu_of(kernel, {5}) == Approx(15).epsilon(0.01));
    for (TaskId task = 0; task < 5; ++task) CHECK(cpu_of(kernel, {task}) == Approx(1).epsilon(0.03));
}

TEST_CASE("A group of 1024 shares competes as a task of nice 0 does", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 1000, {group(1024)});
    kernel.add({});
    kernel.add(in_group(0));
    kernel.add(in_group(0));
    kernel.run_until(Time{20s});
    CHECK(cpu_of(kernel, {0}) == Approx(10).epsilon(0.01));
    CHECK(cpu_of(kernel, {1}) == Approx(5).epsilon(0.01));
}

TEST_CASE("Groups in groups share what their parent gets", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 1000, {group(1024), group(1024), group(3072, 0), group(1024, 0)});
    kernel.add(in_group(2));
    kernel.add(in_group(3));
    kernel.add(in_group(1));
    kernel.run_until(Time{20s});
    CHECK(cpu_of(kernel, {2}) == Approx(10).epsilon(0.01));
    CHECK(cpu_of(kernel, {0}) == Approx(7.5).epsilon(0.02));
    CHECK(cpu_of(kernel, {1}) == Approx(2.5).epsilon(0.04));
}

TEST_CASE("A group's weight on a core is its shares in proportion to what it has queued there", "[fair]") {
    FakeKernel kernel({}, 2, 1000, {group(1024)});
    kernel.add({.group = 0, .allowed = {0}});
    const auto weight_on = [&](CoreId core) {
        const FairState& fair = kernel.state();
        return fair.entities[fair.queues[fair.group_of_view[0] * fair.cores + core].entity].load.weight;
    };
    CHECK(weight_on(0) == nice_0_load);
    kernel.add({.group = 0, .allowed = {1}});
    kernel.add({.group = 0, .allowed = {1}});
    kernel.add({.group = 0, .allowed = {1}});
    CHECK(weight_on(1) == nice_0_load * 3 / 4);
    kernel.add({.allowed = {0}}); // so that core 0 has a reason to tick
    kernel.run_until(Time{50ms});
    CHECK(weight_on(0) == nice_0_load / 4);
    // On core 0 a quarter of a task's weight competes with one of a whole one.
    kernel.run_until(Time{20s});
    CHECK(cpu_of(kernel, {0}) == Approx(4).epsilon(0.02));
}

TEST_CASE("A group asks for as little at once as the shortest request in it", "[fair]") {
    FakeKernel kernel({}, 1, 250, {group(1024)});
    TaskPlan plan = in_group(0);
    plan.scheduling.slice = 5ms;
    kernel.add(plan);
    const auto entity_slice = [&] { return kernel.state().entities[kernel.state().queues[1].entity].slice; };
    CHECK(entity_slice() == 5'000'000);
    plan.scheduling.slice = 300us;
    plan.behaviour = periodic(100us, 1000s);
    const TaskId short_one = kernel.add(plan);
    CHECK(entity_slice() == 300'000);
    kernel.run_until(Time{1s});
    REQUIRE_FALSE(kernel.entity(short_one).on_queue);
    CHECK(entity_slice() == 5'000'000);
}

TEST_CASE("Sessions are groups where autogroup is on, and nice values compare inside them only", "[fair]") {
    const bool autogroup = GENERATE(true, false);
    FairParameters parameters;
    parameters.autogroup = autogroup;
    FakeKernel kernel(parameters, 1, 1000, {group(1024), group(1024)}, 0); // both are sessions
    TaskPlan nice_one = in_group(0);
    nice_one.scheduling.nice = 19;
    kernel.add(nice_one);
    kernel.add(in_group(1));
    kernel.run_until(Time{20s});
    CHECK(cpu_of(kernel, {0}) == Approx(autogroup ? 10.0 : 20.0 * 15 / 1039).epsilon(0.03));
}

TEST_CASE("Who ends leaves its session's group before it wakes who waits for it; a control group it stays in",
          "[fair]") {
    const bool autogroup = GENERATE(true, false);
    const bool in_session = GENERATE(true, false);
    const auto version = GENERATE(FairVersion::v6_5, FairVersion::v6_12, FairVersion::v6_17);
    FairParameters parameters = of_version(version);
    parameters.autogroup = autogroup;
    FakeKernel kernel(parameters, 1, 1000, {group(1024)}, in_session ? 0 : 1);
    for (int task = 0; task < 3; ++task) kernel.add(in_group(0, periodic(5ms, forever)));
    kernel.run_for(500us);
    const TaskId ending = kernel.running(0);
    const FairQueueId before = kernel.entity(ending).queue;
    kernel.fair().task_exiting(0, ending, kernel.now());
    if (autogroup && in_session) {
        CHECK(kernel.entity(ending).queue == 0);
        CHECK(kernel.state().queues[before].entities == 2);
    } else {
        CHECK(kernel.entity(ending).queue == before);
    }
    kernel.run_for(1s);
    for (TaskId task = 0; task < 3; ++task) CHECK(kernel.cpu(task) == 5ms);
    CHECK(kernel.state().queues[0].tasks == 0);
}

TEST_CASE("A wakee preempts through its group, if that is due", "[fair]") {
    const auto version = GENERATE(FairVersion::v6_12, FairVersion::v6_17);
    FakeKernel kernel(of_version(version), 1, 250, {group(1024), group(1024)});
    kernel.add(in_group(0));
    TaskPlan plan = in_group(1, periodic(100us, 1000s));
    plan.scheduling.slice = 200us;
    const TaskId wakee = kernel.add(plan);
    kernel.run_until(Time{1s});
    REQUIRE(kernel.sleeps(wakee));
    REQUIRE_FALSE(kernel.entity(wakee).on_queue);
    kernel.wake(wakee);
    CHECK(kernel.running(0) == wakee);
}

TEST_CASE("A group whose last task has left ahead of the others stays for a while, empty", "[fair]") {
    FakeKernel kernel({}, 1, 0, {group(1024)});
    const TaskId task = kernel.add(in_group(0, periodic(600us, 1000s)));
    kernel.add({});
    kernel.run_until(Time{601us});
    REQUIRE(kernel.sleeps(task));
    const Entity& entity = kernel.state().entities[kernel.state().queues[1].entity];
    // The task was alone in its group, so that it left; the group is ahead of the other task.
    CHECK_FALSE(kernel.entity(task).on_queue);
    CHECK(entity.on_queue);
    CHECK(entity.delayed);
    CHECK(kernel.state().queues[0].tasks == 1);
    kernel.run_for(5ms);
    CHECK_FALSE(entity.on_queue);
}
