#include "models/machine/topology.hpp"

#include "models/machine/topology_graph.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace switchyard {

std::string_view name_of(CoreDistance distance) {
    switch (distance) {
    case CoreDistance::same_core: return "same core";
    case CoreDistance::smt: return "same physical core";
    case CoreDistance::cache: return "same cache";
    case CoreDistance::node: return "same node";
    case CoreDistance::remote: return "another node";
    }
    return "";
}

namespace {

// Where each core is: a vertex of the graph, by core.
struct Ancestors {
    explicit Ancestors(std::size_t cores) : physical_core(cores), inner_cache(cores), last_cache(cores), node(cores) {}

    std::vector<TopologyPlace> physical_core;
    std::vector<TopologyPlace> inner_cache; // the nearest; where there is no cache: the physical core
    std::vector<TopologyPlace> last_cache;  // the farthest, likewise
    std::vector<TopologyPlace> node;
};

TopologyPlace whole_of(TopologyPlace part, const TopologyGraph& graph) {
    return boost::source(*boost::in_edges(part, graph).first, graph);
}

Ancestors climb(const TopologyGraph& graph, std::size_t cores) {
    Ancestors ancestors(cores);
    for (TopologyPlace place = 0; place < boost::num_vertices(graph); ++place) {
        if (graph[place].part != TopologyPart::core) continue;
        const std::uint32_t core = graph[place].number;
        TopologyPlace above = whole_of(place, graph);
        ancestors.physical_core[core] = ancestors.inner_cache[core] = ancestors.last_cache[core] = above;
        above = whole_of(above, graph);
        if (graph[above].part == TopologyPart::cache) ancestors.inner_cache[core] = above;
        for (; graph[above].part == TopologyPart::cache; above = whole_of(above, graph))
            ancestors.last_cache[core] = above;
        ancestors.node[core] = above;
    }
    return ancestors;
}

// For each core, all cores that are in the same place.
std::vector<CoreRange> spans_of(const std::vector<TopologyPlace>& places, CoreSets& sets) {
    std::map<TopologyPlace, CoreSet> together;
    for (std::uint32_t core = 0; core < places.size(); ++core) together[places[core]].push_back(core);
    std::map<TopologyPlace, CoreRange> ranges;
    for (const auto& [place, cores] : together) ranges.emplace(place, sets.add(cores));
    std::vector<CoreRange> spans;
    for (const TopologyPlace place : places) spans.push_back(ranges.at(place));
    return spans;
}

// The different spans in the order of their first cores, and for each core which of them is its own.
std::vector<CoreRange> different(const std::vector<CoreRange>& spans, std::vector<std::uint32_t>& own) {
    std::vector<CoreRange> found;
    std::map<CoreRange, std::uint32_t> numbers;
    for (const CoreRange span : spans) {
        const auto [known, is_new] = numbers.try_emplace(span, static_cast<std::uint32_t>(found.size()));
        if (is_new) found.push_back(span);
        own.push_back(known->second);
    }
    return found;
}

// For each distance between nodes, what is within it of each node (sched_init_numa).
std::vector<LevelSpans> numa_levels(const Topology& topology, CoreSets& sets) {
    std::set<std::uint32_t> distances;
    for (std::uint32_t from = 0; from < topology.nodes(); ++from)
        for (std::uint32_t to = 0; to < topology.nodes(); ++to) distances.insert(topology.node_distance(from, to));
    std::vector<LevelSpans> levels;
    for (const std::uint32_t distance : distances) {
        std::vector<CoreRange> of_node;
        for (std::uint32_t node = 0; node < topology.nodes(); ++node) {
            CoreSet within;
            for (std::uint32_t core = 0; core < topology.cores(); ++core)
                if (topology.node_distance(node, topology.node(core)) <= distance) within.push_back(core);
            of_node.push_back(sets.add(within));
        }
        LevelSpans level{DomainLevel::numa, distance, {}};
        for (std::uint32_t core = 0; core < topology.cores(); ++core)
            level.span.push_back(of_node[topology.node(core)]);
        levels.push_back(std::move(level));
    }
    return levels;
}

} // namespace

