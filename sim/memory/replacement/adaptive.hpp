// ARC (Megiddo and Modha 2003, "ARC: A Self-Tuning, Low Overhead Replacement Cache", FAST): pages seen once (T1) and
// more than once (T2) by recency, with as many remembered that have left either (B1, B2); a hit among the remembered
// says which of the two should have been larger, and the target p for T1 follows.
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

#include <algorithm>

namespace switchyard::sim::replacement {

template <class Index>
class Adaptive : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::frames;
    using PolicyBase<Index>::index;

    explicit Adaptive(const Options& options)
        : PolicyBase<Index>(options, 2 * std::size_t{options.frames} + 1),
          lists_(2 * std::size_t{options.frames} + 1),
          where_(2 * std::size_t{options.frames} + 1) {}

    [[nodiscard]] bool is_resident(Slot slot) const { return where_[slot] <= twice; }
    void hit(Slot slot) {
        if (where_[slot] == twice) {
            lists_.make_newest(twice, slot);
        } else {
            lists_.move_to_newest(once, twice, slot);
            where_[slot] = twice;
        }
    }
    void insert(Page page, Slot known) {
        if (known == no_slot) {
            const Slot slot = index.add(page);
            where_.at(slot) = once;
            lists_.push_newest(once, slot);
        } else {
            lists_.move_to_newest(where_[known], twice, known);
            where_[known] = twice;
        }
    }
    // The paper's cases II to IV.
    void miss(Page page, Slot known) {
        if (known != no_slot) {
            adapt(where_[known]);
            if (size() >= frames) replace(where_[known] == left_twice);
        } else if (size() >= frames) {
            if (lists_.size(once) + lists_.size(left_once) >= frames) {
                if (lists_.is_empty(left_once)) {
                    forget(lists_.oldest(once));
                } else {
                    forget(lists_.oldest(left_once));
                    replace(false);
                }
            } else {
                const std::uint32_t all = size() + lists_.size(left_once) + lists_.size(left_twice);
                if (all >= 2 * frames && !lists_.is_empty(left_twice)) forget(lists_.oldest(left_twice));
                replace(false);
            }
        }
        insert(page, known);
    }
    Page evict() {
        if (lists_.size(left_once) + lists_.size(left_twice) >= frames)
            forget(lists_.oldest(lists_.is_empty(left_twice) ? left_once : left_twice));
        return replace(false);
    }
    void remove(Slot slot) { forget(slot); }
    [[nodiscard]] std::uint32_t size() const { return lists_.size(once) + lists_.size(twice); }
    void prefetch(Slot slot) const {
        where_.prefetch(slot);
        lists_.prefetch_neighbours(slot);
    }

private:
    enum List : std::uint8_t { once, twice, left_once, left_twice }; // T1, T2, B1, B2

    void adapt(List list) {
        const double left1 = lists_.size(left_once);
        const double left2 = lists_.size(left_twice);
        if (list == left_once)
            target_ = std::min(target_ + std::max(left2 / left1, 1.0), static_cast<double>(frames));
        else
            target_ = std::max(target_ - std::max(left1 / left2, 1.0), 0.0);
    }
    Page replace(bool left_twice_returns) {
        const double first = lists_.size(once);
        const bool from_once =
            (first > 0 && (first > target_ || (first == target_ && left_twice_returns))) || lists_.is_empty(twice);
        const List from = from_once ? once : twice;
        const List to = from_once ? left_once : left_twice;
        const Slot slot = lists_.oldest(from);
        lists_.move_to_newest(from, to, slot);
        where_[slot] = to;
        return index.page(slot);
    }
    void forget(Slot slot) {
        lists_.remove(where_[slot], slot);
        index.remove(slot);
    }

    SlotLists<4> lists_;
    BySlot<List> where_;
    double target_ = 0; // p: pages wanted in T1
};

} // namespace switchyard::sim::replacement
