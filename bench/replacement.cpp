// Page replacement: references a second. The string is Zipf's with exponent 1: 10^7 references to 10^6 pages, a tenth
// of which fit; pages are numbered at random, small for the direct index and spread over 64 bits for the hashed one.
// And what a program does: phases of a few pages each, most references where the last ones were.
#include "formats/reference_trace.hpp"
#include "models/random/draw.hpp"
#include "sim/memory/miss_ratio/stack_distance.hpp"
#include "sim/memory/replacement/optimal.hpp"
#include "sim/memory/replacement/registry.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <cmath>
#include <numeric>

using namespace switchyard;
using namespace switchyard::sim;
using namespace switchyard::sim::replacement;

static constexpr std::uint32_t page_count = 1'000'000;
static constexpr std::uint32_t frames = page_count / 10;
static constexpr std::size_t string_length = 10'000'000;

// Small page numbers.
static const std::vector<std::uint32_t>& zipf() {
    static const std::vector<std::uint32_t> made = [] {
        std::vector<double> cumulated(page_count);
        double sum = 0;
        for (std::uint32_t rank = 0; rank < page_count; ++rank) cumulated[rank] = sum += 1.0 / (rank + 1);
        DrawStream draws({.seed = 1});
        std::vector<std::uint32_t> names(page_count);
        std::iota(names.begin(), names.end(), 0U);
        for (std::uint32_t i = page_count - 1; i > 0; --i) std::swap(names[i], names[draws() % (i + 1)]);
        std::vector<std::uint32_t> string(string_length);
        for (std::uint32_t& page : string) {
            const double drawn = static_cast<double>(draws() >> 11) * 0x1p-53 * sum;
            const auto rank = std::ranges::lower_bound(cumulated, drawn) - cumulated.begin();
            page = names[std::min<std::size_t>(static_cast<std::size_t>(rank), page_count - 1)];
        }
        return string;
    }();
    return made;
}

// The same, as addresses would have them.
static const std::vector<std::uint64_t>& spread() {
    static const std::vector<std::uint64_t> made = [] {
        std::vector<std::uint64_t> string(zipf().begin(), zipf().end());
        for (std::uint64_t& page : string) page += std::uint64_t{0x7f5500000} + (page & 7) * 0x10000000;
        return string;
    }();
    return made;
}

static void report(benchmark::State& state, std::uint64_t played) {
    state.counters["references/s"] = benchmark::Counter(static_cast<double>(played), benchmark::Counter::kIsRate);
}

static void hashed(benchmark::State& state, const char* name) {
    const PolicyChoice choice = parse_policy(name);
    const auto& string = spread();
    std::uint64_t played = 0;
    for (auto _ : state) {
        const auto replay = choice.description->make_hashed(Options(frames, 0, choice.parameters));
        replay->play(string);
        played += string.size();
        state.counters["miss ratio"] = static_cast<double>(replay->misses()) / static_cast<double>(string.size());
    }
    report(state, played);
}

static void direct(benchmark::State& state, const char* name) {
    const PolicyChoice choice = parse_policy(name);
    const auto& string = zipf();
    std::uint64_t played = 0;
    for (auto _ : state) {
        const auto replay = choice.description->make_direct(Options(frames, page_count, choice.parameters));
        replay->play(string);
        played += string.size();
    }
    report(state, played);
}

static void optimal_hashed(benchmark::State& state) {
    const auto& string = spread();
    std::uint64_t played = 0;
    for (auto _ : state) {
        NextUses<HashedIndex> uses(0, string.size());
        uses.add(string);
        benchmark::DoNotOptimize(optimal_misses(uses.times(), frames));
        played += string.size();
    }
    report(state, played);
}

static void optimal_direct(benchmark::State& state) {
    const auto& string = zipf();
    std::uint64_t played = 0;
    for (auto _ : state) {
        NextUses<DirectIndex> uses(page_count, string.size());
        uses.add(string);
        benchmark::DoNotOptimize(optimal_misses(uses.times(), frames));
        played += string.size();
    }
    report(state, played);
}

// What a real program referenced: the pages of a million of its references, and over again.
static std::vector<std::uint64_t> recorded(const char* name) {
    formats::ReferenceTrace trace(std::string(SWITCHYARD_SOURCE_DIR "/tests/oracles/data/memory/traces/") + name);
    std::vector<std::uint64_t> string;
    std::vector<formats::MemoryReference> some(4096);
    while (const std::size_t count = trace.read(some))
        for (std::size_t i = 0; i < count; ++i) string.push_back(some[i].page(12));
    const std::size_t once = string.size();
    for (int round = 1; round < 10; ++round)
        string.insert(string.end(), string.begin(), string.begin() + static_cast<std::ptrdiff_t>(once));
    return string;
}

static void curve(benchmark::State& state, const std::vector<std::uint64_t>& string) {
    std::uint64_t played = 0;
    for (auto _ : state) {
        miss_ratio::RecencyCurve recency;
        recency.play(string);
        benchmark::DoNotOptimize(recency.depths().misses());
        played += string.size();
    }
    report(state, played);
}

static void curve_zipf(benchmark::State& state) { curve(state, spread()); }
static void curve_recorded(benchmark::State& state, const char* name) { curve(state, recorded(name)); }

BENCHMARK_CAPTURE(hashed, lru, "lru")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(direct, lru, "lru")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hashed, clock, "clock")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(direct, clock, "clock")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hashed, arc, "arc")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hashed, two_queues, "2q")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hashed, s3_fifo, "s3-fifo")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hashed, sieve, "sieve")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hashed, lirs, "lirs")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hashed, linux, "linux")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(hashed, mglru, "mglru")->Unit(benchmark::kMillisecond);
BENCHMARK(optimal_hashed)->Unit(benchmark::kMillisecond);
BENCHMARK(optimal_direct)->Unit(benchmark::kMillisecond);
BENCHMARK(curve_zipf)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(curve_recorded, cc1_instructions_and_data, "lackey_cc1_all.txt.zst")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(curve_recorded, cc1_data, "lackey_cc1_data.txt.zst")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(curve_recorded, python_data, "lackey_python_data.txt.zst")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(curve_recorded, sqlite_data, "lackey_sqlite_data.txt.zst")->Unit(benchmark::kMillisecond);
