#include "sim/sched/task_set.hpp"

#include <bit>

namespace switchyard::sim {

void TaskSet::make_room(TaskId task) {
    if (levels_.empty()) levels_.emplace_back(1);
    std::size_t last = task / 64;
    for (std::size_t level = 0;; ++level, last /= 64) {
        if (last >= levels_[level].size()) levels_[level].resize(last + 1);
        if (levels_[level].size() == 1) return;
        if (level + 1 < levels_.size()) continue;
        // One node more at the top; until now it had a single word below it.
        levels_.emplace_back(1, levels_[level].front() != 0 ? 1 : 0);
    }
}

void TaskSet::insert(TaskId task) {
    std::size_t at = task;
    for (std::vector<std::uint64_t>& level : levels_) {
        level[at / 64] |= std::uint64_t{1} << (at % 64);
        at /= 64;
    }
}

void TaskSet::remove(TaskId task) {
    std::size_t at = task;
    for (std::vector<std::uint64_t>& level : levels_) {
        level[at / 64] &= ~(std::uint64_t{1} << (at % 64));
        if (level[at / 64] != 0) return;
        at /= 64;
    }
}

bool TaskSet::contains(TaskId task) const { return (levels_[0][task / 64] >> (task % 64) & 1U) != 0; }

TaskId TaskSet::first_from(TaskId task) const {
    std::size_t at = task;
    for (std::size_t level = 0; level < levels_.size(); ++level) { // up, until something is ahead
        if (at / 64 >= levels_[level].size()) return no_task;
        const std::uint64_t ahead = levels_[level][at / 64] >> (at % 64);
        if (ahead == 0) {
            at = at / 64 + 1;
            continue;
        }
        at += static_cast<std::size_t>(std::countr_zero(ahead));
        while (level-- > 0) // and down to the first of it
            at = at * 64 + static_cast<std::size_t>(std::countr_zero(levels_[level][at]));
        return static_cast<TaskId>(at);
    }
    return no_task;
}

} // namespace switchyard::sim
