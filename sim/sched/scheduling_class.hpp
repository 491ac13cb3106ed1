// What a scheduling class is: the first of the two levels of scheduling, in Linux's words (kernel/sched/sched.h,
// struct sched_class). The kernel asks, the class answers; a class never calls back.
//
// The task that runs on a core is on that core's run queue but not in the class's order: set_next_task takes it out,
// put_prev_task puts it back.
#pragma once

#include "models/trace/event.hpp"
#include "models/units/time.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace switchyard::sim {

using CoreId = std::uint16_t;

// Why a task comes to a run queue.
enum class Enqueue : std::uint8_t { created, woken };

// What a class may know of the machine. The kernel keeps it true; classes only read it.
struct SchedulerView {
    struct TaskView {
        CoreId core = 0;                   // where it ran last, or was put
        std::span<const CoreId> allowed{}; // its affinity, ascending; empty: every core
    };
    std::span<const TaskView> tasks; // may grow between calls, never while one is in progress
    std::span<const TaskId> current; // who runs on each core; no_task: idle
};

// Whether the affinity of `task` lets it run on `core`.
[[nodiscard]] bool may_run_on(const SchedulerView::TaskView& task, CoreId core);

class SchedulingClass {
public:
    virtual ~SchedulingClass() = default;

    // "round robin, slice 1 s": for the report.
    [[nodiscard]] virtual std::string description() const = 0;

    // A task comes to life, and goes. Between the two its id means this task.
    virtual void task_new(TaskId task) = 0;
    virtual void task_dead(TaskId task) = 0;

    // The core whose run queue a task that becomes ready should join.
    [[nodiscard]] virtual CoreId select_task_rq(TaskId task, Enqueue why) = 0;

    // A task joins the run queue of `core`.
    virtual void enqueue_task(CoreId core, TaskId task, Enqueue why, Time now) = 0;

    // A task leaves the run queue because it blocks or ends; it may be the running one. Returns false where the class
    // keeps it queued for a while (EEVDF's delayed dequeue).
    virtual bool dequeue_task(CoreId core, TaskId task, Time now) = 0;

    // The task that should run next on `core`, or no_task. Does not change who runs.
    [[nodiscard]] virtual TaskId pick_task(CoreId core, Time now) = 0;

    // The running task, still ready, gives the core up and goes back into the order.
    virtual void put_prev_task(CoreId core, TaskId task, Time now) = 0;

    // The task runs on `core` from `now` on.
    virtual void set_next_task(CoreId core, TaskId task, Time now) = 0;

    // Whether a task that has just joined the queue of `core` should have the core at once.
    [[nodiscard]] virtual bool wakeup_preempt(CoreId core, TaskId woken, Time now) = 0;

    // The next instant at which task_tick would ask for another task, `never` where it would not. The kernel asks again
    // whenever somebody has joined a queue, rounds the answer up to the core's tick grid, and so pays for no tick
    // between.
    [[nodiscard]] virtual Time next_action(CoreId core, Time now) = 0;

    // That instant has come: true if another task should be picked.
    [[nodiscard]] virtual bool task_tick(CoreId core, Time now) = 0;

    // The running task offers its core (sched_yield); put_prev_task follows.
    virtual void yield_task(CoreId core, TaskId task, Time now) = 0;
};

} // namespace switchyard::sim
