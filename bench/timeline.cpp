// The studio's timeline of a trace: making it, and what a frame of it takes.
#include "studio/model/timeline.hpp"

#include <benchmark/benchmark.h>
#include <random>

using namespace switchyard;
using namespace switchyard::studio;

namespace {

// Threads on four cores that run, block and wake each other, for lengths that differ a thousandfold.
Trace trace_of(std::size_t events) {
    constexpr std::uint16_t cores = 4;
    constexpr TaskId tasks = 100;
    std::mt19937_64 random(1);
    Trace trace;
    trace.cores = cores;
    for (TaskId i = 0; i < tasks; ++i) trace.tasks.push_back({"worker " + std::to_string(i), i / 4, false});
    trace.events.reserve(events + cores);
    TaskId running[cores] = {0, 1, 2, 3};
    Time now{};
    while (trace.events.size() < events) {
        now += Duration{static_cast<std::int64_t>(random() % (random() % 8 == 0 ? 10'000'000'000 : 10'000'000))};
        const auto core = static_cast<std::uint16_t>(random() % cores);
        const TaskId current = running[core];
        const TaskId next = (current + cores) % tasks;
        trace.events.push_back({now, 0, next, current, no_core, EventKind::ready, 0, 0});
        trace.events.push_back(
            {now, 0, current, no_task, core, EventKind::stopped, static_cast<std::uint8_t>(Stop::blocked), 0});
        trace.events.push_back({now, 1'500'000, no_task, no_task, core, EventKind::overhead,
                                static_cast<std::uint8_t>(Overhead::switching), 0});
        trace.events.push_back({now, 0, next, no_task, core, EventKind::running, 0, 0});
        running[core] = next;
    }
    return trace;
}

void make(benchmark::State& state) {
    const Trace trace = trace_of(static_cast<std::size_t>(state.range(0)));
    std::size_t bytes = 0;
    for (auto _ : state) {
        const auto timeline = make_timeline(trace);
        bytes = timeline->bytes();
        benchmark::DoNotOptimize(bytes);
    }
    state.counters["bytes_per_event"] = static_cast<double>(bytes) / static_cast<double>(trace.events.size());
}

// All cores and as many tasks as fit a screen, at one zoom: the share of the whole that is seen, in millionths.
void frame(benchmark::State& state) {
    const auto timeline = make_timeline(trace_of(static_cast<std::size_t>(state.range(0))));
    const Duration whole = timeline->end.time_since_epoch();
    const Duration seen = whole / 1'000'000 * state.range(1);
    const Time begin{(whole - seen) / 3};
    const View view{begin, begin + seen, 1920};
    std::vector<Span> spans;
    std::vector<Column> columns;
    std::size_t drawn = 0;
    for (auto _ : state) {
        drawn = 0;
        for (const Track& track : timeline->cores) {
            track.spans(view, spans);
            drawn += spans.size();
        }
        for (std::size_t i = 0; i < 30; ++i) {
            timeline->tasks[i].spans(view, spans);
            drawn += spans.size();
        }
        timeline->ready.columns(view, columns);
        benchmark::DoNotOptimize(drawn += columns.size());
    }
    state.counters["spans"] = static_cast<double>(drawn);
}

} // namespace

BENCHMARK(make)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(frame)->ArgsProduct({{1'000'000}, {1'000'000, 100'000, 10'000, 1'000}})->Unit(benchmark::kMicrosecond);
