#include "sim/sched/fair/group_statistics.hpp"

#include "sim/sched/fair/load.hpp"

#include <algorithm>

namespace switchyard::sim {

bool is_idle(const FairState& fair, CoreId core) {
    return fair.host.view().current[core] == no_task && fair.queues[core].tasks == 0;
}

bool is_physical_core_idle(const FairState& fair, CoreId core) {
    return std::ranges::all_of(fair.machine.topology.siblings(core), [&](std::uint32_t sibling) {
        return sibling == core || is_idle(fair, static_cast<CoreId>(sibling));
    });
}

std::int64_t misfit_load_of(const FairState& fair, CoreId core, Nanoseconds now) {
    const EntityId id = fair.by_core[core].running;
    if (id == no_entity) return 0;
    const Entity& task = fair.entities[id];
    const std::int64_t capacity = fair.machine.capacity[core];
    const auto allowed = fair.host.view().tasks[task.task].allowed;
    std::int64_t best = allowed.empty() ? fair.machine.greatest_capacity : 0;
    for (const CoreId other : allowed) best = std::max(best, fair.machine.capacity[other]);
    if (capacity >= best || fits_capacity(utilization_of(fair, task, now), capacity)) return 0;
    return std::max<std::int64_t>(1, hierarchical_load(fair, task, now));
}

GroupStatistics count_group(FairState& fair, CoreRange group, Nanoseconds now) {
    GroupStatistics counted;
    const auto cores = fair.machine.topology.cores(group);
    counted.cores = group.count;
    counted.least_capacity = capacity_scale;
    counted.is_one_physical_core =
        group.count > 1 && fair.machine.topology.siblings(cores.front()).size() == group.count;
    for (const std::uint32_t each : cores) {
        const auto core = static_cast<CoreId>(each);
        const std::int64_t capacity = fair.machine.capacity[core];
        counted.capacity += capacity;
        counted.least_capacity = std::min(counted.least_capacity, capacity);
        counted.most_capacity = std::max(counted.most_capacity, capacity);
        if (fair.machine.topology.siblings(core).front() == core) ++counted.physical_cores;
        if ((fair.left_out[core / 64U] >> (core % 64U) & 1) != 0) continue;
        counted.load += load_of(fair, core, now);
        counted.utilization += utilization_of(fair, core, now);
        counted.runnable += runnable_of(fair, core, now);
        counted.tasks += fair.queues[core].tasks;
        if (is_idle(fair, core)) ++counted.idle_cores;
    }
    counted.physical_cores = std::max<std::int64_t>(1, counted.physical_cores);
    return counted;
}

bool is_overloaded(const FairDomain& domain, const GroupStatistics& group) {
    if (group.tasks <= group.cores) return false;
    return group.capacity * 100 < group.utilization * domain.imbalance_percent ||
           group.capacity * domain.imbalance_percent < group.runnable * 100;
}

bool has_capacity(const FairDomain& domain, const GroupStatistics& group) {
    if (group.tasks < group.cores) return true;
    if (group.capacity * domain.imbalance_percent < group.runnable * 100) return false;
    return group.capacity * 100 > group.utilization * domain.imbalance_percent;
}

std::int64_t beyond_numa_allowance(std::int64_t imbalance, std::int64_t running, std::int64_t allowance) {
    constexpr std::int64_t pair = 2; // NUMA_IMBALANCE_MIN
    return running <= allowance && imbalance <= pair ? 0 : imbalance;
}

} // namespace switchyard::sim
