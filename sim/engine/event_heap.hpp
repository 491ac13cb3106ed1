// An indexed 4-ary heap of event keys: the ordering structure while few events are pending.
//
// Four children to a node halve the depth of a binary heap and lie in 64 bytes (LaMarca and Ladner 1996, "The influence
// of caches on the performance of heaps"). It is *indexed*: each slot knows its key's place, so any event can be taken
// out or moved in O(log n). What comes to fill a gap may belong above it as well as below; both are looked at.
#pragma once

#include "sim/engine/event_key.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace switchyard::sim {

class EventHeap {
public:
    [[nodiscard]] bool empty() const { return keys_.empty(); }
    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] EventKey front() const { return keys_.front(); } // the earliest; precondition: not empty
    [[nodiscard]] const std::vector<EventKey>& keys() const { return keys_; }

    template <class Slots>
    void push(EventKey key, Slots& slots) {
        keys_.push_back(key);
        sift_up(keys_.size() - 1, key, slots);
    }

    // Removes the key at `place`; its slot's idea of its place is left stale.
    template <class Slots>
    void remove(std::size_t place, Slots& slots) {
        const EventKey last = keys_.back();
        keys_.pop_back();
        if (place == keys_.size()) return;
        // Let the gap sink to a leaf along the earliest children, and the last key rise from there, as high as it must:
        // it comes from the bottom and mostly stays there, so this takes fewer comparisons than sinking it (Wegener
        // 1993, "Bottom-up heapsort"). It also rises past `place` where it is earlier than what stood above the gap.
        sift_up(sink_gap(place, slots), last, slots);
    }
    template <class Slots>
    void pop_front(Slots& slots) {
        remove(0, slots);
    }

    // Replaces the key at `place` by another of the same slot.
    template <class Slots>
    void replace(std::size_t place, EventKey key, Slots& slots) {
        sift_up(sink_gap(place, slots), key, slots);
    }

    void clear() { keys_.clear(); }
    [[nodiscard]] std::size_t memory() const { return keys_.capacity() * sizeof(EventKey); }

private:
    template <class Slots>
    void set(std::size_t place, EventKey key, Slots& slots) {
        keys_[place] = key;
        slots.put(key, static_cast<std::uint32_t>(place));
    }

    template <class Slots>
    void sift_up(std::size_t place, EventKey key, Slots& slots) {
        while (place > 0) {
            const std::size_t parent = (place - 1) / 4;
            if (!(key < keys_[parent])) break;
            set(place, keys_[parent], slots);
            place = parent;
        }
        set(place, key, slots);
    }

    // Moves the gap at `place` down to a leaf and returns where that is.
    template <class Slots>
    std::size_t sink_gap(std::size_t place, Slots& slots) {
        const std::size_t size = keys_.size();
        for (;;) {
            const std::size_t first = 4 * place + 1;
            std::size_t earliest;
            if (first + 4 <= size) { // all four: a knock-out of two rounds, without branches
                const std::size_t left = first + static_cast<std::size_t>(keys_[first + 1] < keys_[first]);
                const std::size_t right = first + 2 + static_cast<std::size_t>(keys_[first + 3] < keys_[first + 2]);
                earliest = keys_[right] < keys_[left] ? right : left;
            } else if (first < size) {
                earliest = first;
                for (std::size_t child = first + 1; child < size; ++child) {
                    if (keys_[child] < keys_[earliest]) earliest = child;
                }
            } else {
                return place;
            }
            set(place, keys_[earliest], slots);
            place = earliest;
        }
    }

    std::vector<EventKey> keys_;
};

} // namespace switchyard::sim
