#include "sim/sched/fair/hierarchy.hpp"

#include "sim/sched/fair/bandwidth.hpp"
#include "sim/sched/fair/cfs.hpp"
#include "sim/sched/fair/eevdf.hpp"
#include "sim/sched/fair/entity_tree.hpp"
#include "sim/sched/fair/load.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace switchyard::sim {

namespace {

// Marks cores that have nothing queued, or more than one task.
void note_tasks(FairState& fair, const FairQueue& root) {
    const std::uint64_t bit = std::uint64_t{1} << (root.core % 64U);
    std::uint64_t& idle = fair.idle_cores[root.core / 64U];
    idle = root.tasks == 0 ? idle | bit : idle & ~bit;
    std::uint64_t& overloaded = fair.overloaded_cores[root.core / 64U];
    const bool is_overloaded = root.tasks > 1;
    if (is_overloaded == ((overloaded & bit) != 0)) return;
    overloaded ^= bit;
    is_overloaded ? ++fair.overloaded : --fair.overloaded;
}

// What changes for a queue above when the shortest request below may have.
void set_group_slice(FairState& fair, Entity& entity, Nanoseconds slice) {
    if (!fair.is_eevdf() || slice == std::numeric_limits<Nanoseconds>::max() || entity.slice == slice) return;
    entity.slice = slice;
    if (fair.queue_of(entity).current != fair.id_of(entity)) tree_refresh(fair.entities, fair.id_of(entity));
}

TaskCounts negative(const TaskCounts& counts) { return {-counts.tasks, -counts.delayed, -counts.idle}; }

} // namespace

void count_tasks(FairState& fair, FairQueue& queue, const TaskCounts& more, Nanoseconds now) {
    update_load(fair, queue, now);
    queue.tasks += static_cast<std::uint32_t>(more.tasks);
    queue.delayed_tasks += static_cast<std::uint32_t>(more.delayed);
    queue.idle_tasks += static_cast<std::uint32_t>(more.idle);
    if (queue.group == 0) note_tasks(fair, queue);
}

std::uint32_t group_for(FairState& fair, const SchedulerView& view, std::uint32_t index) {
    if (index == no_group || (index >= view.first_session && !fair.parameters.autogroup)) return 0;
    if (index < fair.group_of_view.size() && fair.group_of_view[index] != 0) return fair.group_of_view[index];
    const Group& description = view.groups[index];
    const std::uint32_t parent = group_for(fair, view, description.parent);
    const auto id = static_cast<std::uint32_t>(fair.groups.size());
    if (index >= fair.group_of_view.size()) fair.group_of_view.resize(index + std::size_t{1}, 0);
    fair.group_of_view[index] = id;
    FairGroup& group = fair.groups.emplace_back();
    group.parent = parent;
    group.shares = description.shares << weight_fraction;
    init_bandwidth(group.bandwidth, description);
    for (CoreId core = 0; core < fair.cores; ++core) {
        const auto entity_id = static_cast<EntityId>(fair.entities.size());
        Entity& entity = fair.entities.emplace_back();
        entity.priority = tree_priority(entity_id);
        entity.queue = parent * fair.cores + core;
        entity.owned = static_cast<FairQueueId>(fair.queues.size());
        entity.parent = fair.queues[entity.queue].entity;
        entity.depth =
            static_cast<std::uint8_t>(entity.parent == no_entity ? 0 : fair.entities[entity.parent].depth + 1);
        entity.load = weight_of_sum(group.shares);
        entity.rate = rate_of(entity.load);
        entity.whole_weight = scale_load_down(group.shares);
        entity.slice = fair.base_slice;
        FairQueue& queue = fair.queues.emplace_back();
        fair.queue_loads.emplace_back();
        queue.core = core;
        queue.group = id;
        queue.entity = entity_id;
        queue.bounded = group.bandwidth.quota > 0;
    }
    return id;
}

void set_task_queue(FairState& fair, Entity& task, std::uint32_t group, CoreId core) {
    task.queue = group * fair.cores + core;
    task.parent = fair.queues[task.queue].entity;
    task.depth = static_cast<std::uint8_t>(task.parent == no_entity ? 0 : fair.entities[task.parent].depth + 1);
}

void move_to_core(FairState& fair, Entity& task, std::uint32_t group, CoreId core, Nanoseconds now) {
    if (task.attached) detach_load(fair, task, now);
    set_task_queue(fair, task, group, core);
    if (task.attached) attach_load(fair, task, now);
}

