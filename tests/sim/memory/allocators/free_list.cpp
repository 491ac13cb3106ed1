#include "sim/memory/allocators/free_list.hpp"

#include "models/errors.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <random>

using namespace switchyard::sim;

namespace {

using Blocks = std::vector<FreeBlock>;

// Three holes of 30, 10 and 20 bytes, in this order, and nothing else.
FreeListAllocator with_holes(Fit fit) {
    FreeListAllocator allocator(0, 65, {.fit = fit});
    std::vector<std::uint64_t> addresses;
    for (const std::uint64_t size : {30U, 1U, 10U, 1U, 20U, 3U}) addresses.push_back(*allocator.allocate(size).address);
    for (const std::size_t hole : {0U, 2U, 4U}) allocator.free(addresses[hole]);
    return allocator;
}

// What is allocated: by the address that was returned, what was asked for.
using Allocated = std::map<std::uint64_t, std::uint64_t>;

// Taken and free blocks are all of the memory, none twice.
void require_partition(const FreeListAllocator& allocator, const Allocated& allocated, const FreeListRules& rules,
                       std::uint64_t base, std::uint64_t size) {
    Blocks all = allocator.free_list();
    for (const auto& [address, requested] : allocated) {
        const std::uint64_t rounded = (requested + rules.alignment - 1) / rules.alignment * rules.alignment;
        all.push_back({address - rules.header, rounded + rules.header});
    }
    std::ranges::sort(all, {}, &FreeBlock::address);
    std::uint64_t at = base;
    for (const FreeBlock& block : all) {
        REQUIRE(block.address == at);
        at += block.size;
    }
    REQUIRE(at == base + size);
    const Fragmentation fragmentation = allocator.fragmentation();
    REQUIRE(fragmentation.taken + fragmentation.free == size);
    REQUIRE(fragmentation.requested <= fragmentation.taken);
}

bool any_touch(Blocks blocks) {
    std::ranges::sort(blocks, {}, &FreeBlock::address);
    return std::ranges::adjacent_find(blocks, [](const FreeBlock& a, const FreeBlock& b) {
               return a.address + a.size == b.address;
           }) != blocks.end();
}

} // namespace

TEST_CASE("First fit takes the first hole, best fit the smallest, worst fit the largest, next fit goes on") {
    CHECK(with_holes(Fit::first).allocate(9).address == 0);
    CHECK(with_holes(Fit::best).allocate(9).address == 31);
    CHECK(with_holes(Fit::worst).allocate(9).address == 0);
    FreeListAllocator next = with_holes(Fit::next);
    CHECK(next.allocate(9).address == 0);
    CHECK(next.allocate(5).address == 9);
    CHECK(next.allocate(18).address == 42); // the rest of the first hole and the second are too small
    const auto round = next.allocate(8);
    CHECK(round.address == 14);
    CHECK(round.searched == 2); // the rest of the third hole, then from the beginning
}

TEST_CASE("An exact fit leaves the list, another fit leaves its rest in place") {
    FreeListAllocator allocator = with_holes(Fit::best);
    CHECK(allocator.allocate(10).address == 31);
    CHECK(allocator.free_list() == Blocks{{0, 30}, {42, 20}});
    CHECK(allocator.allocate(15).address == 42);
    CHECK(allocator.free_list() == Blocks{{0, 30}, {57, 5}});
    CHECK(allocator.allocate(31).address == std::nullopt);
}

TEST_CASE("Blocks are joined as the rules say") {
    const auto list_after = [](Coalescing coalescing, FreeListOrder order) {
        FreeListAllocator allocator(0, 30, {.order = order, .coalescing = coalescing});
        for (int i = 0; i < 3; ++i) allocator.allocate(10);
        for (const std::uint64_t address : {20U, 0U, 10U}) allocator.free(address);
        return allocator.free_list();
    };
    CHECK(list_after(Coalescing::none, FreeListOrder::address) == Blocks{{0, 10}, {10, 10}, {20, 10}});
    CHECK(list_after(Coalescing::list_neighbours, FreeListOrder::address) == Blocks{{0, 30}});
    CHECK(list_after(Coalescing::list_neighbours, FreeListOrder::back) == Blocks{{20, 10}, {0, 20}});
    CHECK(list_after(Coalescing::complete, FreeListOrder::back) == Blocks{{0, 30}});
}

TEST_CASE("Headers and rounding are internal fragmentation, small holes external") {
    FreeListAllocator allocator(1000, 100, {.header = 4, .alignment = 8});
    CHECK(allocator.allocate(9).address == 1004);
    CHECK(allocator.allocate(8).address == 1024);
    CHECK(allocator.fragmentation() ==
          Fragmentation{.requested = 17, .taken = 32, .free = 68, .largest_free = 68, .pieces = 1});
    CHECK(allocator.fragmentation().internal_permille() == 468);
    allocator.free(1004);
    CHECK(allocator.fragmentation().external_permille() == 227); // 20 of 88
    CHECK_FALSE(allocator.free(1004));
    CHECK_THROWS_AS(FreeListAllocator(0, 1, {.alignment = 0}), switchyard::InputError);
}

TEST_CASE("Whatever the rules, memory is never given twice and never lost") {
    std::mt19937 random(1);
    for (const Fit fit : {Fit::first, Fit::best, Fit::worst, Fit::next})
        for (const FreeListOrder order : {FreeListOrder::address, FreeListOrder::smallest_first,
                                          FreeListOrder::largest_first, FreeListOrder::front, FreeListOrder::back})
            for (const Coalescing coalescing : {Coalescing::none, Coalescing::list_neighbours, Coalescing::complete}) {
                const FreeListRules rules{fit, order, coalescing, random() % 2 * 4, random() % 2 * 7 + 1};
                FreeListAllocator allocator(500, 2000, rules);
                Allocated allocated;
                for (int step = 0; step < 150; ++step) {
                    if (allocated.empty() || random() % 5 < 3) {
                        const std::uint64_t size = 1 + random() % 90;
                        const Blocks before = allocator.free_list();
                        const auto result = allocator.allocate(size);
                        const std::uint64_t wanted =
                            (size + rules.alignment - 1) / rules.alignment * rules.alignment + rules.header;
                        const auto fits = [&](const FreeBlock& block) { return block.size >= wanted; };
                        REQUIRE(result.address.has_value() == std::ranges::any_of(before, fits));
                        if (!result.address) continue;
                        REQUIRE(allocated.emplace(*result.address, size).second);
                        // The block it was cut from is the one of the rule.
                        const auto from =
                            *std::ranges::find(before, *result.address - rules.header, &FreeBlock::address);
                        for (const FreeBlock& other : before) {
                            if (fit == Fit::best && fits(other)) REQUIRE(from.size <= other.size);
                            if (fit == Fit::worst) REQUIRE(from.size >= other.size);
                            if (fit == Fit::first && other == from) break;
                            if (fit == Fit::first) REQUIRE_FALSE(fits(other));
                        }
                    } else {
                        const auto one = std::next(allocated.begin(), static_cast<long>(random() % allocated.size()));
                        REQUIRE(allocator.free(one->first));
                        allocated.erase(one);
                    }
                    require_partition(allocator, allocated, rules, 500, 2000);
                    if (coalescing == Coalescing::complete ||
                        (coalescing == Coalescing::list_neighbours && order == FreeListOrder::address))
                        REQUIRE_FALSE(any_touch(allocator.free_list()));
                }
                for (const auto& [address, size] : allocated) REQUIRE(allocator.free(address));
                if (coalescing == Coalescing::complete) REQUIRE(allocator.free_list() == Blocks{{500, 2000}});
            }
}
