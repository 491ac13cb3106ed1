// LIRS (Jiang and Zhang 2002, "LIRS: An Efficient Low Inter-reference Recency Set Replacement Policy", SIGMETRICS):
// most frames are for pages with a low inter-reference recency (LIR), a few for the others (HIR), resident in the queue
// Q. The stack S holds by recency the LIR pages and what was referenced after the oldest of them, whether it is in
// memory or not: an HIR page that is referenced while it is there has shown a lower inter-reference recency than the
// LIR page at the bottom, and they change places. As published, what S remembers is bounded by the pages there are.
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

#include <algorithm>

namespace switchyard::sim::replacement {

template <class Index>
class LowInterReferenceRecency : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::frames;
    using PolicyBase<Index>::index;

    explicit LowInterReferenceRecency(const Options& options)
        : PolicyBase<Index>(options),
          low_share_(frames - std::clamp(options.share_of_frames("hir", 10), 1U, frames)),
          stack_(options.frames),
          queue_(options.frames),
          pages_(options.frames) {}

    [[nodiscard]] bool is_resident(Slot slot) const { return pages_[slot].kind != Kind::left; }
    void hit(Slot slot) {
        State& page = pages_[slot];
        if (page.kind == Kind::low) {
            stack_.make_newest(0, slot);
            prune();
            return;
        }
        if (page.stacked && low_share_ > 0) {
            queue_.remove(0, slot);
            make_low(slot);
        } else {
            to_top(slot);
            queue_.make_newest(0, slot);
            prune();
        }
    }
    void insert(Page page, Slot known) {
        const Slot slot = known != no_slot ? known : index.add(page);
        if (known == no_slot) pages_.at(slot) = {};
        ++size_;
        if (low_ < low_share_ || (pages_[slot].stacked && low_share_ > 0)) return make_low(slot);
        pages_[slot].kind = Kind::high;
        to_top(slot);
        queue_.push_newest(0, slot);
        prune();
    }
    Page evict() {
        const bool from_queue = !queue_.is_empty(0);
        const Slot slot = from_queue ? queue_.oldest(0) : stack_.oldest(0);
        const Page page = index.page(slot);
        if (!from_queue || !pages_[slot].stacked) {
            remove(slot);
            return page;
        }
        queue_.remove(0, slot);
        pages_[slot].kind = Kind::left;
        --size_;
        return page;
    }
    void remove(Slot slot) {
        const State page = pages_[slot];
        if (page.kind == Kind::high) queue_.remove(0, slot);
        if (page.stacked) stack_.remove(0, slot);
        low_ -= page.kind == Kind::low;
        index.remove(slot);
        --size_;
        prune();
    }
    [[nodiscard]] std::uint32_t size() const { return size_; }
    void prefetch(Slot slot) const {
        pages_.prefetch(slot);
        stack_.prefetch_neighbours(slot);
    }

private:
    enum class Kind : std::uint8_t { low, high, left }; // LIR, resident HIR, HIR that has left
    struct State {
        Kind kind = Kind::high;
        bool stacked = false; // is in S
    };

    void to_top(Slot slot) {
        if (pages_[slot].stacked)
            stack_.make_newest(0, slot);
        else
            stack_.push_newest(0, slot);
        pages_[slot].stacked = true;
    }
    // The page becomes LIR; where there are too many then, the one at the bottom becomes HIR.
    void make_low(Slot slot) {
        to_top(slot);
        pages_[slot].kind = Kind::low;
        if (++low_ > low_share_) {
            prune(); // to the LIR page at the bottom
            const Slot bottom = stack_.oldest(0);
            pages_[bottom] = {Kind::high, false};
            stack_.remove(0, bottom);
            queue_.push_newest(0, bottom);
            --low_;
        }
        prune();
    }
    // HIR pages at the bottom of S say nothing any more.
    void prune() {
        for (Slot slot = stack_.oldest(0); slot != no_slot && pages_[slot].kind != Kind::low; slot = stack_.oldest(0)) {
            stack_.remove(0, slot);
            pages_[slot].stacked = false;
            if (pages_[slot].kind == Kind::left) index.remove(slot);
        }
    }

    std::uint32_t low_share_;
    std::uint32_t low_ = 0;
    std::uint32_t size_ = 0;
    SlotLists<1> stack_; // S, the bottom being the oldest
    SlotLists<1> queue_; // Q
    BySlot<State> pages_;
};

} // namespace switchyard::sim::replacement
