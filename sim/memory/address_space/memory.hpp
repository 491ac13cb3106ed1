// The memory of a machine: its frames, files and shared memory, swap device, and the address spaces of its processes.
//
// Pages come to frames by faults (AddressSpace::touch). When frames run short, or an address space is at its own limit,
// pages go: the policy names a frame, its entries are taken from all who map it, what is dirty is written to the swap
// device or its file. Nothing here takes time; the counts say what was done.
#pragma once

#include "sim/memory/address_space/frames.hpp"
#include "sim/memory/address_space/huge_page_pool.hpp"
#include "sim/memory/address_space/object.hpp"
#include "sim/memory/address_space/page_tables.hpp"
#include "sim/memory/address_space/replacer.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace switchyard::sim::memory {

class AddressSpace;

// Of 4 KiB: more than any cache holds.
inline constexpr std::uint64_t most_pages_since = std::uint64_t{1} << 20;

struct MemorySettings {
    std::uint32_t frames = 0;                  // 0: no limit
    std::uint32_t low_watermark = 0;           // frames kept free: eviction begins below
    std::uint32_t swap_slots = 0;              // pages of the swap device; 0: anonymous pages cannot be evicted
    std::uint32_t fault_around = 16;           // pages of the aligned window mapped on reads (Linux: 64 KiB)
    std::uint32_t read_ahead = 32;             // pages of a file read at once (Linux: 128 KiB)
    HugePages huge_pages = HugePages::advised; // advised: in regions that ask; as_the_machine: in all; refused: nowhere
    MakeReplacer replacement{};                // none: CLOCK
    // Explicit huge pages set aside, of 2 MiB and of 1 GiB, `frames` apart.
    std::array<std::uint32_t, huge_page_levels> huge_page_reserve{};
};

// Over the machine's life.
struct MemoryCounters {
    std::uint64_t evicted = 0;
    std::uint64_t swapped_out = 0;
    std::uint64_t swapped_in = 0;
    std::uint64_t written_back = 0;
    std::uint64_t read = 0;
};

class Memory {
public:
    explicit Memory(MemorySettings settings = {});
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    // Address spaces, by number; numbers of destroyed ones are used again.
    AddressSpace& create(const Layout& layout = layout_4_level());
    void destroy(SpaceId space); // exit, or the old one on exec: all it had goes back
    [[nodiscard]] AddressSpace& space(SpaceId space) { return *spaces_[space]; }
    [[nodiscard]] bool is_there(SpaceId space) const { return spaces_[space] != nullptr; }

    // Files and shared anonymous memory. `cached`: all its pages are in the page cache already (as far as they fit).
    ObjectId create_file(PageNumber pages, bool cached);
    ObjectId create_shared_memory(PageNumber pages);
    // Of explicit huge pages, `pages` of that level. std::invalid_argument where there are not enough to reserve.
    ObjectId create_shared_huge_pages(unsigned level, PageNumber pages, bool reserve);
    void drop_cache(ObjectId file);          // clean pages nobody maps leave the page cache
    std::uint64_t write_back(ObjectId file); // dirty pages are written; how many
    void remove(ObjectId object); // once no region maps it; shared memory goes by itself with its last region

    // A limit of frames with a policy of its own for the address spaces that join it (a control group's memory.max;
    // local replacement). What they fault in counts against it; beyond, its own pages go. A fork's child is in its
    // parent's. At least 4 frames, else std::invalid_argument.
    DomainId create_domain(std::uint32_t frames, const MakeReplacer& make = {});
    void join(SpaceId space, DomainId domain); // leaves the one it was in; what it has already is the machine's
    void limit(SpaceId space, std::uint32_t frames, const MakeReplacer& make = {}) {
        join(space, create_domain(frames, make));
    }
    [[nodiscard]] std::uint32_t charged(DomainId domain) const { return domains_[domain].charged; }

    // Linux's oom_badness: resident pages, swapped ones and page tables, plus the adjustment in thousandths of memory;
    // -1000 is never chosen. No space when there is none to choose.
    [[nodiscard]] std::int64_t badness(SpaceId space) const;
    // For one that found no room: among those of its domain, if that is what is full.
    [[nodiscard]] SpaceId choose_victim(SpaceId found_no_room = no_space) const;

    [[nodiscard]] const Frames& frames() const { return frames_; }
    [[nodiscard]] const HugePagePool& huge_pages(unsigned level) const { return huge_pages_[level - 1]; }
    [[nodiscard]] const MemoryObject& object(ObjectId object) const { return objects_[object]; }
    [[nodiscard]] const MemoryCounters& counters() const { return counters_; }
    [[nodiscard]] std::uint32_t swap_slots_in_use() const { return slots_in_use_; }
    [[nodiscard]] const MemorySettings& settings() const { return settings_; }
    [[nodiscard]] std::size_t tables_in_use(unsigned index_bits) const;
    // How many pages the kernel has gone over since it filled or copied that frame last: the more, the less of it is
    // left in any cache. `most_pages_since` where nobody ever has.
    [[nodiscard]] std::uint64_t pages_since(FrameNumber frame) const;

private:
    friend class AddressSpace;
    class Bits;
    struct Slot {
        std::uint64_t content = 0;
        PageIdentity identity = 0;
        std::uint32_t entries = 0;    // that say "swapped" and name it
        FrameNumber frame = no_frame; // swap cache
        std::uint32_t next = no_slot; // free ones
    };
    struct Domain {
        std::uint32_t limit = 0;
        std::uint32_t charged = 0; // frames
        std::uint32_t members = 0;
        std::unique_ptr<Replacer> replacer;
    };

