// Alarms: a few recurring events, one for each of as many subjects, of which each is set anew all the time.
//
// What PendingEventSet does for any number of events costs more than it is worth where there are as many as a machine
// has cores, and each is moved more often than it goes off: here is a tree of winners and nothing else (Knuth, The Art
// of Computer Programming, volume 3, 5.4.1), no stale keys, no slots to take and give back. Every subject has its leaf,
// and every knot the earlier one of the two below it: setting, clearing and taking an alarm is one way up, without a
// branch to be foreseen, and with one core none at all. It has no clock, and its numbers are those of a set beside it:
// what is due at one instant is in the order, shuffled or not, in which it was asked for of the two together.
#pragma once

#include "sim/engine/event_key.hpp"
#include "sim/engine/event_sequence.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <vector>

namespace switchyard::sim {

class AlarmSet {
public:
    // Subjects are numbered from 0.
    explicit AlarmSet(std::size_t subjects = 0)
        : leaves_(std::bit_ceil(std::max<std::size_t>(subjects, 1))), earliest_(2 * leaves_, unset) {}

    [[nodiscard]] bool empty() const { return is_unset(earliest_[root]); }
    // When the next one is due; `never` when none is set.
    [[nodiscard]] Time next_time() const { return empty() ? never : earliest_[root].time(); }

    // Sets the subject's alarm, or moves it, to `at`, behind what is due then. Always the same sequence.
    void set(EventSlot subject, Time at, EventSequence& sequence) {
        if (sequence.round() != round_) [[unlikely]]
            renumber(sequence);
        put(subject, EventKey(at, sequence.next(), subject));
    }

    void clear(EventSlot subject) {
        if (!is_unset(earliest_[leaves_ + subject])) put(subject, unset);
    }

    // Takes the alarm that is due first and returns its subject. Precondition: not empty.
    EventSlot pop() {
        const EventSlot subject = earliest_[root].slot();
        put(subject, unset);
        return subject;
    }

private:
    static constexpr std::size_t root = 1;
    static constexpr EventKey unset{Time{Duration{-1}}, 0, 0}; // later than any instant there is
    static bool is_unset(EventKey key) { return key.instant() == unset.instant(); }

    void put(EventSlot subject, EventKey key) {
        std::size_t knot = leaves_ + subject;
        earliest_[knot] = key;
        for (; knot > root; knot /= 2) earliest_[knot / 2] = std::min(earliest_[knot], earliest_[knot ^ 1]);
    }

    // The sequence has begun anew: those that are set are numbered in the order they have.
    void renumber(EventSequence& sequence) {
        round_ = sequence.round();
        std::vector<EventKey> keys;
        std::copy_if(earliest_.begin() + static_cast<std::ptrdiff_t>(leaves_), earliest_.end(),
                     std::back_inserter(keys), [](EventKey key) { return !is_unset(key); });
        std::ranges::sort(keys, std::less<>{});
        for (const EventKey key : keys) put(key.slot(), EventKey(key.time(), sequence.next(), key.slot()));
    }

    std::size_t leaves_;
    std::vector<EventKey> earliest_; // by knot: of what is below it; those of knot k are 2k and 2k + 1
    std::uint32_t round_ = 0;        // of the sequence, that numbered what is set
};

} // namespace switchyard::sim
