#include "sim/kernel/execute.hpp"

#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/displacement.hpp"
#include "sim/kernel/interpreter_lock.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/requests.hpp"
#include "sim/kernel/stealing.hpp"
#include "sim/kernel/synchronisation.hpp"

#include <cassert>

namespace switchyard::sim {

namespace {

// Whether a slice that is over is noticed before the operation: on the way back to user mode, unless the operation only
// steers the program, ends it, or gives the core up by itself.
bool is_preemption_point(const Execution& e) {
    if (e.task().phase != 0)
        return (e.operation().kind == OperationKind::compute && e.task().remaining > 0) ||
               e.operation().kind == OperationKind::touch;
    switch (e.operation().kind) {
    case OperationKind::yield:
    case OperationKind::exit:
    case OperationKind::end:
    case OperationKind::crash:
    case OperationKind::repeat:
    case OperationKind::repeat_end:
    case OperationKind::branch:
    case OperationKind::jump:
    case OperationKind::begin_request:
    case OperationKind::end_request:
    case OperationKind::job_end: return false;
    case OperationKind::sleep: { // in the slice in which the work before it has ended
        const Core& core = e.kernel.cores[e.core];
        return core.category != TimeCategory::work || core.start != e.kernel.now();
    }
    default: return true;
    }
}

Step execute(const Execution& e) {
    if (may_be_wanted_back(e.kernel, e.kernel.cores[e.core]) && is_preemption_point(e)) {
        if (const std::optional<Enqueue> why = wanted_back(e.kernel, e.core)) {
            requeue(e.kernel, e.core, *why);
            return Step::left;
        }
    }
    if (e.kernel.interpreters) [[unlikely]]
        if (const std::optional<Step> step = mind_interpreter(e)) return *step;
    switch (const Operation& operation = e.operation(); operation.kind) {
    case OperationKind::compute: return compute(e);
    case OperationKind::sleep: return sleep(e);
    case OperationKind::yield: return yield(e);
    case OperationKind::system_call: return empty_system_call(e);
    case OperationKind::fork: return fork(e);
    case OperationKind::vfork: return vfork(e);
    case OperationKind::clone: return operation.shares_memory ? create_sharing(e, TaskKind::thread, true) : fork(e);
    case OperationKind::exec: return exec(e);
    case OperationKind::spawn: return create_sharing(e, operation.task_kind, false);
    case OperationKind::join: return join(e);
    case OperationKind::wait: return wait(e);
    case OperationKind::exit: return end_process(e, Ending::exited);
    case OperationKind::end: return is_carried(e.task().kind) ? end_carried(e) : end_thread(e);
    case OperationKind::crash: return crash(e);
    case OperationKind::repeat: return repeat(e);
    case OperationKind::repeat_end: return repeat_end(e);
    case OperationKind::acquire: return acquire(e);
    case OperationKind::release: return release(e);
    case OperationKind::lock: return lock(e, false);
    case OperationKind::lock_shared: return lock(e, true);
    case OperationKind::try_lock: return try_lock(e);
    case OperationKind::unlock: return unlock(e);
    case OperationKind::await: return await_condition(e);
    case OperationKind::notify: return notify(e, false);
    case OperationKind::notify_all: return notify(e, true);
    case OperationKind::arrive: return arrive(e);
    case OperationKind::read: return read_variable(e);
    case OperationKind::write:
    case OperationKind::add: return change_variable(e);
    case OperationKind::branch: return branch(e);
    case OperationKind::jump: return jump(e);
    case OperationKind::send:
    case OperationKind::receive:
    case OperationKind::for_each: return transfer(e);
    case OperationKind::close: return close_end(e);
    case OperationKind::begin_request: return begin_request(e);
    case OperationKind::end_request: return end_request(e);
    case OperationKind::io: return io(e);
    case OperationKind::job: return begin_job(e);
    case OperationKind::job_end: return end_job(e);
    case OperationKind::map: return map_region(e);
    case OperationKind::unmap: return unmap_region(e);
    case OperationKind::remap: return remap_region(e);
    case OperationKind::protect: return protect_region(e);
    case OperationKind::brk: return move_heap_end(e);
    case OperationKind::advise: return advise_region(e);
    case OperationKind::touch: return touch_region(e);
    case OperationKind::observe: return observe(e);
    }
    __builtin_unreachable();
}

// A carrier between two of its tasks: resume the next one, wait for one, or end.
Step carry_on(Kernel& kernel, CoreId core, TaskId thread_id) {
    Task& thread = kernel.tasks[thread_id];
    EventLoop& loop = kernel.loops[thread.loop];
    const Execution e{kernel, core, thread_id, thread_id};
    enum : std::uint8_t { begin, switched = 3, stealing, waiting, dismissing }; // 1 and 2 belong to the carrier's end
    const TaskId next = loop.chosen != no_task ? loop.chosen : kernel.waiting.front(loop.turns);
    if (next == no_task) {
        if (kernel.interpreters) [[unlikely]]
            if (const std::optional<Step> step = leave_interpreter(e)) return *step;
        const CarrierGroup& group = kernel.carrier_groups[loop.group];
        if (group.alive == 0) {
            if (thread.phase >= switched && thread.phase <= waiting) thread.phase = begin; // others ended the last one
            if (thread.phase == begin || thread.phase == dismissing)
                if (const Step step = dismiss_others(e, dismissing); step != Step::next) return step;
            return end_thread(e);
        }
        if (group.loops > 1) {
            const bool has_called = thread.phase == waiting;
            const Stealing stolen = steal(e, stealing);
            if (stolen == Stealing::spent) return Step::spent;
            if (stolen == Stealing::has_work) return Step::next;
            if (has_called) thread.phase = waiting;
        }
        if (thread.phase != waiting) { // epoll_wait
            if (const Step step = spend_in_kernel(e, system_call(e) + charge(kernel, Cost::epoll_wait), waiting);
                step != Step::next)
                return step;
        }
        if (kernel.waiting.front(loop.turns) != no_task) return Step::next; // somebody has become ready meanwhile
        thread.phase = begin;
        fall_asleep(kernel, thread.loop);
        return block(e, WaitFor::event_loop, thread.loop);
    }
    Task& task = kernel.tasks[next];
    if (const TaskId after = kernel.waiting.after(next); after != no_task) kernel.tasks.prefetch(after);
    const bool coroutine = task.kind == TaskKind::coroutine;
    if (thread.phase != switched && loop.previous != no_task && loop.previous != next) {
        ++(coroutine ? kernel.counters.coroutine_switches : kernel.counters.fiber_switches);
        Duration cost = charge(kernel, coroutine ? Cost::switch_coroutine : Cost::switch_fiber);
        if (coroutine && kernel.displacement) cost += resume(*kernel.displacement, thread.loop, next);
        thread.phase = switched;
        if (cost > Duration::zero() && !pass_or_spend(kernel, core, cost, TimeCategory::switching, false)) {
            kernel.waiting.remove(next);
            loop.chosen = next;
            return Step::spent;
        }
    }
    if (loop.previous == no_task && coroutine && kernel.displacement)
        static_cast<void>(
            resume(*kernel.displacement, thread.loop, next)); // the loop's first one: nobody to switch from
    thread.phase = begin;
    found_work(kernel, thread.loop);
    if (loop.chosen == no_task) kernel.waiting.remove(next);
    loop.chosen = no_task;
    loop.current = next;
    const Time now = kernel.now();
    move_to(task.state, State::running);
    task.waiting += now - task.since;
    task.stalled += loop.blocked;
    task.since = now;
    if (!task.has_run) {
        task.has_run = true;
        kernel.rows[task.row].response.add(now - task.admitted);
    }
    take_word({kernel, core, next, thread_id}, Meeting::carrier, thread_id);
    record(kernel, {now, 0, next, thread_id, core, EventKind::resumed, 0, 0});
    return Step::next;
}

void count_operation(Kernel& kernel, TaskId task) {
    if (++kernel.operations_this_instant > most_operations_an_instant) [[unlikely]]
        throw Livelock{task};
}

void advance_carrier(Kernel& kernel, CoreId core, TaskId thread) {
    const EventLoop& loop = kernel.loops[kernel.tasks[thread].loop];
    const bool shares = kernel.carrier_groups[loop.group].loops > 1;
    for (;;) {
        const TaskId carried = loop.current;
        if (carried == no_task) {
            count_operation(kernel, thread);
            if (carry_on(kernel, core, thread) != Step::next) return;
            continue;
        }
        const Execution e{kernel, core, carried, thread};
        do {
            count_operation(kernel, thread);
            if (shares && share_work(e) != Step::next) return;
            if (execute(e) != Step::next) return;
        } while (loop.current == carried);
    }
}

} // namespace

void advance(Kernel& kernel, CoreId core) {
    const TaskId thread = kernel.cores[core].current;
    assert(thread != no_task);
    if (kernel.tasks[thread].loop != nothing) return advance_carrier(kernel, core, thread);
    const Execution own{kernel, core, thread, thread};
    do count_operation(kernel, thread);
    while (execute(own) == Step::next);
}

} // namespace switchyard::sim
