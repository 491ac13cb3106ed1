#include "sim/memory/translation/tlb.hpp"

#include "models/errors.hpp"
#include "tests/sim/memory/translation/naive_hardware.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <random>

using namespace switchyard;
using namespace switchyard::sim;
using enum PageSize;
using enum AccessKind;

namespace {

using Level = TranslationHardware::Level;

TranslationDescription small_pages(TranslationCacheShape first, TranslationCacheShape second) {
    return {.first_level_instruction = {{first, {small}}},
            .first_level_data = {{first, {small}}},
            .second_level = {{second, {small}}},
            .page_table = {4}};
}

// Small enough for everything to be evicted now and then.
TranslationDescription random_description(std::mt19937& random) {
    const auto shape = [&](unsigned most_sets, unsigned most_ways) {
        return TranslationCacheShape{1U << random() % most_sets, static_cast<std::uint32_t>(1 + random() % most_ways)};
    };
    TranslationDescription description;
    constexpr std::array<unsigned, 3> tables{2, 4, 5};
    description.page_table.levels = tables[random() % 3];
    for (auto* level : {&description.first_level_instruction, &description.first_level_data}) {
        if (random() % 2 == 0)
            *level = {{shape(3, 6), {small}}, {shape(2, 4), {large}}};
        else
            *level = {{shape(3, 6), {small, large}}};
        if (description.page_table.levels > 2 && random() % 2 == 0) level->push_back({shape(1, 3), {huge}});
    }
    description.second_level = {{shape(3, 20), {small, large}}};
    for (TranslationCacheShape& cache : description.walk_caches)
        if (random() % 4 != 0) cache = shape(2, 5);
    description.identifiers = random() % 2 == 0 ? 0 : static_cast<unsigned>(1 + random() % 3);
    return description;
}

} // namespace

TEST_CASE("TLBs and walks do what lists do, access by access") {
    std::mt19937 random(1);
    for (int round = 0; round < 60; ++round) {
        const TranslationDescription description = random_description(random);
        TranslationHardware core(description);
        NaiveHardware naive(description);
        TranslationCounts expected;
        const bool with_global = random() % 2 == 0;
        const auto any_space = [&] {
            return with_global && random() % 4 == 0 ? every_address_space : static_cast<AddressSpaceId>(random() % 4);
        };
        for (int step = 0; step < 1500; ++step) {
            const AddressSpaceId space = any_space();
            const std::uint64_t page = random() % 8 + random() % 2 * 512 + random() % 3 * 0x40000;
            const auto what = random() % 400;
            if (what == 0) {
                core.flush_all();
                naive.remove_if([](const NaiveEntry&) { return true; });
            } else if (what == 1) {
                core.flush_address_space(space);
                naive.remove_if([&](const NaiveEntry& entry) { return entry.space == space; });
            } else if (what < 10) {
                core.flush_page(space, page, small);
                if (NaiveCache* const cache = naive.array(0, small))
                    cache->remove_if([&](const NaiveEntry& e) { return e == NaiveEntry{space, page, small}; });
                for (const std::size_t level : {1U, 2U})
                    naive.array(level, small)->remove_if([&](const NaiveEntry& e) {
                        return e == NaiveEntry{space, page, small};
                    });
                naive.remove_walks(space);
            } else if (what < 15) {
                const std::uint64_t count = 1 + random() % 100;
                core.flush_range(space, page, count);
                naive.flush_range(space, page, count);
            } else {
                const unsigned sizes = description.page_table.levels == 2 ? 2 : 3;
                const auto size = static_cast<PageSize>(random() % 3 == 0 ? random() % sizes : 0);
                const auto kind = static_cast<AccessKind>(random() % 3);
                const AddressSpaceId user = step % 16 == 0 || space == every_address_space || core.loaded() > 3
                                                ? space
                                                : core.loaded(); // switches are rarer than accesses
                const Translation translation = core.access(user, page, size, kind);
                REQUIRE(translation == naive.access(user, page, size, kind));
                expected += {1, translation.source != TranslationSource::first_level,
                             translation.source == TranslationSource::walk,
                             translation.source == TranslationSource::walk, translation.levels_read};
                NaiveCache* const second = naive.array(2, size);
                REQUIRE(core.holds(Level::second, user, page, size) ==
                        (second != nullptr && second->holds({user, page, size})));
            }
        }
        REQUIRE(core.counts() == expected);
    }
}

