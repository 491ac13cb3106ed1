// First in, first out; least and most recently used; random: the textbook's (Belady 1966, "A Study of Replacement
// Algorithms for a Virtual-Storage Computer", IBM Systems Journal 5(2); Mattson et al. 1970, "Evaluation Techniques for
// Storage Hierarchies", IBM Systems Journal 9(2)). Most recently used suits scans longer than the memory: the latest
// page goes, and the beginning is there when the scan comes round.
#pragma once

#include "models/random/draw.hpp"
#include "sim/memory/replacement/policy_base.hpp"

namespace switchyard::sim::replacement {

enum class Order : std::uint8_t { loading, reference };
enum class Victim : std::uint8_t { oldest, newest };

template <class Index, Order order, Victim victim>
class ListPolicy : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit ListPolicy(const Options& options) : PolicyBase<Index>(options), list_(options.frames) {}

    void hit(Slot slot) {
        if constexpr (order == Order::reference)
            if (list_.newest(0) != slot) list_.make_newest(0, slot);
    }
    void insert(Page page, Slot) { list_.push_newest(0, index.add(page)); }
    void miss(Page page, Slot) {
        if (size() < this->frames) return insert(page, no_slot);
        const Slot slot = next_victim();
        index.replace(slot, page);
        list_.make_newest(0, slot);
        index.prefetch(index.page(next_victim())); // will have to be found, too
    }
    Page evict() {
        const Slot slot = next_victim();
        const Page page = index.page(slot);
        remove(slot);
        return page;
    }
    void remove(Slot slot) {
        list_.remove(0, slot);
        index.remove(slot);
    }
    [[nodiscard]] std::uint32_t size() const { return list_.size(0); }
    void prefetch(Slot slot) const {
        if constexpr (order == Order::reference) list_.prefetch_neighbours(slot);
    }

private:
    [[nodiscard]] Slot next_victim() const { return victim == Victim::oldest ? list_.oldest(0) : list_.newest(0); }

    SlotLists<1> list_;
};

template <class Index>
using Fifo = ListPolicy<Index, Order::loading, Victim::oldest>;
template <class Index>
using LeastRecentlyUsed = ListPolicy<Index, Order::reference, Victim::oldest>;
template <class Index>
using MostRecentlyUsed = ListPolicy<Index, Order::reference, Victim::newest>;

// Every resident page is as likely to go. Draws are those of the seed, of no task.
template <class Index>
class Random : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit Random(const Options& options)
        : PolicyBase<Index>(options),
          place_(options.frames),
          draws_({.seed = options.seed, .task = no_slot, .instance = 0, .operation = 1}) {
        resident_.reserve(options.frames);
    }

    void hit(Slot) {}
    void insert(Page page, Slot) {
        const Slot slot = index.add(page);
        place_.at(slot) = size();
        resident_.push_back(slot);
    }
    Page evict() {
        // The upper half of 32 random bits times the size (Lemire 2019, "Fast Random Integer Generation in an
        // Interval").
        const Slot slot = resident_[((draws_() >> 32) * size()) >> 32];
        const Page page = index.page(slot);
        remove(slot);
        return page;
    }
    void remove(Slot slot) {
        place_[resident_.back()] = place_[slot];
        resident_[place_[slot]] = resident_.back();
        resident_.pop_back();
        index.remove(slot);
    }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(resident_.size()); }

private:
    std::vector<Slot> resident_;
    BySlot<std::uint32_t> place_;
    DrawStream draws_;
};

} // namespace switchyard::sim::replacement
