#include "sim/memory/address_space/address_space.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <deque>
#include <list>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

using namespace switchyard::sim::memory;

namespace {

constexpr PageNumber huge = 512;
constexpr PageNumber base = huge * huge * huge;
constexpr std::uint64_t kib = 1024;

// One process, regions at `base`.
struct Process {
    explicit Process(const MemorySettings& settings = {}) : memory(settings) {}

    PageNumber map(PageNumber pages, ObjectId object = no_object, bool shared = false,
                   HugePages huge_pages = HugePages::as_the_machine) {
        Change change;
        return space.map({.pages = pages, .at = base, .object = object, .shared = shared, .huge_pages = huge_pages},
                         change);
    }
    std::uint64_t writes(PageNumber pages, PageNumber first = base) {
        return space.touch_range(first, pages, Access::write).minor();
    }
    std::uint64_t reads(PageNumber pages) { return space.touch_range(base, pages, Access::read).minor(); }
    AddressSpace& fork() {
        Change change;
        return space.fork(change);
    }
    Figures figures(PageNumber pages) { return space.figures(base, pages); }

    Memory memory;
    AddressSpace& space = memory.create();
};

std::uint64_t minor(AddressSpace& space, PageNumber pages, Access access) {
    return space.touch_range(base, pages, access).minor();
}

ViolationReason reason(const FaultCounts& counts) {
    REQUIRE(counts.violation);
    return counts.violation->reason;
}

} // namespace

// --- Linux, where the figures were taken from a kernel 6.18 ---------------------------------------------------------

TEST_CASE("Dropping a table's worth of pages gives the page table back, less than that does not") {
    Process process;
    process.map(4 * huge);
    process.writes(4 * huge);
    CHECK(process.space.page_table_bytes() == (4 + 2) * page_bytes);
    process.space.advise(base + 1, 4 * huge - 2, Advice::dont_need);
    CHECK(process.space.page_table_bytes() == (2 + 2) * page_bytes);
    process.space.advise(base, 4 * huge, Advice::dont_need);
    CHECK(process.space.page_table_bytes() == 2 * page_bytes);
    CHECK(process.space.resident_pages() == 0);
}

TEST_CASE("A page table goes when the last region that uses it does") {
    Process process;
    process.map(3 * huge);
    process.writes(3 * huge);
    const auto tables_after = [&](PageNumber first, PageNumber pages) {
        process.space.unmap(base + first, pages);
        return process.space.page_table_bytes() / page_bytes;
    };
    CHECK(tables_after(huge, huge) == 2 + 2);
    CHECK(tables_after(100, huge - 100) == 2 + 2);
    CHECK(tables_after(0, 100) == 1 + 2);
    CHECK(tables_after(2 * huge, huge) == 0);
}

TEST_CASE("Shared memory is faulted in around a read as far as it exists") {
    Process process;
    process.map(100, process.memory.create_shared_memory(100), true);
    for (PageNumber page = 0; page < 100; page += 3) process.writes(1, base + page);
    SECTION("by reads: every hole, and three windows that begin with a page that exists") {
        CHECK(minor(process.fork(), 100, Access::read) == 66 + 3);
    }
    SECTION("by writes: every page") { CHECK(minor(process.fork(), 100, Access::write) == 100); }
    SECTION("a child reads what its parent wrote in windows, and may write it then") {
        process.writes(100);
        AddressSpace& child = process.fork();
        CHECK(minor(child, 100, Access::read) == 7);
        CHECK(minor(child, 100, Access::write) == 0);
        CHECK(process.figures(100).proportional == 200 * kib);
    }
}

