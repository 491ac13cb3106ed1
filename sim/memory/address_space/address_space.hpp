// The address space of a process: regions in order, page tables, and what happens when memory is touched.
//
// Modelled on Linux 6.18, x86-64: which reference faults, with what effect on sizes and page tables, is exact (see
// docs/memory.md for what is not). Threads and vforked children use the same object. Exec is a new object and the old
// one's destruction. Page numbers are addresses / 4096.
#pragma once

#include "sim/memory/address_space/memory.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::sim::memory {

// What an operation on regions did, for its cost. `faults` are those of populating.
struct Change {
    std::uint64_t entries = 0;     // present entries removed, changed, moved or copied
    std::uint64_t tables_made = 0; // page tables
    std::uint64_t tables_freed = 0;
    std::uint64_t regions = 0;    // visited
    std::uint64_t huge_pages = 0; // of a fork: transparent ones, each of them one of `entries`, with a table laid by
    std::uint64_t regions_copied = 0; // of a fork: with pages of their own
    bool flush = false;               // other cores may hold translations that are wrong now
    // Whose: of pages between these two; of any, where there are none between them. As in Linux's mmu_gather: one range
    // from the first entry to the last, in pages as large as the smallest (tlb_get_unmap_shift).
    PageNumber stale_first = ~PageNumber{0};
    PageNumber stale_end = 0;
    unsigned stale_level = 2; // 0: pages of 4 KiB, 1: of 2 MiB, 2: of 1 GiB; the smallest among them
    FaultCounts faults;

    void add_stale(PageNumber first, PageNumber end, unsigned level) {
        flush = true;
        stale_first = std::min(stale_first, first);
        stale_end = std::max(stale_end, end);
        stale_level = std::min(stale_level, level);
    }
};

// Sizes in bytes as in a region's entry of /proc/PID/smaps: explicit huge pages are in none of them but their own.
struct Figures {
    std::uint64_t resident = 0;
    std::uint64_t proportional = 0; // each page divided by the number of those who map it
    std::uint64_t shared = 0;       // mapped more than once
    std::uint64_t private_ = 0;
    std::uint64_t anonymous = 0;
    std::uint64_t huge = 0;
    std::uint64_t swapped = 0;
    std::uint64_t hugetlb = 0; // Private_Hugetlb and Shared_Hugetlb
};

// What an address space consists of: what its end goes over.
struct Holdings {
    std::uint64_t pages = 0; // present, outside huge ones
    std::uint64_t page_tables = 0;
    std::uint64_t huge_pages = 0; // transparent
    std::uint64_t regions = 0;    // with pages of their own
};

class AddressSpace {
public:
    AddressSpace(Memory& memory, SpaceId id, std::uint32_t family, const Layout& layout);
    AddressSpace(const AddressSpace&) = delete;
    AddressSpace& operator=(const AddressSpace&) = delete;

    // --- Regions. std::invalid_argument where Linux would return an error.
    PageNumber map(const MapRequest& request, Change& change);
    Change unmap(PageNumber first, PageNumber pages); // holes are passed over
    Change protect(PageNumber first, PageNumber pages, Access access);
    // Grows or shrinks a mapping: in place if it can, else moved (always to `to`, if given). Returns where it is.
    PageNumber remap(PageNumber first, PageNumber pages, PageNumber new_pages, std::optional<PageNumber> to,
                     Change& change);
    Change brk(std::int64_t pages); // the heap grows, or shrinks, by so many
    PageNumber heap_end() const { return heap_end_; }
    Change advise(PageNumber first, PageNumber pages, Advice advice);
    void load(const Image& image, Change& change); // a program's segments, heap and stack
    // Copies the address space: entries of regions that have pages of their own, for copying on write.
    AddressSpace& fork(Change& change);

