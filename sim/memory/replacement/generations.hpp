// Linux's multi-generational LRU (mm/vmscan.c of 6.12, Documentation/mm/multigen_lru.rst) for mapped pages of one kind,
// clean, in one node, reclaimed one at a time:
//   - pages are in generations, at most four; one that is faulted in joins the youngest, its accessed bit set;
//   - eviction takes from the oldest generation, in the order pages joined it; a page found accessed joins the youngest
//     instead, its bit cleared; a generation that is empty is given up;
//   - when fewer than three generations are left (MIN_NR_GENS and one), ageing walks the page tables first: every page
//     found accessed joins the youngest generation, its bit cleared, in the order of the frames; those in it already
//     stay where they are; then a new youngest generation begins.
// Not modelled: tiers and their controller (references through file descriptors), Bloom filters and the look-around
// (they save work, here work is free), several kinds competing.
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

namespace switchyard::sim::replacement {

template <class Index>
class Generations : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit Generations(const Options& options)
        : PolicyBase<Index>(options), generations_(options.frames), pages_(options.frames) {}

    void hit(Slot slot) { pages_[slot].accessed = true; }
    void insert(Page page, Slot) {
        const Slot slot = index.add(page);
        pages_.at(slot) = {list_of(youngest_), true, true};
        generations_.push_newest(list_of(youngest_), slot);
        ++size_;
    }
    Page evict() {
        for (;;) {
            if (youngest_ - oldest_ < least) age();
            const Slot slot = generations_.oldest(list_of(oldest_));
            if (slot == no_slot) {
                ++oldest_;
            } else if (pages_[slot].accessed) {
                promote(slot);
            } else {
                const Page page = index.page(slot);
                remove(slot);
                return page;
            }
        }
    }
    void remove(Slot slot) {
        pages_[slot].resident = false;
        generations_.remove(pages_[slot].list, slot);
        index.remove(slot);
        --size_;
    }
    [[nodiscard]] std::uint32_t size() const { return size_; }
    void prefetch(Slot slot) const { pages_.prefetch(slot); }

private:
    static constexpr unsigned most = 4;  // MAX_NR_GENS
    static constexpr unsigned least = 2; // MIN_NR_GENS
    struct State {
        std::uint8_t list = 0;
        bool resident = false;
        bool accessed = false;
    };

    static std::uint8_t list_of(std::uint64_t generation) { return static_cast<std::uint8_t>(generation % most); }
    void promote(Slot slot) {
        pages_[slot].accessed = false;
        if (pages_[slot].list == list_of(youngest_)) return;
        generations_.move_to_newest(pages_[slot].list, list_of(youngest_), slot);
        pages_[slot].list = list_of(youngest_);
    }
    void age() {
        for (Slot slot = 0; slot < pages_.bound(); ++slot)
            if (pages_[slot].resident && pages_[slot].accessed) promote(slot);
        ++youngest_;
    }

    std::uint64_t oldest_ = 0;
    std::uint64_t youngest_ = 3;
    std::uint32_t size_ = 0;
    SlotLists<most> generations_;
    BySlot<State> pages_;
};

} // namespace switchyard::sim::replacement
