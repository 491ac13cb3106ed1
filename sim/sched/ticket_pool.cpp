#include "sim/sched/ticket_pool.hpp"

#include <bit>
#include <cassert>

namespace switchyard::sim {

void TicketPool::set(TaskId task, std::int64_t tickets) {
    if (task >= tickets_.size()) {
        tickets_.resize(std::bit_ceil(task + std::size_t{1}));
        tree_.assign(tickets_.size() + 1, 0);
        for (std::size_t id = 0; id < tickets_.size(); ++id) add(id, tickets_[id]);
    }
    const std::int64_t more = tickets - tickets_[task];
    if (more == 0) return;
    tickets_[task] = tickets;
    total_ += more;
    add(task, more);
}

void TicketPool::add(std::size_t task, std::int64_t tickets) {
    for (std::size_t at = task + 1; at < tree_.size(); at += at & (~at + 1)) tree_[at] += tickets;
}

TaskId TicketPool::owner(std::int64_t ticket) const {
    assert(ticket >= 0 && ticket < total_);
    std::size_t before = 0; // so many tasks' tickets lie before it
    for (std::size_t step = tickets_.size(); step > 0; step /= 2) {
        if (before + step >= tree_.size() || tree_[before + step] > ticket) continue;
        before += step;
        ticket -= tree_[before];
    }
    return static_cast<TaskId>(before);
}

} // namespace switchyard::sim
