// 2Q (Johnson and Shasha 1994, "2Q: A Low Overhead High Performance Buffer Management Replacement Algorithm", VLDB; the
// full version): new pages pass through a queue, A1in; those that are wanted again soon after they have left it, while
// A1out remembers them, are kept by recency in Am. A hit in A1in moves nothing. A1in gives way when it has more than
// its share; Am never takes more than the rest.
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

#include <algorithm>

namespace switchyard::sim::replacement {

template <class Index>
class TwoQueues : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::frames;
    using PolicyBase<Index>::index;

    explicit TwoQueues(const Options& options)
        : PolicyBase<Index>(options, options.frames + options.frames / 2),
          in_share_(options.share_of_frames("in", 250)),
          out_share_(options.share_of_frames("out", 500)),
          lists_(options.frames + options.frames / 2),
          where_(options.frames + options.frames / 2) {}

    [[nodiscard]] bool is_resident(Slot slot) const { return where_[slot] != out; }
    void hit(Slot slot) {
        if (where_[slot] == main) lists_.make_newest(main, slot);
    }
    void insert(Page page, Slot known) {
        if (known == no_slot) {
            const Slot slot = index.add(page);
            where_.at(slot) = in;
            lists_.push_newest(in, slot);
        } else {
            lists_.move_to_newest(out, main, known);
            where_[known] = main;
        }
    }
    void miss(Page page, Slot known) {
        // Remembered no longer while others leave, lest it be dropped: it keeps its slot.
        if (known != no_slot) lists_.remove(out, known);
        while (size() >= frames) evict();
        if (known == no_slot) return insert(page, known);
        if (main_share() > 0 && lists_.size(main) >= main_share()) forget(main, lists_.oldest(main));
        where_[known] = main;
        lists_.push_newest(main, known);
    }
    Page evict() {
        const bool from_in = lists_.size(in) > in_share_ || lists_.is_empty(main);
        const Slot slot = lists_.oldest(from_in ? in : main);
        const Page page = index.page(slot);
        if (!from_in || out_share_ == 0) {
            forget(from_in ? in : main, slot);
            return page;
        }
        if (lists_.size(out) >= out_share_) forget(out, lists_.oldest(out));
        lists_.move_to_newest(in, out, slot);
        where_[slot] = out;
        return page;
    }
    void remove(Slot slot) { forget(where_[slot], slot); }
    [[nodiscard]] std::uint32_t size() const { return lists_.size(in) + lists_.size(main); }
    void prefetch(Slot slot) const {
        where_.prefetch(slot);
        lists_.prefetch_neighbours(slot);
    }

private:
    enum Queue : std::uint8_t { in, main, out };

    [[nodiscard]] std::uint32_t main_share() const { return frames - std::min(frames, in_share_); }
    void forget(unsigned queue, Slot slot) {
        lists_.remove(queue, slot);
        index.remove(slot);
    }

    std::uint32_t in_share_;
    std::uint32_t out_share_;
    SlotLists<3> lists_;
    BySlot<Queue> where_;
};

} // namespace switchyard::sim::replacement
