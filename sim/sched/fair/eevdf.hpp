// Earliest Eligible Virtual Deadline First (Stoica and Abdel-Wahab, Earliest Eligible Virtual Deadline First: A
// Flexible and Accurate Mechanism for Proportional Share Resource Allocation, 1995) as Linux does it since 6.6
// (kernel/sched/fair.c). The virtual time of a queue is the weighted average of what its entities have received; an
// entity's lag is how far behind that it is. Who is not ahead is eligible, and of those the one whose request is due
// first is picked. Functions bear the kernel's names. `queue.current` counts wherever it is on the queue.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// The virtual time of the queue, rounded towards minus infinity. Also moves what vruntimes are counted from there,
// which keeps the sums small and is seen nowhere else.
Nanoseconds avg_vruntime(FairState& fair, FairQueue& queue);

// Counts an entity that joins or leaves the tree in the sums behind the average.
void avg_vruntime_add(FairQueue& queue, const Entity& entity);
void avg_vruntime_sub(FairQueue& queue, const Entity& entity);

// Whether the entity's lag is not negative, exactly: products are compared, not the rounded average.
[[nodiscard]] bool entity_eligible(const FairState& fair, const FairQueue& queue, const Entity& entity);

// How much virtual time the running entity, which is eligible, can receive before it no longer is; the queue has
// others.
[[nodiscard]] Nanoseconds virtual_time_eligible(const FairState& fair, const FairQueue& queue, const Entity& entity);

// How much it can receive before an entity whose request is due no later becomes eligible, and would be picked instead;
// the greatest value there is if that never happens.
[[nodiscard]] Nanoseconds virtual_time_until_overtaken(const FairState& fair, const FairQueue& queue,
                                                       const Entity& entity);

// The lag within its bounds: as much virtual time as two requests, or a tick if that is longer, are worth.
[[nodiscard]] Nanoseconds entity_lag(const FairState& fair, Nanoseconds average, const Entity& entity);

// The shortest request on the queue (cfs_rq_min_slice).
[[nodiscard]] Nanoseconds shortest_slice(const FairState& fair, const FairQueue& queue);

// Gives an entity that is to join the queue its vruntime and deadline.
void place_entity(FairState& fair, FairQueue& queue, Entity& entity, bool is_new);

// Begins the next request if this one is consumed; true if it was.
bool update_deadline(FairState& fair, FairQueue& queue, Entity& entity);

// Protection from being replaced before the request is consumed: given when the core switches to the entity.
void set_protect_slice(const FairState& fair, const FairQueue& queue, Entity& entity);
void update_protect_slice(const FairState& fair, const FairQueue& queue, Entity& entity);
void cancel_protect_slice(const FairState& fair, Entity& entity);
[[nodiscard]] bool protect_slice(const FairState& fair, const Entity& entity);

// The entity that should run, of a queue that is not empty; with `protect` a protected one that runs stays.
[[nodiscard]] EntityId pick_eevdf(const FairState& fair, const FairQueue& queue, bool protect);

// Whether a wakee that asks for less overrides the protection of who runs (6.12).
[[nodiscard]] bool do_preempt_short(const FairState& fair, const FairQueue& queue, const Entity& wakee,
                                    const Entity& running);

} // namespace switchyard::sim
