// SIEVE (Zhang et al. 2024, "SIEVE is Simpler than LRU", NSDI): a queue in the order of loading, a bit per page that a
// hit sets, and a hand that goes from the oldest page to the newest, clears the bits it meets and takes the first page
// that has none. Unlike the clock's, pages never move and new ones come at the head, where the hand gets to last.
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

namespace switchyard::sim::replacement {

template <class Index>
class Sieve : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit Sieve(const Options& options)
        : PolicyBase<Index>(options), list_(options.frames), visited_(options.frames) {}

    void hit(Slot slot) { visited_[slot] = 1; }
    void insert(Page page, Slot) {
        const Slot slot = index.add(page);
        visited_.at(slot) = 0;
        list_.push_newest(0, slot);
    }
    Page evict() {
        Slot slot = hand_;
        if (slot == no_slot) slot = list_.oldest(0);
        while (visited_[slot] != 0) {
            visited_[slot] = 0;
            slot = list_.newer_than(slot);
            if (slot == no_slot) {
                slot = list_.oldest(0);
                ++rounds_;
            }
        }
        hand_ = slot;
        const Page page = index.page(slot);
        remove(slot);
        return page;
    }
    void remove(Slot slot) {
        if (hand_ == slot) {
            hand_ = list_.newer_than(slot);
            rounds_ += hand_ == no_slot;
        }
        list_.remove(0, slot);
        index.remove(slot);
    }
    [[nodiscard]] std::uint32_t size() const { return list_.size(0); }
    void prefetch(Slot slot) const { visited_.prefetch(slot); }
    // How often the hand has come from the newest page to the oldest.
    [[nodiscard]] std::uint64_t rounds() const { return rounds_; }

private:
    SlotLists<1> list_;
    BySlot<std::uint8_t> visited_;
    Slot hand_ = no_slot;
    std::uint64_t rounds_ = 0;
};

} // namespace switchyard::sim::replacement
