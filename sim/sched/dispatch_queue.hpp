// Dispatch queues: where a policy puts tasks that are ready (sched_ext's "DSQ"). First in, first out.
#pragma once

#include "models/trace/event.hpp"

#include <cstdint>
#include <vector>

namespace switchyard::sim {

// Which queue of a set.
using QueueId = std::uint32_t;

// A set of first-in first-out queues over tasks, each task in at most one of them. Intrusive: a task's links live in an
// array of its own, so that putting in, taking out of either end or the middle are O(1) and allocate only when the
// number of tasks grows.
class DispatchQueues {
public:
    explicit DispatchQueues(QueueId queues);

    // One queue more, behind the others.
    QueueId add_queue() {
        ends_.emplace_back();
        return static_cast<QueueId>(ends_.size() - 1);
    }

    // Room for so many tasks, so that it grows no more until then.
    void reserve(std::size_t tasks) { links_.reserve(tasks); }

    // Makes room for tasks up to and including this one.
    void make_room(TaskId task);

    void push_back(QueueId queue, TaskId task);
    void push_front(QueueId queue, TaskId task);
    void remove(TaskId task);

    [[nodiscard]] TaskId front(QueueId queue) const { return ends_[queue].first; }
    [[nodiscard]] TaskId after(TaskId task) const { return links_[task].next; }
    [[nodiscard]] bool empty(QueueId queue) const { return ends_[queue].first == no_task; }
    [[nodiscard]] bool is_queued(TaskId task) const { return links_[task].queue != nowhere; }

private:
    static constexpr QueueId nowhere = ~QueueId{0};
    struct Link {
        TaskId next = no_task;
        TaskId previous = no_task;
        QueueId queue = nowhere;
    };
    struct Ends {
        TaskId first = no_task;
        TaskId last = no_task;
    };
    std::vector<Link> links_;
    std::vector<Ends> ends_;
};

} // namespace switchyard::sim
