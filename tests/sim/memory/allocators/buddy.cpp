#include "sim/memory/allocators/buddy.hpp"

#include "models/errors.hpp"

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <random>

using namespace switchyard::sim;

namespace {

using Page = BuddyAllocator::Page;

// Page by page, which are taken. Free ones that are aligned and in a row make a block, since buddies always join.
struct NaivePages {
    std::vector<bool> taken;

    bool is_free(Page first, Page count) const {
        if (first + count > taken.size()) return false;
        for (Page page = first; page < first + count; ++page)
            if (taken[page]) return false;
        return true;
    }
    bool has_block(unsigned order) const {
        for (Page first = 0; first < taken.size(); first += Page{1} << order)
            if (is_free(first, Page{1} << order)) return true;
        return false;
    }
    // Blocks of exactly this order: free, and their buddies are not.
    Page blocks(unsigned order, unsigned largest) const {
        Page count = 0;
        const Page size = Page{1} << order;
        for (Page first = 0; first < taken.size(); first += size)
            count += is_free(first, size) && (order == largest || !is_free(first & ~size, 2 * size));
        return count;
    }
    void set(Page first, unsigned order, bool value) {
        for (Page page = first; page < first + (Page{1} << order); ++page) taken[page] = value;
    }
};

} // namespace

TEST_CASE("A block is split down to what is wanted, and its buddies join again") {
    BuddyAllocator pages(1024);
    CHECK(pages.free_blocks(10) == 1);
    const auto one = pages.allocate(0);
    CHECK(one == Page{0});
    for (unsigned order = 0; order < 10; ++order) CHECK(pages.free_blocks(order) == 1);
    CHECK(pages.allocate(3) == Page{8});
    CHECK(pages.free(8));
    CHECK(pages.free(0));
    CHECK(pages.free_blocks(10) == 1);
    CHECK_FALSE(pages.free(0));
    CHECK_FALSE(pages.free(5000));
}

TEST_CASE("Pages that are no power of two are rounded up: internal fragmentation") {
    BuddyAllocator pages(64);
    CHECK(pages.allocate_pages(5) == Page{0});
    CHECK(pages.allocated_order(0) == 3U);
    CHECK(pages.fragmentation() ==
          Fragmentation{.requested = 5, .taken = 8, .free = 56, .largest_free = 32, .pieces = 3});
    CHECK(pages.fragmentation().internal_permille() == 375);
    CHECK(pages.allocate_pages(0) == std::nullopt);
    CHECK(pages.allocate_pages(65) == std::nullopt);
}

TEST_CASE("Every other page taken: half of the memory is free and no two pages in a row") {
    BuddyAllocator pages(256);
    for (Page page = 0; page < 256; ++page) REQUIRE(pages.allocate(0));
    for (Page page = 0; page < 256; page += 2) REQUIRE(pages.free(page));
    CHECK(pages.allocate(1) == std::nullopt);
    CHECK(pages.unusable_permille(0) == 0);
    CHECK(pages.unusable_permille(1) == 1000);
    CHECK(pages.fragmentation().external_permille() == 992);
}

TEST_CASE("Buddies against a bitmap: complete joining, aligned powers of two, no page twice, none lost") {
    std::mt19937 random(2);
    for (int round = 0; round < 20; ++round) {
        const auto count = static_cast<Page>(1 + random() % 300);
        const unsigned largest = random() % 8;
        BuddyAllocator pages(count, largest);
        NaivePages naive{std::vector<bool>(count)};
        std::map<Page, unsigned> allocated;
        for (int step = 0; step < 200; ++step) {
            if (random() % 2 == 0) {
                const auto order = static_cast<unsigned>(random() % (largest + 2));
                const bool possible = order <= largest && naive.has_block(order);
                const auto first = pages.allocate(order);
                REQUIRE(first.has_value() == possible);
                if (first) {
                    REQUIRE(*first % (Page{1} << order) == 0);
                    REQUIRE(naive.is_free(*first, Page{1} << order));
                    naive.set(*first, order, true);
                    allocated[*first] = order;
                }
            } else if (!allocated.empty()) {
                const auto one = std::next(allocated.begin(), static_cast<long>(random() % allocated.size()));
                REQUIRE(pages.free(one->first));
                naive.set(one->first, one->second, false);
                allocated.erase(one);
            }
            for (unsigned order = 0; order <= largest; ++order)
                REQUIRE(pages.free_blocks(order) == naive.blocks(order, largest));
        }
        const Fragmentation fragmentation = pages.fragmentation();
        CHECK(fragmentation.taken + fragmentation.free == count);
        CHECK(fragmentation.taken == fragmentation.requested); // powers of two were asked for
    }
    CHECK_THROWS_AS(BuddyAllocator(1, 31), switchyard::InputError);
}
