// The life cycle of a process or thread: five states, and the transitions there are. Silberschatz, Galvin and Gagne,
// Operating System Concepts, fig. 3.2 "Diagram of process state". The table is the only place that knows them.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace switchyard::sim {

enum class State : std::uint8_t {
    fresh,      // "new": being created
    ready,      // could run, waits for a core (or, carried by a thread, for its turn there)
    running,    // has a core
    blocked,    // waits for something other than a core
    terminated, // has ended; a process may still be a zombie
};
inline constexpr int states = 5;

// "new", "ready", "running", "blocked", "terminated".
[[nodiscard]] std::string_view name_of(State state);

struct Transition {
    State from;
    State to;
    std::string_view cause; // "admitted", "dispatched", ...
};

// Every legal transition.
[[nodiscard]] std::span<const Transition> life_cycle();

[[nodiscard]] bool is_legal(State from, State to);

// A transition that is not in the table was attempted: the simulator (or a policy) is wrong, not the scenario.
struct IllegalTransition : std::logic_error {
    using std::logic_error::logic_error;
};

// Moves `state` on. Throws IllegalTransition where the table has no such arrow.
void move_to(State& state, State to);

// The table as a Graphviz graph: `dot -Tsvg`.
[[nodiscard]] std::string life_cycle_graph();

} // namespace switchyard::sim
