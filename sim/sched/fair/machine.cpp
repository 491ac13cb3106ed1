#include "sim/sched/fair/machine.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

constexpr std::uint32_t far_away = 30; // node_reclaim_distance, mm/page_alloc.c

FairDomain make_domain(const FairMachine& machine, const SchedulingDomain& shape) {
    FairDomain domain;
    domain.shape = shape;
    domain.shares_core = shape.level == DomainLevel::smt;
    domain.shares_cache = shape.level <= DomainLevel::cache;
    domain.is_numa = shape.level == DomainLevel::numa;
    domain.is_near = !domain.is_numa || shape.node_distance <= far_away;
    if (domain.shares_core) domain.imbalance_percent = 110;
    domain.cache_nice_tries = domain.shares_core ? 0 : domain.is_numa ? 2 : 1;
    const auto cores = machine.topology.cores(shape.span);
    domain.is_asymmetric = std::ranges::any_of(
        cores, [&](std::uint32_t core) { return machine.capacity[core] != machine.capacity[cores.front()]; });
    domain.interval = shape.span.count;
    return domain;
}

// How many tasks may be in one node while others are idle: as many as there are last-level caches, or an eighth of its
// cores if it has one (build_sched_domains).
void set_numa_allowances(const FairMachine& machine, std::span<FairDomain> domains) {
    std::uint32_t allowance = 0;
    std::uint32_t span = 1; // of the first domain of several nodes
    for (std::size_t level = 0; level < domains.size(); ++level) {
        FairDomain& domain = domains[level];
        if (domain.shares_cache) continue;
        if (allowance > 0) {
            domain.numa_allowance = allowance * std::max(1U, domain.shape.span.count / span);
            continue;
        }
        const auto first = machine.topology.cores(domain.shape.span).front();
        const std::uint32_t cache_size =
            level > 0
                ? domains[level - 1].shape.span.count
                : static_cast<std::uint32_t>(machine.topology.cores_of_cache(machine.topology.cache(first)).size());
        const std::uint32_t caches = domain.shape.span.count / std::max(1U, cache_size);
        allowance = std::max(1U, caches == 1 ? domain.shape.span.count / 8 : caches);
        domain.numa_allowance = allowance;
        const auto numa = std::find_if(domains.begin() + static_cast<std::ptrdiff_t>(level) + (domain.is_numa ? 0 : 1),
                                       domains.end(), [](const FairDomain& each) { return each.is_numa; });
        span = std::max(1U, numa == domains.end() ? domain.shape.span.count : numa->shape.span.count);
    }
}

} // namespace

FairMachine::FairMachine(const Topology& given) : topology(given) {
    const std::uint32_t cores = topology.cores();
    std::int64_t fastest = 1;
    for (std::uint32_t core = 0; core < cores; ++core) fastest = std::max<std::int64_t>(fastest, topology.speed(core));
    caches.resize(topology.caches());
    for (CacheDomain& cache : caches) cache.cores.resize((cores + 63U) / 64U);
    for (std::uint32_t core = 0; core < cores; ++core) {
        capacity.push_back(std::max<std::int64_t>(1, capacity_scale * topology.speed(core) / fastest));
        caches[topology.cache(core)].cores[core / 64U] |= std::uint64_t{1} << (core % 64U);
        has_siblings |= topology.siblings(core).size() > 1;
    }
    std::uint32_t groups = 0;
    for (CoreId core = 0; core < cores; ++core) {
        first_domain.push_back(static_cast<std::uint32_t>(domains.size()));
        for (const SchedulingDomain& shape : topology.domains(core)) {
            FairDomain domain = make_domain(*this, shape);
            if (domains.size() > first_domain.back()) // cores that differ do not share alike
                domain.spreads_over_groups = !domains.back().is_numa && !domain.is_asymmetric;
            groups = std::max(groups, shape.first_group + shape.groups);
            domains.push_back(domain);
        }
        is_flat = is_flat && domains.size() - first_domain.back() <= 1;
        set_numa_allowances(*this, std::span{domains}.subspan(first_domain.back()));
    }
    first_domain.push_back(static_cast<std::uint32_t>(domains.size()));
    is_flat = is_flat && !has_siblings && !topology.is_asymmetric();
    group_imbalanced.resize(groups);
}

} // namespace switchyard::sim
