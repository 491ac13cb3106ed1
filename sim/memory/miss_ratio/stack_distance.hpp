// How deep a page lies in the stack of all pages, the latest referenced on top: LRU with so many frames hits exactly
// the references to pages no deeper (Mattson et al. 1970, "Evaluation Techniques for Storage Hierarchies", IBM Systems
// Journal 9(2)). One pass gives the misses of every memory size.
//
// The top of the stack is 16 pages and their order (recency_order.hpp). What is below has a place on a line, in the
// order of leaving the top, a bit each; a page's depth is the number of bits behind its place (Bennett and Kruskal
// 1975, "LRU Stack Processing", IBM Journal of R&D 19(4)), counted in blocks of 512 bits and a Fenwick tree over these
// (Fenwick 1994). When the line is full the bits move together. O(log pages) a reference; memory is bounded by the
// pages.
#pragma once

#include "sim/memory/recency_order.hpp"
#include "sim/memory/replacement/page_index.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::sim::miss_ratio {

using replacement::Slot;

// Depth 1 is the top. 0: the page was not in the stack.
using Depth = std::uint32_t;

// The stack of page numbers of any size.
class RecencyStack {
public:
    RecencyStack();

    // The page's depth; it moves to the top.
    Depth reference(std::uint64_t page) { return reference(page, replacement::no_slot); }
    // The same, of many.
    template <class Take>
    void reference(std::span<const std::uint64_t> pages, Take take);
    // Takes a page out of the stack.
    void remove(std::uint64_t page);
    [[nodiscard]] std::uint32_t size() const { return top_size_ + marked_; }

private:
    static constexpr std::uint32_t top_most = RecencyOrder::most;
    static constexpr std::uint32_t block_words = 8;
    static constexpr std::uint32_t block_bits = 64 * block_words;
    static constexpr std::uint32_t in_top = ~std::uint32_t{0};

    // `known` is the page's slot, or no_slot where it is not known.
    Depth reference(std::uint64_t page, Slot known) {
        for (unsigned candidates = equal_hashes(top_hashes_.data(), short_hash(page)); candidates != 0;
             candidates &= candidates - 1) {
            const auto at = static_cast<unsigned>(std::countr_zero(candidates));
            if (top_[at] != page) [[unlikely]]
                continue;
            const std::uint64_t mark = RecencyOrder::mark_of(top_order_, at);
            top_order_ = RecencyOrder::with_marked_first(top_order_, at, mark);
            return RecencyOrder::place_of(mark) + 1;
        }
        return reference_below_top(page, known);
    }
    Depth reference_below_top(std::uint64_t page, Slot known);
    void make_line(std::size_t bits);
    void push(Slot slot);
    void compact();
    void clear(std::uint32_t place);
    [[nodiscard]] std::uint32_t marked_up_to(std::uint32_t place) const;
    [[nodiscard]] std::uint32_t marked_in(std::uint32_t block) const;
    void add(std::uint32_t block, std::uint32_t change);

    std::array<std::uint64_t, top_most> top_{};
    alignas(16) std::array<std::uint16_t, top_most> top_hashes_; // of these pages
    std::array<Slot, top_most> top_slots_{};                     // so, too
    std::uint64_t top_order_ = RecencyOrder::first;
    std::uint32_t top_size_ = 0;
    std::uint32_t deep_of_late_ = 0; // references below the top
    replacement::HashedIndex index_{0, 1024};
    std::vector<std::uint32_t> places_; // by slot
    std::vector<std::uint64_t> line_;
    std::vector<std::uint32_t> tree_; // Fenwick's, from 1, over the blocks before the one that is being filled
    std::uint32_t next_place_ = 0;
    std::uint32_t marked_ = 0;
};

// Memory is asked for what references will need some time before they do, where many go below the top and there are
// many pages.
template <class Take>
void RecencyStack::reference(std::span<const std::uint64_t> pages, Take take) {
    constexpr std::size_t far = 24;
    constexpr std::size_t near = 14;
    constexpr std::size_t close = 6;
    constexpr std::size_t together = 1024;
    constexpr std::uint32_t near_by = 8192; // pages of which all is in a second-level cache
    while (!pages.empty()) {
        const auto some = pages.first(std::min(together, pages.size()));
        const bool looks_ahead = deep_of_late_ > together / 8 && size() > near_by;
        deep_of_late_ = 0;
        std::size_t at = 0;
        if (looks_ahead && some.size() > far) {
            std::array<Slot, 16> slots{}; // of the next references; a page keeps its slot
            static_assert(near < 16);
            for (; at < near; ++at) slots[at % 16] = index_.find(some[at]);
            for (at = 0; at + far < some.size(); ++at) {
                index_.prefetch(some[at + far]);
                const Slot slot = slots[(at + near) % 16] = index_.find(some[at + near]);
                if (slot != replacement::no_slot) __builtin_prefetch(&places_[slot], 1);
                if (const Slot soon = slots[(at + close) % 16]; soon != replacement::no_slot && places_[soon] != in_top)
                    __builtin_prefetch(&line_[places_[soon] / 64], 1);
                take(reference(some[at], slots[at % 16]));
            }
        }
        for (; at < some.size(); ++at) take(reference(some[at]));
        pages = pages.subspan(some.size());
    }
}

// Misses of every memory size, from the depths of references.
class DepthHistogram {
public:
    void add(Depth depth) {
        if (depth >= counts_.size()) counts_.resize(depth + depth / 2 + 64);
        ++counts_[depth];
    }
    // References to pages that were not in the stack.
    [[nodiscard]] std::uint64_t first_references() const { return counts_.empty() ? 0 : counts_[0]; }
    [[nodiscard]] std::uint64_t references() const;
    // By frames, from 0 to the least that miss first references only.
    [[nodiscard]] std::vector<std::uint64_t> misses() const;

private:
    std::vector<std::uint64_t> counts_; // by depth
};

// LRU's curve of a string of page numbers of any size.
class RecencyCurve {
public:
    void play(std::span<const std::uint64_t> references);
    [[nodiscard]] const DepthHistogram& depths() const { return depths_; }
    [[nodiscard]] std::size_t distinct_pages() const { return stack_.size(); }

private:
    RecencyStack stack_;
    DepthHistogram depths_;
};

} // namespace switchyard::sim::miss_ratio
