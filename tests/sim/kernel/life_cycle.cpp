#include "sim/kernel/life_cycle.hpp"

#include <catch2/catch_test_macros.hpp>

using namespace switchyard::sim;

TEST_CASE("The life cycle is the textbook's five states") {
    State state = State::fresh;
    for (const State next : {State::ready, State::running, State::ready, State::running, State::blocked, State::ready,
                             State::running, State::terminated})
        REQUIRE_NOTHROW(move_to(state, next));
    CHECK(state == State::terminated);
}

TEST_CASE("Illegal transitions are refused and leave the state alone") {
    State blocked = State::blocked;
    CHECK_THROWS_AS(move_to(blocked, State::running), IllegalTransition); // must be ready first
    CHECK(blocked == State::blocked);
    for (const State to : {State::fresh, State::ready, State::running, State::blocked, State::terminated})
        CHECK_FALSE(is_legal(State::terminated, to)); // nothing leads out
    CHECK_FALSE(is_legal(State::fresh, State::running));
    CHECK_FALSE(is_legal(State::blocked, State::running));
}

TEST_CASE("The table is the only truth: is_legal agrees with it") {
    int legal = 0;
    for (int from = 0; from < states; ++from)
        for (int to = 0; to < states; ++to) legal += is_legal(static_cast<State>(from), static_cast<State>(to));
    CHECK(legal == static_cast<int>(life_cycle().size()));
}

TEST_CASE("The life cycle prints as a Graphviz graph with every arrow") {
    const std::string graph = life_cycle_graph();
    CHECK(graph.starts_with("digraph"));
    for (const Transition& t : life_cycle()) CHECK(graph.find(t.cause) != std::string::npos);
}
