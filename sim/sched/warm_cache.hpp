// A core's cache as a scheduler may think of it: a task that has run on the core for a while is warm there, until what
// became warm after it has taken its place. Arpaci-Dusseau, Operating Systems: Three Easy Pieces, ch. "Multiprocessor
// Scheduling" (multi.py).
#pragma once

#include "models/trace/event.hpp"
#include "models/units/size.hpp"

#include <cstdint>
#include <vector>

namespace switchyard::sim {

class WarmCache {
public:
    // `warm_up`: ticks a task has to run until it is warm; at 0 it is from its first one on. Once its place is taken it
    // has to run as long again, a tick at least.
    WarmCache(Bytes size, std::int64_t warm_up) : size_(size), warm_up_(warm_up) {}

    // The task, whose working set is so large, has got the core: it begins to warm up, or goes on where it was.
    void place(TaskId task, Bytes working_set);
    // It has run for a tick. One that becomes warm takes the place of those that did so longest ago, as many as it
    // needs; if it is too large for the cache, of itself.
    void tick(TaskId task);

    // Whether it is warm, as far as the ticks that are over go; whether the next tick runs warm.
    [[nodiscard]] bool is_warm(TaskId task) const { return task < entries_.size() && entries_[task].warm; }
    [[nodiscard]] bool runs_warm(TaskId task) const;

private:
    struct Entry {
        Bytes working_set;
        std::int64_t ticks_left = 0; // until it is warm
        TaskId next = no_task;       // that became warm after it
        bool placed = false;
        bool warm = false;
    };

    Bytes size_;
    std::int64_t warm_up_;
    Bytes used_;
    TaskId oldest_ = no_task;
    TaskId newest_ = no_task;
    std::vector<Entry> entries_; // by task
};

} // namespace switchyard::sim
