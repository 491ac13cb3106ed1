// Groups: on each core a group is an entity in its parent's queue and has a queue of its own, so that picking goes from
// the root down to a task, and joining and leaving from the task up (kernel/sched/fair.c, for_each_sched_entity).
//
// Weight of a group's entity on one core: the group's shares, in proportion to its load there of its load on all cores
// (calc_group_shares); what is queued there now, or its average if that is more. It is brought up to date when
// something joins or leaves on that core, and at ticks.
#pragma once

#include "sim/sched/fair/run_queue.hpp"

namespace switchyard::sim {

// The group that a task of that view belongs to; makes it, with its parents, when it is met for the first time.
[[nodiscard]] std::uint32_t group_for(FairState& fair, const SchedulerView& view, std::uint32_t group);

// The task competes in the queue of `group` on `core` from the next time it joins.
void set_task_queue(FairState& fair, Entity& task, std::uint32_t group, CoreId core);

// A task that is on no queue takes its load along (load.hpp).
void move_to_core(FairState& fair, Entity& task, std::uint32_t group, CoreId core, Nanoseconds now);

// Gives the entity of a group its share; nothing for a task, an empty group or one that is throttled.
void update_cfs_group(FairState& fair, Entity& entity, Nanoseconds now);

// Whether the queue, or one above it, is throttled.
[[nodiscard]] bool throttled_hierarchy(const FairState& fair, const FairQueue& queue);

// A task joins its queue, and its groups theirs. One that was delayed merely goes on.
void enqueue_task_fair(FairState& fair, Entity& task, Joining how, Nanoseconds now);

// A task or a group's entity leaves its queue, and the groups above that it was the last of. False if it is a task and
// stays, delayed.
bool dequeue_entities(FairState& fair, Entity& entity, Leaving how, Nanoseconds now);

// How many tasks are counted in the queues above an entity: so many more.
struct TaskCounts {
    std::int32_t tasks = 0;
    std::int32_t delayed = 0;
    std::int32_t idle = 0;
};
void count_tasks(FairState& fair, FairQueue& queue, const TaskCounts& more, Nanoseconds now);

// The task that should run next on the core, or null; delayed ones it comes across leave.
[[nodiscard]] Entity* pick_task_fair(FairState& fair, CoreId core, Nanoseconds now);

// The task, and the groups it is in, have the core; give it back. For the latter `scheduling` begins: whoever is picked
// before anything else happens goes on rather than being switched to.
void set_next_task_fair(FairState& fair, Entity& task, Nanoseconds now);
void put_prev_task_fair(FairState& fair, Entity& task, Nanoseconds now);

// Climbs from two entities of one core to those that compete in the same queue (find_matching_se).
void find_matching(FairState& fair, Entity*& one, Entity*& other);

// Whether a task that has just joined should replace the one that runs on its core (check_preempt_wakeup_fair).
[[nodiscard]] bool check_preempt_wakeup(FairState& fair, Entity& woken, bool is_new, Nanoseconds now);

} // namespace switchyard::sim
