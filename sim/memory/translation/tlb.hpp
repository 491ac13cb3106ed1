// What one core has to translate addresses with: a first level of TLBs split into instruction and data, a second that
// serves both, and a page walker with caches of the upper levels of the page table. Counts only: what a level read
// costs is a law of the profile (`walk.level`).
//
// * An access looks at the first level of its side, on a miss at the second, on a miss there it walks. Both levels are
//   filled, neither evicts what the other holds (not inclusive, not exclusive). Order is true LRU within a set; the set
//   is the page number, in pages of its size, modulo the sets.
// * Sizes of pages: every level is a list of arrays, each for one or several sizes; a size without an array misses
// there.
// * A walk reads the levels below the longest prefix of the address that a walk cache holds, at least one. Walk caches
//   are asked from the lowest level up; what a walk reads on its way is cached. (Intel SDM volume 3A, 4.10.3,
//   "Paging-structure caches"; Barr, Cox, Rixner 2010, "Translation Caching: Skip, Don't Walk (the Page Table)", ISCA.)
// * Address spaces: without identifiers (ASIDs, PCIDs) loading another one flushes all but global pages. With them, so
//   many address spaces keep their entries; the next one takes the identifiers in turn and flushes what it takes, as
//   Linux's choose_new_asid() does with its 6 (arch/x86/mm/tlb.c, TLB_NR_DYN_ASIDS).
//
// The page is taken to be present: translate after the fault, if there is one, since absent pages are never cached. Not
// modelled: prefetching of translations, coalesced entries, the walk that sets a dirty bit, nested paging.
#pragma once

#include "sim/memory/translation/page_size.hpp"
#include "sim/memory/translation/translation_cache.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace switchyard::sim {

enum class AccessKind : std::uint8_t { instruction, read, write };
inline constexpr unsigned access_kind_count = 3;

// An address space as the kernel numbers them. Not to be used for another one before it is flushed everywhere.
using AddressSpaceId = std::uint32_t;
// For global pages: the same in every address space, kept when another one is loaded.
inline constexpr AddressSpaceId every_address_space = std::numeric_limits<AddressSpaceId>::max();
inline constexpr AddressSpaceId no_address_space = every_address_space - 1;

// One array of a TLB level and the sizes of pages it holds, e.g. {{128, 12}, {small, large}}.
struct TlbArray {
    TranslationCacheShape shape;
    std::vector<PageSize> sizes;
};

struct TranslationDescription {
    std::vector<TlbArray> first_level_instruction;
    std::vector<TlbArray> first_level_data;
    std::vector<TlbArray> second_level;
    RadixLevels page_table;
    // Of the entries of level 2 (page directory), 3, 4 and 5; level 1 is what the TLBs cache. Those of levels the page
    // table does not have are ignored.
    std::array<TranslationCacheShape, 4> walk_caches{};
    unsigned identifiers = 0; // at most 4096; 0: every other address space flushes
};

// TLBs as in Intel's Skylake cores, client and server (Optimization Reference Manual, 248966-045, table 2-15, "TLB
// Parameters of the Skylake Client Microarchitecture"), with the identifiers of Linux. What the manual leaves open is
// assumed: instruction TLBs of large pages are fully associative (CPUID leaf 2, descriptor 76H). Intel documents no
// walk caches beyond their existence (SDM volume 3A, 4.10.3): theirs are typical figures of no processor in particular,
// 32 page directory entries and few above, where four of level 3 are what is known of Ivy Bridge and its predecessors
// (README of vusec/revanc, van Schaik et al. 2017).
[[nodiscard]] TranslationDescription usual_translation();

enum class TranslationSource : std::uint8_t { first_level, second_level, walk };

struct Translation {
    TranslationSource source = TranslationSource::first_level;
    std::uint32_t levels_read = 0; // by the walks
    friend bool operator==(const Translation&, const Translation&) = default;
};

// Of several accesses.
struct TranslationCounts {
    std::uint64_t accesses = 0;
    std::uint64_t first_level_misses = 0;
    std::uint64_t second_level_misses = 0;
    std::uint64_t walks = 0; // as many, but for accesses across two pages
    std::uint64_t levels_read = 0;
    friend bool operator==(const TranslationCounts&, const TranslationCounts&) = default;
    TranslationCounts& operator+=(const TranslationCounts& other);
    TranslationCounts operator-(const TranslationCounts& earlier) const;
};

