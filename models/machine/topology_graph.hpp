// The machine's topology as a graph: a tree from the machine through nodes, caches and physical cores down to the
// cores.
#pragma once

#include "models/machine/topology_description.hpp"

#include <boost/graph/adjacency_list.hpp>
#include <string>

namespace switchyard {

enum class TopologyPart : std::uint8_t { machine, node, cache, physical_core, core };

struct TopologyVertex {
    TopologyPart part = TopologyPart::machine;
    std::uint32_t number = 0; // among the parts of its kind
    std::uint32_t level = 0;  // cache: see SharedCache
    Bytes size;               // cache: 0: not known
    std::uint32_t speed = 0;  // core: in thousandths of nominal
};

// An edge leads from a whole to its part. Every vertex but the machine has one edge in: what it is part of.
using TopologyGraph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, TopologyVertex, boost::no_property>;
using TopologyPlace = boost::graph_traits<TopologyGraph>::vertex_descriptor;

// The machine is vertex 0. Nodes and cores keep their numbers; physical cores are numbered in the order of their first
// cores, and so are the caches of a level, from the outermost level in. Throws InputError as `validate` does.
[[nodiscard]] TopologyGraph topology_graph(std::uint32_t cores, const TopologyDescription& description = {});

// The graph in the DOT language of Graphviz: `dot -Tsvg` draws it.
[[nodiscard]] std::string to_graphviz(const TopologyGraph& graph);

} // namespace switchyard
