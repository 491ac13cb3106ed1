// What it takes to wake a task whose core idles.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <array>
#include <catch2/catch_test_macros.hpp>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

// 3 us at first, 30 us after 1 ms of idling.
CostProfile machine() {
    static constexpr std::array<std::pair<std::int64_t, double>, 2> points{{{0, 3e6}, {1000, 30e6}}};
    CostProfile profile = free_profile();
    profile[Cost::wake_up_remote] = Law::table(Quantity::idle_microseconds, points);
    return profile;
}

auto on_core(std::uint32_t core) {
    return [=](TaskTemplate& task) { task.cores = {core}; };
}

// How long the woken task waits whose waker computes so long before; something else may keep its core busy.
Report waking(Duration after, std::uint32_t on, bool is_busy = false, const CostProfile& profile = machine()) {
    ScenarioBuilder scenario("waking");
    scenario.cores(2).scheduler("rr", {{"slice", "1s"}}).semaphore("turn");
    scenario.task(
        "woken", TaskKind::thread, [](auto& task) { task.acquire("turn").compute(1ms); }, on_core(on));
    scenario.task(
        "waker", TaskKind::thread, [=](auto& task) { task.compute(after).release("turn").compute(1ms); }, on_core(0));
    if (is_busy)
        scenario.task(
            "other", TaskKind::thread, [](auto& task) { task.compute(50ms); }, on_core(on));
    return sim::simulate(scenario.build(), profile);
}

// The same of one that is woken beside what gives way at once.
Report waking_beside_idle_policy(const CostProfile& profile) {
    ScenarioBuilder scenario("waking");
    scenario.cores(2).hz(0).scheduler("linux", {}).semaphore("turn");
    scenario.task(
        "woken", TaskKind::thread, [](auto& task) { task.acquire("turn").compute(1ms); }, on_core(1));
    scenario.task(
        "waker", TaskKind::thread, [](auto& task) { task.compute(1ms).release("turn").compute(1ms); }, on_core(0));
    scenario.task(
        "other", TaskKind::thread, [](auto& task) { task.compute(10ms); },
        [](TaskTemplate& task) {
            task.cores = {1};
            task.scheduling.policy = LinuxPolicy::idle;
        });
    return sim::simulate(scenario.build(), profile);
}

} // namespace

TEST_CASE("An idle core takes the longer to be woken the longer it has been idle") {
    CHECK(waking(100us, 1).tasks[0].waiting.mean() == 5'700ns);
    CHECK(waking(500us, 1).tasks[0].waiting.mean() == 16'500ns);
    CHECK(waking(1ms, 1).tasks[0].waiting.mean() == 30us);
    CHECK(waking(20ms, 1).tasks[0].waiting.mean() == 30us);
    const Report report = waking(1ms, 1);
    CHECK(report.makespan == 2ms + 30us);
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    CHECK(sum == report.makespan * 2); // nothing lost, nothing twice
}

TEST_CASE("A waker's own core and a busy one need no telling") {
    CHECK(waking(1ms, 0).makespan == 3ms);
    CHECK(waking(1ms, 1, true).makespan == 51ms);
}

TEST_CASE("Whoever interrupts another core pays for it, and goes on later") {
    CostProfile profile = free_profile();
    profile[Cost::wake_up_interrupt] = Law::constant(3us);
    CHECK(waking(1ms, 1, false, profile).tasks[1].turnaround.mean() == 2ms + 3us);
    CHECK(waking(1ms, 1, false, profile).tasks[0].waiting.mean() == 0us);   // at the same time
    CHECK(waking(1ms, 0, false, profile).makespan == 3ms);                  // itself: nobody
    CHECK(waking(1ms, 1, true, profile).tasks[1].turnaround.mean() == 2ms); // the busy core does not give way
    CHECK(waking_beside_idle_policy(profile).tasks[1].turnaround.mean() == 2ms + 3us);
    const Report report = waking(1ms, 1, false, profile);
    Duration sum{};
    for (const Duration part : *report.time) sum += part;
    CHECK(sum == report.makespan * 2);
}

TEST_CASE("A busy core that gives way at once is told by an interrupt") {
    CostProfile profile = free_profile();
    profile[Cost::wake_up_remote_busy] = Law::constant(4us);
    profile[Cost::wake_up_remote] = Law::constant(100us); // of idle ones
    CHECK(waking_beside_idle_policy(profile).tasks[0].waiting.mean() == 4us);
}