bool throttled_hierarchy(const FairState& fair, const FairQueue& queue) {
    for (const FairQueue* at = &queue;; at = &fair.queues[fair.entities[at->entity].queue]) {
        if (at->throttled) return true;
        if (at->entity == no_entity) return false;
    }
}

void update_cfs_group(FairState& fair, Entity& entity, Nanoseconds now) {
    if (entity.owned == no_fair_queue) return;
    FairQueue& owned = fair.queues[entity.owned];
    const std::int64_t average = load_of(fair, owned, now);
    contribute_load(fair, owned, average, now);
    if (owned.load == 0 || throttled_hierarchy(fair, owned)) return;
    const FairGroup& group = fair.groups[owned.group];
    constexpr Weight least = 2; // MIN_SHARES
    const std::int64_t load = std::max(scale_load_down(owned.load), average);
    const std::int64_t everywhere = std::max(load, group.load - fair.load_sums_of(owned).contribution + load);
    const WideInteger product = static_cast<WideInteger>(group.shares) * load;
    const auto small = narrow(product); // the cheaper division
    const auto share = small ? *small / everywhere : static_cast<Weight>(product / everywhere);
    const Weight weight = std::clamp(share, least, group.shares);
    if (weight != entity.load.weight) reweight_entity(fair, fair.queue_of(entity), entity, weight, now);
}

void enqueue_task_fair(FairState& fair, Entity& task, Joining how, Nanoseconds now) {
    if (task.delayed) {
        requeue_delayed_entity(fair, task);
        for (Entity* at = &task; at != nullptr; at = fair.parent_of(*at)) {
            FairQueue& queue = fair.queue_of(*at);
            count_tasks(fair, queue, {0, -1, 0}, now);
            if (queue.throttled) break;
        }
        return;
    }
    const TaskCounts one{1, 0, task.idle ? 1 : 0};
    Nanoseconds slice = 0;
    Entity* at = &task;
    for (; at != nullptr; at = fair.parent_of(*at)) {
        if (at->on_queue) {
            if (at->delayed) requeue_delayed_entity(fair, *at);
            break;
        }
        FairQueue& queue = fair.queue_of(*at);
        if (slice != 0) { // a group serves in time what it contains
            at->slice = slice;
            at->custom_slice = true;
        }
        enqueue_entity(fair, queue, *at, how, now);
        slice = shortest_slice(fair, queue);
        count_tasks(fair, queue, one, now);
        if (queue.throttled) return;
        how = {false, true, false};
    }
    for (; at != nullptr; at = fair.parent_of(*at)) {
        FairQueue& queue = fair.queue_of(*at);
        update_cfs_group(fair, *at, now);
        set_group_slice(fair, *at, slice);
        slice = shortest_slice(fair, queue);
        count_tasks(fair, queue, one, now);
        if (queue.throttled) return;
    }
}

bool dequeue_entities(FairState& fair, Entity& entity, Leaving how, Nanoseconds now) {
    const bool is_task = entity.task != no_task;
    const bool sleeps = how.sleeps;
    // One that is delayed is counted as such until it has left.
    const TaskCounts gone = is_task ? negative({1, entity.delayed ? 1 : 0, entity.idle ? 1 : 0}) : TaskCounts{};
    Nanoseconds slice = 0;
    Entity* at = &entity;
    for (; at != nullptr; at = fair.parent_of(*at)) {
        FairQueue& queue = fair.queue_of(*at);
        if (!dequeue_entity(fair, queue, *at, how, now)) {
            if (at == &entity && is_task) {
                for (Entity* above = at; above != nullptr; above = fair.parent_of(*above)) {
                    FairQueue& counted = fair.queue_of(*above);
                    count_tasks(fair, counted, {0, 1, 0}, now);
                    if (counted.throttled) break;
                }
                return false;
            }
            slice = shortest_slice(fair, queue);
            break; // a group that stays for a while, empty
        }
        count_tasks(fair, queue, gone, now);
        if (queue.throttled) return true;
        if (queue.load > 0) { // others are left in this group
            slice = shortest_slice(fair, queue);
            at = fair.parent_of(*at);
            if (sleeps && at != nullptr && !throttled_hierarchy(fair, queue)) set_next_buddy(fair, *at);
            break;
        }
        how = {true, false, false};
    }
    for (; at != nullptr; at = fair.parent_of(*at)) {
        FairQueue& queue = fair.queue_of(*at);
        update_cfs_group(fair, *at, now);
        set_group_slice(fair, *at, slice);
        slice = shortest_slice(fair, queue);
        count_tasks(fair, queue, gone, now);
        if (queue.throttled) break;
    }
    return true;
}

