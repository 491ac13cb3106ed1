// Tickets of tasks, to draw from: a binary indexed tree (Fenwick 1994, "A New Data Structure for Cumulative Frequency
// Tables", Software: Practice and Experience 24(3)). Changing and finding are O(log n) in the ids of tasks; allocates
// only when those grow.
#pragma once

#include "models/trace/event.hpp"

#include <cstdint>
#include <vector>

namespace switchyard::sim {

class TicketPool {
public:
    // Sets how many tickets a task has in play; 0: none.
    void set(TaskId task, std::int64_t tickets);

    [[nodiscard]] std::int64_t total() const { return total_; }
    // Whose ticket that is, all tickets lying in the order of their owners' ids. Precondition: 0 <= ticket < total().
    [[nodiscard]] TaskId owner(std::int64_t ticket) const;

private:
    void add(std::size_t task, std::int64_t tickets);

    std::vector<std::int64_t> tickets_; // by task; a power of two of them
    std::vector<std::int64_t> tree_;    // sums over ranges that end at an index, counted from 1
    std::int64_t total_ = 0;
};

} // namespace switchyard::sim
