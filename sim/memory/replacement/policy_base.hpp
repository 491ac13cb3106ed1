// What all policies are made of, and the terms they share.
//
// A policy is a class template over its index (page_index.hpp) with
//   bool is_resident(slot)      whether what the slot remembers is in memory (others remember pages that have left)
//   void hit(slot)              a resident page is referenced
//   void insert(page, known)    a page that is not resident comes into a free frame; `known` is the slot that remembers
//                               it, or no_slot
//   Page evict()                makes a resident page leave; which. There must be one
//   void remove(slot)           a resident page is gone for reasons of its own (unmapped), and nothing remembers it
//   std::uint32_t size()        pages resident
// and, where records are large, void prefetch(slot), the slot being about to be referenced; where a published algorithm
// evicts with an eye on the page that comes, or otherwise than one by one,
//   void miss(page, known)      a page comes in that is not resident; makes room first
//   void tick()                 virtual time: called before every reference.
// Memory is claimed as pages become known; in the steady state nothing is allocated.
#pragma once

#include "sim/memory/replacement/options.hpp"
#include "sim/memory/replacement/slot_lists.hpp"

namespace switchyard::sim::replacement {

template <class Index>
class PolicyBase {
public:
    using Page = typename Index::Page;

    explicit PolicyBase(const Options& options, std::size_t slots)
        : frames(options.frames), index(options.pages, slots) {}
    explicit PolicyBase(const Options& options) : PolicyBase(options, options.frames) {}

    [[nodiscard]] bool is_resident(Slot) const { return true; }

    std::uint32_t frames;
    Index index;
};

// A value by slot that grows with the slots.
template <class Value>
class BySlot {
public:
    explicit BySlot(std::size_t slots, Value initial = {}) : initial_(initial) { values_.reserve(slots); }

    [[nodiscard]] Value& operator[](Slot slot) { return values_[slot]; }
    [[nodiscard]] const Value& operator[](Slot slot) const { return values_[slot]; }
    // The same for a slot that may be new.
    [[nodiscard]] Value& at(Slot slot) {
        if (slot >= values_.size()) values_.resize(slot + 1, initial_);
        return values_[slot];
    }
    [[nodiscard]] Slot bound() const { return static_cast<Slot>(values_.size()); }
    void prefetch(Slot slot) const { __builtin_prefetch(&values_[slot], 1); }

private:
    std::vector<Value> values_;
    Value initial_;
};

} // namespace switchyard::sim::replacement
