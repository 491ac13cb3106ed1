#include "sim/sched/fair/cfs.hpp"

#include "sim/sched/fair/entity_tree.hpp"

#include <algorithm>

namespace switchyard::sim {

void update_min_vruntime(FairState& fair, FairQueue& queue) {
    Nanoseconds least = queue.min_vruntime;
    const bool runs = queue.current != no_entity && fair.entities[queue.current].on_queue;
    if (runs) least = fair.entities[queue.current].vruntime;
    if (queue.root != no_entity) {
        const Nanoseconds waiting = fair.entities[queue.root].min_vruntime;
        least = runs ? std::min(least, waiting) : waiting;
    }
    queue.min_vruntime = std::max(queue.min_vruntime, least);
}

Nanoseconds sched_slice(const FairState& fair, const Entity& entity) {
    const FairQueue& root = fair.queues[fair.queues[entity.queue].core];
    const std::int64_t tasks = root.tasks + (entity.on_queue ? 0 : 1);
    Nanoseconds slice = tasks > fair.latency_tasks ? tasks * fair.min_granularity : fair.latency;
    for (const Entity* at = &entity; at != nullptr;
         at = at->parent == no_entity ? nullptr : &fair.entities[at->parent]) {
        const FairQueue& queue = fair.queues[at->queue];
        slice = calc_delta(slice, at->load.weight,
                           weight_of_sum(queue.load + (at->on_queue ? Weight{0} : at->load.weight)));
    }
    const bool only_idle = root.idle_tasks == root.tasks;
    return std::max(slice, entity.idle && !only_idle ? fair.idle_min_granularity : fair.min_granularity);
}

void place_entity_cfs(FairState& fair, FairQueue& queue, Entity& entity, bool is_new) {
    Nanoseconds vruntime = queue.min_vruntime;
    if (is_new) {
        if (fair.parameters.start_debit) vruntime += entity.rate.virtual_time(sched_slice(fair, entity));
    } else {
        const Nanoseconds threshold = entity.idle ? fair.min_granularity : fair.latency;
        vruntime -= fair.parameters.gentle_fair_sleepers ? threshold / 2 : threshold;
    }
    entity.vruntime = std::max(entity.vruntime, vruntime);
}

static Nanoseconds ideal_runtime(const FairState& fair, const Entity& current) {
    return std::min(sched_slice(fair, current), fair.latency);
}

void check_preempt_tick(FairState& fair, FairQueue& queue, Entity& current) {
    if (queue.entities <= 1) return;
    const Nanoseconds ideal = ideal_runtime(fair, current);
    const Nanoseconds ran = current.sum_exec - current.sum_exec_at_pick;
    if (ran > ideal) {
        reschedule(fair, queue);
        // Or the buddies would favour it once more.
        for (EntityId* buddy : {&queue.next, &queue.last, &queue.skip})
            if (*buddy == fair.id_of(current)) *buddy = no_entity;
        return;
    }
    if (ran < fair.min_granularity || queue.root == no_entity) return;
    if (current.vruntime - fair.entities[queue.root].min_vruntime > ideal) reschedule(fair, queue);
}

Nanoseconds time_until_preempted(const FairState& fair, const FairQueue& queue, const Entity& current) {
    const Nanoseconds ideal = ideal_runtime(fair, current);
    const Nanoseconds ran = current.sum_exec - current.sum_exec_at_pick;
    if (queue.root == no_entity) return std::max<Nanoseconds>(1, ideal - ran + 1);
    // It has had its slice, and was picked again as the leftmost: the kernel picks at every tick from then on.
    const Nanoseconds leftmost_for = fair.entities[queue.root].min_vruntime - current.vruntime;
    if (ran > ideal) return current.rate.time_until(leftmost_for);
    const Nanoseconds slice_left = ideal - ran + 1;
    const Nanoseconds too_far = fair.entities[queue.root].min_vruntime + ideal + 1 - current.vruntime;
    return std::min(slice_left, std::max(fair.min_granularity - ran, current.rate.time_until(too_far)));
}

int wakeup_preempt_entity(const FairState& fair, const Entity& current, const Entity& other) {
    const Nanoseconds ahead = current.vruntime - other.vruntime;
    if (ahead <= 0) return -1;
    return ahead > other.rate.virtual_time(fair.wakeup_granularity) ? 1 : 0;
}

EntityId pick_cfs(const FairState& fair, const FairQueue& queue) {
    const auto at = [&](EntityId id) -> const Entity& { return fair.entities[id]; };
    const EntityId current = queue.current != no_entity && at(queue.current).on_queue ? queue.current : no_entity;
    // The earlier of an entity of the tree and the one that runs.
    const auto first_of = [&](EntityId waiting) {
        if (current == no_entity) return waiting;
        return waiting == no_entity || at(current).vruntime < at(waiting).vruntime ? current : waiting;
    };
    const EntityId first = tree_first(fair.entities, queue.root);
    const EntityId left = first_of(first);
    EntityId picked = left;
    if (queue.skip != no_entity && queue.skip == left) {
        const EntityId second = left == current ? first : first_of(tree_next(fair.entities, left));
        if (second != no_entity && wakeup_preempt_entity(fair, at(second), at(left)) < 1) picked = second;
    }
    const auto fair_enough = [&](EntityId buddy) {
        return buddy != no_entity && wakeup_preempt_entity(fair, at(buddy), at(left)) < 1;
    };
    if (fair_enough(queue.next)) return queue.next;
    if (fair_enough(queue.last)) return queue.last;
    return picked;
}

} // namespace switchyard::sim
