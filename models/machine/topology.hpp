// The machine's topology for dispatch: what a scheduler asks about cores at every decision, in flat arrays.
#pragma once

#include "models/machine/scheduling_domain.hpp"
#include "models/machine/topology_description.hpp"

#include <span>
#include <string>
#include <string_view>

namespace switchyard {

// What two cores share, the nearest thing first. A wake-up or a migration costs the more the farther it goes.
enum class CoreDistance : std::uint8_t {
    same_core,
    smt,    // hardware threads of one physical core
    cache,  // the last-level cache
    node,   // a node's memory, no cache
    remote, // the machine
};
[[nodiscard]] std::string_view name_of(CoreDistance distance);

// Immutable, a value; every question is answered from an array. Cores are below `cores()`, which is the caller's to
// keep to.
class Topology {
public:
    // Throws InputError as `validate` does. So many cores alone are separate ones, alike, in one node with one cache.
    explicit Topology(std::uint32_t cores, const TopologyDescription& description = {});

    [[nodiscard]] std::uint32_t cores() const { return static_cast<std::uint32_t>(places_.size()); }
    [[nodiscard]] std::uint32_t physical_cores() const { return static_cast<std::uint32_t>(physical_cores_.size()); }
    [[nodiscard]] std::uint32_t caches() const { return static_cast<std::uint32_t>(caches_.size()); } // last-level
    [[nodiscard]] std::uint32_t nodes() const { return static_cast<std::uint32_t>(nodes_.size()); }
    [[nodiscard]] std::uint32_t domains() const { return domains_.different; } // different ones

    // In thousandths of what a nominal core does in the same time.
    [[nodiscard]] std::uint32_t speed(std::uint32_t core) const { return places_[core].speed; }
    // Whether some cores are faster than others.
    [[nodiscard]] bool is_asymmetric() const { return is_asymmetric_; }

    [[nodiscard]] std::uint32_t physical_core(std::uint32_t core) const { return places_[core].physical_core; }
    // The group of cores that share its last-level cache; where none is described for it, its siblings.
    [[nodiscard]] std::uint32_t cache(std::uint32_t core) const { return places_[core].cache; }
    [[nodiscard]] std::uint32_t node(std::uint32_t core) const { return places_[core].node; }

    // The hardware threads of the core's physical core, itself among them.
    [[nodiscard]] std::span<const std::uint32_t> siblings(std::uint32_t core) const {
        return cores(physical_cores_[physical_core(core)]);
    }
    [[nodiscard]] std::span<const std::uint32_t> cores_of_cache(std::uint32_t cache) const {
        return cores(caches_[cache]);
    }
    [[nodiscard]] std::span<const std::uint32_t> cores_of_node(std::uint32_t node) const { return cores(nodes_[node]); }

    [[nodiscard]] CoreDistance distance(std::uint32_t a, std::uint32_t b) const {
        const Place& from = places_[a];
        const Place& to = places_[b];
        if (a == b) return CoreDistance::same_core;
        if (from.physical_core == to.physical_core) return CoreDistance::smt;
        if (from.cache == to.cache) return CoreDistance::cache;
        return from.node == to.node ? CoreDistance::node : CoreDistance::remote;
    }
    // 10 within a node; 20 is twice as far.
    [[nodiscard]] std::uint32_t node_distance(std::uint32_t from, std::uint32_t to) const {
        return node_distances_[from * nodes() + to];
    }

    // The core's scheduling domains, the lowest first. Levels that add no core to the level below are left out, as
    // Linux does (sd_degenerate, sd_parent_degenerate): on a machine of one core there are none.
    [[nodiscard]] std::span<const SchedulingDomain> domains(std::uint32_t core) const {
        const CoreRange part = domains_.of_core[core];
        return {domains_.domains.data() + part.first, part.count};
    }
    // Its groups, in the order of their first cores.
    [[nodiscard]] std::span<const CoreRange> groups(const SchedulingDomain& domain) const {
        return {domains_.groups.data() + domain.first_group, domain.groups};
    }
    [[nodiscard]] std::span<const std::uint32_t> cores(CoreRange range) const {
        return {pool_.data() + range.first, range.count};
    }

private:
    struct Place {
        std::uint32_t physical_core = 0;
        std::uint32_t cache = 0;
        std::uint32_t node = 0;
        std::uint32_t speed = nominal_speed;
    };

    std::vector<Place> places_; // by core
    std::vector<CoreRange> physical_cores_;
    std::vector<CoreRange> caches_;
    std::vector<CoreRange> nodes_;
    std::vector<std::uint32_t> node_distances_; // from, to
    DomainTable domains_;
    std::vector<std::uint32_t> pool_; // of cores
    bool is_asymmetric_ = false;
};

// The machine in a line: "8 cores: 2 nodes, 2 last-level caches, 4 physical cores of 2 threads".
[[nodiscard]] std::string text_of(const Topology& topology);

} // namespace switchyard
