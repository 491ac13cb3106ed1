#include "sim/kernel/life.hpp"

#include "models/scenario/drawing.hpp"
#include "sim/kernel/cache_warmth.hpp"
#include "sim/kernel/change_scheduling.hpp"
#include "sim/kernel/channels.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/displacement.hpp"
#include "sim/kernel/interpreter_lock.hpp"
#include "sim/kernel/synchronisation.hpp"
#include "sim/kernel/virtual_memory.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::sim {

namespace {

// Memory of one task more (or, with -1, less), by the profile's laws.
void count_memory(Kernel& kernel, TaskKind kind, std::int64_t sign) {
    struct Laws {
        std::optional<Cost> reserved, resident, kernel;
    };
    static constexpr Laws by_kind[task_kinds] = {
        {std::nullopt, Cost::process_resident, Cost::process_kernel},
        {Cost::thread_reserved, Cost::thread_resident, Cost::thread_kernel},
        {std::nullopt, Cost::coroutine_resident, std::nullopt},
        {Cost::fiber_reserved, Cost::fiber_resident, std::nullopt},
    };
    const Laws& laws = by_kind[static_cast<std::size_t>(kind)];
    const std::optional<Cost> figures[3] = {laws.reserved ? laws.reserved : laws.resident, laws.resident, laws.kernel};
    for (std::size_t i = 0; i < 3; ++i) {
        if (!figures[i]) continue;
        kernel.memory[i] += sign * kernel.cost[static_cast<std::size_t>(*figures[i])].count();
        kernel.memory_peak[i] = std::max(kernel.memory_peak[i], kernel.memory[i]);
    }
}

// The report's row for what `parent` creates at `operation`: one for all that are created there.
RowId child_row(Kernel& kernel, RowId parent, std::uint32_t operation, std::uint32_t slot, const Program& program,
                TaskKind kind) {
    for (const auto& [at, row] : kernel.child_rows[parent])
        if (at == operation) return row;
    const RowId row = static_cast<RowId>(kernel.rows.size());
    TaskReport report;
    report.name = fmt::format("{}/{}", kernel.rows[parent].name, program.slots[slot]);
    report.kind = kind;
    kernel.rows.push_back(std::move(report));
    kernel.child_rows.emplace_back();
    kernel.child_rows[parent].emplace_back(operation, row);
    return row;
}

std::size_t registers_of(const Program& program) {
    return program.repeat_depth + program.slots.size() + (draws(program) ? program.code.size() : 0);
}

// What the scheduling class sees of a new thread.
SchedulerView::TaskView first_view(const Kernel& kernel, const NewTask& wanted) {
    if (wanted.like_thread != no_task) {
        SchedulerView::TaskView view = kernel.task_views[wanted.like_thread];
        view.release = {};
        view.deadline = never;
        return view;
    }
    SchedulerView::TaskView view;
    const std::vector<CoreId>& affinity = kernel.affinities[wanted.like_template];
    const TaskTemplate& task = kernel.scenario->tasks[wanted.like_template];
    view.allowed = affinity;
    if (!affinity.empty()) view.core = affinity.front();
    view.scheduling = &task.scheduling;
    view.group = task.group != no_group ? task.group : kernel.session_groups[wanted.like_template];
    return view;
}

// All threads of `parent` that may have waited for this child look again: one reaps, the others wait on or learn that
// no child is left.
void wake_waiters(Kernel& kernel, ProcessId parent, ProcessId child, TaskId by) {
    std::vector<TaskId>& waiters = kernel.processes[parent].waiters;
    std::vector<TaskId> woken;
    std::erase_if(waiters, [&](TaskId thread) {
        const std::uint32_t wanted = kernel.tasks[thread].object;
        const bool wakes = wanted == nothing || wanted == child;
        if (wakes) woken.push_back(thread);
        return wakes;
    });
    for (const TaskId thread : woken) make_ready(kernel, thread, by);
}

ProcessId root_of(const Kernel& kernel, ProcessId process) {
    while (kernel.processes[process].parent != nothing) process = kernel.processes[process].parent;
    return process;
}

void add_child(Kernel& kernel, ProcessId parent, ProcessId child) {
    Process& process = kernel.processes[parent];
    kernel.processes[child].previous_sibling = process.last_child;
    kernel.processes[child].next_sibling = nothing;
    (process.last_child == nothing ? process.first_child : kernel.processes[process.last_child].next_sibling) = child;
    process.last_child = child;
}

void remove_child(Kernel& kernel, ProcessId parent, ProcessId child) {
    Process& process = kernel.processes[parent];
    const ProcessId before = kernel.processes[child].previous_sibling;
    const ProcessId after = kernel.processes[child].next_sibling;
    (before == nothing ? process.first_child : kernel.processes[before].next_sibling) = after;
    (after == nothing ? process.last_child : kernel.processes[after].previous_sibling) = before;
}

// Its children, which it then no longer has.
std::vector<ProcessId> take_own_children(Kernel& kernel, ProcessId process) {
    std::vector<ProcessId> taken;
    for (ProcessId child = kernel.processes[process].first_child; child != nothing;
         child = kernel.processes[child].next_sibling)
        taken.push_back(child);
    kernel.processes[process].first_child = kernel.processes[process].last_child = nothing;
    return taken;
}

// Takes the children of a process away from it, and with `all` theirs from them: parents before children, siblings in
// order.
std::vector<ProcessId> take_children(Kernel& kernel, ProcessId process, bool all) {
    std::vector<ProcessId> taken;
    std::vector<ProcessId> left = take_own_children(kernel, process);
    if (!all) return left;
    std::ranges::reverse(left);
    while (!left.empty()) {
        const ProcessId next = left.back();
        left.pop_back();
        taken.push_back(next);
        const std::vector<ProcessId> below = take_own_children(kernel, next);
        left.insert(left.end(), below.rbegin(), below.rend());
    }
    return taken;
}

void orphan_children(Kernel& kernel, ProcessId id, TaskId by) {
    const bool all = kernel.reparenting == Reparenting::all_to_root;
    ProcessId adopter = nothing;
    if (kernel.reparenting == Reparenting::to_parent) adopter = kernel.processes[id].parent;
    if (all) adopter = root_of(kernel, id);
    if (adopter == id) adopter = nothing;
    for (const ProcessId orphan : take_children(kernel, id, all)) {
        Process& process = kernel.processes[orphan];
        ++kernel.counters.orphans;
        process.parent = adopter;
        if (adopter == nothing) {
            if (process.zombie) reap(kernel, orphan);
            continue;
        }
        add_child(kernel, adopter, orphan);
        if (process.zombie) wake_waiters(kernel, adopter, orphan, by);
    }
}

} // namespace

