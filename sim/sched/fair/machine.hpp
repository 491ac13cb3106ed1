// The machine as the fair class sees it: how much each core can do, and the scheduling domains of each, with what
// kernel/sched/topology.c (sd_init) gives domains of that level, and what balancing remembers of them.
#pragma once

#include "models/machine/topology.hpp"
#include "sim/sched/fair/load_average.hpp"
#include "sim/sched/scheduling_class.hpp"

#include <vector>

namespace switchyard::sim {

// A domain of one core (struct sched_domain).
struct FairDomain {
    SchedulingDomain shape;
    std::int64_t imbalance_percent = 117; // how much more load there must be elsewhere to count; 110 within a core
    std::uint32_t cache_nice_tries = 1;   // how often balancing fails until hot tasks are moved, too
    bool shares_core = false;             // SD_SHARE_CPUCAPACITY
    bool shares_cache = false;            // SD_SHARE_LLC
    bool is_numa = false;
    bool is_near = true;              // tasks are placed in it when they wake or begin: nodes less than 3 times as far
    bool is_asymmetric = false;       // its cores differ in capacity (SD_ASYM_CPUCAPACITY)
    bool spreads_over_groups = false; // tasks spread over its groups even if one has room (the child's
                                      // SD_PREFER_SIBLING)
    std::uint32_t numa_allowance = 0; // so many tasks may run in one node of it beside idle ones (imb_numa_nr)

    // Balancing.
    Nanoseconds last_balance = 0;
    std::int64_t interval = 0; // ms, while idle
    std::uint32_t failed = 0;  // times in a row that nothing could be moved (nr_balance_failed)
};

// Cores that share a last-level cache.
struct CacheDomain {
    std::vector<std::uint64_t> cores; // a bit each
    std::uint32_t idle_scan = 0;      // how many of them are looked at in search of an idle one (nr_idle_scan)
    Nanoseconds counted_at = -1;      // since when that is so
};

struct FairMachine {
    explicit FairMachine(const Topology& given);

    Topology topology;
    std::vector<std::int64_t> capacity; // by core, of 1,024: the fastest
    std::int64_t greatest_capacity = capacity_scale;
    std::vector<FairDomain> domains;         // core after core, the lowest first
    std::vector<std::uint32_t> first_domain; // by core, and the end
    std::vector<CacheDomain> caches;
    std::vector<std::uint8_t> group_imbalanced; // by index of the topology's groups: pinned tasks were in the way
    bool has_siblings = false;                  // some cores are hardware threads of one
    bool is_flat = true;                        // one domain of cores that are alike, or none

    [[nodiscard]] std::span<FairDomain> domains_of(CoreId core) {
        return {domains.data() + first_domain[core], domains.data() + first_domain[core + std::size_t{1}]};
    }
    [[nodiscard]] std::span<const FairDomain> domains_of(CoreId core) const {
        return {domains.data() + first_domain[core], domains.data() + first_domain[core + std::size_t{1}]};
    }
    [[nodiscard]] std::span<const std::uint32_t> cores_of(const FairDomain& domain) const {
        return topology.cores(domain.shape.span);
    }
    [[nodiscard]] CacheDomain& cache_of(CoreId core) { return caches[topology.cache(core)]; }
};

// Whether a task of that utilization has room on a core of that capacity, a fifth of which is to be left
// (fits_capacity); whether one capacity is noticeably greater than another (capacity_greater).
[[nodiscard]] constexpr bool fits_capacity(std::int64_t utilization, std::int64_t capacity) {
    return utilization * 1280 < capacity * 1024;
}
[[nodiscard]] constexpr bool capacity_greater(std::int64_t one, std::int64_t other) {
    return one * 1024 > other * 1078;
}

} // namespace switchyard::sim
