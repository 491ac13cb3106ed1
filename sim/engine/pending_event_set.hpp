// The pending event set of a simulation: which slots are due, and in which order.
//
// It orders slots, each of which has content it never looks at: `EventQueue` puts a payload there, `Simulation` a
// coroutine. Three structures share the work, whatever is earlier than the ladder's horizon being in one of the first
// two:
//   * a run takes what happens to come in order;
//   * a heap takes the rest, and is all there is while few events are pending;
//   * a ladder takes what lies beyond its horizon once the heap has grown past `heap_limit`; it hands itself back when
//     few events are left in it (`EventLadder::take_earliest`), far fewer than made it, so that the two do not
//     alternate.
// Cancelling takes a key out of the heap at once. In the run or the ladder the key becomes stale; stale keys are swept
// out when they are half of all there, so memory follows the number of pending events and nothing else.
//
// Cost of every operation: O(1) amortised beyond the heap's limit, O(log n) within it. Memory: about 40 bytes an event,
// and its content.
#pragma once

#include "sim/engine/clock.hpp"
#include "sim/engine/event_heap.hpp"
#include "sim/engine/event_key.hpp"
#include "sim/engine/event_ladder.hpp"
#include "sim/engine/event_run.hpp"
#include "sim/engine/event_sequence.hpp"
#include "sim/engine/event_slots.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace switchyard::sim {

struct EventOrder {
    // Fires events of one instant in an order this seed determines, instead of the order they were scheduled in.
    std::optional<std::uint64_t> shuffle_seed = {};
    // Where sequence numbers start: for tests of what happens when 2^40 of them have been used up.
    std::uint64_t first_sequence = 0;
};

template <class Content>
class PendingEventSet {
public:
    explicit PendingEventSet(EventOrder order = {}) : sequence_(order.shuffle_seed, order.first_sequence) {}

    [[nodiscard]] Time now() const { return clock_.now(); }
    [[nodiscard]] std::size_t size() const { return armed_; } // armed slots
    [[nodiscard]] bool empty() const { return armed_ == 0; }

    // A slot of one's own, not armed. Throws std::length_error beyond `event_limit`.
    [[nodiscard]] EventSlot acquire() { return slots_.acquire(); }

    // Gives a slot back, disarming it; handles to it become stale.
    void release(EventSlot slot) {
        disarm(slot);
        slots_.release(slot);
    }

    [[nodiscard]] EventHandle handle(EventSlot slot) const { return slots_.handle(slot); }
    [[nodiscard]] bool holds(EventHandle handle) const { return slots_.holds(handle); }
    [[nodiscard]] bool armed(EventSlot slot) const { return slots_.armed(slot); }

    // What a slot carries; that of a new one is Content{}, that of one given back stays as it was.
    [[nodiscard]] Content& content(EventSlot slot) { return slots_.content(slot); }
    [[nodiscard]] const Content& content(EventSlot slot) const { return slots_.content(slot); }

    // Slots there are, held or not, numbered from 0.
    [[nodiscard]] std::size_t slots() const { return slots_.size(); }

    // Throws ScheduledInPast unless `at` is now or later.
    void require_not_past(Time at) const { clock_.require_not_past(at); }

    // Makes the slot due at `at`, after everything else due then. A slot that is armed already is moved. Throws
    // ScheduledInPast, and leaves the slot as it was.
    void arm(EventSlot slot, Time at) {
        clock_.require_not_past(at);
        if (sequence_.round() != round_) [[unlikely]]
            renumber();
        const EventKey key(at, sequence_.next(), slot);
        if (slots_.armed(slot)) {
            rearm(key);
        } else {
            ++armed_;
            insert(key);
        }
    }

    // Makes the slot no longer due. Returns whether it was.
    bool disarm(EventSlot slot) {
        if (!slots_.armed(slot)) return false;
        if (slot == first_.slot()) first_is_known_ = false;
        if (slots_.in_heap(slot)) {
            heap_.remove(slots_.place(slot), slots_);
            slots_.disarm(slot);
        } else {
            slots_.disarm(slot);
            leave_stale_key();
        }
        --armed_;
        return true;
    }

    // Takes the slot that is due first, if it is due by `limit`, and moves the clock to its instant. The slot is still
    // held, and no longer armed.
    std::optional<EventSlot> pop(Time limit = never) {
        if (armed_ == 0 || first().time() > limit) return std::nullopt;
        const EventKey key = first_;
        if (next_is_in_heap_)
            heap_.pop_front(slots_);
        else
            run_.pop_front();
        first_is_known_ = false;
        slots_.disarm(key.slot());
        --armed_;
        clock_.advance_to(key.time());
        return key.slot();
    }

    // When the next slot is due; `never` when none is armed.
    [[nodiscard]] Time next_time() { return armed_ == 0 ? never : first().time(); }

    // The slot that is due next, and when. Precondition: one is armed.
    [[nodiscard]] EventKey first() {
        if (!first_is_known_) find_first();
        return first_;
    }

    // What numbers its events, for a set beside it that shares it.
    [[nodiscard]] EventSequence& sequence() { return sequence_; }

