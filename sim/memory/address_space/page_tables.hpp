// Page tables: a radix tree of tables of 4 KiB, two, four or five levels. Leaf tables hold entries (entry.hpp), the
// others references to tables. Tables of all address spaces of a machine come from one pool, in which they keep their
// place.
//
// Tables are made when an entry is asked for and freed with the regions they serve (Linux: free_pgtables), so that
// page_table_bytes equals VmPTE of /proc/PID/status: every table but the root. A huge page still has its leaf table, as
// Linux deposits one for the day the page is split; its entry 0 is the huge page's entry. An explicit huge page has
// none: what refers to it, on level 1 or 2, refers to an entry that stands alone.
#pragma once

#include "sim/memory/address_space/entry.hpp"
#include "sim/memory/address_space/region.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace switchyard::sim::memory {

// Zeroed arrays of `size` words, by number. What is given back must be zeroed again.
template <typename Word>
class TablePool {
public:
    explicit TablePool(std::uint32_t size) : size_(size) {}
    std::uint32_t take() {
        if (!free_.empty()) {
            const std::uint32_t table = free_.back();
            free_.pop_back();
            return table;
        }
        if (made_ % chunk == 0) chunks_.push_back(std::make_unique<Word[]>(std::size_t{chunk} * size_));
        return made_++;
    }
    void give_back(std::uint32_t table) { free_.push_back(table); }
    [[nodiscard]] Word* operator[](std::uint32_t table) {
        return chunks_[table / chunk].get() + std::size_t{table % chunk} * size_;
    }
    [[nodiscard]] std::size_t in_use() const { return made_ - free_.size(); }

private:
    static constexpr std::uint32_t chunk = 16;
    std::uint32_t size_;
    std::uint32_t made_ = 0;
    std::vector<std::unique_ptr<Word[]>> chunks_;
    std::vector<std::uint32_t> free_;
};

// 0: none; of leaf tables 2 x (number + 1) + (1 for a huge page); of entries that stand alone their number with the
// highest bit.
using TableReference = std::uint32_t;

struct TablePools {
    explicit TablePools(unsigned index_bits) : leaf(1U << index_bits), upper(1U << index_bits) {}
    TablePool<Entry> leaf;
    TablePool<TableReference> upper;
    TablePool<Entry> alone{1}; // no tables: entries of explicit huge pages
};

// A leaf table where it lies. `mask` picks the entry of a page: 0 of a huge page. `level`: how large its pages are.
struct LeafTable {
    Entry* entries = nullptr;
    std::uint32_t mask = 0;
    std::uint8_t level = 0;
    bool is_alone = false; // the one entry of an explicit huge page
    [[nodiscard]] bool huge() const { return mask == 0 && entries != nullptr; }
    explicit operator bool() const { return entries != nullptr; }
    [[nodiscard]] Entry& at(PageNumber page) const { return entries[page & mask]; }
};

class PageTables {
public:
    PageTables(TablePools& pools, const Layout& layout);
    ~PageTables();
    PageTables(const PageTables&) = delete;
    PageTables& operator=(const PageTables&) = delete;

    // The table of a page, if there is one. Recently used ones are found in a small table of their own.
    [[nodiscard]] LeafTable find(PageNumber page) {
        const PageNumber span = page >> index_bits_;
        const Recent& recent = recent_[span & recent_mask_];
        if (recent.span == span) return recent.table;
        return walk(span);
    }
    // The same, if it was used recently.
    [[nodiscard]] LeafTable recent(PageNumber page) const {
        const PageNumber span = page >> index_bits_;
        const Recent& recent = recent_[span & recent_mask_];
        return recent.span == span ? recent.table : LeafTable{};
    }
    // The same, made where it is not; adds the number of tables made.
    LeafTable make(PageNumber page, std::uint64_t& made);
    void set_huge(PageNumber page, bool huge);
    // An entry for an explicit huge page of level 1 or 2, where there is nothing; and none any more, with the entry 0.
    LeafTable make_alone(PageNumber page, unsigned level, std::uint64_t& made);
    void free_alone(PageNumber page);
    // The first span (page >> index_bits) from `span` on that has a leaf table, `end` if none before it has.
    [[nodiscard]] PageNumber next_span(PageNumber span, PageNumber end);
    // Frees one leaf table, whose entries are 0.
    void free_leaf(PageNumber page);
    // Frees every table that serves pages of [first, end) and none outside [floor, ceiling). Entries must be 0.
    std::uint64_t free(PageNumber first, PageNumber end, PageNumber floor, PageNumber ceiling);

    [[nodiscard]] std::uint64_t tables() const; // all but the root
    [[nodiscard]] std::uint64_t bytes() const { return tables() * page_bytes; }
    [[nodiscard]] std::uint64_t most_bytes() const { return most_ * page_bytes; } // there ever were
    [[nodiscard]] unsigned index_bits() const { return index_bits_; }

private:
    struct Recent {
        PageNumber span = ~PageNumber{0};
        LeafTable table;
    };
    LeafTable walk(PageNumber span);
    LeafTable remember(PageNumber span, TableReference reference, unsigned level = 1);
    void forget(PageNumber span);
    TableReference* reference_to_leaf(PageNumber span);
    std::uint64_t free_below(std::uint32_t table, unsigned level, PageNumber first, PageNumber end, PageNumber floor,
                             PageNumber ceiling);

    TablePools& pools_;
    unsigned levels_;
    unsigned index_bits_;
    std::uint32_t root_;
    std::array<std::uint64_t, 5> count_{}; // of tables, by level from the leaves
    std::uint64_t most_ = 0;
    std::vector<Recent> recent_;
    PageNumber recent_mask_;
};

} // namespace switchyard::sim::memory