TEST_CASE("Many pages at once are translated as they are one by one") {
    std::mt19937 random(7);
    for (int round = 0; round < 60; ++round) {
        const TranslationDescription description = round % 3 == 0 ? usual_translation() : random_description(random);
        TranslationHardware core(description);
        TranslationHardware single(description);
        const std::uint64_t most = std::uint64_t{1} << random() % 14;
        for (int step = 0; step < 40; ++step) {
            const auto space = static_cast<AddressSpaceId>(random() % 8 == 0 ? random() % 4 : 1);
            const auto kind = static_cast<AccessKind>(random() % 3);
            const auto size = static_cast<PageSize>(random() % 4 == 0);
            std::vector<std::uint64_t> pages(random() % 2000);
            std::uint64_t next = random() % most;
            for (std::uint64_t& page : pages) { // runs of a page, of pages in order, jumps, over several tables
                next = random() % 3 == 0 ? next : random() % 3 != 0 ? next + 1 : random() % most;
                page = next + next % 5 * 0x40000;
            }
            if (random() % 8 == 0) {
                core.flush_page(space, next, size);
                single.flush_page(space, next, size);
            }
            TranslationCounts expected;
            for (const std::uint64_t page : pages) {
                const Translation one = single.access(space, page, size, kind);
                expected += {1, one.source != TranslationSource::first_level, one.source == TranslationSource::walk,
                             one.source == TranslationSource::walk, one.levels_read};
            }
            REQUIRE(core.access_pages(space, pages, size, kind) == expected);
            const std::uint64_t count = random() % 700;
            TranslationCounts of_range;
            for (std::uint64_t page = next; page < next + count; ++page) {
                const Translation one = single.access(space, page, size, kind);
                of_range += {1, one.source != TranslationSource::first_level, one.source == TranslationSource::walk,
                             one.source == TranslationSource::walk, one.levels_read};
            }
            REQUIRE(core.access_range(space, next, count, size, kind) == of_range);
            REQUIRE(core.counts(kind) == single.counts(kind));
        }
    }
}

TEST_CASE("A switch between processes empties a TLB without identifiers, one between threads does not") {
    TranslationDescription description = small_pages({16, 4}, {128, 12});
    const auto misses_after = [&](AddressSpaceId next) {
        TranslationHardware core(description);
        core.access_range(1, 0, 32, small, read);
        core.load(next);
        core.load(1);
        return core.access_range(1, 0, 32, small, read);
    };
    CHECK(misses_after(1).first_level_misses == 0);
    CHECK(misses_after(every_address_space).first_level_misses == 0);
    CHECK(misses_after(2).walks == 32);
    description.identifiers = 6;
    CHECK(misses_after(2).first_level_misses == 0);
}

TEST_CASE("More address spaces than identifiers: the one loaded earliest loses its entries") {
    TranslationDescription description = small_pages({16, 4}, {128, 12});
    description.identifiers = 2;
    TranslationHardware core(description);
    for (const AddressSpaceId space : {1U, 2U}) core.access(space, 7, small, read);
    CHECK(core.access(1, 7, small, read).source == TranslationSource::first_level);
    CHECK(core.flushes() == 0);
    CHECK(core.access(3, 7, small, read).source == TranslationSource::walk);
    CHECK(core.flushes() == 1);
    CHECK(core.holds(Level::first_data, 2, 7, small));
    CHECK_FALSE(core.holds(Level::first_data, 1, 7, small));
}

