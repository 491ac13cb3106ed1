// Who waits for whom: the wait-for graph (Coffman, Elphick, Shoshani, "System Deadlocks", 1971), as a Boost.Graph.
//
// A task waits for everybody without whom it cannot go on: the owner of a lock, all readers of one it wants for itself,
// the task it joins, the children it waits for. A cycle is a deadlock: none of those in it will ever go on. Who waits
// for what anybody could do (a semaphore's token, a message, a notice) has no edge: that nobody will is only known when
// nothing happens any more.
#pragma once

#include "models/trace/event.hpp"

#include <boost/graph/adjacency_list.hpp>
#include <span>
#include <string>
#include <vector>

namespace switchyard::sim {

// `waiter` cannot go on before `holder` has done something about `object`.
struct WaitForEdge {
    TaskId waiter = no_task;
    TaskId holder = no_task;
    std::string object; // "lock 'A'", "the end of thread 'B'"
};

struct WaitForVertex {
    TaskId task = no_task;
};

using WaitForGraph = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, WaitForVertex, WaitForEdge>;

[[nodiscard]] WaitForGraph wait_for_graph(std::span<const WaitForEdge> edges);

// The edges of a cycle, beginning with one that leaves the task with the lowest number; empty where there is none.
[[nodiscard]] std::vector<WaitForEdge> find_cycle(const WaitForGraph& graph);

// In Graphviz's language, those of the cycle in red; `names` are the tasks', by number.
[[nodiscard]] std::string graphviz(std::span<const WaitForEdge> edges, std::span<const WaitForEdge> cycle,
                                   const std::vector<std::string>& names);

} // namespace switchyard::sim