class TranslationHardware {
public:
    // Throws InputError for shapes that TranslationCache does not take, a size of pages in two arrays of a level, and
    // too many identifiers.
    explicit TranslationHardware(const TranslationDescription& description);

    // The page, in units of its size, of the address space, which is loaded if it was not. Below 2^45.
    Translation access(AddressSpaceId space, std::uint64_t page, PageSize size, AccessKind kind) {
        const std::uint64_t tag = tag_of(context_of(space), page, size);
        TranslationCounts& counts = counts_[static_cast<std::size_t>(kind)];
        ++counts.accesses;
        const Side side = kind == AccessKind::instruction ? instruction_side : data_side;
        if (tag == latest_[side]) return {}; // the most recent of its set, so the order stays as it is
        TranslationCache& first = first_level(side, size);
        latest_[side] = tag;
        if (first.reference(page, tag)) return {};
        ++counts.first_level_misses;
        if (first.shape().sets == 0) latest_[side] = 0; // nothing holds it
        if (second_level(size).reference(page, tag)) return {TranslationSource::second_level, 0};
        ++counts.second_level_misses;
        return {TranslationSource::walk, walk(tag, page, size, counts)};
    }
    // Several pages in turn, counted together: the same as one by one, and several times as fast where hits and misses
    // cannot be foreseen, since level by level all of a batch are looked up.
    TranslationCounts access_pages(AddressSpaceId space, std::span<const std::uint64_t> pages, PageSize size,
                                   AccessKind kind);
    // The same for `count` pages from `first` on, one after the other.
    TranslationCounts access_range(AddressSpaceId space, std::uint64_t first, std::uint64_t count, PageSize size,
                                   AccessKind kind);
    // An access to several pages that follow each other: one access, at most one miss a level. Each level that is asked
    // is asked for all of them, as valgrind's cachegrind asks for the lines of an access across two.
    Translation access_across(AddressSpaceId space, std::uint64_t first, std::uint64_t count, PageSize size,
                              AccessKind kind);
    // One access to that many bytes, at least one, from the address on.
    Translation access_bytes(AddressSpaceId space, std::uint64_t address, std::uint64_t bytes, PageSize size,
                             AccessKind kind) {
        const unsigned page_bits = small_page_bits + static_cast<unsigned>(size) * bits_;
        const std::uint64_t first = address >> page_bits;
        const std::uint64_t last = (address + bytes - 1) >> page_bits;
        if (first == last) [[likely]]
            return access(space, first, size, kind);
        return access_across(space, first, last - first + 1, size, kind);
    }

    // What a switch does. Returns whether it flushed entries. The same address space again, as from thread to thread of
    // a process, changes nothing; nor does every_address_space.
    bool load(AddressSpaceId space);
    [[nodiscard]] AddressSpaceId loaded() const { return loaded_; }

    // Everything, global pages included.
    void flush_all();
    // What is held of the address space; every_address_space: the global pages.
    void flush_address_space(AddressSpaceId space);
    // The page, and all the walk caches hold of the address space, as INVLPG does (SDM 4.10.4.1).
    void flush_page(AddressSpaceId space, std::uint64_t page, PageSize size);
    // The same for every page, of whatever size, that overlaps these `count` small pages: what a core does that is told
    // to by an inter-processor interrupt (a shootdown). Linux flushes the whole address space instead for more than 33
    // (tlb_single_page_flush_ceiling).
    void flush_range(AddressSpaceId space, std::uint64_t first_small_page, std::uint64_t count);
    // The same, the walk caches apart: for pages that a fault has mapped anew, where what the fault and its INVLPG take
    // from the walk caches is measured with the fault.
    void replace_range(AddressSpaceId space, std::uint64_t first_small_page, std::uint64_t count);

    enum class Level : std::uint8_t { first_instruction, first_data, second };
    [[nodiscard]] bool holds(Level level, AddressSpaceId space, std::uint64_t page, PageSize size) const;

    [[nodiscard]] const TranslationCounts& counts(AccessKind kind) const {
        return counts_[static_cast<std::size_t>(kind)];
    }
    [[nodiscard]] TranslationCounts counts() const;
    [[nodiscard]] std::uint64_t flushes() const { return flushes_; } // at loads

private:
    enum Side : std::uint8_t { instruction_side, data_side };

