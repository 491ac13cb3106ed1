// Carried tasks that wait for something while their event loops go on: a queue in user space, beside the futex of those
// who wait with their threads. All of one process.
#pragma once

#include "native/plan/shared_state.hpp"
#include "native/runner/task.hpp"

namespace switchyard::native {

// Held for a few instructions.
class QueueGuard {
public:
    explicit QueueGuard(WaitingTasks& queue) : queue_(queue) {
        while (queue_.guard.exchange(1, std::memory_order_acquire) != 0) __builtin_ia32_pause();
    }
    ~QueueGuard() { queue_.guard.store(0, std::memory_order_release); }
    QueueGuard(const QueueGuard&) = delete;
    QueueGuard& operator=(const QueueGuard&) = delete;

private:
    WaitingTasks& queue_;
};

// Behind the others. What they wait for is to be looked at once more afterwards: `count` is in one order with it.
inline void enqueue(WaitingTasks& queue, Task& task) {
    const QueueGuard guard(queue);
    task.next_in_queue = nullptr;
    if (queue.first == nullptr)
        queue.first = &task;
    else
        static_cast<Task*>(queue.last)->next_in_queue = &task;
    queue.last = &task;
    queue.count.fetch_add(1);
}

// The first, if there is one.
inline Task* dequeue(WaitingTasks& queue) {
    if (queue.count.load() == 0) return nullptr;
    const QueueGuard guard(queue);
    auto* const task = static_cast<Task*>(queue.first);
    if (task == nullptr) return nullptr;
    queue.first = task->next_in_queue;
    queue.count.fetch_sub(1);
    return task;
}

// Whether it was still there.
inline bool take_out(WaitingTasks& queue, const Task& task) {
    const QueueGuard guard(queue);
    Task* before = nullptr;
    for (auto* at = static_cast<Task*>(queue.first); at != nullptr; before = at, at = at->next_in_queue) {
        if (at != &task) continue;
        if (before == nullptr)
            queue.first = at->next_in_queue;
        else
            before->next_in_queue = at->next_in_queue;
        if (queue.last == at) queue.last = before;
        queue.count.fetch_sub(1);
        return true;
    }
    return false;
}

} // namespace switchyard::native
