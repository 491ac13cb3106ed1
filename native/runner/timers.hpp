// The instants (CLOCK_MONOTONIC, ns) at which tasks become ready.
#pragma once

#include "native/runner/task.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace switchyard::native {

class Timers {
public:
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

    void add(Task& task, std::int64_t instant) {
        heap_.push_back({instant, sequence_++, &task});
        std::push_heap(heap_.begin(), heap_.end());
    }

    [[nodiscard]] bool empty() const { return heap_.empty(); }
    [[nodiscard]] std::int64_t first() const { return heap_.empty() ? never : heap_.front().at; }

    // Calls `ready` with each that is due by now, in the order of their instants, of which it is told.
    template <class Ready>
    void take_due(std::int64_t now, Ready ready) {
        while (!heap_.empty() && heap_.front().at <= now) {
            Task& task = *heap_.front().task;
            task.ready_at = heap_.front().at;
            std::pop_heap(heap_.begin(), heap_.end());
            heap_.pop_back();
            ready(task);
        }
    }

private:
    struct Timer {
        std::int64_t at;
        std::uint64_t sequence; // first come, first woken
        Task* task;
        friend bool operator<(const Timer& a, const Timer& b) {
            return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
        }
    };
    std::vector<Timer> heap_; // the next due first
    std::uint64_t sequence_ = 0;
};

} // namespace switchyard::native
