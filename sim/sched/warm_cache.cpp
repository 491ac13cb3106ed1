#include "sim/sched/warm_cache.hpp"

#include <algorithm>

namespace switchyard::sim {

void WarmCache::place(TaskId task, Bytes working_set) {
    if (task >= entries_.size()) entries_.resize(task + std::size_t{1});
    Entry& entry = entries_[task];
    if (entry.placed) return;
    entry = {.working_set = working_set, .ticks_left = warm_up_, .placed = true};
}

bool WarmCache::runs_warm(TaskId task) const {
    const Entry& entry = entries_[task];
    return entry.warm || (entry.ticks_left == 0 && entry.working_set <= size_);
}

void WarmCache::tick(TaskId task) {
    Entry& entry = entries_[task];
    if (entry.warm || --entry.ticks_left > 0) return;
    entry.warm = true;
    entry.next = no_task;
    (newest_ == no_task ? oldest_ : entries_[newest_].next) = task;
    newest_ = task;
    used_ += entry.working_set;
    while (used_ > size_) {
        Entry& evicted = entries_[oldest_];
        evicted.warm = false;
        evicted.ticks_left = std::max<std::int64_t>(warm_up_, 1);
        used_ = used_ - evicted.working_set;
        oldest_ = evicted.next;
        if (oldest_ == no_task) newest_ = no_task;
    }
}

} // namespace switchyard::sim
