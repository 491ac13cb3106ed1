#include "sim/sched/fair/placement_of_new.hpp"

#include "sim/sched/fair/group_statistics.hpp"
#include "sim/sched/fair/load.hpp"
#include "sim/sched/fair/placement.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

using TaskView = SchedulerView::TaskView;

// How busy a group is for a task that might begin there (update_sg_wakeup_stats). New tasks fit anywhere.
GroupStatistics count_for(FairState& fair, const FairDomain& domain, CoreRange group, Nanoseconds now) {
    GroupStatistics counted = count_group(fair, group, now);
    counted.type = is_overloaded(domain, counted)  ? GroupType::overloaded
                   : has_capacity(domain, counted) ? GroupType::has_spare
                                                   : GroupType::fully_busy;
    counted.average_load = counted.load * capacity_scale / counted.capacity;
    return counted;
}

// update_pick_idlest.
bool is_idler(const GroupStatistics& one, const GroupStatistics& other) {
    if (one.type != other.type) return one.type < other.type;
    if (one.type != GroupType::has_spare) return one.average_load < other.average_load;
    if (one.idle_cores != other.idle_cores) return one.idle_cores > other.idle_cores;
    return one.utilization < other.utilization;
}

// Whether the task should leave the local group for the idlest other one (sched_balance_find_dst_group).
bool is_worth_leaving(const FairState& fair, const FairDomain& domain, const TaskView& task,
                      const GroupStatistics& local, CoreRange local_group, const GroupStatistics& idlest) {
    if (local.type != idlest.type) return local.type > idlest.type;
    if (local.type != GroupType::has_spare) {
        const std::int64_t allowance = 1024 * (domain.imbalance_percent - 100) / 100;
        if (domain.is_numa && idlest.average_load + allowance >= local.average_load) return false;
        return idlest.average_load < local.average_load + allowance &&
               100 * local.average_load > domain.imbalance_percent * idlest.average_load;
    }
    if (domain.is_numa) {
        std::int64_t allowance = domain.numa_allowance;
        if (!task.allowed.empty()) {
            const auto cores = fair.machine.topology.cores(local_group);
            const auto there = std::ranges::count_if(
                cores, [&](std::uint32_t core) { return may_run_on(task, static_cast<CoreId>(core)); });
            allowance = std::min<std::int64_t>(allowance, there);
        }
        const std::int64_t imbalance = std::abs(local.idle_cores - idlest.idle_cores);
        if (beyond_numa_allowance(imbalance, local.tasks + 1, allowance) == 0) return false;
    }
    return local.idle_cores < idlest.idle_cores;
}

// The groups of the domain from the core's own on, as the kernel's ring of them goes round.
template <class Visit>
void for_each_group(const FairState& fair, const FairDomain& domain, Visit visit) {
    const auto groups = fair.machine.topology.groups(domain.shape);
    for (std::uint32_t step = 0; step < groups.size(); ++step)
        visit(groups[(domain.shape.local_group + step) % groups.size()], step == 0);
}

// Nobody: the task is to stay in the core's own group.
CoreRange find_idlest_group(FairState& fair, const FairDomain& domain, const TaskView& task, Nanoseconds now) {
    GroupStatistics local;
    CoreRange local_group;
    GroupStatistics least;
    CoreRange idlest;
    for_each_group(fair, domain, [&](CoreRange group, bool is_local) {
        const auto cores = fair.machine.topology.cores(group);
        if (std::ranges::none_of(cores,
                                 [&](std::uint32_t core) { return may_run_on(task, static_cast<CoreId>(core)); }))
            return;
        const GroupStatistics counted = count_for(fair, domain, group, now);
        if (is_local) {
            local = counted;
            local_group = group;
        } else if (idlest.count == 0 || is_idler(counted, least)) {
            least = counted;
            idlest = group;
        }
    });
    if (idlest.count == 0 || local_group.count == 0) return idlest;
    return is_worth_leaving(fair, domain, task, local, local_group, least) ? idlest : CoreRange{};
}

// Of those that are idle the one that has been so for the shortest time, else the one with the least load
// (sched_balance_find_dst_group_cpu).
CoreId find_idlest_core(const FairState& fair, CoreRange group, const TaskView& task, CoreId here, Nanoseconds now) {
    const auto cores = fair.machine.topology.cores(group);
    if (cores.size() == 1) return static_cast<CoreId>(cores.front());
    CoreId idle = no_core;
    CoreId least = here;
    std::int64_t least_load = std::numeric_limits<std::int64_t>::max();
    for (const std::uint32_t each : cores) {
        const auto core = static_cast<CoreId>(each);
        if (!may_run_on(task, core)) continue;
        if (is_idle(fair, core)) {
            if (idle == no_core || fair.by_core[core].put_at > fair.by_core[idle].put_at) idle = core;
            continue;
        }
        if (is_idle_or_runs_idle_policy(fair, core)) return core;
        const std::int64_t load = idle == no_core ? load_of(fair, core, now) : least_load;
        if (load < least_load) {
            least = core;
            least_load = load;
        }
    }
    return idle != no_core ? idle : least;
}

} // namespace

CoreId select_core_of_new(FairState& fair, TaskId id, CoreId creator, Nanoseconds now) {
    const TaskView& task = fair.host.view().tasks[id];
    CoreId core = creator;
    std::ranges::fill(fair.left_out, 0);
    const auto domains_below = [&](std::uint32_t span) { // those of the core with fewer cores than that, and near
        std::size_t count = 0;
        const auto domains = fair.machine.domains_of(core);
        while (count < domains.size() && domains[count].is_near && domains[count].shape.span.count < span) ++count;
        return count;
    };
    for (std::size_t level = domains_below(std::numeric_limits<std::uint32_t>::max()); level > 0;) {
        const FairDomain& domain = fair.machine.domains_of(core)[level - 1];
        const CoreRange group = find_idlest_group(fair, domain, task, now);
        const CoreId found = group.count == 0 ? core : find_idlest_core(fair, group, task, core, now);
        if (found == core) {
            --level;
            continue;
        }
        core = found;
        level = domains_below(domain.shape.span.count);
    }
    return may_run_on(task, core) ? core : task.allowed.front(); // select_fallback_rq
}

CoreId select_core_of_arrival(FairState& fair, TaskId id, Nanoseconds now) {
    const TaskView& task = fair.host.view().tasks[id];
    const CoreId found = select_core_of_new(fair, id, task.core, now);
    if (is_idle(fair, found)) return found;
    const auto tasks_on = [&](CoreId core) {
        const bool other_class = fair.host.view().current[core] != no_task && fair.by_core[core].running == no_entity;
        return fair.queues[core].tasks + (other_class ? 1U : 0U);
    };
    CoreId fewest = found;
    for (CoreId core = 0; core < fair.cores; ++core)
        if (may_run_on(task, core) &&
            (tasks_on(core) < tasks_on(fewest) || (tasks_on(core) == tasks_on(fewest) && core < fewest)))
            fewest = core;
    return fewest;
}

} // namespace switchyard::sim