ProcessId create_process(Kernel& kernel, ProcessId parent, std::int64_t pages) {
    const ProcessId id = static_cast<ProcessId>(kernel.processes.size());
    Process process;
    process.parent = parent;
    process.address_space = kernel.address_spaces++;
    process.pages = pages;
    kernel.processes.push_back(std::move(process));
    if (parent != nothing) {
        add_child(kernel, parent, id);
        if (kernel.channels) inherit_ends(kernel, id, parent);
    }
    return id;
}

TaskId create_task(Kernel& kernel, const NewTask& wanted) {
    const TaskId id = static_cast<TaskId>(kernel.tasks.size());
    Task task;
    task.program = wanted.program;
    task.kind = wanted.kind;
    task.process = wanted.process;
    task.row = wanted.row;
    task.counter = wanted.counter;
    task.drawing_task = wanted.drawing_task;
    task.drawing_instance = wanted.drawing_instance;
    task.carrier = wanted.carrier;
    task.since = kernel.now();
    if (task.program) {
        const Program& program = *task.program;
        task.registers = kernel.registers.take(registers_of(program));
        std::fill_n(task.registers + program.repeat_depth, program.slots.size(), -1);
    }
    kernel.tasks.push_back(std::move(task));
    if (!is_carried(wanted.kind)) {
        kernel.task_views.resize(id);
        kernel.task_views.push_back(first_view(kernel, wanted));
        kernel.view.tasks = kernel.task_views;
    }
    kernel.waiting.make_room(id);
    kernel.processes[wanted.process].members.push_back(id);
    if (wanted.row != nothing) {
        ++kernel.rows[wanted.row].instances;
        ++kernel.live_tasks;
    }
    count_memory(kernel, wanted.kind, +1);
    if (kernel.virtual_memory) begin_account(kernel, id);
    if (kernel.synchronisation) begin_knowing(kernel, id, wanted.creator);
    if (kernel.interpreters) {
        if (wanted.like_thread != no_task)
            begin_interpreting_like(kernel, id, wanted.like_thread);
        else
            begin_interpreting(kernel, id, kernel.scenario->tasks[wanted.like_template].interpreter);
    }
    if (is_carried(wanted.kind)) {
        ++kernel.group_of(kernel.tasks[id]).alive;
    } else {
        ++kernel.processes[wanted.process].live_threads;
        if (const auto parents = kernel.changed_scheduling.find(wanted.like_thread);
            parents != kernel.changed_scheduling.end())
            kernel.task_views[id].scheduling = &(kernel.changed_scheduling[id] = Scheduling(parents->second));
        try {
            kernel.scheduler->task_new(id);
        } catch (const InputError& error) {
            throw about_task(kernel, id, error);
        }
    }
    if (kernel.trace) [[unlikely]] {
        std::string name = "carrier";
        if (wanted.row != nothing) {
            const TaskReport& row = kernel.rows[wanted.row];
            name = row.name;
            if (row.instances > 1) name += fmt::format("#{}", row.instances);
        }
        kernel.trace->tasks.push_back({std::move(name), wanted.process, is_carried(wanted.kind)});
    }
    record(kernel, {kernel.now(), 0, id, wanted.creator, no_core, EventKind::created, 0, 0});
    return id;
}