TEST_CASE("Entries of address spaces of long ago are never hit, however many there were") {
    TranslationHardware core(small_pages({16, 4}, {128, 12}));
    core.access(0, 7, small, read);
    for (AddressSpaceId space = 1; space < 200'000; ++space) {
        core.load(space);
        if (core.holds(Level::second, space, 7, small)) FAIL(space);
        if (space % 1000 == 0) core.access(space, 7, small, read);
    }
    CHECK(core.flushes() == 199'999);
}

TEST_CASE("Global pages outlive a switch") {
    TranslationHardware core(small_pages({16, 4}, {128, 12}));
    core.access(1, 7, small, read);
    core.access(every_address_space, 8, small, read);
    core.load(2);
    CHECK_FALSE(core.holds(Level::second, 1, 7, small));
    CHECK(core.access(every_address_space, 8, small, read).source == TranslationSource::first_level);
    core.flush_all();
    CHECK(core.access(every_address_space, 8, small, read).source == TranslationSource::walk);
}

TEST_CASE("A shootdown removes the range and nothing else") {
    using Pages = std::vector<std::uint64_t>;
    for (const std::uint64_t count : {std::uint64_t{5}, std::uint64_t{33}, std::uint64_t{90}}) {
        TranslationHardware core(small_pages({16, 4}, {128, 12}));
        core.access_range(1, 1000, 200, small, write);
        core.flush_range(1, 1050, count);
        Pages gone;
        for (std::uint64_t page = 1000; page < 1200; ++page)
            if (!core.holds(Level::second, 1, page, small)) gone.push_back(page);
        Pages range;
        for (std::uint64_t page = 1050; page < 1050 + count; ++page) range.push_back(page);
        CHECK(gone == range);
        for (std::uint64_t page = 1050; page < 1050 + count; ++page)
            CHECK_FALSE(core.holds(Level::first_data, 1, page, small));
    }
}

TEST_CASE("A shootdown of one small page takes the large page it lies in") {
    TranslationHardware core(usual_translation());
    core.access(1, 3, large, read);
    core.access(1, 4, large, read);
    core.flush_range(1, 3 * 512 + 17, 1);
    CHECK_FALSE(core.holds(Level::second, 1, 3, large));
    CHECK(core.holds(Level::second, 1, 4, large));
}

TEST_CASE("Pages that a fault has mapped anew leave the TLB, and walks go on from where they were") {
    TranslationHardware core(usual_translation());
    for (std::uint64_t page = 7; page < 11; ++page) core.access(1, page, small, read);
    core.replace_range(1, 8, 2);
    CHECK(core.holds(Level::second, 1, 7, small));
    CHECK_FALSE(core.holds(Level::second, 1, 8, small));
    CHECK_FALSE(core.holds(Level::first_data, 1, 9, small));
    CHECK(core.holds(Level::first_data, 1, 10, small));
    CHECK(core.access(1, 8, small, read).levels_read == 1);
    core.flush_range(1, 8, 1);
    CHECK(core.access(1, 8, small, read).levels_read == 4);
}

TEST_CASE("A walk reads the levels below the longest prefix that is cached") {
    TranslationDescription description = usual_translation();
    TranslationHardware core(description);
    const auto levels = [&](std::uint64_t page, PageSize size) { return core.access(1, page, size, read).levels_read; };
    CHECK(levels(0, small) == 4);
    CHECK(levels(1, small) == 1);         // the same page table
    CHECK(levels(512, small) == 2);       // the next one in the same directory
    CHECK(levels(512 * 512, small) == 3); // in the next directory
    CHECK(levels(512 * 512 * 512, small) == 4);
    CHECK(levels(700, large) == 1); // its directory was read before
    CHECK(levels(5, huge) == 1);
    core.flush_page(1, 0, small);
    CHECK(levels(0, small) == 4); // and with it went what walks remember

    description.page_table = {5};
    TranslationHardware deeper(description);
    CHECK(deeper.access(1, 0, small, read).levels_read == 5);
    CHECK(deeper.access(1, 1, small, read).levels_read == 1);

    description.page_table = {2};
    description.first_level_data = {{{16, 4}, {small, large}}};
    TranslationHardware shallow(description);
    CHECK(shallow.access(1, 0, small, read).levels_read == 2);
    CHECK(shallow.access(1, 1, small, read).levels_read == 1);
    CHECK(shallow.access(1, 1024, small, read).levels_read == 2);
    CHECK(shallow.access(1, 9, large, read).levels_read == 1);
}

TEST_CASE("Walk caches change the levels that are read and nothing else") {
    TranslationDescription with = usual_translation();
    TranslationDescription without = with;
    without.walk_caches = {};
    TranslationHardware cached(with);
    TranslationHardware bare(without);
    std::mt19937_64 random(3);
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t page = random() % 40 * 333 + random() % 5 * 0x40000;
        const auto size = static_cast<PageSize>(random() % 8 == 0 ? 1 : 0);
        const Translation a = cached.access(1, page, size, read);
        const Translation b = bare.access(1, page, size, read);
        REQUIRE(a.source == b.source);
        REQUIRE(a.levels_read <= b.levels_read);
    }
    CHECK(bare.counts().levels_read > cached.counts().levels_read);
    CHECK(bare.counts().walks == cached.counts().walks);
}

