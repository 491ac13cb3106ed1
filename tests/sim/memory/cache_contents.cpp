// Whose data a cache holds, and what a task has to bring in when it comes back.
#include "sim/memory/cache_contents.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <deque>
#include <iterator>
#include <utility>

using namespace switchyard;
using namespace switchyard::size_literals;
using sim::CacheContents;

TEST_CASE("a working set is brought in once and then found") {
    CacheContents cache(64_KiB);
    CHECK(cache.use(0, 24_KiB) == 24_KiB);
    CHECK(cache.use(0, 24_KiB) == 0_B);
    CHECK(cache.held(0) == 24_KiB);
}

TEST_CASE("two working sets that fit together do not disturb each other") {
    CacheContents cache(64_KiB);
    CHECK(cache.use(0, 32_KiB) == 32_KiB);
    CHECK(cache.use(1, 32_KiB) == 32_KiB);
    for (int turn = 0; turn < 3; ++turn) {
        CHECK(cache.use(0, 32_KiB) == 0_B);
        CHECK(cache.use(1, 32_KiB) == 0_B);
    }
}

TEST_CASE("what does not fit pushes out what was used longest ago, and only as much as it needs") {
    CacheContents cache(64_KiB);
    (void)cache.use(0, 30_KiB);
    (void)cache.use(1, 30_KiB);
    CHECK(cache.use(2, 14_KiB) == 14_KiB); // 4 KiB were free
    CHECK(cache.held(0) == 20_KiB);
    CHECK(cache.held(1) == 30_KiB);
    CHECK(cache.use(0, 30_KiB) ==
          30_KiB); // comes back: the 20 that are left are the oldest, and go before they are reached
    CHECK(cache.held(1) == 20_KiB);
}

TEST_CASE("what is left of a working set is found where the rest has room, or something older can go for it") {
    CacheContents cache(64_KiB);
    (void)cache.use(0, 30_KiB);
    (void)cache.use(1, 30_KiB);
    (void)cache.use(2, 14_KiB); // takes 10 KiB from 0
    cache.forget(2);
    CHECK(cache.use(0, 30_KiB) == 10_KiB); // there is room
    (void)cache.use(2, 14_KiB);            // takes 10 KiB from 1
    CHECK(cache.held(1) == 20_KiB);
    (void)cache.use(1, 20_KiB);
    CHECK(cache.use(1, 30_KiB) == 10_KiB); // 0 is older now
}

TEST_CASE("a working set larger than the cache never finds anything of itself, and leaves nothing to others") {
    CacheContents cache(64_KiB);
    (void)cache.use(1, 8_KiB);
    CHECK(cache.use(0, 100_KiB) == 100_KiB);
    CHECK(cache.use(0, 100_KiB) == 100_KiB);
    CHECK(cache.held(0) == 64_KiB);
    CHECK(cache.held(1) == 0_B);
}

TEST_CASE("what is forgotten makes room") {
    CacheContents cache(64_KiB);
    (void)cache.use(0, 40_KiB);
    (void)cache.use(1, 20_KiB);
    cache.forget(0);
    CHECK(cache.use(2, 44_KiB) == 44_KiB);
    CHECK(cache.held(1) == 20_KiB);
    CHECK(cache.held(0) == 0_B);
}

// The definition, byte counts in a queue.
TEST_CASE("contents agree with a queue of working sets, oldest first") {
    constexpr std::int64_t capacity = 100;
    CacheContents cache(Bytes{capacity});
    std::deque<std::pair<std::uint32_t, std::int64_t>> queue;
    for (std::uint64_t step = 0; step < 20'000; ++step) {
        const std::uint64_t drawn = step * 0x9e3779b97f4a7c15ULL;
        const std::uint32_t owner = static_cast<std::uint32_t>(drawn >> 61);
        const std::int64_t size = static_cast<std::int64_t>((drawn >> 40) % 130);
        if ((drawn >> 30) % 10 == 0) {
            cache.forget(owner);
            std::erase_if(queue, [&](const auto& share) { return share.first == owner; });
            continue;
        }
        if (size == 0) continue;
        const auto mine = std::ranges::find(queue, owner, [](const auto& share) { return share.first; });
        std::int64_t found = 0;
        if (mine != queue.end()) {
            found = size > capacity ? 0 : std::min(mine->second, size);
            std::int64_t stays = 0; // of others, used since
            for (auto newer = std::next(mine); newer != queue.end(); ++newer) stays += newer->second;
            if (found < size && stays + size > capacity) found = 0;
            queue.erase(mine);
        }
        queue.emplace_back(owner, std::min(size, capacity));
        const auto total = [&] {
            std::int64_t sum = 0;
            for (const auto& share : queue) sum += share.second;
            return sum;
        };
        while (total() > capacity)
            if (--queue.front().second == 0) queue.pop_front();
        REQUIRE(cache.use(owner, Bytes{size}) == Bytes{size - found});
        for (std::uint32_t each = 0; each < 8; ++each) {
            const auto share = std::ranges::find(queue, each, [](const auto& entry) { return entry.first; });
            REQUIRE(cache.held(each) == Bytes{share == queue.end() ? 0 : share->second});
        }
    }
}
