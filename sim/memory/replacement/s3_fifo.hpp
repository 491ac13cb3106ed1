// S3-FIFO (Yang et al. 2023, "FIFO queues are all you need for cache eviction", SOSP): a small queue for new pages, a
// main one for those hit at least twice there or wanted again while they are remembered; in the main queue pages go
// round as often as they were hit, up to three times.
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

namespace switchyard::sim::replacement {

template <class Index>
class S3Fifo : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::frames;
    using PolicyBase<Index>::index;

    explicit S3Fifo(const Options& options)
        : PolicyBase<Index>(options, 2 * std::size_t{options.frames}),
          small_share_(options.share_of_frames("small", 100)),
          ghost_share_(options.share_of_frames("ghost", 900)),
          lists_(2 * std::size_t{options.frames}),
          pages_(2 * std::size_t{options.frames}) {}

    [[nodiscard]] bool is_resident(Slot slot) const { return pages_[slot].queue != ghost; }
    void hit(Slot slot) {
        std::uint8_t& count = pages_[slot].count;
        count = static_cast<std::uint8_t>(count + (count < enough)); // nobody asks for more
    }
    void insert(Page page, Slot known) {
        if (known != no_slot) {
            lists_.move_to_newest(ghost, main, known);
            pages_[known] = {main, 0};
            return;
        }
        const Slot slot = index.add(page);
        pages_.at(slot) = {small, 0};
        lists_.push_newest(small, slot);
    }
    void miss(Page page, Slot known) {
        if (known != no_slot) lists_.remove(ghost, known); // lest it be dropped meanwhile
        while (size() >= frames) evict();
        if (known == no_slot) return insert(page, known);
        pages_[known] = {main, 0};
        lists_.push_newest(main, known);
    }
    Page evict() {
        if (lists_.size(main) <= frames - small_share_)
            while (!lists_.is_empty(small)) { // to its end, whatever main grows to
                const Slot slot = lists_.oldest(small);
                if (pages_[slot].count < 2) return evict_from_small(slot);
                lists_.move_to_newest(small, main, slot);
                pages_[slot] = {main, 0};
            }
        for (;;) {
            const Slot slot = lists_.oldest(main);
            std::uint8_t& count = pages_[slot].count;
            if (count == 0) {
                const Page page = index.page(slot);
                forget(slot);
                return page;
            }
            lists_.make_newest(main, slot);
            --count;
        }
    }
    void remove(Slot slot) { forget(slot); }
    [[nodiscard]] std::uint32_t size() const { return lists_.size(small) + lists_.size(main); }
    void prefetch(Slot slot) const { pages_.prefetch(slot); }

private:
    enum Queue : std::uint8_t { small, main, ghost };
    static constexpr std::uint8_t enough = 3;
    struct State {
        Queue queue = small;
        std::uint8_t count = 0; // hits
    };

    Page evict_from_small(Slot slot) {
        const Page page = index.page(slot);
        if (ghost_share_ == 0) {
            forget(slot);
            return page;
        }
        if (lists_.size(ghost) >= ghost_share_) forget(lists_.oldest(ghost));
        lists_.move_to_newest(small, ghost, slot);
        pages_[slot].queue = ghost;
        return page;
    }
    void forget(Slot slot) {
        lists_.remove(pages_[slot].queue, slot);
        index.remove(slot);
    }

    std::uint32_t small_share_;
    std::uint32_t ghost_share_;
    SlotLists<3> lists_;
    BySlot<State> pages_;
};

} // namespace switchyard::sim::replacement
