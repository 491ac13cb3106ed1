// The Completely Fair Scheduler as Linux 6.5 had it (kernel/sched/fair.c of that release): who has received least
// virtual time runs next, for a part of the latency period proportional to its weight. Functions bear the kernel's
// names.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// Moves the queue's min_vruntime, which new and waking entities are placed by, up to the least there is.
void update_min_vruntime(FairState& fair, FairQueue& queue);

// The time the entity may run before others should have had their turn: the period, shared by weight on every level.
[[nodiscard]] Nanoseconds sched_slice(const FairState& fair, const Entity& entity);

// Where a new or waking entity goes: a new one a slice behind, a sleeper up to half a latency ahead.
void place_entity_cfs(FairState& fair, FairQueue& queue, Entity& entity, bool is_new);

// Asks for a reschedule if the running entity has had its slice, or is further ahead than a slice.
void check_preempt_tick(FairState& fair, FairQueue& queue, Entity& current);

// How long the running entity can still run before check_preempt_tick would act; 0 if it would at once, and nobody
// else was picked nevertheless (a buddy).
[[nodiscard]] Nanoseconds time_until_preempted(const FairState& fair, const FairQueue& queue, const Entity& current);

// -1: `current` is not ahead of the other; 0: not far enough to be preempted by it; 1: it is.
[[nodiscard]] int wakeup_preempt_entity(const FairState& fair, const Entity& current, const Entity& other);

// The entity that should run, of a queue that is not empty: the leftmost, or a buddy if that is not too unfair.
[[nodiscard]] EntityId pick_cfs(const FairState& fair, const FairQueue& queue);

} // namespace switchyard::sim
