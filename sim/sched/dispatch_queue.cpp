#include "sim/sched/dispatch_queue.hpp"

#include <cassert>

namespace switchyard::sim {

DispatchQueues::DispatchQueues(QueueId queues) : ends_(queues) {}

void DispatchQueues::make_room(TaskId task) {
    if (task >= links_.size()) links_.resize(static_cast<std::size_t>(task) + 1);
}

void DispatchQueues::push_back(QueueId queue, TaskId task) {
    assert(!is_queued(task));
    Ends& ends = ends_[queue];
    links_[task] = {no_task, ends.last, queue};
    (ends.last == no_task ? ends.first : links_[ends.last].next) = task;
    ends.last = task;
}

void DispatchQueues::push_front(QueueId queue, TaskId task) {
    assert(!is_queued(task));
    Ends& ends = ends_[queue];
    links_[task] = {ends.first, no_task, queue};
    (ends.first == no_task ? ends.last : links_[ends.first].previous) = task;
    ends.first = task;
}

void DispatchQueues::remove(TaskId task) {
    assert(is_queued(task));
    Link& link = links_[task];
    Ends& ends = ends_[link.queue];
    (link.previous == no_task ? ends.first : links_[link.previous].next) = link.next;
    (link.next == no_task ? ends.last : links_[link.next].previous) = link.previous;
    link = {};
}

} // namespace switchyard::sim