    // A tag: the page in 45 bits, the context in 16, the size in 2, and a 1 so that none is 0. The context says whose
    // entry it is: 0 is for global pages, an identifier i is i+1. Without identifiers it is new for every address space
    // that is loaded, and entries of old ones can never be hit: that is a flush in no time.
    static constexpr unsigned page_shift = TranslationCache::index_shift;
    static constexpr unsigned context_shift = 3;
    static constexpr std::uint64_t size_bits = 6;
    static constexpr std::uint64_t low_tag_bits = (std::uint64_t{1} << page_shift) - 1;
    static constexpr std::uint32_t global_context = 0;
    static constexpr std::uint32_t no_context = std::numeric_limits<std::uint32_t>::max();
    static std::uint64_t tag_of(std::uint32_t context, std::uint64_t page, PageSize size) {
        return page << page_shift | std::uint64_t{context} << context_shift | static_cast<std::uint64_t>(size) << 1U |
               1U;
    }
    static std::uint32_t context_of_tag(std::uint64_t tag) { return tag >> context_shift & 0xffffU; }

    std::uint32_t context_of(AddressSpaceId space) {
        if (space == loaded_) [[likely]]
            return context_;
        return other_context(space);
    }
    std::uint32_t other_context(AddressSpaceId space);
    // Without loading it; no_context where nothing of it can be held.
    [[nodiscard]] std::uint32_t known_context(AddressSpaceId space) const;

    TranslationCache& first_level(Side side, PageSize size) { return arrays_[array_of_[side][to_index(size)]]; }
    TranslationCache& second_level(PageSize size) { return arrays_[array_of_[2][to_index(size)]]; }
    // The level whose entry maps the page.
    static unsigned to_level(PageSize size) { return static_cast<unsigned>(size) + 1; }
    static std::size_t to_index(PageSize size) { return static_cast<std::size_t>(size); }

    // Levels read.
    std::uint32_t walk(std::uint64_t tag, std::uint64_t page, PageSize size, TranslationCounts& counts) {
        ++counts.walks;
        // The same table as last: its entry is the most recent of its walk cache, so the order stays as it is.
        const std::uint64_t table = (page >> bits_) << page_shift | (tag & low_tag_bits);
        if (table == latest_table_) {
            ++counts.levels_read;
            return 1;
        }
        return walk_from_other_table(table, size, counts);
    }
    // The next pages of one kind, so many that `page_at` gives in turn.
    template <class PageAt>
    TranslationCounts access_several(AddressSpaceId space, std::size_t count, PageSize size, AccessKind kind,
                                     const PageAt& page_at);
    std::uint64_t walk_all(std::span<std::uint64_t> tags, PageSize size);
    std::uint32_t walk_from_other_table(std::uint64_t table, PageSize size, TranslationCounts& counts);

    void put_arrays(std::size_t level, const std::vector<TlbArray>& arrays);
    void forget_latest() { latest_ = {}, latest_table_ = 0; }
    void forget(std::uint32_t context);       // all entries of the context
    void forget_walks(std::uint32_t context); // those of the walk caches
    void take_new_context();                  // without identifiers
    void forget_page(std::uint32_t context, std::uint64_t page, PageSize size);

    AddressSpaceId loaded_ = no_address_space;
    std::uint32_t context_ = 1;
    std::array<std::uint64_t, 2> latest_{}; // the tag last asked for, by side; 0 after a flush
    std::uint64_t latest_table_ = 0;        // the same of the page table a walk ended in, its number for the page's
    std::array<std::array<std::uint8_t, page_size_count>, 3> array_of_{}; // instruction, data, second level; by size
    unsigned levels_;
    unsigned bits_;
    bool holds_global_ = false; // pages, possibly
    std::array<TranslationCounts, access_kind_count> counts_{};
    std::vector<TranslationCache> arrays_;        // the first has no entries
    std::array<TranslationCache, 6> walk_caches_; // by level
    std::vector<AddressSpaceId> identified_;      // by identifier, whose it is
    std::size_t next_identifier_ = 0;
    std::uint64_t flushes_ = 0;
};

} // namespace switchyard::sim
