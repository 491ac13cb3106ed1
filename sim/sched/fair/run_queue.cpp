#include "sim/sched/fair/run_queue.hpp"

#include "sim/sched/fair/bandwidth.hpp"
#include "sim/sched/fair/cfs.hpp"
#include "sim/sched/fair/eevdf.hpp"
#include "sim/sched/fair/entity_tree.hpp"
#include "sim/sched/fair/hierarchy.hpp"
#include "sim/sched/fair/load.hpp"

#include <algorithm>
#include <cassert>

namespace switchyard::sim {

namespace {

// __enqueue_entity, __dequeue_entity: into and out of the tree.
void into_tree(FairState& fair, FairQueue& queue, Entity& entity) {
    if (fair.is_eevdf()) {
        entity.key = entity.deadline;
        avg_vruntime_add(queue, entity);
    } else {
        entity.key = entity.vruntime;
    }
    tree_insert(fair.entities, queue.root, fair.id_of(entity));
}

void out_of_tree(FairState& fair, FairQueue& queue, Entity& entity) {
    tree_erase(fair.entities, queue.root, fair.id_of(entity));
    if (fair.is_eevdf()) avg_vruntime_sub(queue, entity);
}

// The tasks of a core, the one that ran last first.
void list_newest(FairState& fair, FairCore& core, Entity& entity) {
    const EntityId id = fair.id_of(entity);
    entity.newer = no_entity;
    entity.older = core.newest;
    (core.newest == no_entity ? core.oldest : fair.entities[core.newest].newer) = id;
    core.newest = id;
}

void unlist(FairState& fair, FairCore& core, Entity& entity) {
    (entity.newer == no_entity ? core.newest : fair.entities[entity.newer].older) = entity.older;
    (entity.older == no_entity ? core.oldest : fair.entities[entity.older].newer) = entity.newer;
}

// account_entity_enqueue, account_entity_dequeue.
void account_entity_enqueue(FairState& fair, FairQueue& queue, Entity& entity) {
    queue.load += entity.load.weight;
    ++queue.entities;
    if (entity.task != no_task) list_newest(fair, fair.core_of(queue), entity);
}

void account_entity_dequeue(FairState& fair, FairQueue& queue, Entity& entity) {
    queue.load -= entity.load.weight;
    --queue.entities;
    if (entity.task != no_task) unlist(fair, fair.core_of(queue), entity);
}

// Virtual time passes from `from` until the `last`-th tick ever; the next one after `from` was the `first`-th. At each
// of them time was accounted for, and a request that was consumed followed by the next. Returns when the last one was.
Nanoseconds pass_ticks(FairState& fair, FairQueue& queue, Entity& entity, Nanoseconds from, std::int64_t first,
                       std::int64_t last) {
    const auto at = [&](std::int64_t number) { return number * fair.tick_picoseconds / 1000; };
    const auto pass = [&](Nanoseconds time) {
        entity.vruntime += entity.rate.virtual_time(time);
        if (fair.is_eevdf()) update_deadline(fair, queue, entity);
    };
    pass(at(first) - from);
    if (first == last) return at(last);
    std::int64_t left = last - first;
    const Nanoseconds each = entity.rate.virtual_time(fair.tick);
    if (left > 2 && each > 0 && fair.is_eevdf()) {
        // So many ticks until the request is consumed, then as many for each that follows.
        const auto ticks_for = [&](Nanoseconds virtual_time) {
            return std::max<std::int64_t>(1, (virtual_time + each - 1) / each);
        };
        const auto pass_many = [&](std::int64_t ticks) { // none but the last of which can consume the request
            entity.vruntime += (ticks - 1) * each;
            pass(fair.tick);
            left -= ticks;
        };
        if (const std::int64_t first_request = ticks_for(entity.deadline - entity.vruntime); first_request <= left) {
            pass_many(first_request);
            const std::int64_t each_request = ticks_for(entity.deadline - entity.vruntime);
            const std::int64_t skipped = std::max<std::int64_t>(0, left / each_request - 1) * each_request;
            entity.vruntime += skipped * each;
            entity.deadline += skipped * each;
            left -= skipped;
            if (left >= each_request) pass_many(each_request);
        }
        if (left > 0) pass_many(left);
    }
    while (left-- > 0) pass(fair.tick);
    return at(last);
}

// Virtual time passes for the running entity until `now`; true if it has consumed its request.
bool run_until(FairState& fair, FairQueue& queue, Entity& entity, Nanoseconds now) {
    Nanoseconds from = entity.exec_start;
    if (fair.tick_picoseconds > 0 && queue.entities == 1) {
        const std::int64_t first = from * 1000 / fair.tick_picoseconds + 1;
        const std::int64_t last = now * 1000 / fair.tick_picoseconds;
        if (first <= last) from = pass_ticks(fair, queue, entity, from, first, last);
    }
    entity.vruntime += entity.rate.virtual_time(now - from);
    return fair.is_eevdf() && update_deadline(fair, queue, entity);
}

} // namespace

void account_for_running(FairState& fair, FairQueue& queue, Nanoseconds now) {
    Entity& entity = fair.entities[queue.current];
    const Nanoseconds ran = now - entity.exec_start;
    const bool consumed = run_until(fair, queue, entity, now);
    entity.exec_start = now;
    entity.sum_exec += ran;
    if (!fair.is_eevdf()) update_min_vruntime(fair, queue);
    account_cfs_rq_runtime(fair, queue, ran, now);
    if (!fair.is_eevdf() || queue.entities == 1) return;
    const bool lapsed =
        !protect_slice(fair, entity) && (fair.parameters.version != FairVersion::v6_12 ||
                                         (fair.parameters.preempt_short && !entity_eligible(fair, queue, entity)));
    if (!consumed && !lapsed) return;
    reschedule(fair, queue);
    clear_buddies(fair, queue, entity);
}

void enqueue_entity(FairState& fair, FairQueue& queue, Entity& entity, Joining how, Nanoseconds now) {
    const bool counted_from_minimum = !fair.is_eevdf() && (!how.wakes || how.migrated) && !how.is_new;
    update_curr(fair, queue, now);
    update_load(entity, now);
    update_load(fair, queue, now);
    if (counted_from_minimum) entity.vruntime += queue.min_vruntime;
    update_cfs_group(fair, entity, now);
    if (fair.is_eevdf()) {
        place_entity(fair, queue, entity, how.is_new);
    } else if (how.wakes || how.is_new) {
        place_entity_cfs(fair, queue, entity, how.is_new);
    }
    account_entity_enqueue(fair, queue, entity);
    if (how.migrated) entity.exec_start = std::numeric_limits<Nanoseconds>::min() / 2;
    into_tree(fair, queue, entity);
    entity.on_queue = true;
    if (queue.entities == 1) check_enqueue_throttle(fair, queue, now);
}

bool dequeue_entity(FairState& fair, FairQueue& queue, Entity& entity, Leaving how, Nanoseconds now) {
    update_curr(fair, queue, now);
    clear_buddies(fair, queue, entity);
    const bool may_delay = fair.is_eevdf() && fair.parameters.delay_dequeue;
    if (may_delay && how.sleeps && !how.special && !how.finishes && !entity_eligible(fair, queue, entity)) {
        entity.delayed = true;
        return false;
    }
    if (fair.is_eevdf()) {
        entity.lag = entity_lag(fair, avg_vruntime(fair, queue), entity);
        if (fair.parameters.place_rel_deadline && !how.sleeps) {
            entity.deadline -= entity.vruntime;
            entity.relative_deadline = true;
        }
    }
    update_load(entity, now);
    update_load(fair, queue, now);
    if (queue.current != fair.id_of(entity)) out_of_tree(fair, queue, entity);
    if (queue.previous == fair.id_of(entity)) queue.previous = no_entity;
    entity.on_queue = false;
    account_entity_dequeue(fair, queue, entity);
    if (!fair.is_eevdf() && !how.sleeps) entity.vruntime -= queue.min_vruntime;
    return_cfs_rq_runtime(fair, queue, now);
    update_cfs_group(fair, entity, now);
    if (how.finishes) {
        entity.delayed = false;
        if (fair.parameters.delay_zero) entity.lag = std::min<Nanoseconds>(entity.lag, 0);
    }
    if (!fair.is_eevdf()) update_min_vruntime(fair, queue);
    return true;
}

void requeue_delayed_entity(FairState& fair, Entity& entity) {
    FairQueue& queue = fair.queue_of(entity);
    assert(entity.delayed && entity.on_queue);
    if (fair.parameters.delay_zero) {
        entity.lag = entity_lag(fair, avg_vruntime(fair, queue), entity);
        if (entity.lag > 0) { // it has waited long enough to be owed something, which it is not
            const bool waits = queue.current != fair.id_of(entity);
            --queue.entities;
            if (waits) out_of_tree(fair, queue, entity);
            entity.lag = 0;
            place_entity(fair, queue, entity, false);
            if (waits) into_tree(fair, queue, entity);
            ++queue.entities;
        }
    }
    entity.delayed = false;
}

void set_next_entity(FairState& fair, FairQueue& queue, Entity& entity, Nanoseconds now) {
    const EntityId id = fair.id_of(entity);
    assert(queue.current == no_entity);
    const bool goes_on = previous_of(fair, queue) == id;
    clear_buddies(fair, queue, entity);
    if (entity.on_queue) {
        out_of_tree(fair, queue, entity);
        if (!goes_on && fair.is_eevdf()) set_protect_slice(fair, queue, entity);
    }
    queue.current = id;
    queue.previous = no_entity;
    entity.exec_start = now;
    if (!goes_on) entity.sum_exec_at_pick = entity.sum_exec;
    if (entity.task != no_task) {
        FairCore& core = fair.core_of(queue);
        unlist(fair, core, entity);
        list_newest(fair, core, entity);
    }
}

void put_prev_entity(FairState& fair, FairQueue& queue, Entity& entity, Nanoseconds now) {
    assert(queue.current == fair.id_of(entity));
    if (entity.on_queue) update_curr(fair, queue, now);
    check_cfs_rq_runtime(fair, queue, now);
    queue.current = no_entity;
    queue.previous = no_entity;
    if (!entity.on_queue) return;
    into_tree(fair, queue, entity);
    queue.previous = fair.id_of(entity);
    queue.previous_stamp = fair.core_of(queue).stamp;
}

EntityId pick_next_entity(const FairState& fair, const FairQueue& queue) {
    if (!fair.is_eevdf()) return pick_cfs(fair, queue);
    if (queue.next != no_entity && entity_eligible(fair, queue, fair.entities[queue.next])) return queue.next;
    // Later versions protect for a little while even without RUN_TO_PARITY.
    return pick_eevdf(fair, queue, fair.parameters.run_to_parity || fair.parameters.version == FairVersion::v6_17);
}

void set_load_weight(FairState&, Entity& entity, const LoadWeight& load) {
    if (entity.load == load) return;
    // Lag and what is left until the deadline are virtual: in service they stay what they are.
    const auto scale = [&](Nanoseconds time) {
        return static_cast<Nanoseconds>(static_cast<WideInteger>(time) * entity.load.weight / load.weight);
    };
    entity.lag = scale(entity.lag);
    if (entity.relative_deadline) entity.deadline = scale(entity.deadline);
    entity.load = load;
    entity.rate = rate_of(load);
    entity.whole_weight = scale_load_down(load.weight);
}

void reweight_entity(FairState& fair, FairQueue& queue, Entity& entity, Weight weight, Nanoseconds now) {
    const LoadWeight load = weight_of_sum(weight);
    if (!entity.on_queue) {
        reweight_load(fair, entity, weight, now);
        return set_load_weight(fair, entity, load);
    }
    const bool waits = queue.current != fair.id_of(entity);
    update_curr(fair, queue, now);
    reweight_load(fair, entity, weight, now);
    const Weight change = load.weight - entity.load.weight;
    if (fair.is_eevdf()) {
        const bool protects = protect_slice(fair, entity);
        const Nanoseconds average = avg_vruntime(fair, queue);
        entity.lag = entity_lag(fair, average, entity);
        if (waits) out_of_tree(fair, queue, entity);
        if (fair.parameters.version == FairVersion::v6_12) { // reweight_eevdf: the average stays where it is
            const Nanoseconds relative = entity.deadline - average;
            entity.relative_deadline = false;
            if (average != entity.vruntime)
                entity.vruntime = average - static_cast<Nanoseconds>(static_cast<WideInteger>(entity.lag) *
                                                                     entity.load.weight / load.weight);
            entity.deadline = average + static_cast<Nanoseconds>(static_cast<WideInteger>(relative) *
                                                                 entity.load.weight / load.weight);
            set_load_weight(fair, entity, load);
        } else { // it leaves and joins again
            --queue.entities;
            entity.deadline -= entity.vruntime;
            entity.relative_deadline = true;
            set_load_weight(fair, entity, load);
            place_entity(fair, queue, entity, false);
            ++queue.entities;
        }
        if (protects) cancel_protect_slice(fair, entity); // what it was protected until means nothing any more
        if (waits) into_tree(fair, queue, entity);
    } else {
        set_load_weight(fair, entity, load);
    }
    queue.load += change;
}

void set_next_buddy(FairState& fair, Entity& entity) {
    for (Entity* at = &entity; at != nullptr; at = fair.parent_of(*at)) {
        if (!at->on_queue || at->idle) return;
        fair.queue_of(*at).next = fair.id_of(*at);
    }
}

void clear_buddies(FairState& fair, FairQueue& queue, Entity& entity) {
    const EntityId id = fair.id_of(entity);
    if (queue.next != id && queue.last != id && queue.skip != id) return; // as a rule
    for (const auto buddy : {&FairQueue::next, &FairQueue::last, &FairQueue::skip}) {
        for (Entity* at = &entity; at != nullptr; at = fair.parent_of(*at)) {
            if (fair.queue_of(*at).*buddy != fair.id_of(*at)) break;
            fair.queue_of(*at).*buddy = no_entity;
        }
    }
}

} // namespace switchyard::sim
