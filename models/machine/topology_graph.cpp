#include "models/machine/topology_graph.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <boost/graph/graphviz.hpp>
#include <fmt/format.h>
#include <limits>
#include <numeric>
#include <sstream>
#include <string_view>

namespace switchyard {

namespace {

// --- What can be checked before there is a graph -------------------------------------------------------------------

void check_speeds(std::uint32_t cores, const std::vector<std::uint32_t>& speeds) {
    if (speeds.empty()) return;
    if (speeds.size() != cores)
        throw InputError(fmt::format("there are {} speeds for {} cores: give each core one", speeds.size(), cores));
    for (std::size_t core = 0; core < speeds.size(); ++core)
        if (speeds[core] < 1 || speeds[core] > highest_speed)
            throw InputError(fmt::format("core {} cannot have {} thousandths of nominal speed: write 1 to {}", core,
                                         speeds[core], highest_speed));
}

void check_distances(std::size_t nodes, const std::vector<std::vector<std::uint32_t>>& distances) {
    if (distances.empty()) return;
    if (distances.size() != nodes)
        throw InputError(fmt::format("there are distances from {} nodes, but {} nodes", distances.size(), nodes));
    for (std::size_t from = 0; from < nodes; ++from) {
        if (distances[from].size() != nodes)
            throw InputError(
                fmt::format("node {} has {} distances: give one to each of {}", from, distances[from].size(), nodes));
        for (std::size_t to = 0; to < nodes; ++to)
            if (from == to ? distances[from][to] != local_distance : distances[from][to] < local_distance)
                throw InputError(fmt::format("from node {} to node {} it cannot be {}: within a node it is {}, to "
                                             "another at least that",
                                             from, to, distances[from][to], local_distance));
    }
}

// --- Building, from the outside in ---------------------------------------------------------------------------------

std::string_view name_of(TopologyPart part) {
    switch (part) {
    case TopologyPart::machine: return "machine";
    case TopologyPart::node: return "node";
    case TopologyPart::cache: return "cache";
    case TopologyPart::physical_core: return "physical core";
    case TopologyPart::core: return "core";
    }
    return "";
}

class Builder {
public:
    explicit Builder(std::uint32_t cores) : innermost_(cores, machine) { boost::add_vertex(graph_); }

    // Adds a part with these cores to the part all of them are in so far.
    void add(TopologyVertex part, const CoreSet& cores) {
        if (cores.empty()) throw InputError(fmt::format("a {} without cores is none", name_of(part.part)));
        for (const std::uint32_t core : cores) check(part, core, cores.front());
        const TopologyPlace whole = innermost_[cores.front()];
        const TopologyPlace place = boost::add_vertex(part, graph_);
        boost::add_edge(whole, place, graph_);
        for (const std::uint32_t core : cores) {
            if (innermost_[core] == place)
                throw InputError(fmt::format("core {} is named twice in a {}", core, name_of(part.part)));
            innermost_[core] = place;
        }
    }

    // Once all parts of the kind are there.
    void check_all_covered(TopologyPart kind) const {
        for (std::size_t core = 0; core < innermost_.size(); ++core)
            if (graph_[innermost_[core]].part != kind)
                throw InputError(fmt::format("core {} is in no {}: name it in one", core, name_of(kind)));
    }

    [[nodiscard]] TopologyGraph graph() && { return std::move(graph_); }

private:
    static constexpr TopologyPlace machine = 0;

    void check(const TopologyVertex& part, std::uint32_t core, std::uint32_t first) const {
        if (core >= innermost_.size())
            throw InputError(
                fmt::format("there is no core {}: the machine has {}, counted from 0", core, innermost_.size()));
        const TopologyVertex& whole = graph_[innermost_[core]];
        if (whole.part == part.part && whole.level == part.level)
            throw InputError(fmt::format("core {} is in two {}s{}: name it in one", core, name_of(part.part),
                                         part.part == TopologyPart::cache ? " of one level" : ""));
        if (innermost_[core] != innermost_[first])
            throw InputError(fmt::format("cores {} and {} share a {}, but not what it would be part of: sets must be "
                                         "nested, physical cores in caches of rising level in nodes",
                                         first, core, name_of(part.part)));
    }