TEST_CASE("Fork copies only regions with pages of their own") {
    Process process;
    process.map(100);
    process.reads(100);
    SECTION("zero pages alone are not worth it") {
        AddressSpace& child = process.fork();
        CHECK(child.page_table_bytes() == 0);
        CHECK(minor(child, 100, Access::read) == 100);
    }
    SECTION("beside a page of its own they are copied, too") {
        process.writes(1);
        AddressSpace& child = process.fork();
        CHECK(minor(child, 100, Access::read) == 0);
        CHECK(minor(child, 100, Access::write) == 100);
    }
    SECTION("so are the pages of a file of which it has written some") {
        process.map(1000, process.memory.create_file(1000, true));
        process.reads(1000);
        process.writes(10);
        Change change;
        AddressSpace& child = process.space.fork(change);
        CHECK(change.entries == 1000);
        CHECK(change.tables_made == 2 + 2);
        CHECK(minor(child, 1000, Access::read) == 0);
        CHECK(minor(child, 20, Access::write) == 20);
        CHECK(child.figures(base, 1000).proportional == 2040 * kib);
        CHECK(child.figures(base, 1000).shared == 3920 * kib);
        CHECK(child.figures(base, 1000).anonymous == 80 * kib);
        CHECK(process.writes(20) == 20);
    }
}

TEST_CASE("Populating writes private pages and reads others") {
    Process process;
    const auto populated = [&](bool file, bool shared, Access access) {
        Change change;
        const ObjectId object = file ? process.memory.create_file(100, true) : no_object;
        process.space.map(
            {.pages = 100, .at = base, .object = object, .shared = shared, .populate = true, .access = access}, change);
        return change.faults.minor();
    };
    const Access read_write = Access::read | Access::write;
    CHECK(populated(true, false, read_write) == 100);
    CHECK(process.figures(100).anonymous == 400 * kib);
    CHECK(populated(true, false, Access::read) == 7);
    CHECK(populated(true, true, read_write) == 7);
    CHECK(process.writes(100) == 100);
    CHECK(populated(false, false, read_write) == 100);
    CHECK(populated(false, false, Access::read) == 100);
    CHECK(process.figures(100).resident == 0);
}

TEST_CASE("After fork, changing permissions back and forth does not make pages one's own") {
    Process process;
    process.map(700);
    process.writes(700);
    const auto there_and_back = [](AddressSpace& space) {
        space.protect(base, 700, Access::read);
        space.protect(base, 700, Access::read | Access::write);
    };
    there_and_back(process.space);
    CHECK(process.writes(700) == 0);
    AddressSpace& child = process.fork();
    there_and_back(child);
    CHECK(minor(child, 700, Access::write) == 700);
    process.memory.destroy(child.id());
    there_and_back(process.space);
    const FaultCounts counts = process.space.touch_range(base, 700, Access::write);
    CHECK(counts[FaultKind::reuse] == 700);
}

