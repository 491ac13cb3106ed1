// What is to be moved within a scheduling domain to make it even, if anything, and from where (kernel/sched/fair.c:
// sched_balance_find_src_group, calculate_imbalance, sched_balance_find_src_rq). As in 6.12.
#pragma once

#include "sim/sched/fair/group_statistics.hpp"

namespace switchyard::sim {

// When a core balances (enum cpu_idle_type).
enum class Balancing : std::uint8_t { busy, idle, newly_idle };

// What an imbalance is counted in (enum migration_type).
enum class MigrationType : std::uint8_t { load, utilization, tasks, misfit };

struct Imbalance {
    bool found = false;
    CoreId from = no_core; // no_core though found: nobody in the busiest group can give anything
    MigrationType type = MigrationType::tasks;
    std::int64_t amount = 0;
};

// For a core of the domain that would take tasks. Cores that are left out give none.
[[nodiscard]] Imbalance find_imbalance(FairState& fair, const FairDomain& domain, CoreId to, Balancing when,
                                       Nanoseconds now);

} // namespace switchyard::sim
