#include "sim/memory/allocators/slab.hpp"

#include "models/errors.hpp"

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <random>
#include <set>

using namespace switchyard::sim;
using List = SlabCache::List;

TEST_CASE("A slab goes from empty to partial to full and back") {
    BuddyAllocator pages(16);
    SlabCache cache(pages, {.object_size = 1000, .alignment = 8});
    CHECK(cache.objects_per_slab() == 4);
    std::vector<std::uint64_t> objects;
    for (int i = 0; i < 4; ++i) {
        objects.push_back(*cache.allocate());
        CHECK(cache.slabs(List::partial) == (i < 3 ? 1U : 0U));
    }
    CHECK(cache.slabs(List::full) == 1);
    CHECK(cache.free(objects[2]));
    CHECK_FALSE(cache.free(objects[2]));
    CHECK_FALSE(cache.free(objects[1] + 8));
    CHECK(cache.slabs(List::partial) == 1);
    CHECK(cache.allocate() == objects[2]); // the latest back goes first
    for (const std::uint64_t object : objects) CHECK(cache.free(object));
    CHECK(cache.slabs(List::empty) == 1); // it is kept
    CHECK(pages.fragmentation().taken == 1);
    CHECK(cache.shrink() == 1);
    CHECK(pages.fragmentation().taken == 0);
}

TEST_CASE("What objects leave of a slab shifts them by a colour") {
    BuddyAllocator pages(16);
    SlabCache cache(pages, {.object_size = 1000, .alignment = 32});
    CHECK(cache.colours() == 1); // 4 x 1,024
    SlabCache coloured(pages, {.object_size = 500, .alignment = 4});
    REQUIRE(coloured.objects_per_slab() == 8);
    CHECK(coloured.colours() == 25); // 96 bytes are left
    std::set<std::uint64_t> offsets;
    for (int i = 0; i < 24; ++i) offsets.insert(*coloured.allocate() % 4096 % 500);
    CHECK(offsets == std::set<std::uint64_t>{0, 4, 8});
}

TEST_CASE("A cache whose pages are used up says so") {
    BuddyAllocator pages(2);
    SlabCache cache(pages, {.object_size = 4096});
    CHECK(cache.allocate());
    CHECK(cache.allocate());
    CHECK(cache.allocate() == std::nullopt);
    CHECK_THROWS_AS(SlabCache(pages, {.object_size = 4097}), switchyard::InputError);
    CHECK_THROWS_AS(SlabCache(pages, {.object_size = 0}), switchyard::InputError);
    CHECK_THROWS_AS(SlabCache(pages, {.object_size = 8, .alignment = 12}), switchyard::InputError);
}

TEST_CASE("Slabs against a set of addresses: no object twice, lists as counted, all pages come back") {
    std::mt19937 random(3);
    for (int round = 0; round < 20; ++round) {
        BuddyAllocator pages(64);
        const SlabRules rules{.object_size = 1 + static_cast<std::uint32_t>(random() % 1500),
                              .alignment = 1U << random() % 7,
                              .order = static_cast<unsigned>(random() % 3),
                              .empty_kept = static_cast<std::uint32_t>(random() % 3)};
        {
            SlabCache cache(pages, rules);
            const std::uint64_t slab_bytes = std::uint64_t{4096} << rules.order;
            std::set<std::uint64_t> objects;
            for (int step = 0; step < 1000; ++step) {
                const bool grows = step % 400 < 200;
                if (random() % 3 < (grows ? 2U : 1U)) {
                    const auto object = cache.allocate();
                    if (!object) {
                        REQUIRE(pages.free_blocks(rules.order) == 0);
                        continue;
                    }
                    REQUIRE(*object % rules.alignment == 0);
                    REQUIRE(*object / slab_bytes == (*object + rules.object_size - 1) / slab_bytes);
                    const auto at = objects.lower_bound(*object);
                    if (at != objects.end()) REQUIRE(*object + rules.object_size <= *at);
                    if (at != objects.begin()) REQUIRE(*std::prev(at) + rules.object_size <= *object);
                    objects.insert(*object);
                } else if (!objects.empty()) {
                    auto at = objects.lower_bound(random() % (64 * 4096));
                    if (at == objects.end()) at = objects.begin();
                    REQUIRE(cache.free(*at));
                    objects.erase(at);
                }
                std::map<std::uint64_t, std::uint32_t> by_slab;
                for (const std::uint64_t object : objects) ++by_slab[object / slab_bytes];
                std::uint32_t full = 0;
                for (const auto& [slab, count] : by_slab) full += count == cache.objects_per_slab();
                REQUIRE(cache.slabs(List::full) == full);
                REQUIRE(cache.slabs(List::partial) == by_slab.size() - full);
                REQUIRE(cache.slabs(List::empty) <= rules.empty_kept);
                const Fragmentation fragmentation = cache.fragmentation();
                REQUIRE(fragmentation.requested == objects.size() * rules.object_size);
                REQUIRE((fragmentation.taken + fragmentation.free) / 4096 == pages.fragmentation().taken);
            }
        }
        CHECK(pages.fragmentation().taken == 0);
    }
}
