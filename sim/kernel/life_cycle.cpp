#include "sim/kernel/life_cycle.hpp"

#include <array>
#include <fmt/format.h>
#include <iterator>

namespace switchyard::sim {

namespace {
constexpr std::array<Transition, 10> transitions{{
    {State::fresh, State::ready, "admitted"},
    {State::fresh, State::terminated, "killed"}, // its process died before it was admitted
    {State::ready, State::running, "dispatched"},
    {State::ready, State::terminated, "killed"},
    {State::ready, State::blocked, "its job is given up"},
    {State::running, State::ready, "preempted, yielded"},
    {State::running, State::blocked, "waits"},
    {State::running, State::terminated, "exits, crashes, killed"},
    {State::blocked, State::ready, "woken"},
    {State::blocked, State::terminated, "killed"},
}};

// One bit for every legal pair, so that checking costs next to nothing.
constexpr std::uint32_t legal_pairs = [] {
    std::uint32_t bits = 0;
    for (const Transition& t : transitions)
        bits |= 1u << (static_cast<unsigned>(t.from) * states + static_cast<unsigned>(t.to));
    return bits;
}();
} // namespace

std::string_view name_of(State state) {
    constexpr std::array<std::string_view, states> names{"new", "ready", "running", "blocked", "terminated"};
    return names[static_cast<std::size_t>(state)];
}

std::span<const Transition> life_cycle() { return transitions; }

bool is_legal(State from, State to) {
    return (legal_pairs >> (static_cast<unsigned>(from) * states + static_cast<unsigned>(to)) & 1u) != 0;
}

// Out of line of the fast path.
[[noreturn]] static void throw_illegal(State from, State to) {
    throw IllegalTransition(fmt::format("a task cannot go from {} to {}", name_of(from), name_of(to)));
}

void move_to(State& state, State to) {
    if (!is_legal(state, to)) [[unlikely]]
        throw_illegal(state, to);
    state = to;
}

std::string life_cycle_graph() {
    std::string graph = "digraph life_cycle {\n    rankdir=LR;\n    node [shape=ellipse];\n";
    for (const Transition& t : transitions)
        fmt::format_to(std::back_inserter(graph), "    {} -> {} [label=\"{}\"];\n",
                       fmt::format("\"{}\"", name_of(t.from)), fmt::format("\"{}\"", name_of(t.to)), t.cause);
    return graph + "}\n";
}

} // namespace switchyard::sim
