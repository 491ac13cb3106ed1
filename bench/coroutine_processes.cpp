// How fast coroutine processes are resumed, and what one costs in memory while it waits: coroutine frame, the
// allocator's own share of it, and the simulation's tables with what they hold in reserve.
#include "sim/engine/simulation.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>

#include <malloc.h>

namespace {

using namespace switchyard;
using namespace switchyard::sim;

SimulatedProcess tick(Simulation& simulation, Duration period, std::int64_t& resumes) {
    for (;;) {
        co_await simulation.sleep(period);
        ++resumes;
    }
}

SimulatedProcess wait_for(Simulation&, Event& event) { co_await event; }

std::size_t allocated() {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

void report_memory(benchmark::State& state, std::size_t bytes) {
    state.counters["bytes/process"] = static_cast<double>(bytes) / static_cast<double>(state.range(0));
}

// Processes whose periods differ by `step`.
void run_ticking(benchmark::State& state, Duration step) {
    const std::size_t before = allocated();
    Simulation simulation;
    std::int64_t resumes = 0;
    for (std::int64_t number = 0; number < state.range(0); ++number) {
        tick(simulation, std::chrono::microseconds(1) + number * step, resumes);
    }
    simulation.run_until(Time{std::chrono::microseconds(10)});
    report_memory(state, allocated() - before);
    resumes = 0;
    for (auto _ : state) simulation.run_until(simulation.now() + std::chrono::microseconds(1));
    state.SetItemsProcessed(resumes);
}

// All of one period, as in the clock examples of most simulators.
void tick_together(benchmark::State& state) { run_ticking(state, Duration{0}); }
BENCHMARK(tick_together)->Arg(1)->Arg(1'000)->Arg(100'000);

// All of different periods, from 1 us up to 2 us (for a thousand).
void tick_apart(benchmark::State& state) { run_ticking(state, std::chrono::nanoseconds(1)); }
BENCHMARK(tick_apart)->Arg(1'000)->Arg(100'000);

// Start a process, let it wait for an event, and let it end.
void start_wait_end(benchmark::State& state) {
    std::int64_t processes = 0;
    for (auto _ : state) {
        const std::size_t before = allocated();
        Simulation simulation;
        Event event;
        for (std::int64_t number = 0; number < state.range(0); ++number) wait_for(simulation, event);
        simulation.run();
        report_memory(state, allocated() - before);
        event.trigger();
        simulation.run();
        processes += state.range(0);
    }
    state.SetItemsProcessed(processes);
}
BENCHMARK(start_wait_end)->Arg(1'000)->Arg(100'000);

} // namespace
