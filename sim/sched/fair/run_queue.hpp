// One queue: who competes in it joins, leaves, runs and is put back; the running entity's time is accounted for. What
// all versions share, and where they part. Functions bear the kernel's names (kernel/sched/fair.c); groups are climbed
// in hierarchy.hpp.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// How an entity leaves a queue or joins it.
struct Leaving {
    bool sleeps = false;   // DEQUEUE_SLEEP: it blocks; else it only moves
    bool special = false;  // DEQUEUE_SPECIAL: whatever its lag
    bool finishes = false; // DEQUEUE_DELAYED: it was delayed, and leaves now
};
struct Joining {
    bool is_new = false;   // ENQUEUE_INITIAL
    bool wakes = false;    // ENQUEUE_WAKEUP
    bool migrated = false; // ENQUEUE_MIGRATED: from another core, counted from that queue's min_vruntime
};

// Accounts for the time since the last call: virtual time passes, requests and quotas are consumed, a reschedule may be
// due. In the kernel every tick does this; where none was needed, the ticks since are made up for.
void account_for_running(FairState& fair, FairQueue& queue, Nanoseconds now);
inline void update_curr(FairState& fair, FairQueue& queue, Nanoseconds now) {
    if (queue.current != no_entity && fair.entities[queue.current].exec_start < now)
        account_for_running(fair, queue, now);
}

void enqueue_entity(FairState& fair, FairQueue& queue, Entity& entity, Joining how, Nanoseconds now);

// False if the entity stays on the queue, delayed.
[[nodiscard]] bool dequeue_entity(FairState& fair, FairQueue& queue, Entity& entity, Leaving how, Nanoseconds now);

// A delayed entity is wanted again.
void requeue_delayed_entity(FairState& fair, Entity& entity);

// The entity has the core from `now` on, and gives it back.
void set_next_entity(FairState& fair, FairQueue& queue, Entity& entity, Nanoseconds now);
void put_prev_entity(FairState& fair, FairQueue& queue, Entity& entity, Nanoseconds now);

// The entity that should run, which may be a delayed one, of a queue that is not empty.
[[nodiscard]] EntityId pick_next_entity(const FairState& fair, const FairQueue& queue);

// Gives a group's entity another weight; it keeps its lag.
void reweight_entity(FairState& fair, FairQueue& queue, Entity& entity, Weight weight, Nanoseconds now);

// The weight of an entity that is on no queue.
void set_load_weight(FairState& fair, Entity& entity, const LoadWeight& load);

// The entity is picked next, on every level, if it is fair enough; or not any longer.
void set_next_buddy(FairState& fair, Entity& entity);
void clear_buddies(FairState& fair, FairQueue& queue, Entity& entity);

} // namespace switchyard::sim
