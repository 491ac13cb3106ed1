// Explicit huge pages. Where a test names Linux, its figures were taken from a kernel 6.18 with 16 pages of 2 MiB.
#include "sim/memory/address_space/address_space.hpp"

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <random>
#include <stdexcept>
#include <vector>

using namespace switchyard::sim::memory;

namespace {

constexpr PageNumber large = 512;
constexpr PageNumber huge = 512 * 512;
constexpr PageNumber base = huge * 512;

struct Machine {
    explicit Machine(std::uint32_t large_pages, std::uint32_t huge_pages = 0)
        : memory({.huge_page_reserve = {large_pages, huge_pages}}) {}

    void map(PageNumber pages, unsigned level = 1, bool reserve = true) {
        Change change;
        space.map({.pages = pages, .at = base, .huge_level = static_cast<std::uint8_t>(level), .reserve = reserve},
                  change);
    }
    void map_shared(PageNumber pages) {
        Change change;
        const ObjectId object = memory.create_shared_huge_pages(1, pages / large, true);
        space.map({.pages = pages, .at = base, .object = object, .shared = true, .huge_level = 1}, change);
    }
    AddressSpace& fork() {
        Change change;
        return space.fork(change);
    }
    [[nodiscard]] std::uint32_t free() const { return memory.huge_pages(1).free(); }
    [[nodiscard]] std::int64_t reserved() const { return memory.huge_pages(1).reserved(); }

    Memory memory;
    AddressSpace& space = memory.create();
};

FaultCounts reads(AddressSpace& space, PageNumber first, PageNumber pages) {
    return space.touch_range(base + first, pages, Access::read);
}
FaultCounts writes(AddressSpace& space, PageNumber first, PageNumber pages) {
    return space.touch_range(base + first, pages, Access::write);
}
bool finds_none(const FaultCounts& counts) {
    return counts.violation && counts.violation->reason == ViolationReason::no_huge_page;
}

} // namespace

TEST_CASE("Linux: a huge page is one fault, has no page table, and is not resident") {
    Machine machine(16);
    machine.map(8 * large);
    CHECK(machine.reserved() == 8);
    CHECK(writes(machine.space, 0, 4 * large)[FaultKind::huge] == 4);
    CHECK(machine.space.page_table_bytes() == 2 * page_bytes);
    CHECK(machine.free() == 12);
    CHECK(machine.reserved() == 4);
    CHECK(machine.space.resident_pages() == 0);
    const Figures figures = machine.space.figures(base, 8 * large);
    CHECK(figures.hugetlb == 4 * large * page_bytes);
    CHECK(figures.resident + figures.anonymous + figures.huge + figures.private_ == 0);
    CHECK(machine.space.level_of(base + 100) == 1);
    // A read takes a page of its own, and the write that follows a fault.
    CHECK(reads(machine.space, 5 * large, 1)[FaultKind::huge] == 1);
    CHECK(writes(machine.space, 5 * large, large)[FaultKind::huge_reuse] == 1);
    machine.space.unmap(base, 8 * large);
    CHECK(machine.free() == 16);
    CHECK(machine.reserved() == 0);
    CHECK(machine.space.page_table_bytes() == 0);
}

TEST_CASE("A page of 1 GiB is an entry of the third level, cleared piece by piece in one fault") {
    Machine machine(0, 2);
    machine.map(2 * huge, 2);
    const FaultCounts counts = writes(machine.space, 7, 1);
    CHECK(counts[FaultKind::huge] == 1);
    CHECK(counts.huge_pieces_cleared == 512);
    CHECK(machine.space.page_table_bytes() == page_bytes);
    CHECK(machine.space.level_of(base + huge - 1) == 2);
    CHECK(machine.space.level_of(base + huge) == 0);
    CHECK(machine.space.take_working_set() == huge);
    CHECK(machine.space.take_working_set() == 0);
    const Change change = machine.space.unmap(base, huge);
    CHECK(change.entries == 1);
    CHECK(change.stale_level == 2);
    CHECK(machine.memory.huge_pages(2).free() == 2);
    CHECK(machine.memory.huge_pages(2).reserved() == 1);
}

