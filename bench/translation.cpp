// How fast addresses are translated: two levels of TLBs as in a usual core, walks with their caches, and a demand fault
// where a page is touched for the first time (a bit a page; the address space's own work is not in it). References are
// drawn beforehand: the hardware is measured, not the generator.
#include "formats/reference_trace.hpp"
#include "sim/memory/translation/tlb.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace switchyard;
using namespace switchyard::sim;

constexpr std::size_t reference_count = 1U << 22U;
constexpr std::size_t batch_pages = 1U << 12U;

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

void report(benchmark::State& state, const TranslationHardware& core) {
    const TranslationCounts counts = core.counts();
    const auto all = static_cast<double>(counts.accesses);
    state.SetItemsProcessed(static_cast<std::int64_t>(counts.accesses));
    state.counters["first_level_misses"] = static_cast<double>(counts.first_level_misses) / all;
    state.counters["walks"] = static_cast<double>(counts.walks) / all;
    state.counters["levels/walk"] =
        static_cast<double>(counts.levels_read) / static_cast<double>(std::max<std::uint64_t>(counts.walks, 1));
}

void translate(benchmark::State& state, const std::vector<std::uint64_t>& references, std::uint64_t pages) {
    TranslationHardware core(usual_translation());
    std::vector<std::uint8_t> present(pages);
    std::uint64_t faults = 0;
    std::uint64_t levels = 0;
    std::vector<std::uint64_t> batch(batch_pages);
    for (auto _ : state)
        for (std::size_t done = 0; done < references.size(); done += batch_pages) {
            for (std::size_t i = 0; i < batch_pages; ++i) {
                const std::uint64_t page = references[done + i];
                if (present[page] == 0) [[unlikely]] {
                    present[page] = 1;
                    ++faults;
                }
                batch[i] = 0x7f0000000 + page;
            }
            levels += core.access_pages(1, batch, PageSize::small, AccessKind::read).levels_read;
        }
    benchmark::DoNotOptimize(faults);
    benchmark::DoNotOptimize(levels);
    report(state, core);
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

// Real programs, instructions and data, as lackey wrote them down: a page is present for good once it was touched.
void real_program(benchmark::State& state, const char* name) {
    using formats::ReferenceKind;
    formats::ReferenceTrace trace(std::string(SWITCHYARD_SOURCE_DIR "/tests/oracles/data/memory/traces/") + name);
    std::vector<formats::MemoryReference> references;
    std::vector<formats::MemoryReference> batch(1U << 16U);
    while (const std::size_t count = trace.read(batch))
        references.insert(references.end(), batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(count));
    constexpr std::uint64_t pages = 1U << 20U; // told apart
    std::vector<std::uint8_t> present(pages);
    TranslationHardware core(usual_translation());
    std::uint64_t faults = 0;
    for (auto _ : state) {
        std::ranges::fill(present, std::uint8_t{0});
        core.flush_all();
        for (const formats::MemoryReference& one : references) {
            std::uint8_t& is_present = present[one.page(12) % pages];
            if (is_present == 0) [[unlikely]] {
                is_present = 1;
                ++faults;
            }
            const AccessKind kind = one.kind == ReferenceKind::instruction ? AccessKind::instruction
                                    : one.kind == ReferenceKind::store     ? AccessKind::write
                                                                           : AccessKind::read;
            core.access_bytes(1, one.address, one.size, PageSize::small, kind);
        }
    }
    benchmark::DoNotOptimize(faults);
    report(state, core);
}
BENCHMARK_CAPTURE(real_program, quick_sort, "tlb_qsort.txt.zst")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(real_program, zipf_writes, "tlb_zipfw.txt.zst")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(real_program, pointer_chase, "tlb_chase.txt.zst")->Unit(benchmark::kMillisecond);

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
