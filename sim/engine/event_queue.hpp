// The event queue of a simulation: payloads that are due at instants of virtual time.
//
//     enum class Happening : std::uint32_t { arrival, departure };
//     struct Customer { Happening what; std::uint32_t number; std::uint64_t since; };
//
//     EventQueue<Customer> queue;
//     const EventHandle first = queue.schedule_after(5ns, {Happening::arrival, 0, 0});
//     queue.reschedule(first, Time{7ns});
//     while (const auto event = queue.pop()) {          // queue.now() is event->time from here on
//         switch (event->payload.what) { ... }
//     }
//
// Events of one instant fire in the order they were scheduled (rescheduling counts as scheduling), or, with
// `EventOrder::shuffle_seed`, in an order the seed determines. Same calls, same order, on every machine.
#pragma once

#include "sim/engine/pending_event_set.hpp"

#include <cstddef>
#include <optional>
#include <type_traits>

namespace switchyard::sim {

template <class Payload>
class EventQueue {
    static_assert(std::is_trivially_copyable_v<Payload>, "what an event carries is plain data");

public:
    struct Event {
        Time time;
        Payload payload;
    };

    explicit EventQueue(EventOrder order = {}) : pending_(order) {}

    // The instant of the event popped last; 0 ps at first.
    [[nodiscard]] Time now() const { return pending_.now(); }
    [[nodiscard]] std::size_t size() const { return pending_.size(); }
    [[nodiscard]] bool empty() const { return pending_.empty(); }

    // Throws ScheduledInPast when `at` is before now, std::length_error when `event_limit` events are pending.
    EventHandle schedule(Time at, Payload payload) {
        pending_.require_not_past(at);
        const EventSlot slot = pending_.acquire();
        pending_.content(slot) = payload;
        pending_.arm(slot, at);
        return pending_.handle(slot);
    }

    // The same, `delay` from now; TimeOverflow when that is beyond the range of time.
    EventHandle schedule_after(Duration delay, Payload payload) { return schedule(checked_add(now(), delay), payload); }

    // Whether the event is still to come.
    [[nodiscard]] bool pending(EventHandle event) const { return pending_.holds(event); }

    // Takes the event back. Returns false when it has fired or been cancelled already.
    bool cancel(EventHandle event) {
        if (!pending_.holds(event)) return false;
        pending_.release(event.slot);
        return true;
    }

    // Moves the event, which keeps its handle, to `at`, behind what is scheduled then. Returns false when it has fired
    // or been cancelled already; throws ScheduledInPast and leaves it where it is when `at` is before now.
    bool reschedule(EventHandle event, Time at) {
        if (!pending_.holds(event)) return false;
        pending_.arm(event.slot, at);
        return true;
    }

    // What the event carries, to be read or changed; null when it has fired or been cancelled. Valid until `schedule`.
    [[nodiscard]] Payload* find(EventHandle event) {
        return pending_.holds(event) ? &pending_.content(event.slot) : nullptr;
    }

    // Takes the earliest event that is due by `limit`, and moves the clock to it; nothing when there is none.
    std::optional<Event> pop(Time limit = never) {
        const std::optional<EventSlot> slot = pending_.pop(limit);
        if (!slot) return std::nullopt;
        pending_.release(*slot);
        return Event{pending_.now(), pending_.content(*slot)};
    }

    // When the next event is due; `never` when there is none.
    [[nodiscard]] Time next_time() { return pending_.next_time(); }

    // What the next event carries; null when there is none. Valid until the queue changes.
    [[nodiscard]] const Payload* next() {
        return pending_.empty() ? nullptr : &pending_.content(pending_.first().slot());
    }

    // What numbers its events, for a set beside it that shares it.
    [[nodiscard]] EventSequence& sequence() { return pending_.sequence(); }

    // Moves the clock forward to `at`. Precondition: no event is due before. Throws ScheduledInPast when `at` is past.
    void advance_to(Time at) { pending_.advance_to(at); }

    // Bytes held, whether in use or kept for later; follows the number of events pending at once, not time.
    [[nodiscard]] std::size_t memory() const { return pending_.memory(); }

private:
    PendingEventSet<Payload> pending_;
};

} // namespace switchyard::sim