void create_carriers(Kernel& kernel, ProcessId process, std::uint32_t like_template, std::uint32_t count) {
    NewTask wanted;
    wanted.like_template = like_template;
    wanted.process = process;
    const auto group = static_cast<CarrierGroupId>(kernel.carrier_groups.size());
    kernel.carrier_groups.push_back({.first = static_cast<LoopId>(kernel.loops.size()), .loops = count});
    for (std::uint32_t i = 0; i < count; ++i) {
        const TaskId id = create_task(kernel, wanted);
        kernel.tasks[id].loop = static_cast<LoopId>(kernel.loops.size());
        EventLoop& loop = kernel.loops.emplace_back();
        loop.thread = id;
        loop.group = group;
        loop.turns = kernel.waiting.add_queue();
    }
}

TaskId create_child(Kernel& kernel, TaskId parent_id, std::uint32_t at, TaskKind kind, ProcessId process,
                    bool copies_registers) {
    const Program& program = *kernel.tasks[parent_id].program;
    const Operation& operation = program.code[at];
    Task& parent = kernel.tasks[parent_id];
    NewTask wanted;
    wanted.kind = kind;
    wanted.creator = parent_id;
    wanted.process = process;
    wanted.row = child_row(kernel, parent.row, at, operation.slot, program, kind);
    wanted.program = &program;
    wanted.counter = at + 1;
    wanted.drawing_task = parent.drawing_task;
    wanted.drawing_instance = parent.drawing_instance;
    if (draws(program)) {
        std::int64_t& executed = parent.registers[program.repeat_depth + program.slots.size() + at];
        wanted.drawing_instance = child_instance(parent.drawing_instance, at, static_cast<std::uint64_t>(executed++));
    }
    wanted.carrier = is_carried(kind) ? parent.carrier : no_task;
    wanted.like_thread = is_carried(parent.kind) ? parent.carrier : parent_id;
    const TaskId id = create_task(kernel, wanted);
    Task& child = kernel.tasks[id];
    const Task& creator = kernel.tasks[parent_id]; // the table may have moved
    child.request = creator.request;
    if (copies_registers) {
        std::copy_n(creator.registers, program.repeat_depth + program.slots.size(), child.registers);
        child.depth = creator.depth;
    }
    return id;
}

void end_program(Kernel& kernel, TaskId id, Ending how) {
    Task& task = kernel.tasks[id];
    if (task.ended) return;
    const Time now = kernel.now();
    task.ended = true;
    if (task.program) kernel.registers.give_back(std::exchange(task.registers, nullptr), registers_of(*task.program));
    if (kernel.virtual_memory) forget_task(kernel, id);
    if (kernel.synchronisation) leave_locks(kernel, id);
    if (kernel.caches) forget_working_set(kernel, id);
    record(kernel, {now, 0, id, no_task, no_core, EventKind::ended, static_cast<std::uint8_t>(how), 0});
    count_memory(kernel, task.kind, -1);
    if (task.row == nothing) return;
    if (task.state == State::blocked) task.blocked += now - task.since;
    if (task.state == State::ready) task.waiting += now - task.since;
    if (task.state == State::running && is_carried(task.kind) && kernel.tasks[task.carrier].state == State::ready)
        task.waiting += now - kernel.tasks[task.carrier].since; // it waited along with its carrier
    TaskReport& row = kernel.rows[task.row];
    if (how == Ending::returned || how == Ending::exited) ++row.finished;
    if (task.state != State::fresh) row.turnaround.add(now - task.admitted);
    row.waiting.add(task.waiting);
    row.blocked.add(task.blocked);
    row.cpu.add(task.cpu);
    if (is_carried(task.kind)) {
        if (task.state == State::ready) task.stalled += stalled_on(kernel, kernel.loop_of(task));
        row.stalled.add(task.stalled);
    }
    kernel.last_end = now;
    --kernel.live_tasks;
}

