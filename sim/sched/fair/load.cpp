#include "sim/sched/fair/load.hpp"

namespace switchyard::sim {

namespace {

std::uint64_t less(std::uint64_t sum, std::uint64_t by) { return sum > by ? sum - by : 0; }

std::uint32_t utilization_sum(const FairState& fair, const Entity& task, LoadTime now) {
    const CoreId id = fair.queues[task.queue].core;
    const FairCore& core = fair.by_core[id];
    const std::uint64_t before = decayed(task.utilization_sum, task.utilization_updated, now);
    if (core.running != fair.id_of(task)) return static_cast<std::uint32_t>(before);
    const LoadTime since = std::max(task.utilization_updated, load_time(core.dispatched_at));
    const std::uint64_t ran = LoadStep(since, now).growth();
    return static_cast<std::uint32_t>(before + ran * static_cast<std::uint64_t>(fair.machine.capacity[id]) /
                                                   static_cast<std::uint64_t>(capacity_scale));
}

void add_load(FairState& fair, const FairQueue& queue, std::int64_t change) {
    std::uint64_t& sum = fair.load_sums_of(queue).load_sum;
    sum = change > 0 ? sum + static_cast<std::uint64_t>(change) : less(sum, static_cast<std::uint64_t>(-change));
}

// Load that comes to a group's queue, or leaves it, makes its entity that much busier in the queue above
// (update_tg_cfs_load): in time on the queue, of which there is no more than all.
void propagate(FairState& fair, FairQueue& queue, std::int64_t change, Nanoseconds now) {
    const std::int64_t most = load_divider(load_time(now));
    for (FairQueue* at = &queue; at->entity != no_entity && change != 0;) {
        Entity& entity = fair.entities[at->entity];
        FairQueue& above = fair.queues[entity.queue];
        update_load(entity, now);
        update_load(fair, above, now);
        const std::int64_t before = entity.load_sum;
        const std::int64_t weight = scale_load_down(at->load);
        std::int64_t after = std::min(before + change, most);
        if (change < 0)
            after = weight > 0 ? std::min<std::int64_t>(
                                     before, static_cast<std::int64_t>(fair.load_sums_of(*at).load_sum) / weight)
                               : 0;
        entity.load_sum = static_cast<std::uint32_t>(after);
        change = after - before;
        add_load(fair, above, change * entity.whole_weight);
        at = &above;
    }
}

// Every queue above counts so much more of tasks that are ready.
void add_runnable(FairState& fair, Entity& task, std::uint64_t sum, bool more, Nanoseconds now) {
    for (Entity* at = &task; at != nullptr; at = fair.parent_of(*at)) {
        FairQueue& queue = fair.queue_of(*at);
        update_load(fair, queue, now);
        std::uint64_t& runnable = fair.load_sums_of(queue).runnable_sum;
        runnable = more ? runnable + sum : less(runnable, sum);
    }
}

void attach(FairState& fair, Entity& task, std::uint64_t runnable, Nanoseconds now) {
    FairQueue& queue = fair.queue_of(task);
    add_runnable(fair, task, runnable, true, now);
    add_load(fair, queue, task.whole_weight * task.load_sum);
    update_utilization(fair, queue.core, now);
    fair.core_loads[queue.core].utilization_sum +=
        std::uint64_t{task.utilization_sum} * static_cast<std::uint64_t>(capacity_scale);
    propagate(fair, queue, task.load_sum, now);
    contribute_load(fair, queue, now);
}

} // namespace

void update_utilization(FairState& fair, CoreId id, Nanoseconds now) {
    FairCore& core = fair.by_core[id];
    CoreLoad& sums = fair.core_loads[id];
    const auto pass = [&](LoadTime until, bool runs) {
        if (until <= sums.updated) return;
        const auto there = static_cast<std::uint64_t>(runs ? fair.machine.capacity[id] : 0);
        sums.utilization_sum = LoadStep(sums.updated, until).of(sums.utilization_sum, there);
        sums.updated = until;
    };
    // It may have stopped running tasks since: another class has it, or nobody.
    if (core.is_used && core.running == no_entity && core.put_at < now) {
        pass(load_time(core.put_at), true);
        core.is_used = false;
    }
    pass(load_time(now), core.is_used);
}

void update_load(FairState& fair, const FairQueue& queue, Nanoseconds now) {
    QueueLoad& sums = fair.load_sums_of(queue);
    const LoadTime at = load_time(now);
    if (at <= sums.updated) return;
    const LoadStep step(sums.updated, at);
    sums.load_sum = step.of(sums.load_sum, static_cast<std::uint64_t>(scale_load_down(queue.load)));
    sums.runnable_sum = step.of(sums.runnable_sum, queue.tasks - queue.delayed_tasks);
    sums.updated = at;
}

void update_load(Entity& entity, Nanoseconds now) {
    const LoadTime at = load_time(now);
    if (at <= entity.load_updated) return;
    entity.load_sum =
        static_cast<std::uint32_t>(LoadStep(entity.load_updated, at).of(entity.load_sum, entity.on_queue ? 1 : 0));
    entity.load_updated = at;
}

std::int64_t load_of(const FairState& fair, const FairQueue& queue, Nanoseconds now) {
    const QueueLoad& sums = fair.load_sums_of(queue);
    const LoadTime at = std::max(load_time(now), sums.updated);
    const auto load = static_cast<std::uint64_t>(scale_load_down(queue.load));
    return load_average(LoadStep(sums.updated, at).of(sums.load_sum, load), at);
}

std::int64_t load_of(const FairState& fair, CoreId core, Nanoseconds now) {
    return load_of(fair, fair.queues[core], now);
}

std::int64_t runnable_of(const FairState& fair, CoreId core, Nanoseconds now) {
    const FairQueue& root = fair.queues[core];
    const QueueLoad& sums = fair.queue_loads[core];
    const LoadTime at = std::max(load_time(now), sums.updated);
    const std::uint64_t sum = LoadStep(sums.updated, at).of(sums.runnable_sum, root.tasks - root.delayed_tasks);
    return load_average(sum, at, capacity_scale);
}

std::int64_t utilization_of(FairState& fair, CoreId core, Nanoseconds now) {
    update_utilization(fair, core, now);
    const CoreLoad& sums = fair.core_loads[core];
    const std::int64_t average = load_average(sums.utilization_sum, std::max(load_time(now), sums.updated));
    return std::min(average, fair.machine.capacity[core]);
}

std::int64_t load_of(const Entity& entity, Nanoseconds now) {
    const LoadTime at = std::max(load_time(now), entity.load_updated);
    const std::uint64_t sum = LoadStep(entity.load_updated, at).of(entity.load_sum, entity.on_queue ? 1 : 0);
    return load_average(sum, at, entity.whole_weight);
}

std::int64_t hierarchical_load(const FairState& fair, const Entity& task, Nanoseconds now) {
    std::int64_t load = load_of(task, now);
    for (EntityId id = task.parent; id != no_entity; id = fair.entities[id].parent) {
        const Entity& group = fair.entities[id];
        load = load * load_of(group, now) / (load_of(fair, fair.queues[group.owned], now) + 1);
    }
    return load;
}

std::int64_t utilization_of(const FairState& fair, const Entity& task, Nanoseconds now) {
    const LoadTime at = std::max(load_time(now), task.utilization_updated);
    return load_average(utilization_sum(fair, task, at), at, capacity_scale);
}

void attach_load(FairState& fair, Entity& task, Nanoseconds now) {
    update_load(task, now);
    attach(fair, task, task.load_sum, now);
}

void detach_load(FairState& fair, Entity& task, Nanoseconds now) {
    const LoadTime at = load_time(now);
    FairQueue& queue = fair.queue_of(task);
    update_load(task, now);
    add_runnable(fair, task, task.load_sum, false, now);
    add_load(fair, queue, -task.whole_weight * task.load_sum);
    task.utilization_sum = utilization_sum(fair, task, at);
    task.utilization_updated = std::max(at, task.utilization_updated);
    update_utilization(fair, queue.core, now);
    std::uint64_t& used = fair.core_loads[queue.core].utilization_sum;
    used = less(used, std::uint64_t{task.utilization_sum} * static_cast<std::uint64_t>(capacity_scale));
    propagate(fair, queue, -static_cast<std::int64_t>(task.load_sum), now);
    contribute_load(fair, queue, now);
}

void attach_new(FairState& fair, Entity& task, Nanoseconds now) {
    const LoadTime at = load_time(now);
    const FairQueue& queue = fair.queue_of(task);
    const CoreId core = queue.core;
    const std::int64_t used = utilization_of(fair, core, now);
    const std::int64_t most = (fair.machine.capacity[core] - used) / 2;
    std::int64_t utilization = std::max<std::int64_t>(0, most);
    if (used > 0) utilization = std::min(utilization, used * task.whole_weight / (load_of(fair, queue, now) + 1));
    task.load_updated = task.utilization_updated = at;
    task.load_sum = static_cast<std::uint32_t>(load_divider(at));
    task.utilization_sum = static_cast<std::uint32_t>(load_sum(utilization, at, capacity_scale));
    attach(fair, task, task.utilization_sum, now); // as many tasks as it uses of a core
}

void reweight_load(FairState& fair, Entity& entity, Weight weight, Nanoseconds now) {
    FairQueue& queue = fair.queue_of(entity);
    update_load(entity, now);
    update_load(fair, queue, now);
    add_load(fair, queue, (scale_load_down(weight) - entity.whole_weight) * entity.load_sum);
}

void contribute_load(FairState& fair, const FairQueue& queue, Nanoseconds now) {
    if (queue.group != 0) contribute_load(fair, queue, load_of(fair, queue, now), now);
}

void contribute_load(FairState& fair, const FairQueue& queue, std::int64_t load, Nanoseconds now) {
    QueueLoad& sums = fair.load_sums_of(queue);
    if (sums.contribution != 0 && now - sums.contributed_at < milliseconds) return;
    const std::int64_t change = load - sums.contribution;
    if (std::abs(change) <= sums.contribution / 64) return;
    fair.groups[queue.group].load += change;
    sums.contribution = load;
    sums.contributed_at = now;
}

void contribute_loads(FairState& fair, CoreId core, Nanoseconds now) {
    for (std::uint32_t group = 1; group < fair.groups.size(); ++group)
        contribute_load(fair, fair.queues[group * fair.cores + core], now);
}

} // namespace switchyard::sim
