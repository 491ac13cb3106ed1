// What processes synchronise by takes the kernel longer to find than what threads of one process do.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

constexpr auto shared = 10us; // of a call that waits and one that wakes

Duration in_kernel(const ScenarioBuilder& scenario) {
    CostProfile profile = free_profile();
    profile[Cost::futex_shared] = Law::constant(shared);
    return (*sim::simulate(scenario.build(), profile).time)[static_cast<std::size_t>(TimeCategory::kernel)];
}

ScenarioBuilder one_core() {
    ScenarioBuilder scenario("sharing");
    scenario.cores(1).hz(0).scheduler("rr", {{"slice", "1h"}}).semaphore("turn").lock("m").condition("c");
    return scenario.barrier("all", 2).variable("v", 0, true);
}

Duration between(TaskKind kind, const ProgramBuilder::Body& first, const ProgramBuilder::Body& second) {
    return in_kernel(one_core().task("A", kind, first).task("B", kind, second));
}

} // namespace

TEST_CASE("a semaphore, a condition, a barrier that processes share: half for whoever waits, half for whoever wakes") {
    const ProgramBuilder::Body acquires = [](auto& task) { task.acquire("turn"); };
    const ProgramBuilder::Body releases = [](auto& task) { task.release("turn"); };
    CHECK(between(TaskKind::process, acquires, releases) == shared);
    CHECK(between(TaskKind::thread, acquires, releases) == 0us);
    CHECK(between(TaskKind::process, releases, acquires) == 0us); // nobody waits: nobody asks the kernel

    const ProgramBuilder::Body awaits = [](auto& task) { task.lock("m").await("c", "m").unlock("m"); };
    const ProgramBuilder::Body notifies = [](auto& task) { task.notify("c"); };
    CHECK(between(TaskKind::process, awaits, notifies) == shared);
    CHECK(between(TaskKind::thread, awaits, notifies) == 0us);

    const ProgramBuilder::Body arrives = [](auto& task) { task.arrive("all"); };
    CHECK(between(TaskKind::process, arrives, arrives) == shared);
    CHECK(between(TaskKind::thread, arrives, arrives) == 0us);
}

TEST_CASE("a lock that processes share") {
    const ProgramBuilder::Body holds = [](auto& task) { task.lock("m").sleep(1ms).unlock("m"); };
    const ProgramBuilder::Body wants = [](auto& task) { task.lock("m").unlock("m"); };
    CHECK(between(TaskKind::process, holds, wants) == shared);
    CHECK(between(TaskKind::thread, holds, wants) == 0us);
}

TEST_CASE("a process shares with the child it forks") {
    CHECK(in_kernel(one_core().task("A", TaskKind::process, [](ProgramBuilder& task) {
              task.fork("child", [](auto& child) { child.sleep(1ms).release("turn"); }).acquire("turn").wait("child");
          })) == shared);
}
