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
Report waking(Duration after, std::uint32_t on, bool is_busy = false) {
    ScenarioBuilder scenario("waking");
    scenario.cores(2).scheduler("rr", {{"slice", "1s"}}).semaphore("turn");
    scenario.task(
        "woken", TaskKind::thread, [](auto& task) { task.acquire("turn").compute(1ms); }, on_core(on));
    scenario.task(
        "waker", TaskKind::thread, [=](auto& task) { task.compute(after).release("turn").compute(1ms); }, on_core(0));
    if (is_busy)
        scenario.task(
            "other", TaskKind::thread, [](auto& task) { task.compute(50ms); }, on_core(on));
    return sim::simulate(scenario.build(), machine());
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
