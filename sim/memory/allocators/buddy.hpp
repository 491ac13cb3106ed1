// Pages in blocks of powers of two, each split from and joined with its buddy: the block of the same size whose number
// differs in one bit (Knowlton 1965, "A Fast Storage Allocator", CACM 8(10); Linux's mm/page_alloc.c). A request is
// served from the smallest order that has a free block, the block given back last; what is given back joins its buddy
// as long as that is free. Both are O(orders).
#pragma once

#include "sim/memory/allocators/fragmentation.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace switchyard::sim {

class BuddyAllocator {
public:
    using Page = std::uint32_t;
    static constexpr unsigned usual_largest_order = 10; // MAX_PAGE_ORDER of Linux: 4 MiB

    // Pages 0 to `pages`, at most 2^31 of them, in as large blocks as alignment allows. Throws InputError for an order
    // above 30.
    explicit BuddyAllocator(Page pages, unsigned largest_order = usual_largest_order);

    // 2^order pages in a row, the first being a multiple of that; none where there are no such blocks.
    std::optional<Page> allocate(unsigned order);
    // At least that many, in a block of the next power of two: the rest is internal fragmentation.
    std::optional<Page> allocate_pages(Page count);
    // The block that begins there. False, and nothing happens, where none was allocated.
    bool free(Page first);

    [[nodiscard]] unsigned largest_order() const { return largest_order_; }
    [[nodiscard]] Page pages() const { return static_cast<Page>(blocks_.size()); }
    [[nodiscard]] Page free_blocks(unsigned order) const { return lists_[order].length; }
    // The order of the allocated block that begins there.
    [[nodiscard]] std::optional<unsigned> allocated_order(Page first) const;
    // In pages.
    [[nodiscard]] Fragmentation fragmentation() const;
    // Of the free pages, the thousandths that blocks of this order cannot be made of, as Linux prints them in
    // extfrag/unusable_index (unusable_free_index() in mm/vmstat.c; Gorman and Healy 2006).
    [[nodiscard]] std::uint64_t unusable_permille(unsigned order) const;

private:
    static constexpr Page no_page = ~Page{0};
    enum class State : std::uint8_t { inside, free, allocated }; // `inside` a block that begins earlier
    struct Block {                                               // of the page it begins with
        Page next = no_page;                                     // free ones of the same order
        Page previous = no_page;
        Page requested = 0;
        std::uint8_t order = 0;
        State state = State::inside;
    };
    struct List {
        Page first = no_page;
        Page length = 0;
    };
    void push(Page first, unsigned order);
    void remove(Page first);

    unsigned largest_order_;
    std::vector<Block> blocks_; // by page
    std::vector<List> lists_;   // by order
    Page requested_ = 0;
    Page free_pages_ = 0;
};

} // namespace switchyard::sim
