// What holds in every queue after every event, found out the slow way: by looking at every entity.
#pragma once

#include "sim/sched/fair/eevdf.hpp"
#include "sim/sched/fair/entity_tree.hpp"
#include "sim/sched/fair/hierarchy.hpp"

#include <catch2/catch_test_macros.hpp>

namespace switchyard::sim {

// The entities that compete in a queue, the running one last.
inline std::vector<EntityId> competing(const FairState& fair, FairQueueId queue) {
    std::vector<EntityId> found;
    for (EntityId id = tree_first(fair.entities, fair.queues[queue].root); id != no_entity;
         id = tree_next(fair.entities, id))
        found.push_back(id);
    const EntityId current = fair.queues[queue].current;
    if (current != no_entity && fair.entities[current].on_queue) found.push_back(current);
    return found;
}

// Sums over them, with vruntimes as they are.
struct Totals {
    WideInteger weighted_vruntime{};
    std::int64_t weight = 0;
};
inline Totals totals(const FairState& fair, FairQueueId queue) {
    Totals sum;
    for (const EntityId id : competing(fair, queue)) {
        sum.weighted_vruntime += static_cast<WideInteger>(fair.entities[id].vruntime) * fair.entities[id].whole_weight;
        sum.weight += fair.entities[id].whole_weight;
    }
    return sum;
}

// The entity that should be picked of a queue where nobody is protected: of those that are eligible the first by
// deadline, ties in tree order, the running one only if it is strictly earlier.
inline EntityId pick_slowly(const FairState& fair, FairQueueId queue) {
    const Totals sum = totals(fair, queue);
    EntityId best = no_entity;
    for (const EntityId id : competing(fair, queue)) {
        const Entity& entity = fair.entities[id];
        if (static_cast<WideInteger>(entity.vruntime) * sum.weight > sum.weighted_vruntime) continue;
        if (best == no_entity || entity.deadline < fair.entities[best].deadline) best = id;
    }
    return best;
}

// Counts by hand what queues count: entities, tasks, weights, sums.
inline void check_queue(const FairState& fair, FairQueueId id) {
    const FairQueue& queue = fair.queues[id];
    const std::vector<EntityId> all = competing(fair, id);
    Weight load = 0;
    std::uint32_t tasks = 0;
    std::uint32_t delayed = 0;
    bool sound = all.size() == queue.entities;
    for (const EntityId one : all) {
        const Entity& entity = fair.entities[one];
        load += entity.load.weight;
        sound = sound && entity.on_queue && entity.queue == id;
        if (entity.task != no_task) {
            ++tasks;
            if (entity.delayed) ++delayed;
        } else if (const FairQueue& owned = fair.queues[entity.owned]; !owned.throttled) {
            tasks += owned.tasks;
            delayed += owned.delayed_tasks;
        }
    }
    sound = sound && load == queue.load && tasks == queue.tasks && delayed == queue.delayed_tasks;
    if (!sound)
        FAIL("queue " << id << " miscounts: " << all.size() << " entities, not " << queue.entities << "; " << tasks
                      << " tasks, not " << queue.tasks << "; " << delayed << " delayed, not " << queue.delayed_tasks
                      << "; load " << load << ", not " << queue.load);
    if (!fair.is_eevdf() || all.empty()) return;

    // Lags cancel out: the average is the average.
    const Totals sum = totals(fair, id);
    WideInteger tree{};
    std::int64_t tree_weight = 0;
    for (const EntityId one : all) {
        if (one == queue.current) continue;
        const Entity& entity = fair.entities[one];
        tree += static_cast<WideInteger>(entity.vruntime - queue.zero) * entity.whole_weight;
        tree_weight += entity.whole_weight;
    }
    if (tree != queue.weighted_vruntime || tree_weight != queue.tree_weight)
        FAIL("queue " << id << " has lost track of its average");

    // Somebody is eligible, and the search finds the right one.
    const EntityId expected = pick_slowly(fair, id);
    REQUIRE(expected != no_entity);
    const EntityId found = pick_eevdf(fair, queue, false);
    if (all.size() > 1 && found != expected)
        FAIL("queue " << id << " picks " << found << " of deadline " << fair.entities[found].deadline << ", not "
                      << expected << " of deadline " << fair.entities[expected].deadline);
    for (const EntityId one : all)
        if (entity_eligible(fair, queue, fair.entities[one]) !=
            (static_cast<WideInteger>(fair.entities[one].vruntime) * sum.weight <= sum.weighted_vruntime))
            FAIL("entity " << one << " is mistaken about being eligible");
}

inline void check_all(const FairState& fair) {
    for (FairQueueId id = 0; id < fair.queues.size(); ++id) check_queue(fair, id);
    for (std::uint32_t group = 0; group < fair.groups.size(); ++group) {
        std::int64_t load = 0;
        for (CoreId core = 0; core < fair.cores; ++core)
            load += fair.queue_loads[group * fair.cores + core].contribution;
        REQUIRE(load == fair.groups[group].load);
    }
}

// What is remembered of entities that have left is within bounds, if nobody's attributes have changed since.
inline void check_lags(const FairState& fair) {
    for (const Entity& entity : fair.entities) {
        if (entity.on_queue || !fair.is_eevdf()) continue;
        const Nanoseconds limit = entity.rate.virtual_time(std::max(2 * entity.slice, fair.tick));
        if (entity.lag > limit || entity.lag < -limit) FAIL("a lag of " << entity.lag << " exceeds " << limit);
    }
}

} // namespace switchyard::sim
