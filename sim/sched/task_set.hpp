// A set of tasks in the order of their ids, for policies that go round: a tree of bits, 64 a node. Putting in, taking
// out and finding the next one are O(log n) to the base of 64; allocates only when ids grow.
#pragma once

#include "models/trace/event.hpp"

#include <cstdint>
#include <vector>

namespace switchyard::sim {

class TaskSet {
public:
    // Makes room for tasks up to and including this one.
    void make_room(TaskId task);

    void insert(TaskId task);
    void remove(TaskId task); // also one that is not in it

    [[nodiscard]] bool contains(TaskId task) const;
    // The first task from this id on; no_task: none.
    [[nodiscard]] TaskId first_from(TaskId task) const;

private:
    // The leaves, then what is not empty below, up to a single word.
    std::vector<std::vector<std::uint64_t>> levels_;
};

} // namespace switchyard::sim