    // --- References.
    FaultCounts touch(std::uint64_t address, Access access) { return touch_range(address >> page_bits, 1, access); }
    // Pages first, first + 1 ... in this order. Stops before a page that may not be touched or has no memory.
    FaultCounts touch_range(PageNumber first, PageNumber pages, Access access) {
        FaultCounts counts;
        touch_range(first, pages, access, counts);
        return counts;
    }
    void touch_range(PageNumber first, PageNumber pages, Access access, FaultCounts& counts);
    void touch_pages(std::span<const PageNumber> pages, Access access, FaultCounts& counts); // in any order
    // With what stands for contents. A page never written reads 0.
    FaultCounts write(PageNumber page, std::uint64_t content);
    std::uint64_t read(PageNumber page, FaultCounts& counts);

    // --- What is seen.
    [[nodiscard]] SpaceId id() const { return id_; }
    [[nodiscard]] PageNumber pages_end() const { return PageNumber{1} << (layout_.index_bits * layout_.levels); }
    [[nodiscard]] const Layout& layout() const { return layout_; }
    [[nodiscard]] std::span<const Region> regions() const { return regions_; }
    [[nodiscard]] const Region* region_of(PageNumber page) const;
    [[nodiscard]] Figures figures(PageNumber first, PageNumber pages);
    [[nodiscard]] Holdings holdings();
    [[nodiscard]] std::uint64_t page_table_bytes() const { return tables_.bytes(); }
    [[nodiscard]] std::uint64_t resident_pages() const { return resident_; }
    [[nodiscard]] std::uint64_t most_resident_pages() const { return most_resident_; } // ever (Linux: VmHWM)
    [[nodiscard]] std::uint64_t most_page_table_bytes() const { return tables_.most_bytes(); }
    [[nodiscard]] DomainId domain() const { return domain_; } // whose limit it is under
    [[nodiscard]] std::uint64_t swapped_pages() const { return swapped_; }
    [[nodiscard]] std::uint64_t minor_faults() const { return minor_faults_; }
    [[nodiscard]] std::uint64_t major_faults() const { return major_faults_; }
    [[nodiscard]] Entry entry_of(PageNumber page); // 0: none; of a huge page that of its first page
    // How large the page is that maps it: 0: 4 KiB, or it is not mapped; 1: 2 MiB; 2: 1 GiB.
    [[nodiscard]] unsigned level_of(PageNumber page) { return tables_.find(page).level; }
    [[nodiscard]] bool is_huge(PageNumber page) { return level_of(page) > 0; }
    [[nodiscard]] FrameNumber frame_of(PageNumber page); // no_frame: none of its own; nor of explicit huge pages
    // Pages referenced since this was last asked: the working set of the time between (Denning 1968). Takes the bits.
    std::uint64_t take_working_set();
    // Thrashing: major faults per thousand references since this was last asked.
    std::uint64_t take_major_faults_per_thousand();

    std::int32_t out_of_memory_adjustment = 0; // -1000 (never) to 1000, as oom_score_adj

private:
    friend class Memory;
    enum class Outcome : std::uint8_t { done, violation, out_of_memory };

    // --- regions.cpp
    std::size_t region_index(PageNumber page) const; // of the first that ends after it
    void insert_region(const Region& region);
    void split_at(PageNumber page);               // so that a region begins there
    void merge(PageNumber first, PageNumber end); // what split_at divided, where the pieces are alike
    PageNumber place(const MapRequest& request) const;
    static PageNumber fit(PageNumber gap, PageNumber gap_end, PageNumber pages, PageNumber alignment,
                          PageNumber remainder);
    void require_mapped(PageNumber first, PageNumber pages) const;
    void remove_regions(PageNumber first, PageNumber end, Change& change);
    // --- advise.cpp
    void free_lazily(PageNumber first, PageNumber end, Change& change);
    void populate(PageNumber first, PageNumber pages, bool write, FaultCounts& counts);
    void bring_swapped_in(const Region& region, PageNumber first, PageNumber end, FaultCounts& counts);

