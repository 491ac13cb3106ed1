// One record for each event that exists: is it armed, under which key, and where in the heap.
//
// A slot is *free*, or *held*; a held slot is *armed* while a key for it is queued. Keys that lie in a run or in the
// ladder are not searched for when their event is cancelled or moved: the slot forgets them, and they are recognised as
// stale when they surface. Only in the heap does a slot know its key's place.
#pragma once

#include "sim/engine/event_key.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace switchyard::sim {

// Names one event for as long as it exists. Slots are reused, and the generation tells their users apart: a handle of
// an event that is over matches nothing (until its slot has been reused 2^32 times).
struct EventHandle {
    EventSlot slot = ~EventSlot{0};
    std::uint32_t generation = 0;

    friend bool operator==(EventHandle, EventHandle) = default;
};

class EventSlots {
public:
    // The most events that can exist at once: 16 777 215.
    static constexpr std::size_t limit = (std::size_t{1} << EventKey::slot_bits) - 1;

    // Takes a free slot, not armed. Throws std::length_error beyond `limit`. O(1), amortised where the table grows.
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
    void prefetch(EventKey key) const { __builtin_prefetch(&records_[key.slot()], 1); }

    [[nodiscard]] std::size_t memory() const { return records_.capacity() * sizeof(Record); }

private:
    struct Record {
        std::uint64_t order = unarmed; // the low half of the key
        std::uint32_t generation = 0;
        std::uint32_t place = outside_heap; // when free: the next free slot
    };
    static constexpr std::uint64_t unarmed = ~std::uint64_t{0}; // no key looks so: slot 2^24 - 1 is never given out
    static constexpr std::uint32_t outside_heap = ~std::uint32_t{0};
    static constexpr EventSlot none = ~EventSlot{0};

    EventSlot append();

    std::vector<Record> records_;
    EventSlot first_free_ = none;
};

} // namespace switchyard::sim
