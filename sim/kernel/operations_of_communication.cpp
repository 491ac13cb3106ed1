// Operations on semaphores.
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/synchronisation.hpp"

namespace switchyard::sim {

Step acquire(const Execution& e) {
    Kernel& kernel = e.kernel;
    const std::uint32_t id = e.operation().object;
    Semaphore& semaphore = kernel.semaphores[id];
    if (semaphore.count > 0) { // uncontended: no system call
        --semaphore.count;
        take_word(e, Meeting::semaphore, id);
        return done(e);
    }
    if (e.task().phase == 0) {
        ++kernel.counters.contentions;
        return enter_kernel(e, system_call(e));
    }
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
    leave_word(e, Meeting::semaphore, id);
    const TaskId waiter = kernel.waiting.front(id);
    const bool wakes = waiter != no_task && e.task().phase != 0;
    if (wakes) {
        kernel.waiting.remove(waiter);
        make_ready(kernel, waiter, e.actor);
    }
    return done(e);
}

} // namespace switchyard::sim
