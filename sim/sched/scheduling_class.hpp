// What a scheduling class is: the first of the two levels of scheduling, in Linux's words (kernel/sched/sched.h,
// struct sched_class). The kernel asks, the class answers; what a class wants of the kernel it asks of its host.
//
// The task that runs on a core is on that core's run queue but not in the class's order: set_next_task takes it out,
// put_prev_task puts it back.
//
// What happens at one instant is seen in this order: stretches of running tasks end, the class's timers go off, tasks
// arrive and are woken, and then it is decided who runs: every core that is idle picks, and after that running tasks
// give way to better ones.
#pragma once

#include "models/scenario/scheduling.hpp"
#include "models/trace/event.hpp"
#include "models/units/time.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace switchyard::sim {

using CoreId = std::uint16_t;

// Why a task comes to a run queue, or back to it.
enum class Enqueue : std::uint8_t {
    created,
    woken,
    woken_in_passing, // for the choice of a core only: by one that says it is about to sleep (WF_SYNC)
    new_job,          // it has begun another job without having waited for its release
    preempted,        // it ran, and has to make way
    expired,          // it ran, and its slice is over
    yielded,          // it ran, and offered its core (sched_yield)
};

// What a class may know of the machine. The kernel keeps it true; classes only read it.
struct SchedulerView {
    struct TaskView {
        CoreId core = 0;                        // whose run queue it is on, was last, or will be first
        std::span<const CoreId> allowed{};      // its affinity, ascending; empty: every core
        const Scheduling* scheduling = nullptr; // never null between task_new and task_dead
        std::uint32_t group = no_group;         // index into `groups`
        Time release{};                         // of its job; without jobs: when it arrived
        Time deadline = never;                  // of its job, absolute; `never`: none
    };
    std::span<const TaskView> tasks; // may grow between calls, never while one is in progress
    std::span<const TaskId> current; // who runs on each core; no_task: idle
    // Groups of tasks, parents first: those of the scenario, then an implicit one for each session (autogroup).
    std::span<const Group> groups;
    std::uint32_t first_session = 0; // the first implicit one
    std::uint64_t seed = 0;          // of the scenario
};

// Whether the affinity of `task` lets it run on `core`.
[[nodiscard]] bool may_run_on(const SchedulerView::TaskView& task, CoreId core);

// What a class can ask of the kernel.
class SchedulerHost {
public:
    [[nodiscard]] virtual Time now() const = 0;
    [[nodiscard]] virtual const SchedulerView& view() const = 0;

    // The running task of `core` shall go back into the order as soon as the kernel can take it off, and another be
    // picked (resched_curr).
    virtual void reschedule(CoreId core) = 0;

    // The class would now answer next_action for the running task of `core` differently than it did.
    virtual void action_changed(CoreId core) = 0;

    // SchedulingClass::timer(number) is to be called at `at`, not rounded to ticks; `never`: not any more. Numbers are
    // the class's own, small, and each is one timer.
    virtual void set_timer(std::uint32_t number, Time at) = 0;

    // The core works at so many thousandths of the speed its topology gives it, from now on (scx_bpf_cpuperf_set):
    // frequencies, and whatever else makes work faster or slower (a cold cache). More than 0. Not every host can.
    virtual void set_performance(CoreId, [[maybe_unused]] std::int64_t thousandths) {}

    // A waiting task now belongs to the run queue of another core.
    virtual void moved(TaskId task, CoreId core) = 0;

    // The work, at nominal speed, until the task blocks, ends or is done with its job, if nobody lets it wait: what no
    // real scheduler knows and textbooks assume. Looks ahead in its program; what it cannot foresee counts as nothing.
    [[nodiscard]] virtual Duration burst_left(TaskId task) const = 0;

protected:
    ~SchedulerHost() = default;
};

// When a class acts next on its running task.
struct Action {
    Time at = never;
    bool at_tick = true; // noticed at the first tick from then on, if the machine has ticks; false: a timer of its own
    friend bool operator==(const Action&, const Action&) = default;
};

