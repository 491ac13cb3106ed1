// Periodic real-time tasks under earliest deadline first, tracing off, switches free: what a job costs from its release
// to its end, preemptions included. Utilisation 0.7 of each core; periods drawn log-uniformly from 1 to 100 ms.
#include "models/machine/profile.hpp"
#include "sim/simulate.hpp"

#include <benchmark/benchmark.h>
#include <cmath>
#include <random>
#include <vector>

using namespace switchyard;
using namespace std::chrono_literals;

// Periodic tasks that release `jobs` jobs in all, within one period each.
static Scenario periodic_tasks(std::uint32_t tasks, std::uint32_t cores, std::uint64_t jobs) {
    std::mt19937_64 random(tasks * 1000 + cores);
    const auto uniform = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
    std::vector<Duration> periods;
    std::vector<double> shares;
    double share_sum = 0;
    double jobs_a_second = 0;
    for (std::uint32_t task = 0; task < tasks; ++task) {
        periods.push_back(10us * std::lround(100 * std::pow(100.0, uniform())));
        jobs_a_second += 1 / seconds(periods.back());
        shares.push_back(0.5 + uniform());
        share_sum += shares.back();
    }
    ScenarioBuilder builder("periodic tasks");
    builder.cores(cores).profile("free").hz(0).scheduler("edf");
    for (std::uint32_t task = 0; task < tasks; ++task) {
        const Duration period = periods[task];
        const auto work =
            Duration{std::llround(0.7 * cores * shares[task] / share_sum * static_cast<double>(period.count()))};
        const auto releases = std::llround(static_cast<double>(jobs) / jobs_a_second / seconds(period));
        builder.task(
            "task" + std::to_string(task), TaskKind::thread,
            [&](ProgramBuilder& program) {
                program.repeat(releases, [&](auto& body) { body.job(period, [&](auto& job) { job.compute(work); }); });
            },
            [&](TaskTemplate& wanted) {
                wanted.scheduling.period = period;
                wanted.scheduling.runtime = work;
                wanted.start = Distribution::constant(static_cast<std::int64_t>(uniform() * 1e9));
            });
    }
    return builder.build();
}

static void earliest_deadline_first(benchmark::State& state) {
    const Scenario scenario = periodic_tasks(static_cast<std::uint32_t>(state.range(0)),
                                             static_cast<std::uint32_t>(state.range(1)), 1'000'000);
    const CostProfile profile = free_profile();
    std::uint64_t jobs = 0;
    for (auto _ : state) {
        const Report report = sim::simulate(scenario, profile);
        for (const TaskReport& task : report.tasks) jobs += task.jobs.finished;
    }
    state.counters["jobs/s"] = benchmark::Counter(static_cast<double>(jobs), benchmark::Counter::kIsRate);
}

BENCHMARK(earliest_deadline_first)
    ->ArgNames({"tasks", "cores"})
    ->ArgsProduct({{50, 500}, {1, 4, 16}})
    ->Unit(benchmark::kMillisecond);
