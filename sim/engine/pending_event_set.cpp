#include "sim/engine/pending_event_set.hpp"

#include <vector>

namespace switchyard::sim {

Time PendingEventSet::next_time() {
    while (const std::optional<EventKey> key = earliest()) {
        if (next_is_in_heap_ || slots_.current(*key)) return key->time();
        run_.pop_front();
        --stale_;
    }
    return never;
}

// The run and the heap are used up: the earliest keys of the ladder become the run.
bool PendingEventSet::refill() {
    if (ladder_.empty()) return false;
    run_.refill([this](std::vector<EventKey>& keys) { ladder_.take_earliest(keys); });
    for (const EventKey key : run_.keys().first(std::min(run_.size(), prefetch_distance))) slots_.prefetch(key);
    return true;
}

// The heap has outgrown its limit: hands it, and the run, to the ladder.
void PendingEventSet::spill() {
    const EventKey first = run_.empty() ? heap_.front() : std::min(heap_.front(), run_.front());
    if (!ladder_.extend_down_to(first.instant())) return;
    for (const EventKey key : run_.keys()) ladder_.push(key);
    for (const EventKey key : heap_.keys()) {
        slots_.take_out_of_heap(key);
        ladder_.push(key);
    }
    run_.clear();
    heap_.clear();
}

// Drops the stale keys. At least half of the keys looked at are, so each cancellation pays for two.
void PendingEventSet::sweep() {
    const auto current = [this](EventKey key) { return slots_.current(key); };
    run_.filter(current);
    ladder_.filter(current);
    stale_ = 0;
}

// Gives all that is pending new sequence numbers, from zero and in the same order (shuffled: in a new one). O(n log n),
// once in 2^40 events.
void PendingEventSet::renumber() {
    sweep();
    std::vector<EventKey> keys(run_.keys().begin(), run_.keys().end());
    keys.insert(keys.end(), heap_.keys().begin(), heap_.keys().end());
    ladder_.drain(keys);
    std::ranges::sort(keys, std::less<>{});
    sequence_.restart();
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
