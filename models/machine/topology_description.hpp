// How the cores of a machine hang together, as plain data: what a scenario says and what the kernel tells.
//
// A core is what a scheduler sees as one: a logical CPU in Linux's words, a hardware thread in the processor's. From
// the inside out: hardware threads that share a physical core (SMT), physical cores that share caches, caches of a NUMA
// node (processors with memory of their own), nodes of the machine. Cores and nodes are counted from 0.
#pragma once

#include "models/units/size.hpp"

#include <cstdint>
#include <vector>

namespace switchyard {

inline constexpr std::uint32_t most_cores = 4096;
inline constexpr std::uint32_t most_nodes = 1024; // as Linux's MAX_NUMNODES with NODES_SHIFT = 10

// How much work a core does in a time, in thousandths of what a nominal core does.
inline constexpr std::uint32_t nominal_speed = 1000;
inline constexpr std::uint32_t highest_speed = 100 * nominal_speed;

// How far away memory is, as firmware tells it (ACPI, System Locality Information Table) and Linux where nothing does.
inline constexpr std::uint32_t local_distance = 10;
inline constexpr std::uint32_t remote_distance = 20;

using CoreSet = std::vector<std::uint32_t>;

// A cache that several cores use, or one core has for itself.
struct SharedCache {
    std::uint32_t level = 0; // 2, 3, ...; 0: the last one, whatever its number
    Bytes size;              // 0: not known
    CoreSet cores;
    friend bool operator==(const SharedCache&, const SharedCache&) = default;
};

// Each list says nothing by being empty, and has a default for it. Sets must be nested: physical cores in caches of
// rising level in nodes.
struct TopologyDescription {
    std::vector<CoreSet> physical_cores{}; // the hardware threads of each; default: every core is one
    std::vector<SharedCache> caches{};     // from the second level on; default: one in every node, for all of its cores
    std::vector<CoreSet> nodes{};          // default: one
    std::vector<std::vector<std::uint32_t>> node_distances{}; // each to each; default: 10 to itself, 20 to others
    std::vector<std::uint32_t> speeds{};                      // one a core, in thousandths; default: all nominal
    friend bool operator==(const TopologyDescription&, const TopologyDescription&) = default;
};

// A machine all of whose parts are alike.
struct RegularTopology {
    std::uint32_t nodes = 1;
    std::uint32_t caches_per_node = 1;  // last-level caches
    std::uint32_t cores_per_cache = 1;  // physical cores
    std::uint32_t threads_per_core = 1; // hardware threads: what the scheduler sees as cores
};

// How many cores such a machine has. Throws InputError where it is none or more than `most_cores`.
[[nodiscard]] std::uint32_t cores_of(const RegularTopology& shape);

// Cores are counted from the inside out: the hardware threads of a physical core follow each other, as do the physical
// cores of a cache and the caches of a node. (Firmware often counts otherwise: first one thread of every physical
// core.) Throws as `cores_of` does.
[[nodiscard]] TopologyDescription describe(const RegularTopology& shape);

// How many cores the description speaks of; 0 where it says nothing that depends on their number.
[[nodiscard]] std::uint32_t cores_named(const TopologyDescription& description);

// Throws InputError for what describes no machine of so many cores (1 to `most_cores`): a core that is in no set or in
// two of a kind, sets that cross, speeds that are not one a core or not from 1 to `highest_speed`, distances that
// are not one a pair of nodes, 10 within a node and at least that between two (as the kernel holds firmware to).
void validate(std::uint32_t cores, const TopologyDescription& description);

} // namespace switchyard
