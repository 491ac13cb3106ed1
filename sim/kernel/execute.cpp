#include "sim/kernel/execute.hpp"

#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/life.hpp"

#include <algorithm>
#include <cassert>

namespace switchyard::sim {

namespace {

// Atomic writes are no larger than this (PIPE_BUF, pipe(7)).
constexpr std::int64_t atomic_pipe_write = 4096;

// What an operation leads to.
enum class Step : std::uint8_t {
    next,  // the task goes on at this instant
    spent, // a stretch of time has begun
    left,  // the thread has left its core
};

// One operation in progress: who executes it, where, and what it says. An operation that takes time in the middle is
// entered again afterwards, one phase further.
struct Execution {
    Kernel& kernel;
    CoreId core;
    TaskId actor;  // whose program it is
    TaskId thread; // what the kernel knows: the actor, or its carrier

    [[nodiscard]] Task& task() const { return kernel.tasks[actor]; }
    [[nodiscard]] const Operation& operation() const { return task().program->code[task().counter]; }
};

Step go_to(const Execution& e, std::uint32_t counter) {
    Task& task = e.task();
    task.counter = counter;
    task.phase = 0;
    return Step::next;
}

Step done(const Execution& e) { return go_to(e, e.task().counter + 1); }

// Time in the kernel (or in a runtime), after which the operation goes on in `phase`.
Step spend_in_kernel(const Execution& e, Duration length, std::uint8_t phase) {
    e.task().phase = phase;
    if (length == Duration::zero()) return Step::next;
    spend(e.kernel, e.core, length, TimeCategory::kernel, false);
    return Step::spent;
}

// The same at the beginning of an operation.
Step enter_kernel(const Execution& e, Duration length) { return spend_in_kernel(e, length, 1); }

Duration system_call(const Execution& e) {
    ++e.kernel.counters.system_calls;
    return charge(e.kernel, Cost::system_call);
}

std::int64_t draw(const Execution& e) {
    Task& task = e.task();
    const Program& program = *task.program;
    const Distribution& amount = program.amounts[e.operation().amount];
    if (amount.is_constant()) return amount.value;
    std::int64_t& executed = task.registers[program.repeat_depth + program.slots.size() + task.counter];
    return sample(amount, {e.kernel.scenario->seed, task.drawing_task, task.drawing_instance, task.counter,
                           static_cast<std::uint64_t>(executed++)});
}

std::int64_t& named_child(const Execution& e) {
    Task& task = e.task();
    return task.registers[task.program->repeat_depth + e.operation().slot];
}

// The thread (and with it whom it carries) waits. When it runs again the operation goes on where it is.
Step block(const Execution& e, WaitFor what, std::uint32_t object) {
    Kernel& kernel = e.kernel;
    const Time now = kernel.now();
    if (e.actor != e.thread) {
        Task& carried = e.task();
        move_to(carried.state, State::blocked);
        carried.since = now;
        carried.wait = WaitFor::carrier;
    }
    Task& thread = kernel.tasks[e.thread];
    move_to(thread.state, State::blocked);
    thread.since = now;
    thread.wait = what;
    thread.object = object;
    leave_core(kernel, e.core, Stop::blocked);
    return Step::left;
}

// A carried task waits by itself: its event loop goes on with another.
Step suspend(const Execution& e, WaitFor what, std::uint32_t object) {
    Kernel& kernel = e.kernel;
    Task& task = e.task();
    move_to(task.state, State::blocked);
    task.since = kernel.now();
    task.wait = what;
    task.object = object;
    EventLoop& loop = kernel.loops[kernel.tasks[e.thread].loop];
    loop.previous = loop.current;
    loop.current = no_task;
    record(kernel, {kernel.now(), 0, e.actor, e.thread, e.core, EventKind::suspended,
                    static_cast<std::uint8_t>(Stop::blocked), 0});
    return Step::next;
}

Step compute(const Execution& e) {
    Task& task = e.task();
    if (task.phase == 0) {
        task.remaining = draw(e);
        task.phase = 1;
    }
    if (task.remaining <= 0) return done(e);
    spend(e.kernel, e.core, Duration{task.remaining}, TimeCategory::work, true);
    return Step::spent;
}

Step sleep(const Execution& e) {
    Task& task = e.task();
    const bool alone = e.operation().asynchronous;
    if (task.phase == 0 && !alone) return enter_kernel(e, system_call(e));
    const Duration length = checked_add(Duration{draw(e)}, charge(e.kernel, Cost::sleep_overshoot));
    const TaskId sleeper = alone ? e.actor : e.thread;
    e.kernel.tasks[sleeper].timer = e.kernel.events.schedule_after(length, {KernelEvent::Kind::timer, sleeper});
    done(e);
    return alone ? suspend(e, WaitFor::time, nothing) : block(e, WaitFor::time, nothing);
}

Step yield(const Execution& e) {
    Kernel& kernel = e.kernel;
    if (e.actor == e.thread) {
        if (e.task().phase == 0) return enter_kernel(e, system_call(e) + charge(kernel, Cost::yield));
        done(e);
        requeue(kernel, e.core, Stop::yielded);
        return Step::left;
    }
    done(e);
    EventLoop& loop = kernel.loops[kernel.tasks[e.thread].loop];
    const LoopId id = kernel.tasks[e.thread].loop;
    if (kernel.turns.empty(id)) return Step::next; // nobody to hand over to
    Task& task = e.task();
    move_to(task.state, State::ready);
    task.since = kernel.now();
    kernel.turns.push_back(id, e.actor);
    loop.previous = loop.current;
    loop.current = no_task;
    record(kernel, {kernel.now(), 0, e.actor, e.thread, e.core, EventKind::suspended,
                    static_cast<std::uint8_t>(Stop::yielded), 0});
    return Step::next;
}

Step empty_system_call(const Execution& e) {
    if (e.task().phase == 0) return enter_kernel(e, system_call(e));
    return done(e);
}

// fork, and clone without shared memory: tables are copied for every resident page.
Step fork(const Execution& e) {
    Kernel& kernel = e.kernel;
    const ProcessId parent = e.task().process;
    if (e.task().phase == 0)
        return enter_kernel(e, charge(kernel, Cost::fork, Quantity::pages, kernel.processes[parent].pages));
    const std::uint32_t at = e.task().counter;
    const ProcessId child = create_process(kernel, parent, kernel.processes[parent].pages);
    named_child(e) = child;
    ++kernel.counters.forks;
    const TaskId first = create_child(kernel, e.actor, at, TaskKind::process, child, true);
    go_to(e, e.operation().target);
    make_ready(kernel, first, e.actor);
    return Step::next;
}

// The child runs in this process's memory; this thread waits until it execs or exits.
Step vfork(const Execution& e) {
    Kernel& kernel = e.kernel;
    if (e.task().phase == 0) return enter_kernel(e, charge(kernel, Cost::vfork));
    const std::uint32_t at = e.task().counter;
    const ProcessId parent = e.task().process;
    const ProcessId child = create_process(kernel, parent, 0);
    kernel.processes[child].address_space = kernel.processes[parent].address_space;
    kernel.processes[child].owns_memory = false;
    kernel.processes[child].vfork_parent = e.thread;
    named_child(e) = child;
    ++kernel.counters.forks;
    const TaskId first = create_child(kernel, e.actor, at, TaskKind::process, child, true);
    go_to(e, e.operation().target);
    make_ready(kernel, first, e.actor);
    return block(e, WaitFor::vfork, child);
}

Step create_sharing(const Execution& e, TaskKind kind, bool copies_registers) {
    Kernel& kernel = e.kernel;
    if (e.task().phase == 0) {
        const Cost cost = kind == TaskKind::coroutine ? Cost::coroutine_create
                          : kind == TaskKind::fiber   ? Cost::fiber_create
                                                      : Cost::thread_create;
        return enter_kernel(e, charge(kernel, cost));
    }
    const std::uint32_t at = e.task().counter;
    const TaskId child = create_child(kernel, e.actor, at, kind, e.task().process, copies_registers);
    named_child(e) = child;
    if (!is_carried(kind)) ++kernel.counters.threads_created;
    go_to(e, e.operation().target);
    make_ready(kernel, child, e.actor);
    return Step::next;
}

Step exec(const Execution& e) {
    Kernel& kernel = e.kernel;
    if (e.task().phase == 0) return enter_kernel(e, charge(kernel, Cost::exec));
    const ProcessId id = e.task().process;
    if (e.task().phase == 1) {
        kill_others(kernel, e.actor);
        Process& process = kernel.processes[id];
        process.address_space = kernel.address_spaces++;
        process.pages = 0;
        process.owns_memory = true;
        kernel.cores[e.core].address_space = process.address_space;
        if (process.vfork_parent != no_task) return spend_in_kernel(e, charge(kernel, Cost::wake_up), 2);
    }
    give_memory_back(kernel, id, e.actor);
    return done(e);
}

Step join(const Execution& e) {
    Kernel& kernel = e.kernel;
    const std::int64_t named = named_child(e);
    if (named < 0) return done(e); // never spawned
    const TaskId target = static_cast<TaskId>(named);
    if (kernel.tasks[target].state == State::terminated || kernel.tasks[target].process != e.task().process) return done(e);
    const bool in_loop = e.actor != e.thread && kernel.tasks[target].carrier == e.thread;
    if (!in_loop && e.task().phase == 0) return enter_kernel(e, system_call(e));
    kernel.tasks[target].joiner = in_loop ? e.actor : e.thread;
    return in_loop ? suspend(e, WaitFor::task, target) : block(e, WaitFor::task, target);
}

Step wait(const Execution& e) {
    Kernel& kernel = e.kernel;
    if (e.task().phase == 0) return enter_kernel(e, system_call(e));
    const ProcessId self = e.task().process;
    const bool any = e.operation().slot == no_slot;
    if (!any && named_child(e) < 0) return done(e); // ECHILD: never forked
    const ProcessId which = any ? nothing : static_cast<ProcessId>(named_child(e));
    if (const ProcessId zombie = zombie_child(kernel, self, which); zombie != nothing) {
        reap(kernel, zombie);
        return done(e);
    }
    if (!has_child(kernel, self, which)) return done(e); // ECHILD
    kernel.processes[self].waiters.push_back(e.thread);
    return block(e, WaitFor::child, which);
}

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

Step repeat(const Execution& e) {
    Task& task = e.task();
    const std::int64_t times = draw(e);
    if (times <= 0) return go_to(e, e.operation().target);
    task.registers[task.depth++] = times;
    return done(e);
}

Step repeat_end(const Execution& e) {
    Task& task = e.task();
    if (--task.registers[task.depth - 1] > 0) return go_to(e, e.operation().target);
    --task.depth;
    return done(e);
}

// The thread that executes this is the last thing of its process to go.
Step end_process(const Execution& e, Ending how) {
    enum : std::uint8_t { begin, tables_freed, wake };
    Kernel& kernel = e.kernel;
    const ProcessId id = e.task().process;
    Task& task = e.task();
    const auto has_waiter = [&] {
        const ProcessId parent = kernel.processes[id].parent;
        return kernel.processes[id].vfork_parent != no_task ||
               (parent != nothing && std::ranges::any_of(kernel.processes[parent].waiters, [&](TaskId thread) {
                    const std::uint32_t wanted = kernel.tasks[thread].object;
                    return wanted == nothing || wanted == id;
                }));
    };
    switch (task.phase) {
    case begin: {
        kill_others(kernel, e.actor);
        end_program(kernel, e.actor, how);
        if (e.actor != e.thread) end_program(kernel, e.thread, Ending::killed);
        kernel.processes[id].dying = true;
        const Process& process = kernel.processes[id];
        return spend_in_kernel(
            e, process.owns_memory ? charge(kernel, Cost::process_exit, Quantity::pages, process.pages) : Duration::zero(),
            tables_freed);
    }
    case tables_freed:
        return spend_in_kernel(e, has_waiter() ? charge(kernel, Cost::wake_up) : Duration::zero(), wake);
    default: break;
    }
    finish_process(kernel, id, e.actor);
    if (e.actor != e.thread) move_to(task.state, State::terminated);
    leave_core(kernel, e.core, Stop::ended);
    move_to(kernel.tasks[e.thread].state, State::terminated);
    --kernel.processes[id].live_threads;
    return Step::left;
}

Step end_carried(const Execution& e) {
    Kernel& kernel = e.kernel;
    end_program(kernel, e.actor, Ending::returned);
    move_to(e.task().state, State::terminated);
    EventLoop& loop = kernel.loops[kernel.tasks[e.thread].loop];
    --loop.alive;
    loop.previous = loop.current;
    loop.current = no_task;
    record(kernel, {kernel.now(), 0, e.actor, e.thread, e.core, EventKind::suspended,
                    static_cast<std::uint8_t>(Stop::ended), 0});
    if (const TaskId joiner = e.task().joiner; joiner != no_task && kernel.tasks[joiner].state == State::blocked)
        make_ready(kernel, joiner, e.actor);
    return Step::next;
}

Step end_thread(const Execution& e) {
    enum : std::uint8_t { begin, freed, wake };
    Kernel& kernel = e.kernel;
    Task& task = e.task();
    if (task.phase == begin && kernel.processes[task.process].live_threads == 1) return end_process(e, Ending::returned);
    if (kernel.processes[task.process].dying) return end_process(e, Ending::returned);
    const auto joiner_waits = [&] {
        return task.joiner != no_task && kernel.tasks[task.joiner].state == State::blocked;
    };
    switch (task.phase) {
    case begin:
        end_program(kernel, e.actor, Ending::returned);
        return spend_in_kernel(e, charge(kernel, Cost::thread_exit), freed);
    case freed: return spend_in_kernel(e, joiner_waits() ? charge(kernel, Cost::wake_up) : Duration::zero(), wake);
    default: break;
    }
    if (kernel.processes[task.process].live_threads == 1) { // the others went while this one was ending
        task.phase = 0;
        return end_process(e, Ending::returned);
    }
    if (joiner_waits()) make_ready(kernel, task.joiner, e.actor);
    leave_core(kernel, e.core, Stop::ended);
    move_to(kernel.tasks[e.thread].state, State::terminated);
    --kernel.processes[kernel.tasks[e.thread].process].live_threads;
    return Step::left;
}

Step crash(const Execution& e) {
    if (e.task().phase == 0) ++e.kernel.counters.crashes;
    return end_process(e, Ending::crashed);
}

// Whether a slice that is over is noticed before the operation: on the way back to user mode, unless the operation only
// steers the program, ends it, or gives the core up by itself.
bool is_preemption_point(const Execution& e) {
    if (e.task().phase != 0) return false;
    switch (e.operation().kind) {
    case OperationKind::yield:
    case OperationKind::exit:
    case OperationKind::end:
    case OperationKind::crash:
    case OperationKind::repeat:
    case OperationKind::repeat_end: return false;
    default: return true;
    }
}

Step execute(const Execution& e) {
    if (is_preemption_point(e) && wants_to_act(e.kernel, e.core)) {
        requeue(e.kernel, e.core, Stop::preempted);
        return Step::left;
    }
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
    case OperationKind::send: return move_bytes(e, true);
    case OperationKind::receive: return move_bytes(e, false);
    }
    __builtin_unreachable();
}

// A carrier between two of its tasks: resume the next one, wait for one, or end.
Step carry_on(Kernel& kernel, CoreId core, TaskId thread_id) {
    Task& thread = kernel.tasks[thread_id];
    EventLoop& loop = kernel.loops[thread.loop];
    const Execution e{kernel, core, thread_id, thread_id};
    enum : std::uint8_t { begin, switched = 3 }; // 1 and 2 belong to epoll_wait and to the carrier's end
    const TaskId next = kernel.turns.front(thread.loop);
    if (next == no_task) {
        if (loop.alive == 0) return end_thread(e);
        if (thread.phase == begin) { // epoll_wait
            if (const Step step = enter_kernel(e, system_call(e)); step != Step::next) return step;
        }
        if (kernel.turns.front(thread.loop) != no_task) return Step::next; // somebody has become ready meanwhile
        thread.phase = begin;
        return block(e, WaitFor::event_loop, thread.loop);
    }
    if (thread.phase != switched && loop.previous != no_task && loop.previous != next) {
        const bool coroutine = kernel.tasks[next].kind == TaskKind::coroutine;
        ++(coroutine ? kernel.counters.coroutine_switches : kernel.counters.fiber_switches);
        const Duration cost = charge(kernel, coroutine ? Cost::switch_coroutine : Cost::switch_fiber);
        thread.phase = switched;
        if (cost > Duration::zero()) {
            spend(kernel, core, cost, TimeCategory::switching, false);
            return Step::spent;
        }
    }
    thread.phase = begin;
    kernel.turns.remove(next);
    loop.current = next;
    Task& task = kernel.tasks[next];
    const Time now = kernel.now();
    move_to(task.state, State::running);
    task.waiting += now - task.since;
    task.since = now;
    if (!task.has_run) {
        task.has_run = true;
        kernel.rows[task.row].response.add(now - task.admitted);
    }
    record(kernel, {now, 0, next, thread_id, core, EventKind::resumed, 0, 0});
    return Step::next;
}

void count_operation(Kernel& kernel, TaskId task) {
    if (kernel.instant != kernel.now()) {
        kernel.instant = kernel.now();
        kernel.operations_this_instant = 0;
    }
    if (++kernel.operations_this_instant > most_operations_an_instant) [[unlikely]] throw Livelock{task};
}

} // namespace

void advance(Kernel& kernel, CoreId core) {
    for (Step step = Step::next; step == Step::next;) {
        const TaskId thread = kernel.cores[core].current;
        assert(thread != no_task);
        count_operation(kernel, thread);
        const LoopId loop = kernel.tasks[thread].loop;
        const TaskId carried = loop == nothing ? no_task : kernel.loops[loop].current;
        if (loop != nothing && carried == no_task)
            step = carry_on(kernel, core, thread);
        else
            step = execute({kernel, core, loop == nothing ? thread : carried, thread});
    }
}

} // namespace switchyard::sim