Entity* pick_task_fair(FairState& fair, CoreId core, Nanoseconds now) {
    for (;;) {
        FairQueue* queue = &fair.root_of(core);
        if (queue->entities == 0) return nullptr;
        for (;;) {
            if (check_cfs_rq_runtime(fair, *queue, now)) break;
            Entity& picked = fair.entities[pick_next_entity(fair, *queue)];
            if (picked.delayed) {
                dequeue_entities(fair, picked, {true, false, true}, now);
                break;
            }
            if (picked.owned == no_fair_queue) return &picked;
            queue = &fair.queues[picked.owned];
        }
    }
}

void set_next_task_fair(FairState& fair, Entity& task, Nanoseconds now) {
    for (Entity* at = &task; at != nullptr; at = fair.parent_of(*at))
        set_next_entity(fair, fair.queue_of(*at), *at, now);
    FairCore& core = fair.core_of(fair.queue_of(task));
    begin_to_use(fair, fair.queue_of(task).core, now);
    core.running = fair.id_of(task);
    core.scheduling = false;
    core.was_idle = false;
}

void put_prev_task_fair(FairState& fair, Entity& task, Nanoseconds now) {
    FairCore& core = fair.core_of(fair.queue_of(task));
    end_to_use(fair, fair.queue_of(task).core, task, now);
    core.running = no_entity;
    core.put_at = now;
    core.scheduling = true;
    ++core.stamp;
    for (Entity* at = &task; at != nullptr; at = fair.parent_of(*at))
        put_prev_entity(fair, fair.queue_of(*at), *at, now);
    core.need_resched = core.told = false;
}

void find_matching(FairState& fair, Entity*& one, Entity*& other) {
    while (one->depth > other->depth) one = fair.parent_of(*one);
    while (other->depth > one->depth) other = fair.parent_of(*other);
    while (one->queue != other->queue) {
        one = fair.parent_of(*one);
        other = fair.parent_of(*other);
    }
}

bool check_preempt_wakeup(FairState& fair, Entity& woken, bool is_new, Nanoseconds now) {
    FairCore& core = fair.core_of(fair.queue_of(woken));
    if (core.running == no_entity || core.running == fair.id_of(woken)) return false;
    Entity* running = &fair.entities[core.running];
    Entity* wakee = &woken;
    if (throttled_hierarchy(fair, fair.queue_of(woken))) return false;
    const bool is_cfs = !fair.is_eevdf();
    const bool many = std::cmp_greater_equal(fair.queue_of(*running).entities, fair.latency_tasks);
    bool is_buddy = false;
    if (fair.parameters.next_buddy && !is_new && !woken.delayed && (!is_cfs || many)) {
        set_next_buddy(fair, woken);
        is_buddy = true;
    }
    if (core.need_resched) return false;
    if (!fair.parameters.wakeup_preemption) return false;

    find_matching(fair, running, wakee);
    if (running->idle != wakee->idle) {
        if (running->idle && fair.is_eevdf()) cancel_protect_slice(fair, *running);
        core.need_resched = running->idle;
        return core.need_resched;
    }
    if (!woken.normal) return false;
    FairQueue& queue = fair.queue_of(*running);
    update_curr(fair, queue, now);
    const EntityId wakee_id = fair.id_of(*wakee);
    if (is_cfs) {
        if (wakeup_preempt_entity(fair, *running, *wakee) != 1) return core.need_resched;
        if (!is_buddy) set_next_buddy(fair, *wakee);
        if (many && running->task != no_task) queue.last = fair.id_of(*running); // it goes on afterwards if fair enough
        core.need_resched = true;
        return true;
    }
    const bool parity = fair.parameters.run_to_parity;
    bool preempts = false;
    if (fair.parameters.version == FairVersion::v6_12) {
        if (do_preempt_short(fair, queue, *wakee, *running)) cancel_protect_slice(fair, *running);
        preempts = pick_eevdf(fair, queue, parity) == wakee_id;
    } else {
        const bool is_short = fair.parameters.preempt_short && wakee->slice < running->slice;
        if (is_new && !is_short) return core.need_resched; // WF_FORK: an exec is likely, which gains nothing by haste
        preempts = pick_eevdf(fair, queue, !is_short) == wakee_id;
        if (preempts && is_short) cancel_protect_slice(fair, *running);
        if (!preempts && is_short && parity) update_protect_slice(fair, queue, *running);
    }
    core.need_resched |= preempts;
    return core.need_resched;
}

} // namespace switchyard::sim