class SchedulingClass {
public:
    virtual ~SchedulingClass() = default;

    // "round robin, slice 1 s": for the report.
    [[nodiscard]] virtual std::string description() const = 0;

    // A task comes to life, and goes. Between the two its id means this task.
    virtual void task_new(TaskId task) = 0;
    virtual void task_dead(TaskId task) = 0;

    // The core whose run queue a task that becomes ready should join. `waker`: the core it is woken from, no_core for a
    // timer or an arrival.
    [[nodiscard]] virtual CoreId select_task_rq(TaskId task, Enqueue why, CoreId waker, Time now) = 0;

    // A task joins the run queue of `core`.
    virtual void enqueue_task(CoreId core, TaskId task, Enqueue why, Time now) = 0;

    // A task leaves the run queue because it blocks or ends; it may be the running one. Returns false where the class
    // keeps it queued for a while (EEVDF's delayed dequeue).
    virtual bool dequeue_task(CoreId core, TaskId task, Time now) = 0;

    // The task that should run next on `core`, or no_task; it may come from another core's queue (newly idle
    // balancing). Does not change who runs.
    [[nodiscard]] virtual TaskId pick_task(CoreId core, Time now) = 0;

    // The running task, still ready, gives the core up and goes back into the order.
    virtual void put_prev_task(CoreId core, TaskId task, Enqueue why, Time now) = 0;

    // The task runs on `core` from `now` on.
    virtual void set_next_task(CoreId core, TaskId task, Time now) = 0;

    // Whether a task that has just joined the queue of `core` should have the core at once.
    [[nodiscard]] virtual bool wakeup_preempt(CoreId core, TaskId woken, Time now) = 0;

    // A core whose running task should give way to one that waits, now that all of this instant has happened and idle
    // cores have picked; no_core: none. Asked again until it answers so; a core it named has since been rescheduled, or
    // will be as soon as it can be taken off its task. What queues over several cores need instead of wakeup_preempt.
    [[nodiscard]] virtual CoreId core_to_preempt([[maybe_unused]] Time now) { return no_core; }

    // When task_tick would ask for another task. The kernel asks again whenever somebody has joined a queue, and so
    // pays for no tick between.
    [[nodiscard]] virtual Action next_action(CoreId core, Time now) = 0;

    // That instant has come: true if another task should be picked.
    [[nodiscard]] virtual bool task_tick(CoreId core, Time now) = 0;

    // The running task offers its core (sched_yield); put_prev_task follows.
    virtual void yield_task(CoreId core, TaskId task, Time now) = 0;

    // The running task goes on with its next job, released already; its view says which. True if it has to compete for
    // the core again: put_prev_task follows.
    [[nodiscard]] virtual bool new_job(CoreId, TaskId, [[maybe_unused]] Time now) { return false; }

    // The running task of `core` has nothing to do any more but to tell those who wait for its end, and to leave
    // (sched_autogroup_exit_task, called by do_exit).
    virtual void task_exiting(CoreId, TaskId, [[maybe_unused]] Time now) {}

    // The attributes of a task, whatever its state, are now what its view says (nice, a priority it inherits).
    virtual void attributes_changed(TaskId, [[maybe_unused]] Time now) {}

    // Whether one task goes before another by what is known of both, priorities and deadlines, so that a lock the one
    // waits for lends that to the other. Where nothing is strict nobody is.
    [[nodiscard]] virtual bool is_more_urgent(TaskId, [[maybe_unused]] TaskId than) { return false; }

    // Whether LinuxPolicy chooses among several classes.
    [[nodiscard]] virtual bool has_classes() const { return false; }

    // A timer set through the host goes off.
    virtual void timer([[maybe_unused]] std::uint32_t number, [[maybe_unused]] Time now) {}
};

} // namespace switchyard::sim
