#include "models/machine/topology_description.hpp"

#include "models/errors.hpp"
#include "models/machine/topology_graph.hpp"

#include <fmt/format.h>
#include <tuple>

namespace switchyard {

namespace {

std::uint32_t cores_in(const std::vector<CoreSet>& sets) {
    std::size_t cores = 0;
    for (const CoreSet& set : sets) cores += set.size();
    return static_cast<std::uint32_t>(cores);
}

// The cores from `first` on, `count` of them.
CoreSet consecutive(std::uint32_t first, std::uint32_t count) {
    CoreSet cores;
    for (std::uint32_t core = first; core < first + count; ++core) cores.push_back(core);
    return cores;
}

} // namespace

std::uint32_t cores_of(const RegularTopology& shape) {
    std::uint64_t cores = 1;
    for (const std::uint32_t factor :
         {shape.nodes, shape.caches_per_node, shape.cores_per_cache, shape.threads_per_core}) {
        cores *= factor;
        if (factor == 0) throw InputError("a machine has at least one node, cache, core and thread: write 1 or more");
        if (cores > most_cores)
            throw InputError(fmt::format("{} nodes x {} caches x {} cores x {} threads are more than {} cores",
                                         shape.nodes, shape.caches_per_node, shape.cores_per_cache,
                                         shape.threads_per_core, most_cores));
    }
    return static_cast<std::uint32_t>(cores);
}

TopologyDescription describe(const RegularTopology& shape) {
    const std::uint32_t cores = cores_of(shape);
    const std::uint32_t threads = shape.threads_per_core;
    const std::uint32_t in_cache = shape.cores_per_cache * threads;
    const std::uint32_t in_node = shape.caches_per_node * in_cache;
    TopologyDescription description;
    for (std::uint32_t core = 0; core < cores; core += threads)
        description.physical_cores.push_back(consecutive(core, threads));
    for (std::uint32_t core = 0; core < cores; core += in_cache)
        description.caches.push_back({0, {}, consecutive(core, in_cache)});
    for (std::uint32_t core = 0; core < cores; core += in_node) description.nodes.push_back(consecutive(core, in_node));
    return description;
}

std::uint32_t cores_named(const TopologyDescription& description) {
    if (!description.physical_cores.empty()) return cores_in(description.physical_cores);
    if (!description.nodes.empty()) return cores_in(description.nodes);
    return static_cast<std::uint32_t>(description.speeds.size());
}

void validate(std::uint32_t cores, const TopologyDescription& description) {
    std::ignore = topology_graph(cores, description); // it is built only if all is right
}

} // namespace switchyard