TEST_CASE("Linux: huge pages are divided at multiples of their size only") {
    Machine machine(16);
    machine.map(8 * large);
    writes(machine.space, 0, 2 * large);
    AddressSpace& space = machine.space;
    CHECK_THROWS_AS(space.unmap(base + large, 1), std::invalid_argument);
    CHECK_THROWS_AS(space.unmap(base, large + 1), std::invalid_argument);
    CHECK_THROWS_AS(space.protect(base, 1, Access::read), std::invalid_argument);
    CHECK_THROWS_AS(space.advise(base + 1, 1, Advice::dont_need), std::invalid_argument);
    CHECK_THROWS_AS(space.advise(base, large, Advice::free_lazily), std::invalid_argument);
    CHECK_THROWS_AS(space.advise(base, 1, Advice::random), std::invalid_argument);
    space.advise(base, large, Advice::random);
    space.advise(base + 1, 1, Advice::will_need);
    Change change;
    CHECK_THROWS_AS(space.remap(base, 8 * large, 10 * large, std::nullopt, change), std::invalid_argument);
    CHECK_THROWS_AS(machine.map(large + 1), std::invalid_argument);
    SECTION("only whole ones are dropped, and reserved again") {
        space.advise(base, 1, Advice::dont_need);
        CHECK(machine.free() == 14);
        space.advise(base, large + large / 2, Advice::dont_need);
        CHECK(machine.free() == 15);
        CHECK(machine.reserved() == 7);
        CHECK(writes(space, 0, 1)[FaultKind::huge] == 1);
    }
    SECTION("made writable again, a page takes a fault to be written") {
        space.protect(base, large, Access::read);
        space.protect(base, large, Access::read | Access::write);
        CHECK(writes(space, 0, 1)[FaultKind::huge_reuse] == 1);
    }
}

TEST_CASE("Linux: fork copies private huge pages on write, and the child has nothing reserved") {
    Machine machine(16);
    machine.map(4 * large);
    machine.space.write(base, 11);
    writes(machine.space, large, 2 * large);
    AddressSpace& child = machine.fork();
    CHECK(machine.reserved() == 1);
    CHECK(child.page_table_bytes() == 2 * page_bytes);
    CHECK(reads(child, 0, 3 * large).minor() == 0);
    const FaultCounts copied = child.write(base, 22);
    CHECK(copied[FaultKind::copy] == 1);
    CHECK(copied.huge_pieces_copied == 1);
    CHECK(copied.replaced == 1);
    CHECK(writes(child, 3 * large, 1)[FaultKind::huge] == 1);
    CHECK(machine.reserved() == 1);
    CHECK(machine.free() == 11);
    FaultCounts counts;
    CHECK(machine.space.read(base, counts) == 11);
    CHECK(writes(machine.space, 0, 1)[FaultKind::huge_reuse] == 1); // the child has its own
    CHECK(writes(machine.space, 2 * large, 1)[FaultKind::copy] == 1);
    machine.memory.destroy(child.id());
    CHECK(writes(machine.space, large, 1)[FaultKind::huge_reuse] == 1);
    CHECK(machine.free() == 13);
    CHECK(machine.reserved() == 1);
}

TEST_CASE("Linux: whoever reserved a page keeps it when there is none to copy it to, its child loses it") {
    Machine machine(16);
    machine.map(16 * large);
    writes(machine.space, 0, 16 * large);
    AddressSpace& child = machine.fork();
    CHECK(writes(machine.space, 0, 1)[FaultKind::huge_reuse] == 1);
    CHECK(finds_none(reads(child, 0, 1)));
    CHECK(finds_none(writes(child, large, 1)));
    CHECK(reads(child, large, 1).minor() == 0);
    machine.memory.destroy(child.id());
    machine.space.unmap(base, 16 * large);
    CHECK(machine.free() == 16);
    CHECK(machine.reserved() == 0);
}

TEST_CASE("Linux: shared huge pages are found by faults, and stay with their object") {
    Machine machine(16);
    machine.map_shared(4 * large);
    CHECK(machine.reserved() == 4);
    CHECK(reads(machine.space, 0, 1)[FaultKind::huge] == 1);
    machine.space.write(base, 5);
    CHECK(writes(machine.space, large, 1).minor() == 1);
    AddressSpace& child = machine.fork();
    CHECK(child.page_table_bytes() == 0);
    FaultCounts counts;
    CHECK(child.read(base, counts) == 5);
    CHECK(counts[FaultKind::page_cache] == 1);
    CHECK(writes(child, 0, 1).minor() == 0);
    CHECK(writes(child, 2 * large, 1)[FaultKind::huge] == 1);
    CHECK(reads(machine.space, 2 * large, 1)[FaultKind::page_cache] == 1);
    machine.space.advise(base, large, Advice::dont_need);
    CHECK(machine.free() == 13);
    CHECK(reads(machine.space, 0, 1)[FaultKind::page_cache] == 1);
    machine.space.unmap(base + 3 * large, large);
    CHECK(machine.reserved() == 1);
    machine.memory.destroy(child.id());
    machine.space.unmap(base, 3 * large);
    CHECK(machine.free() == 16);
    CHECK(machine.reserved() == 0);
}

