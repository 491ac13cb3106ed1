// One event loop with 100,000 coroutines: how many of their operations are simulated a second. A `yield` is a hand-over
// to the next, an asynchronous sleep a timer and two of them, an asynchronous semaphore a wait, a release and two.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <benchmark/benchmark.h>

using namespace switchyard;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t coroutines = 100'000;

using Repeated = void (*)(ProgramBuilder& round);

void run(benchmark::State& state, std::int64_t rounds, std::int64_t operations_a_round, Repeated repeated) {
    const Scenario scenario =
        ScenarioBuilder("event loop")
            .hz(0)
            .semaphore("s", 1)
            .task(
                "A", TaskKind::coroutine, [&](ProgramBuilder& task) { task.repeat(rounds, repeated); },
                [](TaskTemplate& task) { task.count = static_cast<std::uint32_t>(coroutines); })
            .build();
    const CostProfile profile = reference_profile();
    for (auto _ : state) benchmark::DoNotOptimize(sim::simulate(scenario, profile).makespan);
    const std::int64_t done = coroutines * rounds * operations_a_round * static_cast<std::int64_t>(state.iterations());
    state.counters["operations/s"] = benchmark::Counter(static_cast<double>(done), benchmark::Counter::kIsRate);
}

void yields(benchmark::State& state) {
    run(state, 100, 1, [](ProgramBuilder& round) { round.yield(); });
}

void sleeps(benchmark::State& state) {
    run(state, 100, 1, [](ProgramBuilder& round) { round.sleep(10ms, true); });
}

void acquires_and_releases(benchmark::State& state) {
    run(state, 25, 2, [](ProgramBuilder& round) { round.acquire("s", true).yield().release("s"); });
}

// Tasks that come and go, one after the other.
void spawns_and_joins(benchmark::State& state) {
    constexpr std::int64_t tasks = 1'000'000;
    const Scenario scenario =
        ScenarioBuilder("short lives")
            .hz(0)
            .task("A", TaskKind::coroutine,
                  [](ProgramBuilder& task) {
                      task.repeat(tasks, [](ProgramBuilder& round) {
                          round.spawn("c", TaskKind::coroutine, [](ProgramBuilder& child) { child.yield(); }).join("c");
                      });
                  })
            .build();
    const CostProfile profile = reference_profile();
    for (auto _ : state) benchmark::DoNotOptimize(sim::simulate(scenario, profile).makespan);
    state.counters["tasks/s"] = benchmark::Counter(
        static_cast<double>(tasks * static_cast<std::int64_t>(state.iterations())), benchmark::Counter::kIsRate);
}

} // namespace

BENCHMARK(yields)->Unit(benchmark::kMillisecond);
BENCHMARK(sleeps)->Unit(benchmark::kMillisecond);
BENCHMARK(acquires_and_releases)->Unit(benchmark::kMillisecond);
BENCHMARK(spawns_and_joins)->Unit(benchmark::kMillisecond);
