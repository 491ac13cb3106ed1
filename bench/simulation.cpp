// A whole simulation: round-robin threads on one core and on several, tracing off, through the public API. A dispatch
// is everything from the end of one slice to the beginning of the next: event, account, requeue, pick, switch.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <benchmark/benchmark.h>

using namespace switchyard;
using namespace std::chrono_literals;

static Scenario hogs(std::int64_t threads, std::int64_t cores, Duration work) {
    return ScenarioBuilder("hogs")
        .cores(static_cast<std::uint32_t>(cores))
        .scheduler("rr", {{"slice", "1ms"}})
        .task(
            "hog", TaskKind::thread, [&](ProgramBuilder& task) { task.compute(work); },
            [&](TaskTemplate& task) { task.count = static_cast<std::uint32_t>(threads); })
        .build();
}

static void run(benchmark::State& state, bool traced) {
    constexpr std::int64_t dispatches = 1'000'000;
    const Scenario scenario = hogs(state.range(0), state.range(1), 1ms * (dispatches / state.range(0)));
    const CostProfile profile = reference_profile();
    std::uint64_t done = 0;
    for (auto _ : state) {
        Trace trace;
        sim::SimulationOptions options;
        if (traced) options.trace = &trace;
        done += sim::simulate(scenario, profile, options).counters.dispatches;
    }
    state.counters["dispatches/s"] = benchmark::Counter(static_cast<double>(done), benchmark::Counter::kIsRate);
}

static void round_robin_threads(benchmark::State& state) { run(state, false); }
static void round_robin_threads_traced(benchmark::State& state) { run(state, true); }

BENCHMARK(round_robin_threads)
    ->ArgNames({"threads", "cores"})
    ->Args({2, 1})
    ->Args({100, 1})
    ->Args({1000, 1})
    ->Args({1000, 8})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(round_robin_threads_traced)->ArgNames({"threads", "cores"})->Args({100, 1})->Unit(benchmark::kMillisecond);
