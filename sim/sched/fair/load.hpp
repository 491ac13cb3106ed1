// The load averages of entities, queues, cores and groups (load_average.hpp), and where they change: an entity's load
// when it joins or leaves, a queue's when what competes in it does, utilization when a core begins or ends to run
// tasks. Between two such instants nothing needs to be done. A task that moves takes its load with it, from every queue
// above the one and to every queue above the other; one that sleeps leaves it where it is, to decay there.
//
// A task is at first as much load as it weighs, and uses half of what its core has left.
//
// Where it departs from the kernel: utilization is counted in what the core can do, running for ever on a core of half
// the capacity is 512 (the kernel slows the clock down instead, and arrives at the same unless the core is never idle);
// no estimate is kept of what a sleeper used (UTIL_EST); time that a quota holds a queue up passes like any other; and
// averages are those of the instant at which they are looked at, not of the last tick.
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// Brings sums up to `now`; before anything of what they count changes.
void update_load(FairState& fair, const FairQueue& queue, Nanoseconds now);
void update_load(Entity& entity, Nanoseconds now);

// Averages at `now`: of what competes in the queue, in weight; of the tasks of a core that are ready, x 1,024; of the
// time the core runs tasks of this class, of its capacity.
[[nodiscard]] std::int64_t load_of(const FairState& fair, const FairQueue& queue, Nanoseconds now);
[[nodiscard]] std::int64_t load_of(const FairState& fair, CoreId core, Nanoseconds now); // its root queue
[[nodiscard]] std::int64_t runnable_of(const FairState& fair, CoreId core, Nanoseconds now);
[[nodiscard]] std::int64_t utilization_of(FairState& fair, CoreId core, Nanoseconds now);

// Of a task: its own load, in weight; the part of its core's load that it is (task_h_load); the part of a core of
// capacity 1,024 it uses.
[[nodiscard]] std::int64_t load_of(const Entity& entity, Nanoseconds now);
[[nodiscard]] std::int64_t hierarchical_load(const FairState& fair, const Entity& task, Nanoseconds now);
[[nodiscard]] std::int64_t utilization_of(const FairState& fair, const Entity& task, Nanoseconds now);

// The core's utilization, to `now`; its task has had the core since it was given it, or not at all.
void update_utilization(FairState& fair, CoreId core, Nanoseconds now);

// A task gets the core. A switch from one task to another is not worth looking at the clock.
inline void begin_to_use(FairState& fair, CoreId id, Nanoseconds now) {
    FairCore& core = fair.by_core[id];
    core.dispatched_at = now;
    if (core.is_used && core.put_at == now) return;
    update_utilization(fair, id, now);
    core.is_used = true;
}

// The task has lost the core.
inline void end_to_use(FairState& fair, CoreId id, Entity& task, Nanoseconds now) {
    const LoadTime at = load_time(now);
    if (at <= task.utilization_updated) return;
    const LoadTime since = std::max(task.utilization_updated, load_time(fair.by_core[id].dispatched_at));
    const std::uint64_t ran =
        LoadStep(since, at).growth() * static_cast<std::uint64_t>(fair.machine.capacity[id]) / capacity_scale;
    task.utilization_sum =
        static_cast<std::uint32_t>(decayed(task.utilization_sum, task.utilization_updated, at) + ran);
    task.utilization_updated = at;
}

// What a task that is on no queue counts for begins to count where its queue is, and ceases to.
void attach_load(FairState& fair, Entity& task, Nanoseconds now);
void detach_load(FairState& fair, Entity& task, Nanoseconds now);

// Gives a new task its first averages (post_init_entity_util_avg), and attaches them.
void attach_new(FairState& fair, Entity& task, Nanoseconds now);

// The entity's weight is about to be another: its queue counts it as that (reweight_entity).
void reweight_load(FairState& fair, Entity& entity, Weight weight, Nanoseconds now);

// Lets the group know how much load it has in one of its queues, if that has changed by more than 1/64, at most once a
// millisecond (update_tg_load_avg).
void contribute_load(FairState& fair, const FairQueue& queue, Nanoseconds now);
// The same of a queue of a group, whose load average is known.
void contribute_load(FairState& fair, const FairQueue& queue, std::int64_t load, Nanoseconds now);
// In all queues of a core.
void contribute_loads(FairState& fair, CoreId core, Nanoseconds now);

} // namespace switchyard::sim
