// What Linux 6.18 (x86-64, pages of 4 KiB, huge pages where advised) counts of memory: minor and major faults, sizes in
// the region's own entry of smaps, page tables. Each kind of row is a sequence of operations on N pages, M of them
// written by somebody else, and a figure.
#include "sim/memory/address_space/address_space.hpp"
#include "tests/oracles/oracle.hpp"

#include <catch2/catch_test_macros.hpp>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <stdexcept>

using namespace switchyard;
using namespace switchyard::oracles;
using namespace switchyard::sim::memory;

namespace {

constexpr PageNumber huge = 512;             // pages of 2 MiB
constexpr PageNumber gibibyte = huge * huge; // pages
constexpr PageNumber base = gibibyte * huge; // where nothing else is: no page table is shared
constexpr std::uint64_t kib = 1024;

// A machine with one process, and the figures of a row.
struct Machine {
    PageNumber n;
    PageNumber m;
    Memory memory{};
    AddressSpace& parent = memory.create();

    // --- Regions, all at `base` + offset
    PageNumber anonymous(PageNumber pages, PageNumber offset = 0, HugePages huge_pages = HugePages::as_the_machine) {
        Change change;
        return parent.map({.pages = pages, .at = base + offset, .huge_pages = huge_pages}, change);
    }
    PageNumber written() {
        anonymous(n);
        parent.touch_range(base, n, Access::write);
        return base;
    }
    PageNumber file(bool cached, bool shared, PageNumber offset = 0, bool populate = false,
                    Order order = Order::normal) {
        Change change;
        return parent.map({.pages = n,
                           .at = base + offset,
                           .object = memory.create_file(n, cached),
                           .shared = shared,
                           .populate = populate,
                           .order = order,
                           .access = populate ? Access::read : Access::read | Access::write},
                          change);
    }
    PageNumber shared_memory() {
        Change change;
        return parent.map({.pages = n, .at = base, .object = memory.create_shared_memory(n), .shared = true}, change);
    }
    AddressSpace& fork() {
        Change change;
        return parent.fork(change);
    }
    // The child that lives while the parent is looked at.
    AddressSpace& child_that_wrote() {
        written();
        AddressSpace& child = fork();
        child.touch_range(base, m, Access::write);
        return child;
    }
    void huge_pages(PageNumber count) { anonymous(count * huge, 0, HugePages::advised); }