    // --- memory.cpp
    TablePools& pools(unsigned index_bits) { return index_bits == 9 ? pools_9_ : pools_10_; }
    AddressSpace& create(const Layout& layout, std::uint32_t family);
    ObjectId create_object(ObjectKind kind, PageNumber pages);
    void region_gone(ObjectId object);
    void cache_page(ObjectId object, PageNumber index, AddressSpace* space); // as it is on the device
    std::uint64_t write_page(MemoryObject& object, PageNumber index);
    // Files' pages have the upper half of identities.
    static PageIdentity object_page_identity(ObjectId object, PageNumber index) {
        return std::uint64_t{1} << 63 | std::uint64_t{object} << 36 | index;
    }
    void leave_domain(AddressSpace& space);
    void drain(Domain& domain); // to the machine's policy

    // --- huge_mappings.cpp
    HugePagePool& huge_pool(unsigned level) { return huge_pages_[level - 1]; }
    void reserve_huge(unsigned level, PageNumber pages); // std::invalid_argument: there are not so many
    // An entry less maps it; of private ones nobody maps any more it is free.
    void unmapped_huge_page(const Region& region, std::uint32_t page);
    // Of the family of the one who reserved it, who maps it at `first`.
    void take_from_children(const AddressSpace& owner, const Region& region, PageNumber first, std::uint32_t page);

    // --- page_cache.cpp
    FaultKind bring_in(AddressSpace& space, const Region& region, PageNumber index, FaultCounts& counts);
    void read_ahead(AddressSpace& space, const Region& region, PageNumber index, FaultCounts& counts);
    void read_pages(AddressSpace& space, ObjectId object, PageNumber first, PageNumber pages, FaultCounts& counts);
    FrameNumber swap_in(AddressSpace& space, SwapSlot slot, PageNumber home, FaultCounts& counts);
    FaultKind swap_in_object(AddressSpace& space, ObjectId object, PageNumber index, FaultCounts& counts);
    void read_on_advice(AddressSpace& space, const Region& region, PageNumber first, PageNumber end,
                        FaultCounts& counts);

    // --- reclaim.cpp
    // Sees to it that `wanted` frames are free for the space; false when they cannot be.
    bool make_room(AddressSpace& space, std::uint32_t wanted, FaultCounts& counts);
    FrameNumber take_frame(AddressSpace* space, ObjectId object, PageNumber index, PageIdentity identity);
    std::uint64_t go_over(FrameNumber frame);    // filled or copied now; pages_since before
    void go_over_entries(std::uint64_t entries); // of page tables, and what the kernel knows of their frames
    FrameNumber take_huge_frame(AddressSpace& space, PageNumber home); // no_frame: no block is free
    void free_frame(FrameNumber frame);                                // nobody maps it
    void unmapped(FrameNumber frame); // one entry less: an anonymous frame nobody maps is freed
    void unmapped_huge(FrameNumber first);
    void list(FrameNumber frame); // tells the policy
    void unlist(FrameNumber frame);
    Replacer* replacer_of(FrameNumber frame); // none without a limit
    bool evict_one(Replacer& replacer, FaultCounts& counts);
    bool evict(FrameNumber frame, FaultCounts& counts);
    template <typename Visit>
    void each_entry(FrameNumber frame, const Visit& visit); // visit(space, region, leaf table, page); each_entry.hpp
    SwapSlot take_slot();
    void release_slot(SwapSlot slot); // one entry less names it
    void free_slot_if_unused(SwapSlot slot);
    void leave_swap_cache(FrameNumber frame); // the copy on the device is out of date, and nobody else's

    MemorySettings settings_;
    Frames frames_;
    std::array<HugePagePool, huge_page_levels> huge_pages_;
    TablePools pools_9_{9};
    TablePools pools_10_{10};
    std::vector<std::unique_ptr<AddressSpace>> spaces_;
    std::vector<SpaceId> free_spaces_;
    std::vector<Domain> domains_;
    std::vector<MemoryObject> objects_;
    std::vector<ObjectId> free_objects_;
    std::vector<std::vector<SpaceId>> families_; // members by family
    std::vector<std::uint32_t> free_families_;
    std::vector<Slot> slots_;
    SwapSlot free_slot_ = no_slot;
    std::uint32_t slots_in_use_ = 0;
    PageIdentity next_identity_ = 0;
    std::unique_ptr<Replacer> replacer_;
    std::vector<FrameNumber> passed_over_; // while looking for a victim: locked
    MemoryCounters counters_;
    std::uint64_t gone_over_ = 0;    // pages that were filled or copied, or as much of tables as fills one
    std::uint64_t taken_after_ = 0;  // pages_since of the frame that was taken last, before it was
    std::uint64_t copied_after_ = 0; // of the one that was copied last
};

} // namespace switchyard::sim::memory