    // Moves the clock forward to `at`. Precondition: nothing is due before. Throws ScheduledInPast when `at` is past.
    void advance_to(Time at) { clock_.advance_to(at); }

    // Bytes held, whether in use or kept for later.
    [[nodiscard]] std::size_t memory() const {
        return slots_.memory() + run_.memory() + heap_.memory() + ladder_.memory();
    }

private:
    static constexpr std::size_t heap_limit = 256;
    static constexpr std::size_t fits_the_cache = std::size_t{1} << 16; // that of a core, a mebibyte or two
    static constexpr std::size_t few_stale_keys = 64;                   // not worth a sweep

    // Looks for the earliest key of all, and sweeps stale ones from before it. Precondition: a slot is armed.
    void find_first() {
        for (;;) {
            if (run_.empty() && heap_.empty()) refill();
            next_is_in_heap_ = run_.empty() || (!heap_.empty() && heap_.front() < run_.front());
            first_ = next_is_in_heap_ ? heap_.front() : run_.front();
            if (next_is_in_heap_ || slots_.current(first_)) break;
            run_.pop_front();
            --stale_;
        }
        first_is_known_ = true;
    }

    void insert(EventKey key) {
        slots_.arm(key);
        if (key < first_) first_is_known_ = false;
        if (key.instant() >= ladder_.horizon()) {
            ladder_.push(key);
        } else if (run_.continued_by(key)) {
            run_.append(key);
        } else {
            heap_.push(key, slots_);
            // The run is moved along with the heap: wait until that is worth it.
            if (heap_.size() > std::max(heap_limit, run_.size() / 8)) [[unlikely]]
                spill();
        }
    }

    void rearm(EventKey key) {
        const EventSlot slot = key.slot();
        if (slot == first_.slot()) first_is_known_ = false;
        if (!slots_.in_heap(slot)) {
            insert(key);
            leave_stale_key();
            return;
        }
        const std::size_t place = slots_.place(slot);
        if (key.instant() < ladder_.horizon()) {
            slots_.arm(key);
            if (key < first_) first_is_known_ = false;
            heap_.replace(place, key, slots_);
        } else {
            heap_.remove(place, slots_);
            insert(key);
        }
    }

    void leave_stale_key() {
        if (++stale_ > few_stale_keys && stale_ * 2 > run_.size() + ladder_.size()) sweep();
    }

    void refill();
    void spill();
    void sweep();
    void renumber();

    Clock clock_;
    EventSequence sequence_;
    std::uint32_t round_ = 0; // of the sequence, that numbered what is pending
    EventSlots<Content> slots_;
    EventRun run_;
    EventHeap heap_;
    EventLadder ladder_;
    std::size_t armed_ = 0;
    std::size_t stale_ = 0; // stale keys in the run and the ladder
    // What is due first is asked for more often than it changes.
    EventKey first_{};
    bool first_is_known_ = false;
    bool next_is_in_heap_ = false; // rather than in the run
};

// The run and the heap are used up: the earliest keys of the ladder become the run. A run takes longer to fire than
// memory takes to answer, so where the slots are out of the cache, those of the run after this one are asked for now.
template <class Content>
void PendingEventSet<Content>::refill() {
    run_.refill([this](std::vector<EventKey>& keys) { ladder_.take_earliest(keys); });
    if (ladder_.size() > fits_the_cache) ladder_.for_each_upcoming([this](EventKey key) { slots_.prefetch(key); });
}

// The heap has outgrown its limit: hands it, and the run, to the ladder.
template <class Content>
void PendingEventSet<Content>::spill() {
    const EventKey first = run_.empty() ? heap_.front() : std::min(heap_.front(), run_.front());
    if (!ladder_.extend_down_to(first.instant())) return;
    first_is_known_ = false;
    for (const EventKey key : run_.keys()) ladder_.push(key);
    for (const EventKey key : heap_.keys()) {
        slots_.take_out_of_heap(key);
        ladder_.push(key);
    }
    run_.clear();
    heap_.clear();
}

// Drops the stale keys. At least half of the keys looked at are, so each cancellation pays for two.
template <class Content>
void PendingEventSet<Content>::sweep() {
    const auto current = [this](EventKey key) { return slots_.current(key); };
    run_.filter(current);
    ladder_.filter(current);
    stale_ = 0;
}

// Gives all that is pending new sequence numbers in the same order (shuffled: in a new one). O(n log n), once in 2^40
// events.
template <class Content>
void PendingEventSet<Content>::renumber() {
    round_ = sequence_.round();
    first_is_known_ = false;
    sweep();
    std::vector<EventKey> keys(run_.keys().begin(), run_.keys().end());
    keys.insert(keys.end(), heap_.keys().begin(), heap_.keys().end());
    ladder_.drain(keys);
    std::ranges::sort(keys, std::less<>{});
    for (EventKey& key : keys) key = EventKey(key.time(), sequence_.next(), key.slot());
    if (sequence_.shuffled()) std::ranges::sort(keys, std::less<>{});
    heap_.clear();
    run_.clear();
    for (const EventKey key : keys) {
        slots_.arm(key);
        run_.append(key);
    }
}

} // namespace switchyard::sim
