// Operations that create tasks and processes, wait for them and end them.
#include "sim/kernel/diagnosis.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/displacement.hpp"
#include "sim/kernel/life.hpp"
#include "sim/kernel/operations.hpp"
#include "sim/kernel/process_contents.hpp"
#include "sim/kernel/shootdown.hpp"
#include "sim/kernel/synchronisation.hpp"
#include "sim/kernel/virtual_memory.hpp"

#include <algorithm>

namespace switchyard::sim {

// fork, and clone without shared memory: tables are copied for every resident page.
Step fork(const Execution& e) {
    Kernel& kernel = e.kernel;
    const ProcessId parent = e.task().process;
    if (e.task().phase == 0) {
        if (!kernel.virtual_memory)
            return enter_kernel(e, cost_of_fork(kernel, copied_by_fork(kernel, parent, nullptr)));
        const memory::Change change = fork_space(kernel, e.actor);
        const Duration shootdown = change.flush ? shoot_down(e, {}) : Duration::zero(); // flush_tlb_mm
        return enter_kernel(e, cost_of_fork(kernel, copied_by_fork(kernel, parent, &change)) + shootdown);
    }
    const std::uint32_t at = e.task().counter;
    const ProcessId child = create_process(kernel, parent, kernel.processes[parent].pages);
    if (kernel.virtual_memory) take_forked_space(kernel, e.actor, child);
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
    if (kernel.virtual_memory) share_space(kernel, child, parent);
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
    const ProcessId id = e.task().process;
    if (e.task().phase == 0) {
        const bool owns_memory = kernel.processes[id].owns_memory; // a vfork's child leaves its parent's
        return enter_kernel(e,
                            charge(kernel, Cost::exec) +
                                (owns_memory ? cost_of_replacing(kernel, contents_of(kernel, id)) : Duration::zero()));
    }
    if (e.task().phase == 1) {
        kill_others(kernel, e.actor);
        if (kernel.virtual_memory) destroy_space(kernel, id);
        Process& process = kernel.processes[id];
        if (kernel.displacement && process.owns_memory)
            forget_address_space(*kernel.displacement, process.address_space);
        process.address_space = kernel.address_spaces++;
        process.pages = 0;
        process.owns_memory = true;
        if (kernel.virtual_memory) create_space(kernel, id, e.task().drawing_task, {});
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
    if (kernel.tasks[target].state == State::terminated || kernel.tasks[target].process != e.task().process) {
        take_word(e, Meeting::task_end, target);
        return done(e);
    }
    const bool in_loop = e.actor != e.thread && kernel.tasks[target].carrier != no_task &&
                         kernel.loop_of(kernel.tasks[target]).group == kernel.loop_of(e.task()).group;
    if (!in_loop && e.task().phase == 0) return enter_kernel(e, system_call(e));
    kernel.tasks[target].joiner = in_loop ? e.actor : e.thread;
    const Step step = in_loop ? suspend(e, WaitFor::task, target) : block(e, WaitFor::task, target);
    if (kernel.synchronisation) look_for_deadlock(kernel, e.actor);
    return step;
}

Step wait(const Execution& e) {
    enum : std::uint8_t { begin, look, reaped };
    Kernel& kernel = e.kernel;
    if (e.task().phase == begin) return spend_in_kernel(e, system_call(e), look);
    if (e.task().phase == reaped) return done(e);
    const ProcessId self = e.task().process;
    const bool any = e.operation().slot == no_slot;
    if (!any && named_child(e) < 0) return done(e); // ECHILD: never forked
    const ProcessId which = any ? nothing : static_cast<ProcessId>(named_child(e));
    if (const ProcessId zombie = zombie_child(kernel, self, which); zombie != nothing) {
        take_word(e, Meeting::process_end, zombie);
        reap(kernel, zombie);
        return spend_in_kernel(e, charge(kernel, Cost::process_reap), reaped);
    }
    if (!has_child(kernel, self, which)) return done(e); // ECHILD
    kernel.processes[self].waiters.push_back(e.thread);
    const Step step = block(e, WaitFor::child, which);
    if (kernel.synchronisation) look_for_deadlock(kernel, e.actor);
    return step;
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
        const bool owns_memory = kernel.processes[id].owns_memory;
        return spend_in_kernel(e, owns_memory ? cost_of_exit(kernel, contents_of(kernel, id)) : Duration::zero(),
                               tables_freed);
    }
    case tables_freed:
        if (kernel.virtual_memory) destroy_space(kernel, id);
        return spend_in_kernel(e, has_waiter() ? charge(kernel, Cost::wake_up) : Duration::zero(), wake);
    default: break;
    }
    give_memory_back(kernel, id, e.actor);
    kernel.scheduler->task_exiting(e.core, e.thread, kernel.now());
    finish_process(kernel, id, e.actor);
    if (e.actor != e.thread) bury(kernel, e.actor);
    leave_core(kernel, e.core, Stop::ended);
    bury(kernel, e.thread);
    retire(kernel, e.thread);
    return Step::left;
}

Step end_carried(const Execution& e) {
    Kernel& kernel = e.kernel;
    end_program(kernel, e.actor, Ending::returned);
    bury(kernel, e.actor);
    --kernel.group_of(e.task()).alive;
    hand_over(e, Stop::ended);
    if (const TaskId joiner = e.task().joiner; joiner != no_task && kernel.tasks[joiner].state == State::blocked)
        make_ready(kernel, joiner, e.actor);
    retire(kernel, e.actor);
    return Step::next;
}

Step end_thread(const Execution& e) {
    enum : std::uint8_t { begin, freed, wake };
    Kernel& kernel = e.kernel;
    Task& task = e.task();
    if (task.phase == begin && kernel.processes[task.process].live_threads == 1)
        return end_process(e, Ending::returned);
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
    bury(kernel, e.thread);
    retire(kernel, e.thread);
    return Step::left;
}

Step crash(const Execution& e) {
    if (e.task().phase == 0) ++e.kernel.counters.crashes;
    return end_process(e, Ending::crashed);
}

} // namespace switchyard::sim
