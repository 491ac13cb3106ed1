#include "sim/sync/wait_for.hpp"

#include <algorithm>
#include <boost/graph/depth_first_search.hpp>
#include <fmt/format.h>
#include <iterator>
#include <map>

namespace switchyard::sim {

namespace {

using Vertex = boost::graph_traits<WaitForGraph>::vertex_descriptor;
using Edge = boost::graph_traits<WaitForGraph>::edge_descriptor;

// Remembers the way down to where the search is, and the first cycle that is closed.
class CycleFinder : public boost::default_dfs_visitor {
public:
    explicit CycleFinder(std::vector<Edge>& path, std::vector<Edge>& cycle) : path_(path), cycle_(cycle) {}

    void tree_edge(Edge edge, const WaitForGraph&) { path_.push_back(edge); }
    void finish_vertex(Vertex, const WaitForGraph&) {
        if (!path_.empty()) path_.pop_back();
    }
    void back_edge(Edge edge, const WaitForGraph& graph) {
        if (!cycle_.empty()) return;
        const auto begins = [&](const Edge& step) { return source(step, graph) == target(edge, graph); };
        cycle_.assign(std::ranges::find_if(path_, begins), path_.end());
        cycle_.push_back(edge);
    }

private:
    std::vector<Edge>& path_;
    std::vector<Edge>& cycle_;
};

std::string quoted(std::string_view text) {
    std::string quoted = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') quoted += '\\';
        quoted += letter;
    }
    return quoted + '"';
}

bool is_same(const WaitForEdge& a, const WaitForEdge& b) {
    return a.waiter == b.waiter && a.holder == b.holder && a.object == b.object;
}

} // namespace

WaitForGraph wait_for_graph(std::span<const WaitForEdge> edges) {
    WaitForGraph graph;
    std::map<TaskId, Vertex> vertices;
    const auto vertex_of = [&](TaskId task) {
        const auto known = vertices.find(task);
        if (known != vertices.end()) return known->second;
        return vertices.emplace(task, add_vertex(WaitForVertex{task}, graph)).first->second;
    };
    for (const WaitForEdge& edge : edges) {
        const Vertex waiter = vertex_of(edge.waiter);
        add_edge(waiter, vertex_of(edge.holder), edge, graph);
    }
    return graph;
}

std::vector<WaitForEdge> find_cycle(const WaitForGraph& graph) {
    std::vector<Edge> path;
    std::vector<Edge> found;
    depth_first_search(graph, boost::visitor(CycleFinder(path, found)));
    std::vector<WaitForEdge> cycle;
    for (const Edge& edge : found) cycle.push_back(graph[edge]);
    std::rotate(cycle.begin(), std::ranges::min_element(cycle, {}, &WaitForEdge::waiter), cycle.end());
    return cycle;
}

std::string graphviz(std::span<const WaitForEdge> edges, std::span<const WaitForEdge> cycle,
                     const std::vector<std::string>& names) {
    std::string text = "digraph wait_for {\n";
    for (const WaitForEdge& edge : edges) {
        const bool is_in_cycle =
            std::ranges::any_of(cycle, [&](const WaitForEdge& step) { return is_same(step, edge); });
        fmt::format_to(std::back_inserter(text), "    {} -> {} [label={}{}];\n", quoted(names[edge.waiter]),
                       quoted(names[edge.holder]), quoted(edge.object), is_in_cycle ? ", color=red" : "");
    }
    return text + "}\n";
}

} // namespace switchyard::sim