    // --- Figures
    std::uint64_t page_table_kib() { return parent.page_table_bytes() / kib; }
    Figures figures() { return parent.figures(base, parent.region_of(base)->pages()); }
};

std::uint64_t minor(AddressSpace& space, PageNumber first, PageNumber pages, Access access) {
    return space.touch_range(first, pages, access).minor();
}
std::uint64_t reads(AddressSpace& space, PageNumber pages) { return minor(space, base, pages, Access::read); }
std::uint64_t writes(AddressSpace& space, PageNumber pages) { return minor(space, base, pages, Access::write); }

using Figure = std::function<std::uint64_t(Machine&)>;

// Anonymous memory of one process.
const std::map<std::string, Figure, std::less<>> of_one_process = {
    {"anon first write, N pages", [](Machine& a) { return writes(a.parent, a.anonymous(a.n) ? a.n : 0); }},
    {"anon rewrite", [](Machine& a) { return a.written(), writes(a.parent, a.n); }},
    {"vma Rss kB", [](Machine& a) { return a.written(), a.figures().resident / kib; }},
    {"vma Anonymous kB", [](Machine& a) { return a.written(), a.figures().anonymous / kib; }},
    {"after DONTNEED: read N (zero page)",
     [](Machine& a) {
         a.written();
         a.parent.advise(base, a.n, Advice::dont_need);
         return reads(a.parent, a.n);
     }},
    {"after DONTNEED: read N (zero page) / vma Rss kB (zero page not counted)",
     [](Machine& a) {
         a.written();
         a.parent.advise(base, a.n, Advice::dont_need);
         reads(a.parent, a.n);
         return a.figures().resident / kib;
     }},
    {"after DONTNEED: read N (zero page) / then write N (zero page COW)",
     [](Machine& a) {
         a.written();
         a.parent.advise(base, a.n, Advice::dont_need);
         reads(a.parent, a.n);
         return writes(a.parent, a.n);
     }},
    {"mprotect RO->RW then rewrite",
     [](Machine& a) {
         a.written();
         a.parent.protect(base, a.n, Access::read);
         a.parent.protect(base, a.n, Access::read | Access::write);
         return writes(a.parent, a.n);
     }},
    {"MADV_POPULATE_WRITE",
     [](Machine& a) {
         a.anonymous(a.n);
         return a.parent.advise(base, a.n, Advice::populate_write).faults.minor();
     }},
    {"MADV_POPULATE_WRITE / touch after populate",
     [](Machine& a) {
         a.anonymous(a.n);
         a.parent.advise(base, a.n, Advice::populate_write);
         return writes(a.parent, a.n);
     }},
    {"mremap move then rewrite",
     [](Machine& a) {
         a.written();
         Change change;
         const PageNumber to = a.parent.remap(base, a.n, a.n, 3 * base, change);
         return minor(a.parent, to, a.n, Access::write);
     }},
    {"brk heap first write",
     [](Machine& a) {
         const PageNumber heap = a.parent.heap_end();
         a.parent.brk(static_cast<std::int64_t>(a.n));
         return minor(a.parent, heap, a.n, Access::write);
     }},
};

// fork, vfork and shared memory.
const std::map<std::string, Figure, std::less<>> of_families = {
    {"fork: child reads N", [](Machine& a) { return a.written(), reads(a.fork(), a.n); }},
    {"fork: child writes M (COW)", [](Machine& a) { return a.written(), writes(a.fork(), a.m); }},
    {"fork: child reads N then writes N",
     [](Machine& a) {
         a.written();
         AddressSpace& child = a.fork();
         return reads(child, a.n) + writes(child, a.n);
     }},
    {"fork+exit: parent rewrites N (reuse, still faults)",
     [](Machine& a) {
         a.written();
         a.memory.destroy(a.fork().id());
         return writes(a.parent, a.n);
     }},
    {"live child wrote M: child minflt", [](Machine& a) { return a.child_that_wrote().minor_faults(); }},
    {"live child wrote M: child minflt / parent Pss kB = 4M + 2(N-M)",
     [](Machine& a) { return a.child_that_wrote(), a.figures().proportional / kib; }},
    {"live child wrote M: child minflt / parent Shared kB = 4(N-M)",
     [](Machine& a) { return a.child_that_wrote(), a.figures().shared / kib; }},
    {"live child wrote M: child minflt / parent Private kB = 4M",
     [](Machine& a) { return a.child_that_wrote(), a.figures().private_ / kib; }},
    {"live child wrote M: child minflt / parent writes the same M (reuse)",
     [](Machine& a) { return a.child_that_wrote(), writes(a.parent, a.m); }},
    {"live child wrote M: child minflt / parent writes rest N-M (copy)",
     [](Machine& a) {
         a.child_that_wrote();
         return minor(a.parent, base + a.m, a.n - a.m, Access::write);
     }},
    {"live child wrote M: child minflt / parent Pss kB now sole owner",
     [](Machine& a) {
         a.child_that_wrote();
         writes(a.parent, a.n);
         return a.figures().proportional / kib;
     }},
    // A vforked child runs in its parent's address space.
    {"vfork: parent rewrites N",
     [](Machine& a) {
         a.written();
         AddressSpace& child = a.parent;
         writes(child, a.m);
         return writes(a.parent, a.n);
     }},
    {"vfork child first-touches M",
     [](Machine& a) {
         a.anonymous(a.n);
         AddressSpace& child = a.parent;
         return writes(child, a.m);
     }},
    {"vfork child first-touches M / parent touches same M",
     [](Machine& a) {
         a.anonymous(a.n);
         AddressSpace& child = a.parent;
         writes(child, a.m);
         return writes(a.parent, a.m);
     }},
    {"shared anon first write", [](Machine& a) { return a.shared_memory(), writes(a.parent, a.n); }},
    {"shared anon first write / child writes M (no COW, PTEs not copied)",
     [](Machine& a) {
         a.shared_memory();
         writes(a.parent, a.n);
         return writes(a.fork(), a.m);
     }},
    {"shared anon first write / parent rewrites after child",
     [](Machine& a) {
         a.shared_memory();
         writes(a.parent, a.n);
         writes(a.fork(), a.m);
         return writes(a.parent, a.n);
     }},
};

void touch_apart(Machine& a, PageNumber first, PageNumber count, PageNumber distance) {
    for (PageNumber at = 0; at < count; ++at) a.parent.touch_range(first + at * distance, 1, Access::write);
}

// VmPTE, as differences.
const std::map<std::string, Figure, std::less<>> of_page_tables = {
    {"1 page: PTE+PMD+PUD",
     [](Machine& a) {
         a.anonymous(a.n);
         writes(a.parent, 1);
         return a.page_table_kib();
     }},
    {"VmPTE kB = 4*(ceil(N/512)+1 PMD+1 PUD)", [](Machine& a) { return a.written(), a.page_table_kib(); }},
    {"untouched mapping VmPTE kB", [](Machine& a) { return a.anonymous(a.n), a.page_table_kib(); }},
    {"64 pages 2MiB apart: 64 PTE+1+1",
     [](Machine& a) {
         a.anonymous(gibibyte);
         touch_apart(a, base, 64, huge);
         return a.page_table_kib();
     }},
    {"+16 pages 1GiB apart: +16 PTE +16 PMD",
     [](Machine& a) {
         a.anonymous(32 * gibibyte);
         touch_apart(a, base, 64, huge);
         touch_apart(a, base + gibibyte, 16, gibibyte);
         return a.page_table_kib();
     }},
    {"fork child VmPTE same: parent unchanged",
     [](Machine& a) {
         a.written();
         const std::uint64_t before = a.page_table_kib();
         if (a.fork().page_table_bytes() / kib != before) throw std::runtime_error("the child's differ");
         return a.page_table_kib() - before;
     }},
    {"munmap frees all",
     [](Machine& a) {
         a.written();
         a.parent.unmap(base, a.n);
         return a.page_table_kib();
     }},
};

const std::map<std::string, Figure, std::less<>> of_huge_pages = {
    {"THP: K=8 huge regions, touch all", [](Machine& a) { return a.huge_pages(8), writes(a.parent, 8 * huge); }},
    {"THP: K=8 huge regions, touch all / AnonHugePages kB",
     [](Machine& a) {
         a.huge_pages(8);
         writes(a.parent, 8 * huge);
         return a.figures().huge / kib;
     }},
    {"THP: K=8 huge regions, touch all / VmPTE kB = 4*(K deposited + PMD + PUD)",
     [](Machine& a) {
         a.huge_pages(8);
         writes(a.parent, 8 * huge);
         return a.page_table_kib();
     }},
    {"THP: K=8 huge regions, touch all / fork child writes 1 page of a THP",
     [](Machine& a) {
         a.huge_pages(8);
         writes(a.parent, 8 * huge);
         return writes(a.fork(), 1);
     }},
    {"THP: K=8 huge regions, touch all / fork child writes all 512 of one THP",
     [](Machine& a) {
         a.huge_pages(8);
         writes(a.parent, 8 * huge);
         return writes(a.fork(), huge);
     }},
    {"THP: K=8 huge regions, touch all / THP read-touch (huge zero page) Rss",
     [](Machine& a) {
         a.huge_pages(8);
         reads(a.parent, 8 * huge);
         return a.figures().resident / kib;
     }},
    // Of two huge pages one page is unmapped: the other one stays.
    {"THP: K=8 huge regions, touch all / THP: munmap 1 page -> AnonHugePages kB",
     [](Machine& a) {
         a.huge_pages(2);
         writes(a.parent, 2 * huge);
         a.parent.unmap(base + huge + huge / 2, 1);
         return a.figures().huge / kib;
     }},
    {"THP misaligned VMA: 256+1+256",
     [](Machine& a) {
         a.anonymous(2 * huge, huge / 2, HugePages::advised);
         return minor(a.parent, base + huge / 2, 2 * huge, Access::write);
     }},
};

const std::map<std::string, Figure, std::less<>> of_files = {
    {"file cached, private read: ceil(N/16)", [](Machine& a) { return a.file(true, false), reads(a.parent, a.n); }},
    {"file cached, private read: ceil(N/16) / VMA Rss kB",
     [](Machine& a) {
         a.file(true, false);
         reads(a.parent, a.n);
         return a.figures().resident / kib;
     }},
    {"MADV_RANDOM (cached): still fault-around",
     [](Machine& a) { return a.file(true, false, 0, false, Order::random), reads(a.parent, a.n); }},
    {"private read then write: ceil(N/16)+N",
     [](Machine& a) { return a.file(true, false), reads(a.parent, a.n) + writes(a.parent, a.n); }},
    {"shared read then write: ceil(N/16)+N",
     [](Machine& a) { return a.file(true, true), reads(a.parent, a.n) + writes(a.parent, a.n); }},
    {"private write: N", [](Machine& a) { return a.file(true, false), writes(a.parent, a.n); }},
    {"shared write: minflt+majflt=N",
     [](Machine& a) {
         a.file(true, true);
         const FaultCounts counts = a.parent.touch_range(base, a.n, Access::write);
         return counts.minor() + counts.major();
     }},
    {"MAP_POPULATE then read", [](Machine& a) { return a.file(true, false, 0, true), reads(a.parent, a.n); }},
    {"cold file, MADV_RANDOM: majflt=N",
     [](Machine& a) {
         a.file(false, false, 0, false, Order::random);
         return a.parent.touch_range(base, a.n, Access::read).major();
     }},
    {"fork child re-reads mapped file (PTEs not copied)",
     [](Machine& a) {
         a.file(true, false);
         reads(a.parent, a.n);
         return reads(a.fork(), a.n);
     }},
};

// A file mapped so many pages into a page table: "same, VMA start +5 pages: do_fault_around rule", which is also the
// heading of others: ".../ VMA start +112 pages".
std::optional<Figure> of_a_misaligned_file(std::string_view test) {
    constexpr std::string_view heading = "same, VMA start +5 pages: do_fault_around rule";
    constexpr std::string_view start = "VMA start +";
    if (!test.starts_with(heading)) return std::nullopt;
    const auto offset = static_cast<PageNumber>(std::stoul(std::string(test.substr(test.rfind(start) + start.size()))));
    return [offset](Machine& a) {
        const PageNumber first = a.file(true, false, offset);
        return minor(a.parent, first, a.n, Access::read);
    };
}

Figure figure_of(const std::string& test) {
    for (const auto* kind : {&of_one_process, &of_families, &of_page_tables, &of_huge_pages, &of_files})
        if (const auto found = kind->find(test); found != kind->end()) return found->second;
    if (const auto found = of_a_misaligned_file(test)) return *found;
    throw std::invalid_argument(fmt::format("nobody has said what the test \"{}\" does", test));
}

} // namespace

TEST_CASE("Linux: faults, sizes and page tables") {
    check_cases("linux memory", read_cases("memory/linux"), [](const OracleCase& row) -> std::optional<std::string> {
        const auto test = row.document.at("test").get<std::string>();
        Machine machine{row.document.at("N"), row.document.at("M")};
        const std::uint64_t got = figure_of(test)(machine);
        if (const std::uint64_t expected = row.document.at("value"); got != expected)
            return fmt::format("{}, N={}, M={}: expected {}, got {}", test, machine.n, machine.m, expected, got);
        return std::nullopt;
    });
}
