// The order of pending events, as one number.
//
// An event is earlier than another if its instant is, or, at the same instant, if it was scheduled first. Instant,
// sequence number and slot are packed into 128 bits, so that one comparison (two instructions, no branch) decides, and
// a key carries everything the ordering structures need: 16 bytes move, never the event.
//
//     127           64 63        24 23      0
//     | instant in ps | sequence   | slot   |
#pragma once

#include "models/units/time.hpp"

#include <cstdint>

namespace switchyard::sim {

// Where an event's own data lives: an index, reused once the event is over.
using EventSlot = std::uint32_t;

class EventKey {
public:
    static constexpr unsigned slot_bits = 24;
    static constexpr unsigned sequence_bits = 40;

    EventKey() = default; // indeterminate: arrays of keys are not cleared

    // Preconditions: `at` is not negative, sequence < 2^40, slot < 2^24.
    constexpr EventKey(Time at, std::uint64_t sequence, EventSlot slot)
        : bits_(Bits{static_cast<std::uint64_t>(at.time_since_epoch().count())} << 64U | sequence << slot_bits | slot) {
    }

    [[nodiscard]] constexpr Time time() const { return Time{Duration{static_cast<std::int64_t>(instant())}}; }

    // The instant in picoseconds, unsigned: what buckets are computed from.
    [[nodiscard]] constexpr std::uint64_t instant() const { return static_cast<std::uint64_t>(bits_ >> 64U); }

    // Sequence and slot together: differs between any two schedulings that are pending, or still queued, at once.
    [[nodiscard]] constexpr std::uint64_t order() const { return static_cast<std::uint64_t>(bits_); }

    [[nodiscard]] constexpr EventSlot slot() const {
        return static_cast<EventSlot>(bits_) & ((EventSlot{1} << slot_bits) - 1);
    }

    friend constexpr bool operator<(EventKey a, EventKey b) { return a.bits_ < b.bits_; }
    friend constexpr bool operator==(EventKey a, EventKey b) { return a.bits_ == b.bits_; }

private:
    __extension__ using Bits = unsigned __int128;
    Bits bits_;
};

static_assert(sizeof(EventKey) == 16);

} // namespace switchyard::sim
