// Operations on semaphores and pipes.
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/operations.hpp"

#include <algorithm>

namespace switchyard::sim {

// Atomic writes are no larger than this (PIPE_BUF, pipe(7)).
static constexpr std::int64_t atomic_pipe_write = 4096;

Step acquire(const Execution& e) {
    Kernel& kernel = e.kernel;
    const std::uint32_t id = e.operation().object;
    Semaphore& semaphore = kernel.semaphores[id];
    if (semaphore.count > 0) { // uncontended: no system call
        --semaphore.count;
        return done(e);
    }
    if (e.task().phase == 0) return enter_kernel(e, system_call(e));
    kernel.waiting.push_back(id, e.thread);
    return block(e, WaitFor::semaphore, id);
}

Step release(const Execution& e) {
    Kernel& kernel = e.kernel;
    const std::uint32_t id = e.operation().object;
    if (e.task().phase == 0) {
        if (!kernel.waiting.empty(id)) return enter_kernel(e, system_call(e) + charge(kernel, Cost::wake_up));
    }
    ++kernel.semaphores[id].count;
    const TaskId waiter = kernel.waiting.front(id);
    const bool wakes = waiter != no_task && e.task().phase != 0;
    if (wakes) {
        kernel.waiting.remove(waiter);
        make_ready(kernel, waiter, e.actor);
    }
    return done(e);
}

// send and receive are the two ends of one movement: each moves what fits, wakes the other end, and waits for the rest.
Step move_bytes(const Execution& e, bool sends) {
    enum : std::uint8_t { begin, move, wake, again };
    Kernel& kernel = e.kernel;
    const std::uint32_t id = e.operation().object;
    Pipe& pipe = kernel.pipes[id];
    const QueueId readers = static_cast<QueueId>(kernel.semaphores.size()) + id;
    const QueueId writers = readers + static_cast<QueueId>(kernel.pipes.size());
    const QueueId mine = sends ? writers : readers;
    const QueueId others = sends ? readers : writers;
    Task& task = e.task();
    switch (task.phase) {
    case begin:
        task.remaining = draw(e);
        return spend_in_kernel(
            e, system_call(e) + charge(kernel, Cost::pipe_transfer, Quantity::bytes, task.remaining) / 2, move);
    case wake:
        if (const TaskId other = kernel.waiting.front(others); other != no_task) {
            kernel.waiting.remove(other);
            make_ready(kernel, other, e.actor);
        }
        if (task.remaining == 0) return done(e);
        // A read returns what there is; the rest is another call's. A write goes on by itself.
        return spend_in_kernel(e, sends ? Duration::zero() : system_call(e), again);
    default: break;
    }
    const std::int64_t space = pipe.capacity - pipe.used;
    const bool whole = sends && task.remaining <= std::min(atomic_pipe_write, pipe.capacity);
    std::int64_t moved = std::min(task.remaining, sends ? space : pipe.used);
    if (whole && moved < task.remaining) moved = 0;
    if (moved == 0 && task.remaining > 0) {
        task.phase = move;
        kernel.waiting.push_back(mine, e.thread);
        return block(e, sends ? WaitFor::pipe_space : WaitFor::pipe_data, id);
    }
    pipe.used += sends ? moved : -moved;
    task.remaining -= moved;
    if (!kernel.waiting.empty(others)) return spend_in_kernel(e, charge(kernel, Cost::wake_up), wake);
    if (task.remaining == 0) return done(e);
    return spend_in_kernel(e, sends ? Duration::zero() : system_call(e), again);
}

} // namespace switchyard::sim