TEST_CASE("Linux: without enough of them a mapping fails, and one without a reservation ends in a bus error") {
    Machine machine(16);
    CHECK_THROWS_AS(machine.map(17 * large), std::invalid_argument);
    CHECK(machine.reserved() == 0);
    machine.map(17 * large, 1, false);
    CHECK(machine.reserved() == 0);
    const FaultCounts counts = writes(machine.space, 0, 17 * large);
    CHECK(counts.pages == 16 * large);
    CHECK(finds_none(counts));
    CHECK_THROWS_AS(machine.space.advise(base, 17 * large, Advice::populate_write), std::invalid_argument);
}

TEST_CASE("Random operations on huge mappings leave what was written, and every page accounted for") {
    constexpr PageNumber pages = 6;
    constexpr PageNumber contents_each = 3;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        std::mt19937_64 random(seed);
        const auto below = [&](std::uint64_t limit) { return random() % limit; };
        Memory memory({.huge_page_reserve = {64, 0}});
        using Contents = std::map<PageNumber, std::uint64_t>; // by page of 4 KiB from the base on
        std::map<SpaceId, std::vector<bool>> mapped;
        std::map<SpaceId, Contents> model;
        const auto start = [&] {
            AddressSpace& space = memory.create();
            Change change;
            space.map({.pages = pages * large, .at = base, .huge_level = 1}, change);
            mapped[space.id()] = std::vector<bool>(pages, true);
            model[space.id()] = {};
        };
        start();
        for (int step = 0; step < 400; ++step) {
            auto at = model.begin();
            std::advance(at, below(model.size()));
            const SpaceId id = at->first;
            AddressSpace& space = memory.space(id);
            const PageNumber page = below(pages);
            const PageNumber word = page * large + below(contents_each) * 100;
            const auto forget = [&] {
                at->second.erase(at->second.lower_bound(page * large), at->second.lower_bound((page + 1) * large));
            };
            switch (below(12)) {
            case 0:
                space.unmap(base + page * large, large);
                mapped[id][page] = false;
                forget();
                break;
            case 1:
                if (!mapped[id][page]) break;
                space.advise(base + page * large, large, Advice::dont_need);
                forget();
                break;
            case 2:
                if (model.size() > 5) break;
                {
                    Change change;
                    const SpaceId child = space.fork(change).id();
                    mapped[child] = mapped[id];
                    model[child] = at->second;
                }
                break;
            case 3:
                memory.destroy(id);
                model.erase(id);
                mapped.erase(id);
                if (model.empty()) start();
                break;
            case 4:
                if (!mapped[id][page]) break;
                space.protect(base + page * large, large, Access::read);
                space.protect(base + page * large, large, Access::read | Access::write);
                break;
            default: {
                if (!mapped[id][page]) break;
                const std::uint64_t content = random();
                REQUIRE_FALSE(space.write(base + word, content).stopped());
                at->second[word] = content;
            }
            }
            std::map<std::uint32_t, std::uint32_t> maps;
            for (auto& [each, contents] : model)
                for (PageNumber huge_page = 0; huge_page < pages; ++huge_page) {
                    if (const Entry entry = memory.space(each).entry_of(base + huge_page * large); entry != 0)
                        ++maps[entry::number(entry)];
                    for (PageNumber part = 0; mapped[each][huge_page] && part < contents_each; ++part) {
                        const PageNumber read = huge_page * large + part * 100;
                        if (!contents.contains(read)) continue;
                        FaultCounts counts;
                        REQUIRE(memory.space(each).read(base + read, counts) == contents[read]);
                        REQUIRE(counts.minor() == 0);
                    }
                }
            REQUIRE(memory.huge_pages(1).free() + maps.size() == 64);
        }
        for (const auto& [id, contents] : model) memory.destroy(id);
        CHECK(memory.huge_pages(1).free() == 64);
        CHECK(memory.huge_pages(1).reserved() == 0);
        CHECK(memory.tables_in_use(9) == 0);
    }
}