TEST_CASE("Huge pages") {
    Process process;
    process.map(2 * huge, no_object, false, HugePages::advised);
    SECTION("where small pages are, none comes") {
        process.space.advise(base, 2 * huge, Advice::no_huge_pages);
        process.writes(3);
        process.space.advise(base, 2 * huge, Advice::huge_pages);
        CHECK(process.writes(2 * huge) == huge - 3 + 1);
        CHECK(process.figures(2 * huge).huge == 2048 * kib);
    }
    SECTION("read first they are the huge zero page, also in the child") {
        CHECK(process.reads(2 * huge) == 2);
        CHECK(process.space.page_table_bytes() == (2 + 2) * page_bytes);
        CHECK(process.writes(1) == 1);
        CHECK(process.figures(2 * huge).huge == 2048 * kib);
        AddressSpace& child = process.fork();
        CHECK(minor(child, 2 * huge, Access::read) == 0);
        CHECK(minor(child, 2 * huge, Access::write) == huge + 1);
    }
    SECTION("a child that writes one page has split its own, not its parent's") {
        process.writes(2 * huge);
        AddressSpace& child = process.fork();
        CHECK(minor(child, 1, Access::write) == 1);
        const Figures figures = child.figures(base, 2 * huge);
        CHECK(figures.resident == 4096 * kib);
        CHECK(figures.proportional == 2050 * kib);
        CHECK(figures.private_ == 4 * kib);
        CHECK(figures.huge == 2048 * kib);
        CHECK(process.figures(2 * huge).huge == 4096 * kib);
        process.memory.destroy(child.id());
        CHECK(process.space.touch_range(base, 2 * huge, Access::write)[FaultKind::huge_reuse] == 2);
    }
    SECTION("what changes nothing does not split them") {
        process.writes(2 * huge);
        process.space.protect(base + 100, 100, Access::read | Access::write);
        process.space.advise(base + 100, 100, Advice::huge_pages);
        CHECK(process.figures(2 * huge).huge == 4096 * kib);
        CHECK(process.space.regions().size() == 1);
        process.space.protect(base + 100, 100, Access::read);
        CHECK(process.figures(2 * huge).huge == 2048 * kib);
        CHECK(process.space.regions().size() == 3);
        process.space.protect(base + 100, 100, Access::read | Access::write);
        CHECK(process.space.regions().size() == 1);
    }
    SECTION("moved to an aligned place they stay whole, to another they are split") {
        process.writes(2 * huge);
        Change change;
        const PageNumber aligned = process.space.remap(base, 2 * huge, 2 * huge, 2 * base, change);
        CHECK(process.space.figures(aligned, 2 * huge).huge == 4096 * kib);
        CHECK(process.space.page_table_bytes() == (2 + 2) * page_bytes);
        const PageNumber misaligned = process.space.remap(aligned, 2 * huge, 2 * huge, 3 * base + 1, change);
        CHECK(process.space.figures(misaligned, 2 * huge).huge == 0);
        CHECK(process.space.page_table_bytes() == (3 + 2) * page_bytes);
        CHECK(process.writes(2 * huge, misaligned) == 0);
    }
    SECTION("dropped in part they are split, dropped whole they come back") {
        process.writes(2 * huge);
        process.space.advise(base + 700, 1, Advice::dont_need);
        CHECK(process.figures(2 * huge).huge == 2048 * kib);
        CHECK(process.writes(2 * huge) == 1);
        process.space.advise(base, 2 * huge, Advice::dont_need);
        CHECK(process.writes(2 * huge) == 2);
        CHECK(process.figures(2 * huge).huge == 4096 * kib);
    }
}

TEST_CASE("A cold file is read ahead: one major fault, then windows") {
    Process process;
    process.map(1000, process.memory.create_file(1000, false));
    const FaultCounts counts = process.space.touch_range(base, 1000, Access::read);
    CHECK(counts.major() == 1);
    CHECK(counts.minor() >= 62);
    CHECK(counts.minor() <= 64);
    CHECK(counts.pages_read == 1000);
}

// --- Layouts and regions --------------------------------------------------------------------------------------------

TEST_CASE("Page tables are those of the pages touched, in every layout") {
    for (const Layout& layout : {layout_32_bit(), layout_4_level(), layout_5_level()}) {
        CAPTURE(layout.levels);
        Memory memory;
        AddressSpace& space = memory.create(layout);
        Change change;
        const PageNumber most = layout.stack_end;
        space.map({.pages = most - 16, .at = 16}, change);
        std::mt19937_64 random(layout.levels);
        std::set<std::pair<unsigned, PageNumber>> tables;
        for (int touch = 0; touch < 200; ++touch) {
            const PageNumber page = 16 + random() % (most - 16);
            CHECK(!space.touch_range(page, 1, Access::write).stopped());
            for (unsigned level = 1; level < layout.levels; ++level)
                tables.emplace(level, page >> (layout.index_bits * level));
        }
        CHECK(space.page_table_bytes() == tables.size() * page_bytes);
        CHECK(space.unmap(0, space.pages_end()).tables_freed == tables.size());
        CHECK(space.page_table_bytes() == 0);
        CHECK(memory.frames().in_use() == 0);
    }
}