void bury(Kernel& kernel, TaskId id) {
    Task& task = kernel.tasks[id];
    move_to(task.state, State::terminated);
    if (kernel.displacement) forget_runs(*kernel.displacement, task, id);
    if (is_carried(task.kind)) return;
    Process& process = kernel.processes[task.process];
    --process.live_threads;
    if (kernel.displacement && process.live_threads == 0 && process.owns_memory)
        forget_address_space(*kernel.displacement, process.address_space);
    kernel.scheduler->task_dead(id);
    kernel.changed_scheduling.erase(id);
}

void retire(Kernel& kernel, TaskId id) {
    const bool is_named_by_others = kernel.synchronisation || kernel.interpreters || kernel.virtual_memory;
    if (kernel.tasks[id].row != nothing && !is_named_by_others) kernel.tasks.retire(id);
}

void kill_others(Kernel& kernel, TaskId survivor) {
    const ProcessId process = kernel.tasks[survivor].process;
    // By index: nothing is added meanwhile, but the table of processes may move.
    for (std::size_t i = 0; i < kernel.processes[process].members.size(); ++i) {
        const TaskId id = kernel.processes[process].members[i];
        if (id == survivor || id == kernel.tasks[survivor].carrier) continue;
        if (kernel.tasks[id].state == State::terminated) continue;
        withdraw(kernel, id);
        end_program(kernel, id, Ending::killed);
        bury(kernel, id);
    }
}

void kill_process(Kernel& kernel, ProcessId id, TaskId by) {
    for (std::size_t i = 0; i < kernel.processes[id].members.size(); ++i) {
        const TaskId member = kernel.processes[id].members[i];
        if (kernel.tasks[member].state == State::terminated) continue;
        withdraw(kernel, member);
        end_program(kernel, member, Ending::killed);
        bury(kernel, member);
    }
    kernel.processes[id].dying = true;
    if (kernel.virtual_memory) destroy_space(kernel, id);
    finish_process(kernel, id, by);
}

void give_memory_back(Kernel& kernel, ProcessId child, TaskId by) {
    Process& process = kernel.processes[child];
    const TaskId parent = process.vfork_parent;
    if (parent == no_task) return;
    process.vfork_parent = no_task;
    if (kernel.tasks[parent].state == State::blocked) make_ready(kernel, parent, by);
}

void reap(Kernel& kernel, ProcessId child) {
    Process& process = kernel.processes[child];
    process.zombie = false;
    process.reaped = true;
    process.members = {};
    if (process.parent != nothing) remove_child(kernel, process.parent, child);
    if (!kernel.virtual_memory) kernel.processes.retire(child);
}

void finish_process(Kernel& kernel, ProcessId id, TaskId by) {
    give_memory_back(kernel, id, by);
    orphan_children(kernel, id, by);
    if (kernel.channels) give_up_ends(kernel, id, by);
    Process& process = kernel.processes[id];
    process.zombie = true;
    if (process.parent == nothing) return reap(kernel, id);
    if (kernel.processes[process.parent].ignores_children) {
        const ProcessId parent = process.parent;
        reap(kernel, id);
        return wake_waiters(kernel, parent, id, by);
    }
    ++kernel.counters.zombies;
    wake_waiters(kernel, process.parent, id, by);
}

ProcessId zombie_child(const Kernel& kernel, ProcessId process, ProcessId which) {
    for (ProcessId child = kernel.processes[process].first_child; child != nothing;
         child = kernel.processes[child].next_sibling)
        if (kernel.processes[child].zombie && (which == nothing || which == child)) return child;
    return nothing;
}

bool has_child(const Kernel& kernel, ProcessId process, ProcessId which) {
    if (which == nothing) return kernel.processes[process].first_child != nothing;
    return kernel.processes[which].parent == process && !kernel.processes[which].reaped;
}

} // namespace switchyard::sim
