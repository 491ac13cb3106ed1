// What can be made of reference bits that are read and cleared at ticks of a clock (Tanenbaum, Modern Operating
// Systems, 3.4): not recently used, and ageing. A tick comes every so many references. Of pages that are as good the
// one goes that became so first; those that became so at the same tick keep their order.
#pragma once

#include "sim/memory/replacement/policy_base.hpp"

namespace switchyard::sim::replacement {

// Virtual time in references, and a tick every `interval` of them.
class Ticks {
public:
    explicit Ticks(std::uint64_t interval) : interval_(interval) {}
    [[nodiscard]] bool is_due() { return ++now_ % interval_ == 0; }

private:
    std::uint64_t interval_;
    std::uint64_t now_ = 0;
};

// Not recently used: four classes, by (referenced since the last tick, written since it was loaded): the lowest that is
// not empty gives a page.
template <class Index>
class NotRecentlyUsed : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit NotRecentlyUsed(const Options& options)
        : PolicyBase<Index>(options),
          ticks_(options.count("interval", 1, no_slot, options.frames)),
          classes_(options.frames),
          class_of_(options.frames) {}

    void tick() {
        if (!ticks_.is_due()) return;
        for (const unsigned written : {0U, written_bit}) {
            for (Slot slot = classes_.oldest(referenced | written); slot != no_slot; slot = classes_.newer_than(slot))
                class_of_[slot] = static_cast<std::uint8_t>(written);
            classes_.append(referenced | written, written);
        }
    }
    void hit(Slot slot) { move(slot, class_of_[slot] | referenced); }
    void wrote(Slot slot) { move(slot, class_of_[slot] | written_bit); }
    void insert(Page page, Slot) {
        const Slot slot = index.add(page);
        class_of_.at(slot) = referenced;
        classes_.push_newest(referenced, slot);
    }
    Page evict() {
        unsigned lowest = 0;
        while (classes_.is_empty(lowest)) ++lowest;
        const Slot slot = classes_.oldest(lowest);
        const Page page = index.page(slot);
        remove(slot);
        return page;
    }
    void remove(Slot slot) {
        classes_.remove(class_of_[slot], slot);
        index.remove(slot);
    }
    [[nodiscard]] std::uint32_t size() const {
        return classes_.size(0) + classes_.size(1) + classes_.size(2) + classes_.size(3);
    }

private:
    static constexpr unsigned written_bit = 1;
    static constexpr unsigned referenced = 2;

    void move(Slot slot, unsigned to) {
        if (class_of_[slot] == to) return;
        classes_.move_to_newest(class_of_[slot], to, slot);
        class_of_[slot] = static_cast<std::uint8_t>(to);
    }

    Ticks ticks_;
    SlotLists<4> classes_;
    BySlot<std::uint8_t> class_of_;
};

// Ageing: a tick shifts every page's counter of 8 bits to the right and its reference bit in from the left. The page
// with the least counter goes, the bit of the interval that runs counting above all others.
template <class Index>
class Ageing : public PolicyBase<Index> {
public:
    using typename PolicyBase<Index>::Page;
    using PolicyBase<Index>::index;

    explicit Ageing(const Options& options)
        : PolicyBase<Index>(options),
          ticks_(options.count("interval", 1, no_slot, options.frames)),
          ages_(options.frames),
          age_of_(options.frames) {}

    void tick() {
        if (!ticks_.is_due()) return;
        // In ascending order every age falls on one that has been dealt with, and 2a before 2a + 1.
        for (unsigned age = 1; age < ages; ++age) {
            if (ages_.is_empty(age)) continue;
            for (Slot slot = ages_.oldest(age); slot != no_slot; slot = ages_.newer_than(slot))
                age_of_[slot] = static_cast<std::uint16_t>(age / 2);
            ages_.append(age, age / 2);
        }
    }
    void hit(Slot slot) {
        const unsigned old = age_of_[slot];
        if ((old & referenced) != 0) return;
        ages_.move_to_newest(old, old | referenced, slot);
        age_of_[slot] = static_cast<std::uint16_t>(old | referenced);
    }
    void insert(Page page, Slot) {
        const Slot slot = index.add(page);
        age_of_.at(slot) = referenced;
        ages_.push_newest(referenced, slot);
        ++size_;
    }
    Page evict() {
        unsigned least = 0;
        while (ages_.is_empty(least)) ++least;
        const Slot slot = ages_.oldest(least);
        const Page page = index.page(slot);
        remove(slot);
        return page;
    }
    void remove(Slot slot) {
        ages_.remove(age_of_[slot], slot);
        index.remove(slot);
        --size_;
    }
    [[nodiscard]] std::uint32_t size() const { return size_; }

private:
    static constexpr unsigned referenced = 256;
    static constexpr unsigned ages = 512; // the reference bit, then the counter

    Ticks ticks_;
    SlotLists<ages> ages_;
    BySlot<std::uint16_t> age_of_;
    std::uint32_t size_ = 0;
};

} // namespace switchyard::sim::replacement
