// Tasks and processes: how they come to be, end, and are waited for. fork(2), clone(2), vfork(2), execve(2), exit(3),
// wait(2): a process that has ended stays a zombie until its parent waits; one whose parent ends first is adopted by
// init, which reaps at once, or by whom Kernel::reparenting says.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// A process without threads yet. `parent` is `nothing` for init's own.
[[nodiscard]] ProcessId create_process(Kernel& kernel, ProcessId parent, std::int64_t pages);

// What distinguishes a new task; the rest is the same for all.
struct NewTask {
    TaskKind kind = TaskKind::thread;
    ProcessId process = nothing;
    RowId row = nothing;
    const Program* program = nullptr;
    std::uint32_t counter = 0; // where in the program it begins
    std::uint32_t drawing_task = 0;
    std::uint32_t drawing_instance = 0;
    TaskId carrier = no_task;
    TaskId creator = no_task; // nobody: it is there from the beginning
    // The template whose affinity, attributes and group it has; or the thread it inherits them from.
    std::uint32_t like_template = nothing;
    TaskId like_thread = no_task;
};

// A task in state "new".
TaskId create_task(Kernel& kernel, const NewTask& task);

// So many threads that carry coroutines or fibers of that template, in state "new": the latest carrier group.
void create_carriers(Kernel& kernel, ProcessId process, std::uint32_t like_template, std::uint32_t count);

// The child of `parent` that begins after the fork, clone or spawn at `operation`, in state "new"; draws of its own,
// and for a fork (`copies_registers`) its parent's names of children and loops.
TaskId create_child(Kernel& kernel, TaskId parent, std::uint32_t operation, TaskKind kind, ProcessId process,
                    bool copies_registers);

// The task's program is over: its figures go into the report. A thread still has to leave its core and be buried.
void end_program(Kernel& kernel, TaskId task, Ending how);

// The task is gone for good: terminated, and forgotten by the scheduling class.
void bury(Kernel& kernel, TaskId task);

// It ended by itself, and nobody looks at it after this instant: its record may be used again.
void retire(Kernel& kernel, TaskId task);

// Every other task of the process is killed on the spot, wherever it is.
void kill_others(Kernel& kernel, TaskId survivor);

// A process that does not execute this is killed on the spot, with all its tasks.
void kill_process(Kernel& kernel, ProcessId process, TaskId by);

// The process has ended: its children are orphans, a waiting parent is woken by `by`, else it stays a zombie.
void finish_process(Kernel& kernel, ProcessId process, TaskId by);

// A vfork parent goes on: the child no longer uses its memory.
void give_memory_back(Kernel& kernel, ProcessId child, TaskId by);

// A zombie is waited for.
void reap(Kernel& kernel, ProcessId child);

// A child of `process` that wait() could reap now: `which`, or any where that is `nothing`.
[[nodiscard]] ProcessId zombie_child(const Kernel& kernel, ProcessId process, ProcessId which);

// Whether there is such a child, ended or not.
[[nodiscard]] bool has_child(const Kernel& kernel, ProcessId process, ProcessId which);

} // namespace switchyard::sim