    // --- entries.cpp
    template <typename Visit>
    void each_leaf(PageNumber first, PageNumber end, const Visit& visit); // visit(leaf table, first, end) within one
    std::uint64_t clear(PageNumber first, PageNumber end, bool reclaim_tables, Change& change);
    bool clear_entry(Entry& entry);
    void clear_huge(LeafTable table, PageNumber page);
    void split_huge(PageNumber page);
    void move_entries(PageNumber from, PageNumber to, PageNumber pages, Change& change);
    void protect_entries(const Region& region, Change& change);
    void copy_entries(const Region& region, AddressSpace& child, Change& change);

    // --- huge_mappings.cpp
    void require_huge_request(const MapRequest& request, PageNumber first) const;
    void require_whole(PageNumber page) const;
    bool fault_huge_mapping(Region& region, PageNumber page, bool write, FaultCounts& counts); // false: no page is left
    template <typename Visit>
    void each_huge_page(const Region& region, PageNumber first, PageNumber end, const Visit& visit);
    void clear_huge_mapping(const Region& region, PageNumber first, PageNumber end, Change& change);
    void release_huge_mapping(const Region& region);
    void drop_huge_mapping(const Region& region, PageNumber first, PageNumber end, Change& change);
    void protect_huge_mapping(const Region& region, Change& change);
    void copy_huge_mapping(const Region& region, AddressSpace& child, Change& change);
    std::uint64_t& huge_content(const LeafTable& table, PageNumber page);

    // --- touch.cpp
    PageNumber executable_until(PageNumber first, PageNumber end) const;
    PageNumber touch_until(PageNumber first, PageNumber end, Access access, FaultCounts& counts);
    bool touch_one(PageNumber page, Access access, Entry need, FaultCounts& counts);

    // --- faults.cpp
    Region* region_for(PageNumber page);
    bool grow_stack(PageNumber page, ViolationReason& reason);
    Outcome fault(PageNumber page, Access access, FaultCounts& counts);
    std::uint32_t frames_wanted(const Region& region, PageNumber page, bool write);
    bool is_only_ours(Entry mapped) const;
    FaultKind resolve(Region& region, PageNumber page, bool write, FaultCounts& counts);
    void map_frame(Entry& mapped, FrameNumber frame, Entry flags);
    void own_frame(Region& region, Entry& mapped, PageNumber page, std::uint64_t content);
    FaultKind write_protected(Region& region, Entry& mapped, PageNumber page);
    bool huge_allowed(const Region& region, PageNumber page) const;
    bool fault_huge(Region& region, PageNumber page, bool write, FaultCounts& counts, FaultKind& kind);
    FrameNumber take_huge(PageNumber home);
    bool write_huge(LeafTable table, PageNumber page, FaultKind& kind);
    FaultKind fault_object(Region& region, LeafTable table, PageNumber page, bool write, FaultCounts& counts);
    void map_around(const Region& region, LeafTable table, PageNumber page, FaultCounts& counts);
    FaultKind fault_swapped(Region& region, Entry& mapped, PageNumber page, bool write, FaultCounts& counts);
    void count(FaultKind kind, FaultCounts& counts);
    void add_resident(std::uint64_t pages) {
        resident_ += pages;
        most_resident_ = std::max(most_resident_, resident_);
    }

    Memory& memory_;
    SpaceId id_;
    std::uint32_t family_;
    std::uint32_t family_position_ = 0; // among its members
    Layout layout_;
    std::vector<Region> regions_;
    std::size_t recent_region_ = 0; // that last had a fault
    std::uint32_t mappings_ = 0;    // there ever were
    PageTables tables_;
    PageNumber heap_start_ = 0;
    PageNumber heap_end_ = 0;
    bool moved_ = false;              // some anonymous region lies elsewhere than where it was first mapped
    bool reports_references_ = false; // to the policy, each
    DomainId domain_ = no_domain;     // whose limit it is under; none: only the machine's
    std::uint64_t resident_ = 0;
    std::uint64_t most_resident_ = 0;
    std::uint64_t swapped_ = 0;
    std::uint64_t minor_faults_ = 0;
    std::uint64_t major_faults_ = 0;
    std::uint64_t references_ = 0;
    std::uint64_t references_seen_ = 0;
    std::uint64_t major_faults_seen_ = 0;
};

} // namespace switchyard::sim::memory