TEST_CASE("A program's image: segments with permissions, and a process that breaks them") {
    Memory memory;
    AddressSpace& space = memory.create(layout_32_bit());
    Change change;
    const ObjectId program = memory.create_file(40, true);
    space.load(
        {.text = 20, .read_only_data = 10, .data = 10, .zeroed_data = 5, .heap = 8, .stack = 4, .executable = program},
        change);
    const PageNumber text = space.layout().text;
    CHECK(!space.touch_range(text, 20, Access::execute).stopped());
    CHECK(!space.touch_range(text + 30, 23, Access::write).stopped());
    CHECK(reason(space.touch_range(text, 1, Access::write)) == ViolationReason::not_writable);
    CHECK(reason(space.touch_range(text + 18, 4, Access::execute)) == ViolationReason::not_executable);
    const FaultCounts beyond = space.touch_range(text + 50, 100, Access::write);
    CHECK(beyond.pages == 3);
    CHECK(reason(beyond) == ViolationReason::not_mapped);
    CHECK(beyond.violation->address == (text + 53) * page_bytes);
    CHECK(std::string(text_of(ViolationReason::not_writable)) == "write to read-only region");
    space.brk(2);
    CHECK(space.touch_range(text + 53, 2, Access::write)[FaultKind::anonymous] == 2);
    space.brk(-6);
    CHECK(reason(space.touch_range(text + 49, 1, Access::read)) == ViolationReason::not_mapped);
    space.protect(text + 46, 1, Access::none);
    CHECK(reason(space.touch_range(text + 46, 1, Access::read)) == ViolationReason::not_readable);
}

