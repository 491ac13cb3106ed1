// Operations on semaphores and pipes.
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/synchronisation.hpp"

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
        take_word(e, Meeting::semaphore, id);
        return done(e);
    }
    const bool alone = is_asynchronous(e);
    if (e.task().phase == 0) {
        ++kernel.counters.contentions;
        if (!alone) return enter_kernel(e, system_call(e));
        e.task().phase = 1; // its event loop keeps it in user space
    }
    kernel.waiting.push_back(id, alone ? e.actor : e.thread);
    return alone ? suspend(e, WaitFor::semaphore, id) : block(e, WaitFor::semaphore, id);
}

Step release(const Execution& e) {
    Kernel& kernel = e.kernel;
    const std::uint32_t id = e.operation().object;
    if (e.task().phase == 0) {
        if (const TaskId waiter = kernel.waiting.front(id); waiter != no_task)
            return enter_kernel(e, cost_of_waking(e, waiter));
    }
    ++kernel.semaphores[id].count;
    leave_word(e, Meeting::semaphore, id);
    const TaskId waiter = kernel.waiting.front(id);
    const bool wakes = waiter != no_task && e.task().phase != 0;
    if (wakes) {
        kernel.waiting.remove(waiter);
        make_ready(kernel, waiter, e.actor);
    }
    return done(e);
}

namespace {

// The two ends of a pipe seen from one of them.
struct PipeEnd {
    std::uint32_t pipe;
    QueueId mine;
    QueueId others;
    bool sends;
};

PipeEnd end_of(const Execution& e, bool sends) {
    const std::uint32_t pipe = e.operation().object;
    const QueueId readers = static_cast<QueueId>(e.kernel.semaphores.size()) + pipe;
    const QueueId writers = readers + static_cast<QueueId>(e.kernel.pipes.size());
    return {pipe, sends ? writers : readers, sends ? readers : writers, sends};
}

// How many of `wanted` bytes can move now. Small writes move whole or not at all.
std::int64_t movable(const Pipe& pipe, std::int64_t wanted, bool sends) {
    if (!sends) return std::min(wanted, pipe.used);
    const std::int64_t space = pipe.capacity - pipe.used;
    if (wanted <= std::min(atomic_pipe_write, pipe.capacity)) return wanted <= space ? wanted : 0;
    return std::min(wanted, space);
}

// The first of those who wait at one end that could go on, or no_task.
TaskId first_able(const Kernel& kernel, const PipeEnd& end, bool among_mine) {
    const QueueId queue = among_mine ? end.mine : end.others;
    const bool sends = among_mine ? end.sends : !end.sends;
    for (TaskId thread = kernel.waiting.front(queue); thread != no_task; thread = kernel.waiting.after(thread)) {
        const LoopId loop = kernel.tasks[thread].loop;
        const TaskId actor = loop == nothing ? thread : kernel.loops[loop].current;
        if (movable(kernel.pipes[end.pipe], kernel.tasks[actor].remaining, sends) > 0) return thread;
    }
    return no_task;
}

void wake_first(const Execution& e, const PipeEnd& end, bool among_mine) {
    const TaskId thread = first_able(e.kernel, end, among_mine);
    if (thread == no_task) return;
    e.kernel.waiting.remove(thread);
    make_ready(e.kernel, thread, e.actor, true); // wake_up_interruptible_sync_poll, fs/pipe.c
}

} // namespace

// send and receive are the two ends of one movement: each moves what fits, wakes the other end, and waits for the rest.
// Who is done and leaves something over wakes the next at its own end, as fs/pipe.c does (wake_next_reader, _writer).
Step move_bytes(const Execution& e, bool sends) {
    enum : std::uint8_t { begin, move, wake, again, pass_on };
    Kernel& kernel = e.kernel;
    const PipeEnd end = end_of(e, sends);
    Pipe& pipe = kernel.pipes[end.pipe];
    Task& task = e.task();
    switch (task.phase) {
    case begin:
        task.remaining = draw(e);
        return spend_in_kernel(
            e, system_call(e) + charge(kernel, Cost::pipe_transfer, Quantity::bytes, task.remaining) / 2, move);
    case wake:
        wake_first(e, end, false);
        // A read returns what there is; the rest is another call's. A write goes on by itself.
        return spend_in_kernel(e, sends || task.remaining == 0 ? Duration::zero() : system_call(e), again);
    case pass_on: wake_first(e, end, true); return done(e);
    default: break;
    }
    if (task.remaining == 0) {
        if (first_able(kernel, end, true) == no_task) return done(e);
        return spend_in_kernel(e, charge(kernel, Cost::wake_up), pass_on);
    }
    const std::int64_t moved = movable(pipe, task.remaining, sends);
    if (moved == 0) {
        task.phase = move;
        kernel.waiting.push_back(end.mine, e.thread);
        return block(e, sends ? WaitFor::pipe_space : WaitFor::pipe_data, end.pipe);
    }
    pipe.used += sends ? moved : -moved;
    if (sends)
        leave_word(e, Meeting::pipe, end.pipe);
    else
        take_word(e, Meeting::pipe, end.pipe);
    task.remaining -= moved;
    if (first_able(kernel, end, false) != no_task) return spend_in_kernel(e, charge(kernel, Cost::wake_up), wake);
    return spend_in_kernel(e, sends || task.remaining == 0 ? Duration::zero() : system_call(e), again);
}

} // namespace switchyard::sim