TEST_CASE("A fully associative first level never misses more for being larger") {
    std::mt19937_64 random(4);
    std::vector<std::uint64_t> pages(20'000);
    for (std::uint64_t& page : pages) page = random() % (1 + random() % 100);
    std::uint64_t before = pages.size() + 1;
    for (const std::uint32_t ways : {1U, 2U, 3U, 4U, 5U, 8U, 11U, 16U, 17U, 32U, 64U, 100U}) {
        TranslationHardware core(small_pages({1, ways}, {1, 256}));
        for (const std::uint64_t page : pages) core.access(1, page, small, read);
        const std::uint64_t misses = core.counts().first_level_misses;
        CHECK(misses <= before);
        before = misses;
    }
    CHECK(before == 100); // every page once
}

TEST_CASE("The second level includes the first while that holds one entry") {
    TranslationDescription description = small_pages({1, 1}, {4, 2});
    TranslationHardware core(description);
    std::mt19937 random(5);
    for (int i = 0; i < 5000; ++i) {
        const std::uint64_t page = random() % 24;
        core.access(1, page, small, write);
        REQUIRE(core.holds(Level::first_data, 1, page, small));
        REQUIRE(core.holds(Level::second, 1, page, small));
    }
}

TEST_CASE("Hits in the first level do not refresh the second, which may lose what the first still holds") {
    TranslationHardware core(small_pages({1, 4}, {1, 5}));
    for (std::uint64_t page = 1; page <= 5; ++page) {
        core.access(1, 0, small, read);
        core.access(1, page, small, read);
    }
    CHECK(core.holds(Level::first_data, 1, 0, small));
    CHECK_FALSE(core.holds(Level::second, 1, 0, small));
}

TEST_CASE("An access across pages looks all of them up and is one miss") {
    TranslationHardware core(small_pages({16, 4}, {128, 12}));
    CHECK(core.access_bytes(1, 10 * 4096 + 4090, 8, small, write).levels_read == 8);
    CHECK(core.counts(write) == TranslationCounts{1, 1, 1, 2, 8});
    CHECK(core.access(1, 11, small, write).source == TranslationSource::first_level);
    CHECK(core.access_bytes(1, 12 * 4096 - 1, 2, small, write).source == TranslationSource::walk); // 12 is new
    CHECK(core.access_bytes(1, 12 * 4096 - 1, 2, small, write).source == TranslationSource::first_level);
    CHECK(core.access_bytes(1, 11 * 4096, 4096, small, write).source == TranslationSource::first_level);
    CHECK(core.access_bytes(1, 20 * 4096, 3 * 4096, small, write) == Translation{TranslationSource::walk, 12});
}

TEST_CASE("Hardware that cannot be built is refused with the reason") {
    const auto refused = [](const TranslationDescription& description, const std::string& why) {
        CHECK_THROWS_MATCHES(TranslationHardware(description), InputError,
                             Catch::Matchers::MessageMatches(Catch::Matchers::ContainsSubstring(why)));
    };
    refused(small_pages({12, 4}, {128, 12}), "12x4");
    refused(small_pages({16, 0}, {128, 12}), "no ways");
    refused(small_pages({1U << 20U, 4}, {128, 12}), "entries");
    TranslationDescription twice = usual_translation();
    twice.second_level.push_back({{4, 4}, {small}});
    refused(twice, "two arrays");
    TranslationDescription crowded = usual_translation();
    crowded.identifiers = 5000;
    refused(crowded, "4096");
    TranslationDescription three = usual_translation();
    three.page_table = {3};
    refused(three, "not 3");
}
