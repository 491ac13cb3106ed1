// Working sets. Virtual time is counted in references; the window says how far back a reference still makes a page part
// of the working set.
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

namespace switchyard::sim::replacement {

// The working set itself (Denning 1968, "The Working Set Model for Program Behavior", CACM 11(5)): in memory is what
// was referenced within the last `window` references and nothing else, so the memory in use varies; where the frames do
// not hold it, the page referenced longest ago goes early.
template <class Index>
class WorkingSet : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit WorkingSet(const Options& options)
        : PolicyBase<Index>(options),
          window_(options.count("window", 1, no_slot, 2 * std::uint64_t{options.frames})),
          list_(options.frames),
          last_(options.frames) {}

    void tick() {
        ++now_;
        for (Slot slot = list_.oldest(0); slot != no_slot && last_[slot] + window_ < now_; slot = list_.oldest(0))
            remove(slot);
    }
    void hit(Slot slot) {
        last_[slot] = now_;
        list_.make_newest(0, slot);
    }
    void insert(Page page, Slot) {
        const Slot slot = index.add(page);
        last_.at(slot) = now_;
        list_.push_newest(0, slot);
    }
    Page evict() {
        const Slot slot = list_.oldest(0);
        const Page page = index.page(slot);
        remove(slot);
        return page;
    }
    void remove(Slot slot) {
        list_.remove(0, slot);
        index.remove(slot);
    }
    [[nodiscard]] std::uint32_t size() const { return list_.size(0); }

private:
    std::uint64_t window_;
    std::uint64_t now_ = 0;
    SlotLists<1> list_; // by last reference
    BySlot<std::uint64_t> last_;
};

// WSClock (Carr and Hennessy 1981, "WSClock: A Simple and Effective Algorithm for Virtual Memory Management", SOSP): a
// clock whose hand notes the time where it finds a reference bit set, clearing it, and takes the first page whose bit
// is clear and whose noted time is out of the window. Where a whole round finds none, the page noted longest ago goes,
// the first of several behind the hand.
template <class Index>
class WorkingSetClock : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit WorkingSetClock(const Options& options)
        : PolicyBase<Index>(options),
          window_(options.count("window", 1, no_slot, 2 * std::uint64_t{options.frames})),
          in_frames_(options.frames) {}

    void tick() { ++now_; }
    void hit(Slot slot) { in_frames_[slot].referenced = true; }
    void insert(Page page, Slot) {
        in_frames_.at(index.add(page)) = {.noted = now_, .resident = true, .referenced = false};
        ++size_;
    }
    Page evict() {
        Slot oldest = no_slot;
        Slot victim = no_slot;
        Slot slot = hand_;
        for (Slot passed = 0; passed < in_frames_.bound() && victim == no_slot; ++passed, ++slot) {
            if (slot >= in_frames_.bound()) slot = 0;
            Frame& frame = in_frames_[slot];
            if (!frame.resident) continue;
            if (frame.referenced)
                frame = {.noted = now_, .resident = true, .referenced = false};
            else if (frame.noted + window_ < now_)
                victim = slot;
            if (oldest == no_slot || frame.noted < in_frames_[oldest].noted) oldest = slot;
        }
        if (victim == no_slot) victim = oldest;
        hand_ = victim + 1;
        const Page page = index.page(victim);
        remove(victim);
        return page;
    }
    void remove(Slot slot) {
        in_frames_[slot].resident = false;
        index.remove(slot);
        --size_;
    }
    [[nodiscard]] std::uint32_t size() const { return size_; }
    void prefetch(Slot slot) const { in_frames_.prefetch(slot); }

private:
    struct Frame {
        std::uint64_t noted = 0;
        bool resident = false;
        bool referenced = false;
    };
    std::uint64_t window_;
    std::uint64_t now_ = 0;
    BySlot<Frame> in_frames_;
    Slot hand_ = 0;
    std::uint32_t size_ = 0;
};

} // namespace switchyard::sim::replacement
