// Alarms: a few recurring events, one for each of as many subjects, of which each is set anew all the time.
//
// What PendingEventSet does for any number of events costs more than it is worth where there are as many as a machine
// has cores, and each is moved more often than it goes off: here is an indexed heap and nothing else, no stale keys, no
// slots to take and give back. It has no clock, and its numbers are those of a set beside it: what is due at one
// instant is in the order, shuffled or not, in which it was asked for of the two together.
#pragma once

#include "sim/engine/event_heap.hpp"
#include "sim/engine/event_sequence.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace switchyard::sim {

class AlarmSet {
public:
    // Subjects are numbered from 0.
    explicit AlarmSet(std::size_t subjects = 0) : places_(subjects) {}

    [[nodiscard]] bool empty() const { return heap_.empty(); }
    // When the next one is due; `never` when none is set.
    [[nodiscard]] Time next_time() const { return heap_.empty() ? never : heap_.front().time(); }

    // Sets the subject's alarm, or moves it, to `at`, behind what is due then. Always the same sequence.
    void set(EventSlot subject, Time at, EventSequence& sequence) {
        if (sequence.round() != round_) [[unlikely]]
            renumber(sequence);
        const EventKey key(at, sequence.next(), subject);
        if (places_.is_set(subject))
            heap_.replace(places_[subject], key, places_);
        else
            heap_.push(key, places_);
    }

    void clear(EventSlot subject) {
        if (!places_.is_set(subject)) return;
        heap_.remove(places_[subject], places_);
        places_.forget(subject);
    }

    // Takes the alarm that is due first and returns its subject. Precondition: not empty.
    EventSlot pop() {
        const EventSlot subject = heap_.front().slot();
        heap_.pop_front(places_);
        places_.forget(subject);
        return subject;
    }

private:
    // Where in the heap each subject's key is: what EventHeap asks of slots.
    class Places {
    public:
        explicit Places(std::size_t subjects) : places_(subjects, nowhere) {}
        [[nodiscard]] bool is_set(EventSlot subject) const { return places_[subject] != nowhere; }
        [[nodiscard]] std::uint32_t operator[](EventSlot subject) const { return places_[subject]; }
        void put(EventKey key, std::uint32_t place) { places_[key.slot()] = place; }
        void forget(EventSlot subject) { places_[subject] = nowhere; }

    private:
        static constexpr std::uint32_t nowhere = ~std::uint32_t{0};
        std::vector<std::uint32_t> places_;
    };

    // The sequence has begun anew: those that are set are numbered in the order they have.
    void renumber(EventSequence& sequence) {
        round_ = sequence.round();
        std::vector<EventKey> keys = heap_.keys();
        std::ranges::sort(keys, std::less<>{});
        heap_.clear();
        for (const EventKey key : keys) heap_.push(EventKey(key.time(), sequence.next(), key.slot()), places_);
    }

    EventHeap heap_;
    Places places_;
    std::uint32_t round_ = 0; // of the sequence, that numbered what is set
};

} // namespace switchyard::sim
