// One record for each event that exists: is it armed, under which key, where in the heap, and what it carries.
//
// A slot is *free*, or *held*; a held slot is *armed* while a key for it is queued. Keys that lie in a run or in the
// ladder are not searched for when their event is cancelled or moved: the slot forgets them, and they are recognised as
// stale when they surface. Only in the heap does a slot know its key's place.
//
// Content and bookkeeping share a record, because an event that fires needs both, and with many pending neither is in
// the cache: one line is fetched, not two. With 16 bytes of content it is 32 bytes, and never lies across two lines.
#pragma once

#include "sim/engine/event_key.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace switchyard::sim {

// Names one event for as long as it exists. Slots are reused, and the generation tells their users apart: a handle of
// an event that is over matches nothing (until its slot has been reused 2^32 times).
struct EventHandle {
    EventSlot slot = ~EventSlot{0};
    std::uint32_t generation = 0;

    friend bool operator==(EventHandle, EventHandle) = default;
};

// The most events that can exist at once: 16 777 215.
inline constexpr std::size_t event_limit = (std::size_t{1} << EventKey::slot_bits) - 1;

template <class Content>
class EventSlots {
public:
    // Slots there are, free or held: they are numbered from 0.
    [[nodiscard]] std::size_t size() const { return records_.size(); }

    // Takes a free slot, not armed. Throws std::length_error beyond `event_limit`. O(1), amortised where the table
    // grows.
    [[nodiscard]] EventSlot acquire() {
        if (first_free_ == none) return append();
        const EventSlot slot = first_free_;
        first_free_ = records_[slot].place;
        return slot;
    }

    // Frees a slot that is not armed; handles to it become stale.
    void release(EventSlot slot) {
        ++records_[slot].generation;
        records_[slot].place = first_free_;
        first_free_ = slot;
    }

    [[nodiscard]] EventHandle handle(EventSlot slot) const { return {slot, records_[slot].generation}; }

    // Whether the event named is still held in its slot.
    [[nodiscard]] bool holds(EventHandle handle) const {
        return handle.slot < records_.size() && records_[handle.slot].generation == handle.generation;
    }

    // What the event carries. Nobody else touches it: in a new slot it is Content{}, in one used before what was left.
    [[nodiscard]] Content& content(EventSlot slot) { return records_[slot].content; }
    [[nodiscard]] const Content& content(EventSlot slot) const { return records_[slot].content; }

    [[nodiscard]] bool armed(EventSlot slot) const { return records_[slot].order != unarmed; }

    // Whether `key` is what its slot is armed under, and not the remains of a cancelled or moved event.
    [[nodiscard]] bool current(EventKey key) const { return records_[key.slot()].order == key.order(); }

    [[nodiscard]] bool in_heap(EventSlot slot) const { return records_[slot].place != outside_heap; }
    [[nodiscard]] std::uint32_t place(EventSlot slot) const { return records_[slot].place; }

    // Arms the slot of `key`, whose place is outside the heap until `put` says otherwise.
    void arm(EventKey key) {
        records_[key.slot()].order = key.order();
        records_[key.slot()].place = outside_heap;
    }
    void put(EventKey key, std::uint32_t place) { records_[key.slot()].place = place; }
    void take_out_of_heap(EventKey key) { records_[key.slot()].place = outside_heap; }
    void disarm(EventSlot slot) { records_[slot].order = unarmed; }

    // Brings the record of an event that is about to fire into the cache.
    void prefetch(EventKey key) const {
        __builtin_prefetch(&records_[key.slot()], 1);
        asm volatile(""); // GCC 12 takes a function that only prefetches for one without effect, and drops its calls
    }

    [[nodiscard]] std::size_t memory() const { return records_.capacity() * sizeof(Record); }

private:
    static constexpr std::uint64_t unarmed = ~std::uint64_t{0}; // no key looks so: slot 2^24 - 1 is never given out
    static constexpr std::uint32_t outside_heap = ~std::uint32_t{0};
    static constexpr EventSlot none = ~EventSlot{0};

    struct Fields {
        std::uint64_t order = unarmed; // the low half of the key
        std::uint32_t generation = 0;
        std::uint32_t place = outside_heap; // when free: the next free slot
        Content content{};
    };
    // A size that divides a cache line must also begin where one can.
    static constexpr std::size_t alignment =
        sizeof(Fields) <= 64 && std::has_single_bit(sizeof(Fields)) ? sizeof(Fields) : alignof(Fields);
    struct alignas(alignment) Record : Fields {};

    EventSlot append() {
        if (records_.size() == event_limit) throw std::length_error("more than 16777215 events exist at once");
        // A quarter more rather than double: little lies in reserve, and filling costs a few copies once.
        if (records_.size() == records_.capacity()) records_.reserve(records_.size() + records_.size() / 4 + 32);
        records_.emplace_back();
        return static_cast<EventSlot>(records_.size() - 1);
    }

    std::vector<Record> records_;
    EventSlot first_free_ = none;
};

} // namespace switchyard::sim