    TopologyGraph graph_;
    std::vector<TopologyPlace> innermost_; // by core: the smallest part it is in so far
};

// In the order of their first cores.
std::vector<CoreSet> in_order(std::vector<CoreSet> sets) {
    for (CoreSet& set : sets) std::ranges::sort(set);
    std::ranges::sort(sets);
    return sets;
}

// A cache of no level is the last one.
std::uint32_t rank(const SharedCache& cache) {
    return cache.level == 0 ? std::numeric_limits<std::uint32_t>::max() : cache.level;
}

// From the outermost in, those of a level in the order of their first cores.
std::vector<SharedCache> in_order(std::vector<SharedCache> caches) {
    for (SharedCache& cache : caches) std::ranges::sort(cache.cores);
    std::ranges::sort(caches, [](const SharedCache& a, const SharedCache& b) {
        return rank(a) != rank(b) ? rank(a) > rank(b) : a.cores < b.cores;
    });
    return caches;
}

std::vector<CoreSet> one_each(std::uint32_t cores) {
    std::vector<CoreSet> sets;
    for (std::uint32_t core = 0; core < cores; ++core) sets.push_back({core});
    return sets;
}

CoreSet all(std::uint32_t cores) {
    CoreSet set(cores);
    std::iota(set.begin(), set.end(), 0u);
    return set;
}

} // namespace

TopologyGraph topology_graph(std::uint32_t cores, const TopologyDescription& description) {
    if (cores < 1 || cores > most_cores)
        throw InputError(fmt::format("a machine cannot have {} cores: write 1 to {}", cores, most_cores));
    check_speeds(cores, description.speeds);
    const auto nodes = description.nodes.empty() ? std::vector<CoreSet>(1, all(cores)) : description.nodes;
    if (nodes.size() > most_nodes)
        throw InputError(fmt::format("a machine cannot have {} nodes: write 1 to {}", nodes.size(), most_nodes));
    check_distances(nodes.size(), description.node_distances);

    Builder builder(cores);
    std::uint32_t number = 0;
    for (const CoreSet& node : nodes) builder.add({TopologyPart::node, number++, 0, {}, 0}, node);
    builder.check_all_covered(TopologyPart::node);

    number = 0;
    std::vector<SharedCache> caches = in_order(description.caches);
    if (caches.empty())
        for (const CoreSet& node : nodes) caches.push_back({0, {}, node});
    for (const SharedCache& cache : caches) {
        if (cache.level == 1) throw InputError("a cache of the first level is no part of it: write 2 or more");
        if (cache.size.count < 0) throw InputError("the size of a cache cannot be negative");
        builder.add({TopologyPart::cache, number++, cache.level, cache.size, 0}, cache.cores);
    }

    number = 0;
    const auto physical = description.physical_cores.empty() ? one_each(cores) : in_order(description.physical_cores);
    for (const CoreSet& set : physical) builder.add({TopologyPart::physical_core, number++, 0, {}, 0}, set);
    builder.check_all_covered(TopologyPart::physical_core);

    for (std::uint32_t core = 0; core < cores; ++core) {
        const std::uint32_t speed = description.speeds.empty() ? nominal_speed : description.speeds[core];
        builder.add({TopologyPart::core, core, 0, {}, speed}, {core});
    }
    return std::move(builder).graph();
}

// --- Drawing -------------------------------------------------------------------------------------------------------

namespace {

std::string label_of(const TopologyVertex& vertex) {
    std::string label = fmt::format("{} {}", name_of(vertex.part), vertex.number);
    switch (vertex.part) {
    case TopologyPart::machine: return "machine";
    case TopologyPart::node:
    case TopologyPart::physical_core: return label;
    case TopologyPart::cache:
        if (vertex.level > 0) label = fmt::format("L{} {}", vertex.level, label);
        return vertex.size.count > 0 ? fmt::format("{}, {}", label, text_of(vertex.size)) : label;
    case TopologyPart::core:
        if (vertex.speed == nominal_speed) return label;
        return fmt::format("{}, speed {}.{:03}", label, vertex.speed / nominal_speed, vertex.speed % nominal_speed);
    }
    return label;
}

} // namespace

std::string to_graphviz(const TopologyGraph& graph) {
    std::ostringstream text;
    boost::write_graphviz(text, graph, [&](std::ostream& stream, TopologyPlace place) {
        const bool runs = graph[place].part == TopologyPart::core;
        stream << fmt::format("[label=\"{}\", shape={}]", label_of(graph[place]), runs ? "ellipse" : "box");
    });
    return text.str();
}

} // namespace switchyard
