#include "sim/kernel/jobs.hpp"

#include "models/units/text.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/operations.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

// Jobs that are given up are so at their deadline, begun or not; at once where that is over.
void await_deadline(Kernel& kernel, TaskId id) {
    Task& task = kernel.tasks[id];
    if (task.deadline == never) return;
    const Time at = std::max(task.deadline, kernel.now());
    if (!kernel.events.reschedule(task.abortion, at))
        task.abortion = kernel.events.schedule(at, {KernelEvent::Kind::abortion, id});
}

void set_release(Kernel& kernel, TaskId id, Time release) {
    Task& task = kernel.tasks[id];
    SchedulerView::TaskView& view = kernel.task_views[id];
    const Duration relative = view.scheduling->relative_deadline();
    task.release = view.release = release;
    task.deadline = view.deadline = relative > Duration::zero() ? checked_add(release, relative) : never;
    if (view.scheduling->aborts_on_miss) await_deadline(kernel, id);
}

void note(Kernel& kernel, TaskId id, EventKind kind, bool is_late = false) {
    const Duration since_release = kernel.now() - kernel.tasks[id].release;
    record(kernel, {kernel.now(), since_release.count(), id, no_task, no_core, kind, is_late, 0});
}

// Whether the task, which waits for a core, has not begun its job yet; goes through what is before its first one.
bool is_before_job(Kernel& kernel, TaskId id) {
    Task& task = kernel.tasks[id];
    const Execution e{kernel, kernel.task_views[id].core, id, id};
    if (task.state != State::ready) return false;
    if (!task.had_job)
        while (task.phase == 0 && e.operation().kind == OperationKind::repeat) (void)repeat(e);
    if (e.operation().kind != OperationKind::job) return false;
    if (task.phase == job_is_released) return true;
    if (task.phase != 0 || task.had_job) return false;
    release_job(kernel, id, draw(e));
    return true;
}

// From where a job was given up on to what has to be executed: loops are gone through, the next job is released.
void go_on_after(Kernel& kernel, TaskId id) {
    Task& task = kernel.tasks[id];
    const Execution e{kernel, kernel.task_views[id].core, id, id};
    task.phase = 0;
    task.remaining = 0;
    task.counter = e.operation().target;
    while (e.operation().kind == OperationKind::repeat_end) (void)repeat_end(e);
}

} // namespace

void release_first_job(Kernel& kernel, TaskId id) { set_release(kernel, id, kernel.now()); }

void release_job(Kernel& kernel, TaskId id, std::int64_t after) {
    Task& task = kernel.tasks[id];
    if (task.had_job) set_release(kernel, id, checked_add(task.release, Duration{after}));
    task.had_job = true;
}

void start_job(Kernel& kernel, TaskId id) {
    Task& task = kernel.tasks[id];
    task.in_job = task.counter;
    ++kernel.rows[task.row].jobs.released;
    note(kernel, id, EventKind::job_begun);
    if (kernel.task_views[id].scheduling->aborts_on_miss) await_deadline(kernel, id);
}

void finish_job(Kernel& kernel, TaskId id) {
    Task& task = kernel.tasks[id];
    JobReport& jobs = kernel.rows[task.row].jobs;
    task.in_job = nothing;
    kernel.events.cancel(task.abortion);
    ++jobs.finished;
    const bool is_late = kernel.now() > task.deadline;
    if (is_late) ++jobs.missed;
    note(kernel, id, EventKind::job_finished, is_late);
    jobs.response.add(kernel.now() - task.release);
}

void abort_job(Kernel& kernel, TaskId id) {
    Task& task = kernel.tasks[id];
    JobReport& jobs = kernel.rows[task.row].jobs;
    if (task.in_job == nothing) {
        if (!is_before_job(kernel, id)) return; // on its way to it: start_job will ask again
        ++jobs.released;
        task.in_job = task.counter;
    }
    // Its work, all that such a job may consist of, can be over without its having come to its end.
    if (task.state == State::running) cut_stretch(kernel, id);
    const auto rest = task.program->code[task.counter];
    if (rest.kind == OperationKind::compute && task.phase != 0 && task.remaining <= 0 &&
        task.program->code[task.counter + 1].kind == OperationKind::job_end)
        return;
    ++jobs.missed;
    ++jobs.aborted;
    note(kernel, id, EventKind::job_aborted, true);
    task.counter = task.in_job;
    task.in_job = nothing;
    go_on_after(kernel, id);
    if (task.state != State::ready) return; // running: it goes on from there
    // It waits for a core that it does not need before its next job is released.
    if (kernel.tasks[id].program->code[task.counter].kind != OperationKind::job) return;
    withdraw_from_queue(kernel, id);
    const Execution e{kernel, kernel.task_views[id].core, id, id};
    release_job(kernel, id, draw(e));
    task.phase = job_is_released;
    if (task.release > kernel.now()) {
        task.timer = kernel.events.schedule(task.release, {KernelEvent::Kind::timer, id});
        wait_without_core(kernel, id, WaitFor::time);
    } else {
        rejoin_queue(kernel, id, Enqueue::new_job);
    }
}

} // namespace switchyard::sim
