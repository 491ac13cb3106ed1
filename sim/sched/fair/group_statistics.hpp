// How busy the groups of a scheduling domain are: what tasks are begun and balanced by (kernel/sched/fair.c,
// update_sg_lb_stats, update_sg_wakeup_stats).
#pragma once

#include "sim/sched/fair/state.hpp"

namespace switchyard::sim {

// What is to be done about a group, the most urgent last (enum group_type; packing by priority is not modelled).
enum class GroupType : std::uint8_t {
    has_spare,   // can run more
    fully_busy,  // runs what it can
    misfit_task, // a task does not fit its core
    smt_balance, // hardware threads of a core share it, and another core is idle
    imbalanced,  // pinned tasks were in the way of balancing below
    overloaded,  // more waits than it can run
};

struct GroupStatistics {
    GroupType type = GroupType::has_spare;
    std::int64_t load = 0; // averages, of all its cores together
    std::int64_t utilization = 0;
    std::int64_t runnable = 0;
    std::int64_t capacity = 0;
    std::int64_t least_capacity = 0; // of one of its cores
    std::int64_t most_capacity = 0;
    std::int64_t average_load = 0; // in proportion to capacity; of a group that is overloaded, or asked for it
    std::int64_t misfit_load = 0;  // of the heaviest task that does not fit its core
    std::int64_t tasks = 0;
    std::int64_t idle_cores = 0;
    std::int64_t cores = 0;
    std::int64_t physical_cores = 0;
    bool is_one_physical_core = false; // of several hardware threads
};

// Whether the core runs nothing and has nothing queued (available_idle_cpu); whether its siblings do neither.
[[nodiscard]] bool is_idle(const FairState& fair, CoreId core);
[[nodiscard]] bool is_physical_core_idle(const FairState& fair, CoreId core);

// The load of the core's running task if it needs a faster core and may have one; else 0 (update_misfit_status).
[[nodiscard]] std::int64_t misfit_load_of(const FairState& fair, CoreId core, Nanoseconds now);

// Of a group of a domain, without the cores that are left out; not its type.
[[nodiscard]] GroupStatistics count_group(FairState& fair, CoreRange group, Nanoseconds now);

// group_is_overloaded, group_has_capacity.
[[nodiscard]] bool is_overloaded(const FairDomain& domain, const GroupStatistics& group);
[[nodiscard]] bool has_capacity(const FairDomain& domain, const GroupStatistics& group);

// As much less than `imbalance` as a few tasks that talk to each other on one node may be (adjust_numa_imbalance).
[[nodiscard]] std::int64_t beyond_numa_allowance(std::int64_t imbalance, std::int64_t running, std::int64_t allowance);

} // namespace switchyard::sim