Topology::Topology(std::uint32_t cores, const TopologyDescription& description) {
    const TopologyGraph graph = topology_graph(cores, description);
    const Ancestors ancestors = climb(graph, cores);
    CoreSets sets;

    std::vector<CoreRange> alone;
    for (std::uint32_t core = 0; core < cores; ++core) alone.push_back(sets.add({core}));
    const std::vector<CoreRange> physical = spans_of(ancestors.physical_core, sets);
    const std::vector<CoreRange> last_cache = spans_of(ancestors.last_cache, sets);
    const std::vector<CoreRange> in_node = spans_of(ancestors.node, sets);
    std::vector<CoreRange> cluster = spans_of(ancestors.inner_cache, sets);
    // A cluster is less than what the last cache serves (cpu_clustergroup_mask in drivers/base/arch_topology.c).
    for (std::uint32_t core = 0; core < cores; ++core)
        if (cluster[core] == last_cache[core]) cluster[core] = physical[core];

    std::vector<std::uint32_t> physical_core;
    std::vector<std::uint32_t> cache;
    physical_cores_ = different(physical, physical_core);
    caches_ = different(last_cache, cache);
    places_.resize(cores);
    for (std::uint32_t core = 0; core < cores; ++core) {
        const std::uint32_t speed = description.speeds.empty() ? nominal_speed : description.speeds[core];
        places_[core] = {physical_core[core], cache[core], graph[ancestors.node[core]].number, speed};
        is_asymmetric_ = is_asymmetric_ || speed != places_.front().speed;
    }

    nodes_.resize(std::max<std::size_t>(description.nodes.size(), 1));
    for (std::uint32_t core = 0; core < cores; ++core) nodes_[node(core)] = in_node[core];
    for (std::uint32_t from = 0; from < nodes(); ++from)
        for (std::uint32_t to = 0; to < nodes(); ++to)
            node_distances_.push_back(!description.node_distances.empty() ? description.node_distances[from][to]
                                      : from == to                        ? local_distance
                                                                          : remote_distance);

    std::vector<LevelSpans> levels{{DomainLevel::smt, 0, alone},
                                   {DomainLevel::smt, 0, physical},
                                   {DomainLevel::cluster, 0, cluster},
                                   {DomainLevel::cache, 0, last_cache},
                                   {DomainLevel::node, 0, in_node}};
    for (LevelSpans& level : numa_levels(*this, sets)) levels.push_back(std::move(level));
    domains_ = scheduling_domains(levels, sets);
    pool_ = std::move(sets).pool();
}

std::string text_of(const Topology& topology) {
    const auto counted = [](std::uint32_t count, std::string_view what) {
        return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
    };
    std::string text = fmt::format("{}: {}, {}, {}", counted(topology.cores(), "core"),
                                   counted(topology.nodes(), "node"), counted(topology.caches(), "last-level cache"),
                                   counted(topology.physical_cores(), "physical core"));
    std::set<std::size_t> threads;
    std::set<std::uint32_t> speeds;
    for (std::uint32_t core = 0; core < topology.cores(); ++core) {
        threads.insert(topology.siblings(core).size());
        speeds.insert(topology.speed(core));
    }
    if (*threads.rbegin() > 1)
        text += threads.size() == 1 ? fmt::format(" of {} threads", *threads.begin())
                                    : fmt::format(" of {} to {} threads", *threads.begin(), *threads.rbegin());
    if (topology.is_asymmetric())
        text += fmt::format(", the slowest at {}.{} % of the fastest's speed", *speeds.begin() * 100 / *speeds.rbegin(),
                            *speeds.begin() * 1000 / *speeds.rbegin() % 10);
    return text;
}

} // namespace switchyard
