#include "sim/kernel/lent_priority.hpp"

#include "sim/kernel/change_scheduling.hpp"
#include "sim/kernel/synchronisation.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

// A lock's owner as the kernel schedules it: its thread.
TaskId owning_thread(const Kernel& kernel, std::uint32_t lock) {
    const TaskId owner = kernel.synchronisation->locks[lock].owner;
    if (owner == no_task) return no_task;
    return is_carried(kernel.tasks[owner].kind) ? kernel.tasks[owner].carrier : owner;
}

void change(Kernel& kernel, TaskId thread, const Scheduling& scheduling, Time deadline) {
    std::map<TaskId, OwnAttributes>& own = kernel.synchronisation->own_attributes;
    own.try_emplace(thread, OwnAttributes{*kernel.task_views[thread].scheduling, kernel.task_views[thread].deadline});
    kernel.task_views[thread].deadline = deadline;
    change_scheduling(kernel, thread, scheduling);
}

// The owner becomes as urgent as one who waits, if that one is more so. Who has ended with the lock hurries no more.
bool lend(Kernel& kernel, TaskId waiter, TaskId owner) {
    if (waiter == owner || kernel.tasks[owner].ended || !kernel.scheduler->is_more_urgent(waiter, owner)) return false;
    const SchedulerView::TaskView& view = kernel.task_views[waiter];
    const Scheduling lent = *view.scheduling;
    change(kernel, owner, lent, view.deadline);
    return true;
}

void lend_from_all(Kernel& kernel, std::uint32_t lock, TaskId owner) {
    const QueueId queue = lock_queue(kernel, lock);
    for (TaskId waiter = kernel.waiting.front(queue); waiter != no_task; waiter = kernel.waiting.after(waiter))
        lend(kernel, waiter, owner);
}

bool is_urgent_class(LinuxPolicy policy) {
    return policy == LinuxPolicy::fifo || policy == LinuxPolicy::rr || policy == LinuxPolicy::deadline;
}

bool takes(const Program& program, std::uint32_t lock) {
    return std::ranges::any_of(program.code, [&](const Operation& operation) {
        return (operation.kind == OperationKind::lock || operation.kind == OperationKind::try_lock) &&
               operation.object == lock;
    });
}

// The shorter of two of which none may be said (0).
Duration shorter(Duration own, Duration theirs) {
    if (own == Duration::zero() || theirs == Duration::zero()) return std::max(own, theirs);
    return std::min(own, theirs);
}

// The attributes of who has the lock: its own, made as urgent as the lock's ceiling. That is the number it was given,
// or else the priorities and relative deadlines of whoever takes it (Burns et al., "A Deadline-Floor Inheritance
// Protocol for EDF Scheduled Embedded Real-Time Systems with Resource Sharing", 2014).
Scheduling at_ceiling(const Kernel& kernel, std::uint32_t id, Scheduling own) {
    const Lock& lock = kernel.scenario->locks[id];
    if (lock.ceiling > 0) {
        if (!is_urgent_class(own.policy) && kernel.scheduler->has_classes()) own.policy = LinuxPolicy::fifo;
        own.priority = std::max(own.priority, lock.ceiling);
        return own;
    }
    for (const TaskTemplate& user : kernel.scenario->tasks) {
        if (!takes(user.program, id)) continue;
        const Scheduling& theirs = user.scheduling;
        if (is_urgent_class(theirs.policy) && !is_urgent_class(own.policy)) own.policy = theirs.policy;
        own.priority = std::max(own.priority, theirs.priority);
        const Duration deadline = shorter(own.relative_deadline(), theirs.relative_deadline());
        own.period = shorter(own.period, theirs.period);
        if (deadline != own.relative_deadline()) own.deadline = deadline;
    }
    return own;
}

} // namespace

void lend_priority(Kernel& kernel, std::uint32_t lock) {
    if (!kernel.synchronisation->passes_priority) return;
    for (std::uint32_t at = lock;;) {
        if (kernel.scenario->locks[at].protocol != LockProtocol::inheritance) return;
        const TaskId owner = owning_thread(kernel, at);
        if (owner == no_task) return;
        bool changed = false;
        const QueueId queue = lock_queue(kernel, at);
        for (TaskId waiter = kernel.waiting.front(queue); waiter != no_task; waiter = kernel.waiting.after(waiter))
            changed = lend(kernel, waiter, owner) || changed;
        const Task& thread = kernel.tasks[owner];
        if (!changed || thread.state != State::blocked || thread.wait != WaitFor::lock) return;
        at = thread.object;
    }
}

void raise_to_ceiling(Kernel& kernel, TaskId thread, std::uint32_t lock) {
    if (!kernel.synchronisation->passes_priority) return;
    if (kernel.scenario->locks[lock].protocol == LockProtocol::inheritance) return lend_from_all(kernel, lock, thread);
    if (kernel.scenario->locks[lock].protocol != LockProtocol::ceiling) return;
    const SchedulerView::TaskView& view = kernel.task_views[thread];
    const Scheduling raised = at_ceiling(kernel, lock, *view.scheduling);
    if (raised == *view.scheduling) return;
    const bool has_deadline = raised.relative_deadline() > Duration::zero();
    change(kernel, thread, raised,
           has_deadline ? std::min(view.deadline, kernel.now() + raised.relative_deadline()) : view.deadline);
}

void take_priority_back(Kernel& kernel, TaskId thread) {
    if (!kernel.synchronisation->passes_priority) return;
    std::map<TaskId, OwnAttributes>& all = kernel.synchronisation->own_attributes;
    const auto own = all.find(thread);
    if (own == all.end()) return;
    kernel.task_views[thread].deadline = own->second.deadline;
    change_scheduling(kernel, thread, Scheduling(own->second.scheduling));
    all.erase(own);
    for (std::uint32_t lock = 0; lock < kernel.synchronisation->locks.size(); ++lock)
        if (owning_thread(kernel, lock) == thread) raise_to_ceiling(kernel, thread, lock);
}

} // namespace switchyard::sim
