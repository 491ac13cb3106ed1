// How deep a page lies in the stack of all pages, the latest referenced on top: LRU with so many frames hits exactly
// the references to pages no deeper (Mattson et al. 1970, "Evaluation Techniques for Storage Hierarchies", IBM Systems
// Journal 9(2)). One pass gives the misses of every memory size.
//
// The top of the stack is an array, searched from its beginning. What is below has a place on a line, in the order of
// leaving the top, a bit each; a page's depth is the number of bits behind its place (Bennett and Kruskal 1975, "LRU
// Stack Processing", IBM Journal of R&D 19(4)), counted in blocks of 512 bits and a Fenwick tree over these (Fenwick
// 1994). When the line is full the bits move together. O(log pages) a reference; memory is bounded by the pages.
#pragma once

#include "sim/memory/replacement/page_index.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace switchyard::sim::miss_ratio {

using replacement::Slot;

// Depth 1 is the top. 0: the page was not in the stack.
using Depth = std::uint32_t;

// The stack of small numbers, given out from 0.
class RecencyStack {
public:
    RecencyStack();

    // The page's depth; it moves to the top.
    Depth reference(Slot page);
    // Takes a page out of the stack.
    void remove(Slot page);
    // Asks the memory for what a reference to the page will need.
    void prefetch(Slot page) const {
        if (page < places_.size()) __builtin_prefetch(&places_[page], 1);
    }
    [[nodiscard]] std::uint32_t size() const { return top_size_ + marked_; }

private:
    static constexpr std::uint32_t top_most = 16;
    static constexpr std::uint32_t block_words = 8;
    static constexpr std::uint32_t block_bits = 64 * block_words;
    static constexpr std::uint32_t in_top = ~std::uint32_t{0};
    static constexpr std::uint32_t nowhere = in_top - 1;

    void make_line(std::size_t bits);
    void push_below_top(Slot page);
    void compact();
    void clear(std::uint32_t place);
    [[nodiscard]] std::uint32_t marked_up_to(std::uint32_t place) const;
    void add(std::uint32_t block, std::uint32_t change);

    std::array<Slot, top_most> top_{};
    std::uint32_t top_size_ = 0;
    std::vector<std::uint32_t> places_; // by page
    std::vector<std::uint64_t> line_;
    std::vector<std::uint32_t> tree_; // Fenwick's, over the blocks, from 1
    std::uint32_t next_place_ = 0;
    std::uint32_t marked_ = 0;
};

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
    [[nodiscard]] std::size_t distinct_pages() const { return index_.bound(); }

private:
    replacement::HashedIndex index_{0, 1024};
    RecencyStack stack_;
    DepthHistogram depths_;
    std::uint64_t latest_ = 0; // page; meaningful once there was one
};

} // namespace switchyard::sim::miss_ratio
