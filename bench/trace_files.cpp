// Writing a trace of a million events, in every format: into a stream that forgets.
#include "formats/json/chrome_trace.hpp"
#include "formats/trace/csv_trace.hpp"
#include "formats/trace/ftrace_text.hpp"
#include "formats/trace/perfetto/perfetto_trace.hpp"

#include <benchmark/benchmark.h>
#include <ostream>
#include <streambuf>

using namespace switchyard;

namespace {

class Nowhere : public std::streambuf {
public:
    std::size_t bytes = 0;

private:
    int_type overflow(int_type c) override {
        ++bytes;
        return traits_type::not_eof(c);
    }
    std::streamsize xsputn(const char*, std::streamsize count) override {
        bytes += static_cast<std::size_t>(count);
        return count;
    }
};

// A hundred threads on two cores wake each other and block: a switch costs three events.
Trace trace_of(std::size_t events) {
    constexpr TaskId tasks = 100;
    Trace trace;
    trace.cores = 2;
    for (TaskId i = 0; i < tasks; ++i) trace.tasks.push_back({"worker " + std::to_string(i), i / 4, false});
    trace.events.reserve(events + 4);
    TaskId running[2] = {0, 1};
    for (std::int64_t step = 0; trace.events.size() < events; ++step) {
        const Time now{Duration{step * 1'000'000}};
        const auto core = static_cast<std::uint16_t>(step % 2);
        const TaskId next = static_cast<TaskId>((running[core] + 2) % tasks);
        const TaskId current = running[core];
        trace.events.push_back({now, 0, next, current, no_core, EventKind::ready, 0, 0});
        trace.events.push_back(
            {now, 0, current, no_task, core, EventKind::stopped, static_cast<std::uint8_t>(Stop::blocked), 0});
        trace.events.push_back({now, 300'000, no_task, no_task, core, EventKind::overhead,
                                static_cast<std::uint8_t>(Overhead::switching), 0});
        trace.events.push_back({now, 0, next, no_task, core, EventKind::running, 0, 0});
        running[core] = next;
    }
    return trace;
}

template <auto write>
void writing(benchmark::State& state) {
    const Trace trace = trace_of(static_cast<std::size_t>(state.range(0)));
    Nowhere nowhere;
    std::ostream stream(&nowhere);
    for (auto _ : state) write(trace, stream);
    const auto events = static_cast<double>(state.iterations()) * static_cast<double>(trace.events.size());
    state.counters["events"] = benchmark::Counter(events, benchmark::Counter::kIsRate);
    state.counters["bytes_per_event"] = static_cast<double>(nowhere.bytes) / events;
}

} // namespace

BENCHMARK(writing<formats::write_perfetto_trace>)->Name("perfetto")->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(writing<formats::write_chrome_trace>)->Name("chrome")->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(writing<formats::write_ftrace_text>)->Name("ftrace")->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(writing<formats::write_csv_trace>)->Name("csv")->Arg(1'000'000)->Unit(benchmark::kMillisecond);
