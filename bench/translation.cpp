// How fast addresses are translated: two levels of TLBs as in a usual core, walks with their caches, and a demand fault
// where a page is touched for the first time (a bit a page; the address space's own work is not in it). References are
// drawn beforehand: the hardware is measured, not the generator.
#include "sim/memory/translation/tlb.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using namespace switchyard::sim;

constexpr std::size_t reference_count = 1U << 22U;

// Ranks by Zipf's law with exponent 1 over so many pages, scattered over the region.
std::vector<std::uint64_t> zipf(std::uint64_t pages) {
    std::mt19937_64 random(1);
    std::vector<double> cumulative(pages);
    double sum = 0;
    for (std::uint64_t rank = 0; rank < pages; ++rank) cumulative[rank] = sum += 1.0 / static_cast<double>(rank + 1);
    std::vector<std::uint64_t> scattered(pages);
    for (std::uint64_t page = 0; page < pages; ++page) scattered[page] = page;
    std::ranges::shuffle(scattered, random);
    std::vector<std::uint64_t> references(reference_count);
    for (std::uint64_t& reference : references) {
        const double uniform = static_cast<double>(random() >> 11U) * 0x1p-53 * sum;
        reference =
            scattered[static_cast<std::size_t>(std::ranges::lower_bound(cumulative, uniform) - cumulative.begin())];
    }
    return references;
}

void translate(benchmark::State& state, const std::vector<std::uint64_t>& references, std::uint64_t pages) {
    TranslationHardware core(usual_translation());
    std::vector<std::uint8_t> present(pages);
    std::uint64_t faults = 0;
    std::uint64_t levels = 0;
    for (auto _ : state)
        for (const std::uint64_t page : references) {
            if (present[page] == 0) [[unlikely]] {
                present[page] = 1;
                ++faults;
            }
            levels += core.access(1, 0x7f0000000 + page, PageSize::small, AccessKind::read).levels_read;
        }
    benchmark::DoNotOptimize(faults);
    benchmark::DoNotOptimize(levels);
    const TranslationCounts counts = core.counts();
    const auto all = static_cast<double>(counts.accesses);
    state.SetItemsProcessed(static_cast<std::int64_t>(counts.accesses));
    state.counters["first_level_misses"] = static_cast<double>(counts.first_level_misses) / all;
    state.counters["walks"] = static_cast<double>(counts.walks) / all;
    state.counters["levels/walk"] =
        static_cast<double>(counts.levels_read) / static_cast<double>(std::max<std::uint64_t>(counts.walks, 1));
}

// Zipf over pages that the first level (64 entries) and the second (1,536) hold to different parts.
void zipf_1(benchmark::State& state) {
    const auto pages = static_cast<std::uint64_t>(state.range(0));
    translate(state, zipf(pages), pages);
}
BENCHMARK(zipf_1)->Arg(48)->Arg(1'000)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// A program reads words one after the other: 512 of them a page.
void words_in_order(benchmark::State& state) {
    std::vector<std::uint64_t> references(reference_count);
    for (std::size_t i = 0; i < references.size(); ++i) references[i] = i / 512;
    translate(state, references, references.size());
}
BENCHMARK(words_in_order)->Unit(benchmark::kMillisecond);

// Page after page, none twice before all others: every one is walked.
void pages_in_order(benchmark::State& state) {
    std::vector<std::uint64_t> references(reference_count);
    for (std::size_t i = 0; i < references.size(); ++i) references[i] = i;
    translate(state, references, references.size());
}
BENCHMARK(pages_in_order)->Unit(benchmark::kMillisecond);

// Fewer pages than the first level holds, in turn: always a hit, never the latest page.
void hits_in_turn(benchmark::State& state) {
    std::vector<std::uint64_t> references(reference_count);
    for (std::size_t i = 0; i < references.size(); ++i) references[i] = i % 48;
    translate(state, references, references.size());
}
BENCHMARK(hits_in_turn)->Unit(benchmark::kMillisecond);

// From process to process and a page in each: without identifiers every switch flushes.
void switches(benchmark::State& state) {
    TranslationDescription description = usual_translation();
    description.identifiers = static_cast<unsigned>(state.range(0));
    TranslationHardware core(description);
    AddressSpaceId space = 0;
    for (auto _ : state) {
        space = (space + 1) % 4;
        benchmark::DoNotOptimize(core.access(space, 0x1000, PageSize::small, AccessKind::read));
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(switches)->Arg(0)->Arg(6);

} // namespace
