// What a point of a sweep costs besides its simulation: its values, its identity, its scenario read. The aim is well
// under 50 us a point.
#include "formats/scenario/read_scenario.hpp"
#include "lab/sweep/plan.hpp"
#include "lab/sweep/plan_implementation.hpp"

#include <benchmark/benchmark.h>

using namespace switchyard;
using namespace switchyard::lab;

namespace {

const char* const two_tasks = R"(
scenario:
  machine: {cores: 1, profile: reference}
  scheduler: {policy: rr, slice: 1s}
  tasks:
    A: {kind: thread, do: [compute: 1ms]}
    B: {kind: thread, do: [compute: 1ms]}
parameters:
  scheduler.slice: {log: [100us, 1s], points: 1000}
  machine.cores: {range: [1, 16], step: 1}
  switch: {scale: switch.context, values: [0.5, 1, 2]}
replications: 20
metrics: [makespan, switches]
)";

const char* const drawn_design = R"(
scenario:
  machine: {cores: 1, profile: reference}
  scheduler: {policy: rr, slice: 1s}
  tasks:
    A: {kind: thread, do: [compute: 1ms]}
    B: {kind: thread, do: [compute: 1ms]}
parameters:
  scheduler.slice: {log: [100us, 1s]}
  machine.cores: {range: [1, 16]}
  switch: {scale: switch.context, log: [0.1, 10]}
design: sobol
samples: 100000
metrics: [makespan, switches]
)";

void identity(benchmark::State& state, const char* text) {
    const SweepPlan plan(formats::parse_sweep(text, "bench.yaml"));
    PointComputer computer(plan);
    std::uint64_t cell = 0;
    for (auto _ : state) benchmark::DoNotOptimize(computer.resolve({cell++ % plan.cells(), 0}));
}

void identity_and_scenario(benchmark::State& state, const char* text) {
    const SweepPlan plan(formats::parse_sweep(text, "bench.yaml"));
    PointComputer computer(plan);
    const SweepPlan::Implementation& made = plan.implementation();
    std::uint64_t cell = 0;
    ResolvedCell resolved;
    for (auto _ : state) {
        benchmark::DoNotOptimize(computer.resolve({cell % plan.cells(), 0}));
        resolve_cell(made, made.file.base, choose_values(made, cell++ % plan.cells()), resolved);
        benchmark::DoNotOptimize(formats::scenario_in(resolved.tree, "bench.yaml"));
    }
}

void whole_point(benchmark::State& state, const char* text, bool replications) {
    const SweepPlan plan(formats::parse_sweep(text, "bench.yaml"));
    PointComputer computer(plan);
    std::uint64_t point = 0;
    for (auto _ : state) {
        const std::uint64_t cell = (replications ? point / 20 : point) % plan.cells();
        benchmark::DoNotOptimize(computer.compute({cell, static_cast<std::uint32_t>(replications ? point % 20 : 0)}));
        ++point;
    }
}

BENCHMARK_CAPTURE(identity, grid, two_tasks);
BENCHMARK_CAPTURE(identity, sobol, drawn_design);
BENCHMARK_CAPTURE(identity_and_scenario, grid, two_tasks);
BENCHMARK_CAPTURE(whole_point, grid, two_tasks, false);
BENCHMARK_CAPTURE(whole_point, replications, two_tasks, true);
BENCHMARK_CAPTURE(whole_point, sobol, drawn_design, false);

} // namespace
