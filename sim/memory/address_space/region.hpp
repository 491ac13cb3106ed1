// Regions of an address space (Linux: vm_area_struct) and the layouts they lie in.
#pragma once

#include "sim/memory/address_space/faults.hpp"

#include <cstdint>
#include <optional>

namespace switchyard::sim::memory {

using ObjectId = std::uint32_t; // a file or shared anonymous memory, see object.hpp
inline constexpr ObjectId no_object = 0xffff'ffff;

enum class Purpose : std::uint8_t { text, read_only_data, data, zeroed_data, heap, mapping, stack };

enum class HugePages : std::uint8_t { as_the_machine, advised, refused };
enum class Order : std::uint8_t {
    normal,
    random,
    sequential
}; // of references, as advised: how far files are read ahead

// Pages [first, end). Private regions without an object are anonymous.
struct Region {
    PageNumber first = 0;
    PageNumber end = 0;
    ObjectId object = no_object;
    PageNumber offset = 0; // of page `first` in its object
    PageNumber home = 0;   // where page `first` was mapped at first: finds its anonymous pages again once it has moved
    std::uint32_t mapping = 0; // which it is a piece of: pieces that are alike again become one again
    Purpose purpose = Purpose::mapping;
    Access access = Access::read | Access::write;
    bool shared = false; // writes go to the object; otherwise to copies of one's own
    bool locked = false; // never evicted
    HugePages huge_pages = HugePages::as_the_machine;
    std::uint8_t huge_level =
        0; // of explicit huge pages (HugePagePool) and nothing else: 1: 2 MiB, 2: 1 GiB; 0: it is not
    bool has_reserved = false; // private: explicit huge pages for all of it
    Order order = Order::normal;
    bool has_anonymous = false; // ever had pages of its own (Linux: anon_vma); only such regions are copied by fork

    [[nodiscard]] bool contains(PageNumber page) const { return first <= page && page < end; }
    [[nodiscard]] PageNumber pages() const { return end - first; }
    [[nodiscard]] PageNumber index_of(PageNumber page) const { return page - first + offset; }
    [[nodiscard]] PageNumber home_of(PageNumber page) const { return page - first + home; }
    friend bool operator==(const Region&, const Region&) = default;
};

// Where things lie. Page numbers; `index_bits` of a page number pick an entry of a table, on each of `levels` levels.
struct Layout {
    unsigned levels = 4;
    unsigned index_bits = 9;
    PageNumber text = 0x400;                 // the program's image begins here
    PageNumber mappings_end = 0x7'ffff'f000; // mappings are placed downwards from here
    PageNumber stack_end = PageNumber{0x7'ffff'ffff};
    PageNumber stack_limit = 2048;    // pages a stack may grow to: 8 MiB
    PageNumber stack_guard_gap = 256; // Linux keeps it free between a stack and what lies below

    [[nodiscard]] PageNumber pages_of_huge() const { return PageNumber{1} << index_bits; }
    // Of an entry of a page table of that level: 1, 512, 262144.
    [[nodiscard]] PageNumber pages_at(unsigned level) const { return PageNumber{1} << index_bits * level; }
};
[[nodiscard]] Layout layout_32_bit();  // 2 levels of 1024 entries, 3 GiB for the user
[[nodiscard]] Layout layout_4_level(); // 48-bit addresses, half of them the user's
[[nodiscard]] Layout layout_5_level(); // 57-bit addresses

struct MapRequest {
    PageNumber pages = 0;
    std::optional<PageNumber> at = std::nullopt;         // what is mapped there is unmapped first
    std::optional<PageNumber> start_page = std::nullopt; // without `at`: its place within a page table, 0 to 511
    ObjectId object = no_object;                         // none: anonymous
    PageNumber offset = 0;                               // into the object
    bool shared = false;
    bool locked = false;
    bool populate = false; // MAP_POPULATE: faults are taken at once; writes for private writable regions
    HugePages huge_pages = HugePages::as_the_machine;
    std::uint8_t huge_level = 0; // MAP_HUGETLB: 1: MAP_HUGE_2MB, 2: MAP_HUGE_1GB; shared: as its object's
    bool reserve = true;         // explicit huge pages; not with MAP_NORESERVE; shared: its object says
    Order order = Order::normal;
    Access access = Access::read | Access::write;
    Purpose purpose = Purpose::mapping;
};

// Sizes in pages of a program's segments, as loaded by AddressSpace::load.
struct Image {
    PageNumber text = 0;             // read, execute; of `executable`
    PageNumber read_only_data = 0;   // read; of `executable`
    PageNumber data = 0;             // read, write; private pages of `executable`
    PageNumber zeroed_data = 0;      // anonymous (BSS)
    PageNumber heap = 0;             // grows by brk
    PageNumber stack = 1;            // mapped at first, grows downwards
    ObjectId executable = no_object; // a file of at least text + read_only_data + data pages; none: all is anonymous
};

enum class Advice : std::uint8_t {
    dont_need,
    free_lazily,
    huge_pages,
    no_huge_pages,
    populate_read,
    populate_write,
    random,
    sequential,
    normal,
    will_need,
};

} // namespace switchyard::sim::memory