TEST_CASE("A stack grows to what is touched, up to its limit and its guard") {
    Memory memory;
    AddressSpace& space = memory.create();
    Change change;
    space.load({.stack = 1}, change);
    const PageNumber end = space.layout().stack_end;
    CHECK(!space.touch_range(end - 100, 1, Access::write).stopped());
    CHECK(space.region_of(end - 50) != nullptr);
    CHECK(reason(space.touch_range(end - 2049, 1, Access::write)) == ViolationReason::stack_guard);
    CHECK(reason(space.touch_range(end - 100'000, 1, Access::write)) == ViolationReason::not_mapped);
    space.map({.pages = 1, .at = end - 500}, change);
    CHECK(reason(space.touch_range(end - 300, 1, Access::write)) == ViolationReason::stack_guard);
    CHECK(!space.touch_range(end - 200, 1, Access::write).stopped());
}

TEST_CASE("Mappings are placed from the top down, each where it was asked to begin within a page table") {
    Memory memory;
    AddressSpace& space = memory.create();
    Change change;
    const PageNumber first = space.map({.pages = 10}, change);
    CHECK(first == space.layout().mappings_end - 10);
    const PageNumber second = space.map({.pages = 1000, .start_page = 5}, change);
    CHECK(second % huge == 5);
    CHECK(second + 1000 <= first);
    CHECK(space.map({.pages = 2 * huge}, change) % huge == 0);
    CHECK(space.map({.pages = 3}, change) == first - 3);
    SECTION("and grow in place where there is room") {
        space.unmap(first - 3, 3);
        const PageNumber low = space.map({.pages = 2, .at = first - 3}, change);
        CHECK(space.remap(low, 2, 3, std::nullopt, change) == low);
        CHECK(space.remap(low, 3, 4, std::nullopt, change) != low);
    }
    CHECK_THROWS_AS(space.protect(10, 10, Access::read), std::invalid_argument);
}

TEST_CASE("A file ends") {
    Process process;
    process.map(10, process.memory.create_file(5, true));
    const FaultCounts counts = process.space.touch_range(base, 10, Access::read);
    CHECK(counts.pages == 5);
    CHECK(reason(counts) == ViolationReason::beyond_the_object);
}

// --- Memory that runs short -----------------------------------------------------------------------------------------

namespace {

// Exact LRU, told of every reference.
class LruReplacer : public Replacer {
public:
    [[nodiscard]] bool wants_every_reference() const override { return true; }
    void insert(FrameNumber frame, PageIdentity) override { order_.push_back(frame); }
    void referenced(FrameNumber frame) override {
        order_.splice(order_.end(), order_, std::ranges::find(order_, frame));
    }
    FrameNumber evict(ReferencedBits&) override {
        if (order_.empty()) return no_frame;
        const FrameNumber frame = order_.front();
        order_.pop_front();
        return frame;
    }
    void remove(FrameNumber frame) override { order_.remove(frame); }

private:
    std::list<FrameNumber> order_;
};

} // namespace

TEST_CASE("A policy of the machine or of one address space evicts what it would on paper") {
    const auto limit = static_cast<std::uint32_t>(20);
    for (const bool exact_lru : {false, true})
        for (const bool local : {false, true}) {
            CAPTURE(exact_lru, local);
            const MakeReplacer make = [&](auto) -> std::unique_ptr<Replacer> {
                if (exact_lru) return std::make_unique<LruReplacer>();
                return std::make_unique<FifoReplacer>(false);
            };
            Process process({.frames = local ? 1000 : limit, .swap_slots = 1000, .replacement = make});
            if (local) process.memory.limit(process.space.id(), limit, make);
            process.map(60);
            std::deque<PageNumber> resident;
            std::uint64_t misses = 0;
            std::uint64_t faults = 0;
            std::mt19937_64 random(1);
            for (int reference = 0; reference < 3000; ++reference) {
                const PageNumber page = random() % 30 + random() % 31;
                const auto found = std::ranges::find(resident, page);
                if (found == resident.end()) {
                    ++misses;
                    if (resident.size() == limit) resident.pop_front();
                    resident.push_back(page);
                } else if (exact_lru) {
                    resident.erase(found);
                    resident.push_back(page);
                }
                const FaultCounts counts = process.space.touch_range(base + page, 1, Access::write);
                REQUIRE(!counts.stopped());
                faults += counts.minor() + counts.major();
            }
            CHECK(faults == misses);
            CHECK(process.memory.counters().evicted == misses - limit);
            CHECK(process.space.resident_pages() == limit);
            CHECK(process.space.swapped_pages() + limit == 60);
        }
}

TEST_CASE("A clean page with a copy on the device is not written again") {
    Process process({.frames = 10, .swap_slots = 100});
    process.map(20);
    process.writes(20);
    const std::uint64_t written = process.memory.counters().swapped_out;
    CHECK(written == 10);
    const FaultCounts again = process.space.touch_range(base, 10, Access::read);
    CHECK(again.major() == 10);
    CHECK(again.pages_swapped_out == 10);
    const FaultCounts back = process.space.touch_range(base + 10, 10, Access::read);
    CHECK(back.major() == 10);
    CHECK(back.pages_swapped_out == 0);
    CHECK(back.evicted == 10);
    CHECK(process.figures(20).swapped == 10 * page_bytes);
}

TEST_CASE("A page swapped out under two processes is read once, and copied when written") {
    Process process({.frames = 16, .swap_slots = 100});
    process.map(10);
    process.space.write(base, 42);
    AddressSpace& child = process.fork();
    Change change;
    const PageNumber other = process.space.map({.pages = 16, .at = 2 * base}, change);
    process.writes(16, other);
    CHECK(process.space.swapped_pages() >= 1);
    CHECK(child.swapped_pages() == 1);
    process.space.unmap(other, 16);
    FaultCounts counts;
    CHECK(child.read(base, counts) == 42);
    CHECK(counts[FaultKind::swap_in] == 1);
    CHECK(process.space.write(base, 43)[FaultKind::swap_cache] == 1);
    CHECK(child.read(base, counts) == 42);
    CHECK(process.space.read(base, counts) == 43);
}

TEST_CASE("Dirty pages of a file are written back, clean ones are dropped") {
    Process process({.frames = 20});
    const ObjectId file = process.memory.create_file(40, false);
    process.map(40, file, true);
    process.space.advise(base, 40, Advice::random);
    CHECK(process.space.touch_range(base, 10, Access::write).major() == 10);
    CHECK(process.space.touch_range(base + 10, 10, Access::read).major() == 10);
    const FaultCounts counts = process.space.touch_range(base + 20, 20, Access::read);
    CHECK(counts.evicted == 20);
    CHECK(counts.pages_written_back == 10);
}

TEST_CASE("A page freed lazily is dropped when memory runs short, unless it was written again") {
    Process process({.frames = 20, .swap_slots = 100});
    process.map(10);
    for (PageNumber page = base; page < base + 10; ++page) process.space.write(page, 7);
    process.space.advise(base, 10, Advice::free_lazily);
    CHECK(process.figures(10).resident == 10 * page_bytes);
    CHECK(process.space.write(base + 3, 8).minor() == 0);
    Change change;
    process.writes(20, process.space.map({.pages = 20, .at = 2 * base}, change));
    CHECK(process.space.swapped_pages() == 1);
    process.space.unmap(2 * base, 20);
    FaultCounts counts;
    CHECK(process.space.read(base + 3, counts) == 8);
    CHECK(process.space.read(base + 4, counts) == 0);
}

TEST_CASE("Locked pages stay") {
    Process process({.frames = 20, .swap_slots = 100});
    Change change;
    process.space.map({.pages = 15, .at = base, .locked = true}, change);
    CHECK(change.faults.minor() == 15);
    process.writes(30, process.space.map({.pages = 30, .at = 2 * base}, change));
    CHECK(process.reads(15) == 0);
    CHECK(process.figures(15).swapped == 0);
}

TEST_CASE("Out of memory: the largest is chosen, with its adjustment") {
    Memory memory({.frames = 3000, .swap_slots = 1000});
    Change change;
    AddressSpace& large = memory.create();
    AddressSpace& small = memory.create();
    large.map({.pages = 3000, .at = base}, change);
    small.map({.pages = 3000, .at = base}, change);
    CHECK(!large.touch_range(base, 2500, Access::write).stopped());
    const FaultCounts counts = small.touch_range(base, 3000, Access::write);
    CHECK(counts.out_of_memory);
    CHECK(counts.pages == 1500);
    CHECK(memory.choose_victim() == large.id());
    small.out_of_memory_adjustment = 900;
    CHECK(memory.choose_victim() == small.id());
    small.out_of_memory_adjustment = -1000;
    CHECK(memory.choose_victim() == large.id());
    memory.destroy(large.id());
    CHECK(!small.touch_range(base + 1500, 1500, Access::write).stopped());
    CHECK(small.resident_pages() + small.swapped_pages() == 3000);
}

TEST_CASE("Working sets and thrashing") {
    Process process({.frames = 100, .swap_slots = 1000});
    process.map(200);
    process.writes(50);
    CHECK(process.space.take_working_set() == 50);
    process.reads(20);
    CHECK(process.space.take_working_set() == 20);
    process.space.take_major_faults_per_thousand();
    for (int round = 0; round < 10; ++round) process.writes(90);
    CHECK(process.space.take_major_faults_per_thousand() == 0);
    process.writes(200);
    process.space.take_major_faults_per_thousand();
    for (int round = 0; round < 10; ++round) process.writes(200); // in turn, as if there were no memory at all
    CHECK(process.space.take_major_faults_per_thousand() == 1000);
}

// --- Limits of several address spaces, and advice
// ----------------------------------------------------------------------

TEST_CASE("A limit holds for all address spaces that share it, a fork's child among them") {
    Process process({.swap_slots = 1000});
    process.memory.limit(process.space.id(), 20);
    process.map(15);
    process.writes(15);
    AddressSpace& child = process.fork();
    CHECK(child.domain() == process.space.domain());
    child.touch_range(base, 15, Access::write); // 15 copies do not fit beside them
    CHECK(process.memory.charged(child.domain()) <= 20);
    CHECK(process.memory.frames().in_use() <= 20);
    CHECK(process.memory.counters().swapped_out >= 10);
    AddressSpace& other = process.memory.create();
    Change change;
    other.map({.pages = 100, .at = base}, change);
    CHECK(other.touch_range(base, 100, Access::write).evicted == 0); // not limited
    process.memory.destroy(child.id());
    CHECK(process.memory.charged(process.space.domain()) <= 15);
    CHECK(process.space.touch_range(base, 15, Access::read).major() == 10); // what had to go for the copies
    CHECK(process.memory.charged(process.space.domain()) == 15);
}

TEST_CASE("Who has reached a limit is killed among those under it, not who has most of the machine") {
    Memory memory;
    AddressSpace& large = memory.create();
    AddressSpace& small = memory.create();
    Change change;
    large.map({.pages = 500, .at = base}, change);
    large.touch_range(base, 500, Access::write);
    memory.limit(small.id(), 10);
    small.map({.pages = 50, .at = base}, change);
    const FaultCounts counts = small.touch_range(base, 50, Access::write);
    CHECK(counts.out_of_memory);
    CHECK(counts.pages == 10);
    CHECK(memory.choose_victim() == large.id());
    CHECK(memory.choose_victim(small.id()) == small.id());
    CHECK(memory.choose_victim(large.id()) == large.id());
}

TEST_CASE("What an address space has had at most is known, also when it has less") {
    Process process;
    process.map(600);
    process.writes(600);
    const std::uint64_t tables = process.space.page_table_bytes();
    process.space.unmap(base, 600);
    CHECK(process.space.resident_pages() == 0);
    CHECK(process.space.most_resident_pages() == 600);
    CHECK(process.space.page_table_bytes() < tables);
    CHECK(process.space.most_page_table_bytes() == tables);
}

TEST_CASE("A page copied after a fork is no more memory of who copies it") {
    Process process;
    process.map(10);
    process.writes(10);
    AddressSpace& child = process.fork();
    child.touch_range(base, 10, Access::write);
    CHECK(child.most_resident_pages() == 10);
    CHECK(process.memory.frames().in_use() == 20);
}

TEST_CASE("Advice brings what was swapped out to the swap cache, where faults are minor") {
    Process process({.frames = 20, .swap_slots = 100});
    process.map(15);
    process.writes(15);
    AddressSpace& other = process.memory.create();
    Change change;
    other.map({.pages = 20, .at = base}, change);
    other.touch_range(base, 20, Access::write); // takes all frames
    CHECK(process.space.swapped_pages() == 15);
    process.memory.destroy(other.id());
    const Change advised = process.space.advise(base, 10, Advice::will_need);
    CHECK(advised.faults.pages_swapped_in == 10);
    CHECK(advised.faults.minor() + advised.faults.major() == 0);
    CHECK(process.space.resident_pages() == 0); // nobody maps them yet
    CHECK(process.memory.frames().in_use() == 10);
    const FaultCounts counts = process.space.touch_range(base, 15, Access::read);
    CHECK(counts[FaultKind::swap_cache] == 10);
    CHECK(counts[FaultKind::swap_in] == 5);
}

TEST_CASE("What was read on advice and never used goes with its region, or when memory runs short") {
    Process process({.frames = 20, .swap_slots = 100});
    process.map(15);
    process.writes(15);
    AddressSpace& other = process.memory.create();
    Change change;
    other.map({.pages = 20, .at = base}, change);
    other.touch_range(base, 20, Access::write);
    other.unmap(base, 20);
    process.space.advise(base, 15, Advice::will_need);
    other.map({.pages = 20, .at = base}, change);
    CHECK(other.touch_range(base, 20, Access::write).pages == 20);
    CHECK(process.space.swapped_pages() == 15);
    other.unmap(base, 20);
    process.space.advise(base, 15, Advice::will_need);
    process.space.unmap(base, 15);
    CHECK(process.memory.frames().in_use() == 0);
    CHECK(process.memory.swap_slots_in_use() == 0);
}

TEST_CASE("Advice reads all of a file's part, and nobody has mapped it") {
    Process process;
    const ObjectId file = process.memory.create_file(256, false);
    process.map(256, file);
    const Change advised = process.space.advise(base, 200, Advice::will_need);
    CHECK(advised.faults.pages_read == 200);
    CHECK(process.space.resident_pages() == 0);
    const FaultCounts counts = process.space.touch_range(base, 192, Access::read);
    CHECK(counts.minor() == 12); // 16 pages each
    CHECK(counts.major() == 0);
}
