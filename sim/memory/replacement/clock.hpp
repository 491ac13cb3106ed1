// The clock, or second chance: frames in a circle, a hand that passes over pages referenced since it last came by and
// takes the first that was not (Corbato 1968, "A Paging Experiment with the Multics System"). With more than one bit
// a page is passed over once for every reference counted, up to 2^bits - 1. A page is in the frame of the one it
// replaces, just behind the hand.
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

namespace switchyard::sim::replacement {

template <class Index>
class Clock : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit Clock(const Options& options)
        : PolicyBase<Index>(options),
          counters_(options.frames, free_frame),
          most_(static_cast<std::uint8_t>((1U << options.count("bits", 1, 7, 1)) - 1)) {}

    void hit(Slot slot) {
        std::uint8_t& counter = counters_[slot];
        counter = static_cast<std::uint8_t>(counter + (counter < most_));
    }
    void insert(Page page, Slot) {
        counters_.at(index.add(page)) = 0;
        ++size_;
    }
    Page evict() {
        const Slot slot = next_victim();
        const Page page = index.page(slot);
        remove(slot);
        return page;
    }
    void miss(Page page, Slot) {
        if (size_ < this->frames) return insert(page, no_slot);
        const Slot slot = next_victim();
        index.replace(slot, page);
        counters_[slot] = 0;
        // What comes under the hand next may have to be found.
        for (Slot next = hand_; next < hand_ + 3 && next < counters_.bound(); ++next)
            if (counters_[next] == 0) index.prefetch(index.page(next));
    }
    void remove(Slot slot) {
        counters_[slot] = free_frame;
        index.remove(slot);
        --size_;
    }
    [[nodiscard]] std::uint32_t size() const { return size_; }

private:
    static constexpr std::uint8_t free_frame = 0xFF;

    // Leaves the hand behind it.
    Slot next_victim() {
        for (Slot slot = hand_, bound = counters_.bound();; ++slot) {
            if (slot >= bound) slot = 0;
            std::uint8_t& counter = counters_[slot];
            if (counter == 0) {
                hand_ = slot + 1;
                return slot;
            }
            if (counter != free_frame) --counter;
        }
    }

    BySlot<std::uint8_t> counters_; // by frame
    std::uint8_t most_;
    Slot hand_ = 0;
    std::uint32_t size_ = 0;
};

} // namespace switchyard::sim::replacement
