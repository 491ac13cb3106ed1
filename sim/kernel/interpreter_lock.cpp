#include "sim/kernel/interpreter_lock.hpp"

#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/synchronisation.hpp"


namespace switchyard::sim {

std::shared_ptr<Interpreters> create_interpreters(const Scenario& scenario) {
    const bool any =
        std::ranges::any_of(scenario.tasks, [](const TaskTemplate& task) { return task.interpreter != no_object; });
    return any ? std::make_shared<Interpreters>() : nullptr;
}

namespace {

InterpreterUse& use_of(Kernel& kernel, TaskId thread) {
    std::vector<InterpreterUse>& uses = kernel.interpreters->uses;
    if (uses.size() <= thread) uses.resize(kernel.tasks.size());
    return uses[thread];
}

} // namespace

void begin_interpreting(Kernel& kernel, TaskId thread, std::uint32_t lock) { use_of(kernel, thread).lock = lock; }

void begin_interpreting_like(Kernel& kernel, TaskId thread, TaskId creator) {
    const std::uint32_t lock = use_of(kernel, creator).lock;
    use_of(kernel, thread).lock = lock;
}

namespace {

// A thread between two operations, or within one, and the lock of its process.
struct Interpreted {
    const Execution& e;
    InterpreterUse& use;
    InterpreterLock& lock;
};

InterpreterLock& lock_of(Kernel& kernel, TaskId thread) {
    Interpreters& all = *kernel.interpreters;
    InterpreterUse& use = use_of(kernel, thread);
    if (use.index == no_object) {
        const auto next = static_cast<std::uint32_t>(all.locks.size());
        const auto [found, is_new] = all.index.try_emplace({kernel.tasks[thread].process, use.lock}, next);
        if (is_new) all.locks.emplace_back();
        use.index = found->second;
    }
    return all.locks[use.index];
}

// Time for the lock, after which `next` is taken. The operation's own phase is left as it is.
std::optional<Step> spend_for(const Interpreted& i, Duration length, TimeCategory category, InterpreterStep next) {
    i.use.at = next;
    if (length == Duration::zero()) return std::nullopt;
    spend(i.e.kernel, i.e.core, length, category, false);
    return Step::spent;
}

std::optional<Step> change_state(const Interpreted& i, InterpreterStep next) {
    const Duration cost = touch_word(i.e, i.lock.last_core) + touch_word(i.e, i.lock.last_core);
    return spend_for(i, cost, TimeCategory::synchronisation, next);
}

std::optional<Step> call_kernel(const Interpreted& i, bool wakes, InterpreterStep next) {
    const Duration cost = system_call(i.e) + (wakes ? charge(i.e.kernel, Cost::wake_up) : Duration::zero());
    return spend_for(i, cost, TimeCategory::kernel, next);
}

std::optional<Step> take(const Interpreted& i) {
    using enum InterpreterStep;
    i.lock.holder = i.e.thread;
    i.lock.drop_requested = false;
    if (i.lock.last_holder != i.e.thread) {
        i.lock.last_holder = i.e.thread;
        ++i.lock.switches;
    }
    i.use.at = has;
    if (i.lock.switching != no_task) return call_kernel(i, true, tell);
    return std::nullopt;
}

void tell_who_switched(const Interpreted& i) {
    using enum InterpreterStep;
    i.use.at = has;
    if (const TaskId thread = std::exchange(i.lock.switching, no_task); thread != no_task)
        make_ready(i.e.kernel, thread, i.e.actor);
}

// Until it is woken, or the interval is over, which is noticed as late as the end of any sleep.
Step wait_for_interval(const Interpreted& i) {
    using enum InterpreterStep;
    Kernel& kernel = i.e.kernel;
    const Duration length =
        checked_add(kernel.scenario->locks[i.use.lock].switch_interval, lateness_of_timer(kernel, i.e.thread));
    i.use.seen = i.lock.switches;
    i.use.at = woken;
    i.lock.waiters.push_back(i.e.thread);
    kernel.tasks[i.e.thread].timer = kernel.events.schedule_after(length, {KernelEvent::Kind::timer, i.e.thread});
    return block(i.e, WaitFor::interpreter, i.use.lock);
}

// The holder sees it between two pieces of its work: at this instant where it is on a core and computes.
void request(const Interpreted& i) {
    Kernel& kernel = i.e.kernel;
    i.lock.drop_requested = true;
    if (i.lock.holder == no_task || kernel.tasks[i.lock.holder].state != State::running) return;
    const Core& core = kernel.cores[kernel.task_views[i.lock.holder].core];
    if (core.activity == Activity::busy && core.preemptible) cut_stretch(kernel, i.lock.holder);
}

// Its interval is over, or somebody has given the lock up; which another may have taken by now.
void wake_to_look(const Interpreted& i) {
    const bool timed_out = std::erase(i.lock.waiters, i.e.thread) > 0;
    if (timed_out && i.lock.holder != no_task && i.lock.switches == i.use.seen) request(i);
}

// The first of those of the highest priority that wait, or no_task. Whose interval is over is awake already.
TaskId first_asleep(const Interpreted& i) {
    const Kernel& kernel = i.e.kernel;
    TaskId first = no_task;
    for (const TaskId thread : i.lock.waiters) {
        if (kernel.tasks[thread].state != State::blocked) continue;
        const auto priority = [&](TaskId id) { return kernel.task_views[id].scheduling->priority; };
        if (first == no_task || priority(thread) > priority(first)) first = thread;
    }
    return first;
}

void wake_first(const Interpreted& i) {
    Kernel& kernel = i.e.kernel;
    const TaskId thread = first_asleep(i);
    if (thread == no_task) return;
    std::erase(i.lock.waiters, thread);
    kernel.events.cancel(kernel.tasks[thread].timer);
    make_ready(kernel, thread, i.e.actor);
}

// One step after the other, until time has to pass, the thread waits, has the lock, or is without it.
std::optional<Step> go_through(const Interpreted& i, bool returns) {
    using enum InterpreterStep;
    for (std::optional<Step> step;;) {
        switch (i.use.at) {
        case away: step = change_state(i, attempt); break;
        case attempt:
            if (i.lock.holder == no_task) {
                step = take(i);
            } else {
                ++i.e.kernel.counters.contentions;
                step = call_kernel(i, false, sleep);
            }
            break;
        case sleep: step = i.lock.holder == no_task ? take(i) : wait_for_interval(i); break;
        case woken:
            wake_to_look(i);
            step = i.lock.holder == no_task ? take(i) : call_kernel(i, false, sleep);
            break;
        case tell: tell_who_switched(i); break;
        case has: return std::nullopt;
        case give:
            i.lock.holder = no_task;
            i.use.at = given;
            if (first_asleep(i) != no_task) step = call_kernel(i, true, wake);
            break;
        case wake:
            wake_first(i);
            i.use.at = given;
            break;
        case given:
            i.use.at = back;
            if (returns && i.lock.drop_requested && i.lock.last_holder == i.e.thread) {
                i.lock.drop_requested = false;
                step = call_kernel(i, false, switched);
            }
            break;
        case switched:
            i.use.at = back;
            if (i.lock.last_holder != i.e.thread) break;
            i.lock.switching = i.e.thread;
            return block(i.e, WaitFor::interpreter, i.use.lock);
        case back: i.use.at = i.use.then; return std::nullopt;
        case outside: return std::nullopt;
        }
        if (step) return step;
    }
}

// Whether the request is seen here: between two operations, within a computation, and by who waits on its core.
bool looks_at_request(const Execution& e) {
    if (e.task().phase == 0) return true;
    const OperationKind kind = e.operation().kind;
    return kind == OperationKind::compute || kind == OperationKind::branch;
}

bool is_outside_interpreter(const Execution& e) {
    const OperationKind kind = e.operation().kind;
    const bool carried = e.actor != e.thread;
    if (kind == OperationKind::join && carried) { // of the same event loop: the thread goes on with another task
        const std::int64_t named = named_child(e);
        return named >= 0 && e.kernel.tasks[static_cast<TaskId>(named)].carrier != e.thread;
    }
    return leaves_interpreter(kind, carried, e.operation().asynchronous);
}

} // namespace

std::optional<Step> mind_interpreter(const Execution& e) {
    using enum InterpreterStep;
    Kernel& kernel = e.kernel;
    if (use_of(kernel, e.thread).lock == no_object) return std::nullopt;
    InterpreterLock& lock = lock_of(kernel, e.thread);
    const Interpreted i{e, use_of(kernel, e.thread), lock};
    if (i.use.at == outside) {
        if (e.task().phase != 0) return std::nullopt;
        i.use.at = away; // another operation
    }
    const bool ends = e.operation().kind == OperationKind::end;
    for (;;) {
        if (const std::optional<Step> step = go_through(i, !ends)) return step;
        if (i.use.at == outside) return std::nullopt;
        if (i.use.at != has) continue; // it has been given up on request, and is taken back
        const bool leaves = e.task().phase == 0 && is_outside_interpreter(e);
        if (!leaves && !(i.lock.drop_requested && looks_at_request(e))) return std::nullopt;
        i.use.then = leaves ? outside : away;
        if (const std::optional<Step> step = change_state(i, give)) return step;
    }
}

std::optional<Step> leave_interpreter(const Execution& e) {
    using enum InterpreterStep;
    Kernel& kernel = e.kernel;
    if (use_of(kernel, e.thread).lock == no_object) return std::nullopt;
    InterpreterLock& lock = lock_of(kernel, e.thread);
    const Interpreted i{e, use_of(kernel, e.thread), lock};
    if (i.use.at == away || i.use.at == outside) return std::nullopt;
    if (i.use.at == has) {
        i.use.then = away;
        if (const std::optional<Step> step = change_state(i, give)) return step;
    }
    return go_through(i, true);
}

void forget_interpreter(Kernel& kernel, TaskId thread) {
    using enum InterpreterStep;
    InterpreterUse& use = use_of(kernel, thread);
    if (use.lock == no_object || use.index == no_object) return;
    InterpreterLock& lock = kernel.interpreters->locks[use.index];
    const bool wanted_it = use.at == attempt || use.at == sleep || use.at == woken;
    if (wanted_it) lock.drop_requested = false; // who else wants it asks again
    std::erase(lock.waiters, thread);
    if (lock.switching == thread) lock.switching = no_task;
    if (lock.holder == thread) lock.holder = no_task;
    use.at = away;
}

} // namespace switchyard::sim
