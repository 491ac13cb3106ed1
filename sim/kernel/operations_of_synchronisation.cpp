// Operations on conditions, barriers and variables, and what depends on them.
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/synchronisation.hpp"

#include <algorithm>

namespace switchyard::sim {

// Giving the lock back and going to sleep are one: nobody's notice comes in between (futex(2), FUTEX_WAIT on the
// condition's count, read before the lock is given back). Who is woken competes for the lock.
Step await_condition(const Execution& e) {
    enum : std::uint8_t { begin, asleep, again }; // from `again` on: take_lock's
    Kernel& kernel = e.kernel;
    Synchronisation& all = *kernel.synchronisation;
    const SynchronisationOperands& operands = e.task().program->synchronisation;
    const Await& await = operands.awaits[e.operation().object];
    if (e.task().phase >= again) {
        if (const std::optional<Step> waits = take_lock(e, await.lock, Claim::exclusive, again)) return *waits;
        e.task().phase = begin;
        if (await.predicate == no_predicate) return done(e);
    }
    if (e.task().phase == begin) {
        if (await.predicate != no_predicate) {
            const Predicate& predicate = operands.predicates[await.predicate];
            note_touch(e, predicate.variable, false);
            if (holds(predicate, all.variables[predicate.variable].value)) return done(e);
        }
        Duration cost = futex_call(e, kernel.shared.conditions[await.condition]) +
                        touch_word(e, all.conditions[await.condition].last_core);
        if (const TaskId waiter = kernel.waiting.front(lock_queue(kernel, await.lock)); waiter != no_task)
            cost += cost_of_waking(e, waiter, kernel.shared.locks[await.lock]);
        return spend_in_kernel(e, cost, asleep);
    }
    give_lock_back(e, await.lock);
    wake_owners_to_be(kernel, await.lock, e.actor);
    e.task().phase = again;
    kernel.waiting.push_back(condition_queue(kernel, await.condition), e.thread);
    return block(e, WaitFor::condition, await.condition);
}

Step notify(const Execution& e, bool everybody) {
    enum : std::uint8_t { begin, look, wake };
    Kernel& kernel = e.kernel;
    const std::uint32_t id = e.operation().object;
    const QueueId queue = condition_queue(kernel, id);
    ConditionState& condition = kernel.synchronisation->conditions[id];
    if (e.task().phase == begin) return spend_synchronising(e, touch_word(e, condition.last_core), look);
    if (e.task().phase == look) {
        std::int64_t woken = 0;
        for (TaskId thread = kernel.waiting.front(queue); thread != no_task; thread = kernel.waiting.after(thread))
            ++woken;
        if (woken > 0)
            return spend_in_kernel(e,
                                   futex_call(e, kernel.shared.conditions[id]) +
                                       charge(kernel, Cost::wake_up) * (everybody ? woken : std::int64_t{1}),
                                   wake);
        ++condition.unheard;
        condition.last_unheard = kernel.now();
        return done(e);
    }
    for (TaskId thread = first_to_wake(kernel, queue); thread != no_task; thread = first_to_wake(kernel, queue)) {
        kernel.waiting.remove(thread);
        make_ready(kernel, thread, e.actor);
        if (!everybody) break;
    }
    return done(e);
}

Step arrive(const Execution& e) {
    enum : std::uint8_t { begin, count, wake, asleep, passed };
    Kernel& kernel = e.kernel;
    Synchronisation& all = *kernel.synchronisation;
    const std::uint32_t id = e.operation().object;
    const QueueId queue = barrier_queue(kernel, id);
    BarrierState& barrier = all.barriers[id];
    Task& task = e.task();
    switch (task.phase) {
    case begin: return spend_synchronising(e, touch_word(e, barrier.last_core), count);
    case count: {
        if (all.races) all.races->leave_word(e.actor, Meeting::barrier, id);
        task.remaining = barrier.generation;
        if (++barrier.arrived < kernel.scenario->barriers[id].parties)
            return spend_in_kernel(e, futex_call(e, kernel.shared.barriers[id]), asleep);
        barrier.arrived = 0;
        ++barrier.generation;
        const std::int64_t woken = kernel.scenario->barriers[id].parties - std::int64_t{1};
        if (woken > 0)
            return spend_in_kernel(e, futex_call(e, kernel.shared.barriers[id]) + charge(kernel, Cost::wake_up) * woken,
                                   wake);
        break;
    }
    case wake:
        while (!kernel.waiting.empty(queue)) {
            const TaskId thread = kernel.waiting.front(queue);
            kernel.waiting.remove(thread);
            make_ready(kernel, thread, e.actor);
        }
        break;
    case asleep:
        if (barrier.generation != static_cast<std::uint32_t>(task.remaining)) break;
        task.phase = passed;
        kernel.waiting.push_back(queue, e.thread);
        return block(e, WaitFor::barrier, id);
    default: break;
    }
    if (all.races) all.races->take_word(e.actor, Meeting::barrier, id);
    return done(e);
}

// --- Variables ---------------------------------------------------------------------------------------------------

namespace {

// Loads and stores of a variable that is not atomic cost what its cache line does.
Duration touch_variable(const Execution& e, std::uint32_t id) {
    CoreId& last_core = e.kernel.synchronisation->variables[id].last_core;
    if (e.kernel.scenario->variables[id].atomic) return touch_word(e, last_core);
    const bool elsewhere = last_core != no_core && last_core != e.core;
    last_core = e.core;
    return elsewhere ? charge(e.kernel, Cost::cache_line_transfer) : Duration::zero();
}

} // namespace

Step read_variable(const Execution& e) {
    const std::uint32_t id = e.operation().object;
    if (e.task().phase == 0) return spend_synchronising(e, touch_variable(e, id), 1);
    note_touch(e, id, false);
    return done(e);
}

// Changing one that is not atomic is a load and a store: what another core stores between the two is lost.
Step change_variable(const Execution& e) {
    Synchronisation& all = *e.kernel.synchronisation;
    const Update& update = e.task().program->synchronisation.updates[e.operation().object];
    VariableState& variable = all.variables[update.variable];
    const bool adds = e.operation().kind == OperationKind::add;
    const auto changed = [&] {
        return adds ? static_cast<std::int64_t>(static_cast<std::uint64_t>(variable.value) +
                                                static_cast<std::uint64_t>(update.value))
                    : update.value;
    };
    if (e.task().phase == 0) {
        e.task().remaining = changed();
        return spend_synchronising(e, touch_variable(e, update.variable), 1);
    }
    note_touch(e, update.variable, true);
    variable.value = e.kernel.scenario->variables[update.variable].atomic ? changed() : e.task().remaining;
    for (const TaskId spinner : variable.spinners)
        if (e.kernel.tasks[spinner].state == State::running) cut_stretch(e.kernel, spinner);
    return done(e);
}

// --- Decisions ---------------------------------------------------------------------------------------------------

// A `while` without a body looks again and again, on its core, until somebody has changed the variable.
Step branch(const Execution& e) {
    enum : std::uint8_t { begin, look, spinning };
    Task& task = e.task();
    const Program& program = *task.program;
    const Predicate& predicate = program.synchronisation.predicates[e.operation().object];
    VariableState& variable = e.kernel.synchronisation->variables[predicate.variable];
    if (task.phase == begin) {
        if (const Step step = spend_synchronising(e, touch_variable(e, predicate.variable), look); step != Step::next)
            return step;
    }
    note_touch(e, predicate.variable, false);
    const bool is_wait = program.code[task.counter + 1].kind == OperationKind::jump &&
                         program.code[task.counter + 1].target == task.counter;
    const bool waits = holds(predicate, variable.value);
    if (task.phase == spinning && !waits) std::erase(variable.spinners, e.thread);
    if (!waits) return go_to(e, e.operation().target);
    if (!is_wait) return done(e);
    if (task.phase != spinning) variable.spinners.push_back(e.thread);
    task.remaining = unlimited_spin.count();
    return spin(e, spinning);
}

Step jump(const Execution& e) { return go_to(e, e.operation().target); }

} // namespace switchyard::sim
