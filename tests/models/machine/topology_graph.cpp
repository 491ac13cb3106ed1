#include "models/machine/topology_graph.hpp"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <string>

using namespace switchyard;
using namespace switchyard::size_literals;

static std::ptrdiff_t count(const TopologyGraph& graph, TopologyPart part) {
    const auto [begin, end] = boost::vertices(graph);
    return std::count_if(begin, end, [&](TopologyPlace place) { return graph[place].part == part; });
}

TEST_CASE("the graph is a tree from the machine down to its cores", "[topology]") {
    const TopologyGraph graph =
        topology_graph(16, describe({.nodes = 2, .caches_per_node = 2, .cores_per_cache = 2, .threads_per_core = 2}));
    CHECK(count(graph, TopologyPart::machine) == 1);
    CHECK(count(graph, TopologyPart::node) == 2);
    CHECK(count(graph, TopologyPart::cache) == 4);
    CHECK(count(graph, TopologyPart::physical_core) == 8);
    CHECK(count(graph, TopologyPart::core) == 16);
    CHECK(boost::num_edges(graph) == boost::num_vertices(graph) - 1);
    for (TopologyPlace place = 0; place < boost::num_vertices(graph); ++place) {
        CHECK(boost::in_degree(place, graph) == (place == 0 ? 0 : 1));
        CHECK((boost::out_degree(place, graph) == 0) == (graph[place].part == TopologyPart::core));
    }
}

TEST_CASE("Graphviz draws every part with its label, and edges from the whole to the part", "[topology]") {
    const TopologyDescription description{.physical_cores = {{0, 1}, {2}},
                                          .caches = {{3, 32_MiB, {0, 1, 2}}, {2, {}, {0, 1}}},
                                          .speeds = {1000, 1000, 550}};
    CHECK(to_graphviz(topology_graph(3, description)) == R"(digraph G {
0[label="machine", shape=box];
1[label="node 0", shape=box];
2[label="L3 cache 0, 32 MiB", shape=box];
3[label="L2 cache 1", shape=box];
4[label="physical core 0", shape=box];
5[label="physical core 1", shape=box];
6[label="core 0", shape=ellipse];
7[label="core 1", shape=ellipse];
8[label="core 2, speed 0.550", shape=ellipse];
0->1 ;
1->2 ;
2->3 ;
3->4 ;
2->5 ;
4->6 ;
4->7 ;
5->8 ;
}
)");
}
