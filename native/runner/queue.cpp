#include "native/runner/queue.hpp"

#include "models/errors.hpp"
#include "native/runner/reactor.hpp"
#include "native/runner/task.hpp"

#include <utility>

namespace switchyard::native {

namespace {

struct Queue {
    QueueState& state;
    std::span<MessageSlot> ring;

    [[nodiscard]] bool is_full() const { return state.count == ring.size(); }
};

Queue queue_of(const Run& run, std::uint32_t channel) {
    const PlanChannel& planned = run.plan.channels[channel];
    return {run.state.queues[channel], run.state.slots.subspan(planned.first_slot, planned.slots)};
}

Queue queue_of(const Task& task) { return queue_of(*task.thread->run, task.code[task.position].object); }

void append(Task*& list, Task& task) {
    Task** place = &list;
    while (*place != nullptr) place = &(*place)->next_in_queue;
    task.next_in_queue = nullptr;
    *place = &task;
}

Task* take_first(Task*& list) { return list == nullptr ? nullptr : std::exchange(list, list->next_in_queue); }

bool park_receiver(Task& task) {
    const Queue queue = queue_of(task);
    pthread_mutex_lock(&queue.state.mutex);
    const bool waits = queue.state.count == 0 && queue.state.closed == 0;
    if (waits) append(queue.state.suspended_receivers, task);
    pthread_mutex_unlock(&queue.state.mutex);
    return waits;
}

bool park_sender(Task& task) {
    const Queue queue = queue_of(task);
    pthread_mutex_lock(&queue.state.mutex);
    const bool waits = queue.is_full() && queue.state.closed == 0;
    if (waits) append(queue.state.suspended_senders, task);
    pthread_mutex_unlock(&queue.state.mutex);
    return waits;
}

void wait(const Task& task, QueueState& state, pthread_cond_t& condition, std::uint32_t& blocked) {
    const Waiting waiting(task);
    ++blocked;
    pthread_cond_wait(&condition, &state.mutex);
    --blocked;
}

// Gives the lock back, and wakes one of those at the other side, if there is one.
void leave_and_wake(Task& task, QueueState& state, Task*& suspended, std::uint32_t blocked, pthread_cond_t& condition) {
    Task* const next = take_first(suspended);
    pthread_mutex_unlock(&state.mutex);
    if (next != nullptr)
        make_ready(*next, *task.thread);
    else if (blocked > 0)
        pthread_cond_signal(&condition);
}

} // namespace

void make_queue(const Run& run, std::size_t channel) {
    QueueState& state = run.state.queues[channel];
    int error = pthread_mutex_init(&state.mutex, nullptr);
    if (error == 0) error = pthread_cond_init(&state.not_empty, nullptr);
    if (error == 0) error = pthread_cond_init(&state.not_full, nullptr);
    if (error != 0) throw SystemError::from_errno("making a queue", error);
}

Transferred send_to_queue(Task& task, const PlanOperation& operation) {
    const Queue queue = queue_of(task);
    QueueState& state = queue.state;
    pthread_mutex_lock(&state.mutex);
    while (queue.is_full() && state.closed == 0) {
        if (operation.asynchronous) {
            pthread_mutex_unlock(&state.mutex);
            task.park = park_sender;
            task.awaited_state = TaskState::suspended;
            return Transferred::parks;
        }
        wait(task, state, state.not_full, state.blocked_senders);
    }
    if (state.closed != 0) {
        pthread_mutex_unlock(&state.mutex);
        return Transferred::broken;
    }
    const std::size_t last = (std::size_t{state.first} + state.count++) % queue.ring.size();
    queue.ring[last].request = task.request;
    leave_and_wake(task, state, state.suspended_receivers, state.blocked_receivers, state.not_empty);
    return Transferred::all;
}

Transferred receive_from_queue(Task& task, const PlanOperation& operation) {
    const Queue queue = queue_of(task);
    QueueState& state = queue.state;
    pthread_mutex_lock(&state.mutex);
    while (state.count == 0 && state.closed == 0) {
        if (operation.asynchronous) {
            pthread_mutex_unlock(&state.mutex);
            task.park = park_receiver;
            task.awaited_state = TaskState::suspended;
            return Transferred::parks;
        }
        wait(task, state, state.not_empty, state.blocked_receivers);
    }
    if (state.count == 0) {
        pthread_mutex_unlock(&state.mutex);
        return Transferred::ended;
    }
    const std::uint32_t request = queue.ring[state.first].request;
    state.first = (state.first + 1) % static_cast<std::uint32_t>(queue.ring.size());
    --state.count;
    if (request != 0) task.request = request;
    leave_and_wake(task, state, state.suspended_senders, state.blocked_senders, state.not_full);
    return Transferred::all;
}

void close_queue(Task& task, std::uint32_t channel) {
    QueueState& state = queue_of(*task.thread->run, channel).state;
    pthread_mutex_lock(&state.mutex);
    state.closed = 1;
    Task* receivers = std::exchange(state.suspended_receivers, nullptr);
    Task* senders = std::exchange(state.suspended_senders, nullptr);
    pthread_mutex_unlock(&state.mutex);
    pthread_cond_broadcast(&state.not_empty);
    pthread_cond_broadcast(&state.not_full);
    while (Task* const task_to_wake = take_first(receivers)) make_ready(*task_to_wake, *task.thread);
    while (Task* const task_to_wake = take_first(senders)) make_ready(*task_to_wake, *task.thread);
}

} // namespace switchyard::native
