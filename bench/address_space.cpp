// Touching memory: pages that are present, in order and at random, and pages that fault.
#include "sim/memory/address_space/address_space.hpp"

#include <benchmark/benchmark.h>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

using namespace switchyard::sim::memory;

namespace {

constexpr PageNumber base = PageNumber{1} << 27;
constexpr PageNumber pages = 1'000'000;

PageNumber map(AddressSpace& space, HugePages huge_pages = HugePages::as_the_machine) {
    Change change;
    return space.map({.pages = pages, .at = base, .huge_pages = huge_pages}, change);
}

void per_page(benchmark::State& state, std::int64_t each) {
    state.SetItemsProcessed(state.iterations() * each);
}

void present_in_order(benchmark::State& state) {
    Memory memory;
    AddressSpace& space = memory.create();
    map(space);
    space.touch_range(base, pages, Access::write);
    for (auto _ : state) benchmark::DoNotOptimize(space.touch_range(base, pages, Access::write));
    per_page(state, pages);
}
BENCHMARK(present_in_order);

std::vector<PageNumber> drawn(bool zipf) {
    constexpr std::size_t references = 1'000'000;
    std::mt19937_64 random(1);
    std::vector<PageNumber> list(references);
    for (PageNumber& page : list) {
        const double uniform = static_cast<double>(random() >> 11) / 9007199254740992.0;
        // Zipf with exponent 1, continuous: ranks spread over memory by a multiplication.
        const auto rank = zipf ? static_cast<PageNumber>(std::exp(uniform * std::log(static_cast<double>(pages)))) - 1
                               : static_cast<PageNumber>(uniform * static_cast<double>(pages));
        page = base + (zipf ? rank * 611'953 % pages : rank);
    }
    return list;
}

void present_at_random(benchmark::State& state) {
    Memory memory;
    AddressSpace& space = memory.create();
    map(space);
    space.touch_range(base, pages, Access::write);
    const std::vector<PageNumber> list = drawn(state.range(0) == 1);
    for (auto _ : state) {
        FaultCounts counts;
        space.touch_pages(list, Access::write, counts);
        benchmark::DoNotOptimize(counts);
    }
    per_page(state, static_cast<std::int64_t>(list.size()));
}
BENCHMARK(present_at_random)->ArgName("zipf")->Arg(0)->Arg(1);

// Zipf over memory that nobody touched before: mostly hits.
void demand_zipf(benchmark::State& state) {
    Memory memory;
    AddressSpace& space = memory.create();
    map(space);
    const std::vector<PageNumber> list = drawn(true);
    for (auto _ : state) {
        FaultCounts counts;
        space.touch_pages(list, Access::write, counts);
        benchmark::DoNotOptimize(counts);
        state.PauseTiming();
        space.advise(base, pages, Advice::dont_need);
        state.ResumeTiming();
    }
    per_page(state, static_cast<std::int64_t>(list.size()));
}
BENCHMARK(demand_zipf);

// First writes of 1e6 pages, and their return.
void demand_faults(benchmark::State& state) {
    Memory memory;
    AddressSpace& space = memory.create();
    map(space);
    for (auto _ : state) {
        benchmark::DoNotOptimize(space.touch_range(base, pages, Access::write));
        state.PauseTiming();
        space.advise(base, pages, Advice::dont_need);
        state.ResumeTiming();
    }
    per_page(state, pages);
}
BENCHMARK(demand_faults);

void unmapping(benchmark::State& state) {
    Memory memory;
    AddressSpace& space = memory.create();
    map(space);
    for (auto _ : state) {
        state.PauseTiming();
        space.touch_range(base, pages, Access::write);
        state.ResumeTiming();
        space.advise(base, pages, Advice::dont_need);
    }
    per_page(state, pages);
}
BENCHMARK(unmapping);

void fork_and_copy(benchmark::State& state) {
    Memory memory;
    AddressSpace& space = memory.create();
    map(space);
    space.touch_range(base, pages, Access::write);
    for (auto _ : state) {
        Change change;
        AddressSpace& child = space.fork(change);
        benchmark::DoNotOptimize(child.touch_range(base, pages, Access::write));
        memory.destroy(child.id());
    }
    per_page(state, pages);
}
BENCHMARK(fork_and_copy);

void huge_faults(benchmark::State& state) {
    Memory memory;
    AddressSpace& space = memory.create();
    map(space, HugePages::advised);
    for (auto _ : state) {
        benchmark::DoNotOptimize(space.touch_range(base, pages, Access::write));
        space.advise(base, pages, Advice::dont_need);
    }
    per_page(state, pages);
}
BENCHMARK(huge_faults);

// Twice as many pages as frames, in turn: every touch evicts to swap and reads back.
void swapping(benchmark::State& state) {
    constexpr std::uint32_t frames = 50'000;
    Memory memory({.frames = frames, .swap_slots = 4 * frames});
    AddressSpace& space = memory.create();
    map(space);
    for (auto _ : state) benchmark::DoNotOptimize(space.touch_range(base, PageNumber{2} * frames, Access::write));
    per_page(state, 2 * frames);
}
BENCHMARK(swapping);

} // namespace
