#include "sim/sched/fair/migration.hpp"

#include "sim/sched/fair/hierarchy.hpp"
#include "sim/sched/fair/load.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

// Whether its data is thought to be in the cache still; siblings have the same.
bool is_hot(const FairState& fair, const FairDomain& domain, const Entity& task, CoreId to, Nanoseconds now) {
    if (task.idle || domain.shares_core) return false;
    const FairQueue& queue = fair.queues[task.queue];
    if (fair.queues[to].tasks > 0 && queue.next == fair.id_of(task)) return true; // CACHE_HOT_BUDDY
    return fair.migration_cost > 0 && now - task.exec_start < fair.migration_cost;
}

bool is_throttled(const FairState& fair, const Entity& task, CoreId to) {
    const FairQueue& queue = fair.queues[task.queue];
    return throttled_hierarchy(fair, queue) || throttled_hierarchy(fair, fair.queues[queue.group * fair.cores + to]);
}

bool is_running(const FairState& fair, const Entity& task) {
    const CoreId core = fair.queues[task.queue].core;
    return fair.by_core[core].running == fair.id_of(task) || fair.host.view().current[core] == task.task;
}

void migrate(FairState& fair, Entity& task, CoreId to, Nanoseconds now) {
    const FairQueue& from = fair.queue_of(task);
    dequeue_entities(fair, task, {}, now);
    move_to_core(fair, task, from.group, to, now);
    enqueue_task_fair(fair, task, {false, false, true}, now);
    fair.host.moved(task.task, to);
    fair.by_core[to].action_changed = true;
    if (fair.by_core[to].running != no_entity) static_cast<void>(check_preempt_wakeup(fair, task, false, now));
}

} // namespace

Moved move_tasks(FairState& fair, const FairDomain& domain, const Imbalance& imbalance, CoreId to, Balancing when,
                 Nanoseconds now) {
    FairCore& core = fair.by_core[imbalance.from];
    const FairQueue& root = fair.root_of(imbalance.from);
    const std::uint32_t failed = std::min(domain.failed, 62U);
    Moved moved{.left = imbalance.amount};
    std::uint32_t looks = std::min(fair.parameters.nr_migrate, root.tasks);
    for (EntityId id = core.oldest; id != no_entity && looks > 0 && moved.left > 0; --looks) {
        if (when != Balancing::busy && root.tasks <= 1) break;
        Entity& task = fair.entities[id];
        id = task.newer;
        if (task.delayed || is_throttled(fair, task, to)) continue;
        if (!may_run_on(fair.host.view().tasks[task.task], to)) {
            moved.some_pinned = true;
            continue;
        }
        moved.all_pinned = false;
        if (is_running(fair, task)) continue;
        if (is_hot(fair, domain, task, to, now) && domain.failed <= domain.cache_nice_tries) continue;
        switch (imbalance.type) {
        case MigrationType::load: {
            const std::int64_t load = std::max<std::int64_t>(1, hierarchical_load(fair, task, now));
            if ((load >> failed) > moved.left) continue;
            moved.left -= load;
            break;
        }
        case MigrationType::utilization: {
            const std::int64_t used = utilization_of(fair, task, now);
            if ((used >> failed) > moved.left) continue;
            moved.left -= used;
            break;
        }
        case MigrationType::tasks: --moved.left; break;
        case MigrationType::misfit:
            if (fits_capacity(utilization_of(fair, task, now), fair.machine.capacity[imbalance.from])) continue;
            moved.left = 0;
            break;
        }
        migrate(fair, task, to, now);
        ++moved.tasks;
        if (when == Balancing::newly_idle) break;
    }
    return moved;
}

bool move_one(FairState& fair, CoreId from, CoreId to, Nanoseconds now) {
    for (EntityId id = fair.by_core[from].oldest; id != no_entity;) {
        Entity& task = fair.entities[id];
        id = task.newer;
        if (task.delayed || is_running(fair, task) || is_throttled(fair, task, to)) continue;
        if (!may_run_on(fair.host.view().tasks[task.task], to)) continue;
        migrate(fair, task, to, now);
        return true;
    }
    return false;
}

} // namespace switchyard::sim
