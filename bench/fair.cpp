// Linux's fair class with many runnable tasks, tracing off, through the public API: dispatches a second. Every dispatch is
// a tick that finds a request consumed, the account, the pick and the switch; with sleepers also wake-ups, placement and
// preemption.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <benchmark/benchmark.h>

using namespace switchyard;
using namespace std::chrono_literals;

static Scenario hogs(std::int64_t tasks, std::int64_t cores, const char* policy) {
    constexpr std::int64_t dispatches = 500'000;
    return ScenarioBuilder("hogs")
        .cores(static_cast<std::uint32_t>(cores))
        .hz(1000)
        .scheduler(policy)
        .task(
            "hog", TaskKind::thread, [&](ProgramBuilder& task) { task.compute(3ms * (dispatches / tasks)); },
            [&](TaskTemplate& task) { task.count = static_cast<std::uint32_t>(tasks); })
        .build();
}

// Half of the tasks compute, half sleep now and then.
static Scenario mixed(std::int64_t tasks, std::int64_t cores, const char* policy) {
    const auto half = static_cast<std::uint32_t>(tasks / 2);
    return ScenarioBuilder("mixed")
        .cores(static_cast<std::uint32_t>(cores))
        .hz(1000)
        .scheduler(policy)
        .task(
            "hog", TaskKind::thread, [&](ProgramBuilder& task) { task.compute(600ms); },
            [&](TaskTemplate& task) { task.count = half; })
        .task(
            "sleeper", TaskKind::thread,
            [&](ProgramBuilder& task) {
                task.repeat(500, [](ProgramBuilder& round) {
                    round.compute(Distribution::exponential(0.5e9)).sleep(Distribution::exponential(5e9));
                });
            },
            [&](TaskTemplate& task) { task.count = half; })
        .build();
}

static void run(benchmark::State& state, const Scenario& scenario) {
    const CostProfile profile = free_profile();
    std::uint64_t dispatches = 0;
    for (auto _ : state) dispatches += sim::simulate(scenario, profile).counters.dispatches;
    state.counters["dispatches/s"] = benchmark::Counter(static_cast<double>(dispatches), benchmark::Counter::kIsRate);
}

static void eevdf_hogs(benchmark::State& state) { run(state, hogs(state.range(0), state.range(1), "eevdf")); }
static void eevdf_mixed(benchmark::State& state) { run(state, mixed(state.range(0), state.range(1), "eevdf")); }
static void cfs_hogs(benchmark::State& state) { run(state, hogs(state.range(0), state.range(1), "cfs")); }

BENCHMARK(eevdf_hogs)->ArgNames({"tasks", "cores"})->Args({2, 1})->Args({1000, 16})->Unit(benchmark::kMillisecond);
BENCHMARK(eevdf_mixed)->ArgNames({"tasks", "cores"})->Args({1000, 16})->Unit(benchmark::kMillisecond);
BENCHMARK(cfs_hogs)->ArgNames({"tasks", "cores"})->Args({1000, 16})->Unit(benchmark::kMillisecond);
