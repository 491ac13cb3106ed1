// What a sweep costs beside the simulations it consists of: points of nothing through an engine into a database (50 us
// each is the most allowed), the identity of a real point, and points of 1 ms and of 1 s on one and on two workers, of
// which two are to do 1.9 times as many. `few_points/1000000` shows in `grown_MB` what more memory ten times as many
// points take (nothing is allowed).
#include "formats/sweep/read_sweep.hpp"
#include "lab/sweep/engine.hpp"
#include "lab/sweep/planned_work.hpp"
#include "lab/sweep/store.hpp"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <xxhash.h>

using namespace switchyard;
using namespace switchyard::lab;

namespace {

class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "switchyard-bench-XXXXXX").string();
        if (mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string database() const { return (path_ / "results.sqlite").string(); }

private:
    std::filesystem::path path_;
};

// Points of nothing but their identity.
class EmptyWork : public SweepWork {
public:
    explicit EmptyWork(std::uint64_t cells) : cells_(cells) {
        outline_.name = "empty";
        outline_.parameters = {{"a", "none", "a"}, {"b", "seconds", "b"}};
        outline_.metrics = {{"makespan", "seconds", "makespan"}, {"overhead", "seconds", "overhead"}};
    }
    [[nodiscard]] const SweepOutline& outline() const override { return outline_; }
    [[nodiscard]] const Replications& replications() const override { return replications_; }
    [[nodiscard]] std::uint64_t cells() const override { return cells_; }
    [[nodiscard]] std::vector<ParameterValue> values_of(std::uint64_t cell) const override {
        return {"value", static_cast<double>(cell)};
    }
    [[nodiscard]] std::unique_ptr<PointWorker> make_worker() const override { return std::make_unique<Worker>(); }

private:
    class Worker : public PointWorker {
    public:
        [[nodiscard]] PointIdentity identify(const PointIndex& index) override {
            const XXH128_hash_t hash = XXH3_128bits(&index.cell, sizeof index.cell);
            PointIdentity identity;
            std::memcpy(identity.data(), &hash, identity.size());
            return identity;
        }
        [[nodiscard]] std::optional<PointResult> compute(const PointIndex& index, const std::stop_token&) override {
            return PointResult{index, identify(index), index.cell, PointStatus::done, {}, {1.0, 2.0}};
        }
    };
    SweepOutline outline_;
    Replications replications_;
    std::uint64_t cells_;
};

SweepProgress sweep(const SweepWork& work, std::size_t workers) {
    const Folder folder;
    ResultStore store(folder.database(), work.outline());
    return make_thread_engine(workers)->run(work, Schedule(work.cells(), work.replications()), store, {});
}

double megabytes_of(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key)) return std::strtod(line.c_str() + key.size(), nullptr) / 1024;
    return 0;
}

// The most memory of a sweep of so many points.
double peak_of_empty_points(std::uint64_t cells) {
    std::ofstream("/proc/self/clear_refs") << "5"; // the peak is counted from here
    sweep(EmptyWork(cells), 2);
    return megabytes_of("VmHWM:");
}

void few_points(benchmark::State& state) {
    const auto cells = static_cast<std::uint64_t>(state.range(0));
    double fewer = 0, all = 0;
    for (auto _ : state) {
        fewer = peak_of_empty_points(cells / 10);
        all = peak_of_empty_points(cells);
    }
    state.counters["peak_MB"] = all;
    state.counters["grown_MB"] = all - fewer;
}

void empty_points(benchmark::State& state) {
    const EmptyWork work(static_cast<std::uint64_t>(state.range(0)));
    std::uint64_t points = 0;
    for (auto _ : state) points += sweep(work, 1).computed;
    state.counters["per_point"] =
        benchmark::Counter(static_cast<double>(points), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// Two threads that take turns `switches` times: of as many slices a point consists.
PlannedWork turn_taking(std::uint64_t points, std::uint64_t switches) {
    const std::string text = fmt::format(R"(
        scenario:
          machine: {{cores: 1, profile: textbook}}
          scheduler: {{policy: rr, slice: 1ms}}
          tasks: {{A: {{do: [compute: {0}ms]}}, B: {{do: [compute: {0}ms]}}}}
        parameters: {{machine.cores: [1]}}
        replications: {1}
        metrics: [makespan, overhead])",
                                         switches / 2, points);
    return PlannedWork(SweepPlan(formats::parse_sweep(text, "bench.yaml")), "bench");
}

void identities(benchmark::State& state) {
    const PlannedWork work = turn_taking(1000, 10);
    const auto worker = work.make_worker();
    std::uint32_t replication = 0;
    for (auto _ : state) benchmark::DoNotOptimize(worker->identify({0, replication++ % 1000}));
}

// Simulations by themselves, and the same through an engine.
void small_points(benchmark::State& state) {
    const PlannedWork work = turn_taking(2000, 10);
    const bool engine = state.range(0) != 0;
    std::uint64_t points = 0;
    for (auto _ : state) {
        if (engine) {
            points += sweep(work, 1).computed;
            continue;
        }
        const auto worker = work.make_worker();
        for (std::uint32_t replication = 0; replication < work.replications().at_most; ++replication)
            points += worker->compute({0, replication}, {}).has_value();
    }
    state.counters["per_point"] =
        benchmark::Counter(static_cast<double>(points), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void points_on_workers(benchmark::State& state) {
    const auto switches = static_cast<std::uint64_t>(state.range(0));
    const PlannedWork work = turn_taking(static_cast<std::uint64_t>(state.range(1)), switches);
    std::uint64_t points = 0;
    for (auto _ : state) points += sweep(work, static_cast<std::size_t>(state.range(2))).computed;
    state.counters["points"] = benchmark::Counter(static_cast<double>(points), benchmark::Counter::kIsRate);
}

BENCHMARK(empty_points)->Arg(20'000)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(identities);
BENCHMARK(small_points)->ArgName("engine")->Arg(0)->Arg(1)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(few_points)->Arg(10'000)->Iterations(1)->Unit(benchmark::kSecond);
BENCHMARK(points_on_workers)
    ->ArgNames({"switches", "points", "workers"})
    ->Args({4'000, 20, 1})
    ->Args({4'000, 20, 2})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// Asked for by name, since they take long: SWITCHYARD_LONG=1 build/bench/bench_sweep.
[[maybe_unused]] const bool registered = [] {
    if (std::getenv("SWITCHYARD_LONG") == nullptr) return false;
    benchmark::RegisterBenchmark("few_points_long", few_points)
        ->Arg(1'000'000)
        ->Iterations(1)
        ->Unit(benchmark::kSecond);
    for (const std::int64_t workers : {1, 2, 1, 2, 1, 2}) { // in turns
        benchmark::RegisterBenchmark("points_of_1_ms", points_on_workers)
            ->Args({7'000, 3000, workers})
            ->Iterations(1)
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
        benchmark::RegisterBenchmark("points_of_1_s", points_on_workers)
            ->Args({7'000'000, 4, workers})
            ->Iterations(1)
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
    }
    return true;
}();

} // namespace
