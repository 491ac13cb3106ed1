// Operations on semaphores.
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/synchronisation.hpp"

namespace switchyard::sim {

// As a mutex's (take_lock, unlock): in user space while nobody has to wait, else through futex(2).
Step acquire(const Execution& e) {
    enum : std::uint8_t { begin, attempt, sleeping };
    Kernel& kernel = e.kernel;
    const std::uint32_t id = e.operation().object;
    Semaphore& semaphore = kernel.semaphores[id];
    if (e.task().phase == begin) return spend_synchronising(e, touch_word(e, semaphore.last_core), attempt);
    if (semaphore.count > 0) {
        --semaphore.count;
        take_word(e, Meeting::semaphore, id);
        kernel.tasks.prefetch(kernel.waiting.front(id)); // whom the release wakes
        return done(e);
    }
    const bool alone = is_asynchronous(e);
    if (e.task().phase == attempt) {
        ++kernel.counters.contentions;
        if (!alone) return spend_in_kernel(e, futex_call(e, kernel.shared.semaphores[id]), sleeping);
        e.task().phase = sleeping; // its event loop keeps it in user space
    }
    kernel.waiting.push_back(id, alone ? e.actor : e.thread);
    return alone ? suspend(e, WaitFor::semaphore, id) : block(e, WaitFor::semaphore, id);
}

Step release(const Execution& e) {
    enum : std::uint8_t { begin, give, wake };
    Kernel& kernel = e.kernel;
    const std::uint32_t id = e.operation().object;
    Semaphore& semaphore = kernel.semaphores[id];
    if (e.task().phase == begin) return spend_synchronising(e, touch_word(e, semaphore.last_core), give);
    if (e.task().phase == give) {
        ++semaphore.count;
        leave_word(e, Meeting::semaphore, id);
        const TaskId waiter = first_to_wake(kernel, id);
        if (waiter == no_task) return done(e);
        return spend_in_kernel(e, cost_of_waking(e, waiter, kernel.shared.semaphores[id]), wake);
    }
    if (const TaskId waiter = first_to_wake(kernel, id); waiter != no_task) {
        kernel.waiting.remove(waiter);
        make_ready(kernel, waiter, e.actor);
    }
    return done(e);
}

} // namespace switchyard::sim
