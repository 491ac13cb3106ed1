// Scheduling domains in Linux's sense: which cores load is balanced among, level by level (kernel/sched/topology.c).
#pragma once

#include "models/machine/topology_description.hpp"

#include <map>
#include <span>
#include <string_view>

namespace switchyard {

// Linux's levels (default_topology, sched_init_numa), from the inside out.
enum class DomainLevel : std::uint8_t {
    smt,     // SMT: a physical core
    cluster, // CLS: a cache below the last level, usually the second
    cache,   // MC, multi-core: the last-level cache
    node,    // PKG (DIE before Linux 6.7): a node
    numa,    // NODE, NUMA: all nodes within some distance
};
[[nodiscard]] std::string_view name_of(DomainLevel level); // as Linux calls it: "SMT"

// Some cores in ascending order, as a part of a pool: see CoreSets.
struct CoreRange {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    friend auto operator<=>(const CoreRange&, const CoreRange&) = default;
};

// Load is balanced over the cores of `span`, as one core sees it (struct sched_domain). Its groups (struct sched_group)
// are spans of the level below, and balancing moves tasks from one to another. At a NUMA level groups may overlap where
// nodes are not all equally far apart.
struct SchedulingDomain {
    DomainLevel level = DomainLevel::smt;
    std::uint32_t id = 0;            // the same for all cores that are in this one domain: for data they share
    std::uint32_t node_distance = 0; // numa: from the core's own node to the farthest in it
    CoreRange span;
    std::uint32_t first_group = 0; // in DomainTable::groups, in the order of their first cores
    std::uint32_t groups = 0;
    std::uint32_t local_group = 0; // which of them is the core's own, from 0
};

// Sets of cores in one pool, each once: equal sets are equal ranges.
class CoreSets {
public:
    // Of ascending cores.
    CoreRange add(const CoreSet& cores);
    [[nodiscard]] std::span<const std::uint32_t> operator[](CoreRange range) const {
        return {pool_.data() + range.first, range.count};
    }
    [[nodiscard]] std::vector<std::uint32_t> pool() && { return std::move(pool_); }

private:
    std::vector<std::uint32_t> pool_;
    std::map<CoreSet, CoreRange> known_;
};

// One level of all cores: which span each has there.
struct LevelSpans {
    DomainLevel level = DomainLevel::smt;
    std::uint32_t node_distance = 0;
    std::vector<CoreRange> span; // by core
};

struct DomainTable {
    std::vector<SchedulingDomain> domains; // core after core, the lowest first
    std::vector<CoreRange> of_core;        // parts of `domains`
    std::vector<CoreRange> groups;
    std::uint32_t different = 0; // ids are below this
};

// Every core's domains. `levels` begin with one at which every core is alone; each core's spans grow from level to
// level. A level that adds no core to the one below is left out, as Linux does (sd_degenerate, sd_parent_degenerate).
[[nodiscard]] DomainTable scheduling_domains(std::span<const LevelSpans> levels, const CoreSets& sets);

} // namespace switchyard
