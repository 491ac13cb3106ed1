// Linux's fair class (kernel/sched/fair.c): SCHED_NORMAL, SCHED_BATCH and SCHED_IDLE tasks, by EEVDF (6.12, 6.17) or
// CFS (6.5), with groups, bandwidth, the choice of a core and balancing between cores. It sees only its own tasks.
//
// Where it departs from the kernel:
// * Energy-aware scheduling, core scheduling, NUMA balancing, asymmetric packing, utilization clamping and the capacity
//   that higher classes and interrupts take are left out; so are synchronous wake-ups (placement.hpp), what balancing
//   costs (balance.hpp) and some of what averages are made of (load.hpp).
// * Delayed tasks are not moved by balancing.
// * A wait for a core begins where the task stands; kernels from 6.18 on throttle a task on its way to user space,
//   which for work in user space is the same.
// The host's reschedule() and action_changed() are called last of all, as they may call back; reschedule() of an idle
// core makes it pick.
#pragma once

#include "sim/sched/fair/parameters.hpp"
#include "sim/sched/fair/state.hpp"
#include "sim/sched/scheduling_class.hpp"

#include <memory>

namespace switchyard::sim {

class FairClass final : public SchedulingClass {
public:
    // `host` must outlive the class. `hz`: ticks a second; 0: none, what happens at ticks happens at once.
    // The topology is copied. So many cores alone are alike and share a cache.
    FairClass(const FairParameters& parameters, SchedulerHost& host, const Topology& topology, std::uint32_t hz);
    FairClass(const FairParameters& parameters, SchedulerHost& host, CoreId cores, std::uint32_t hz)
        : FairClass(parameters, host, Topology(cores), hz) {}

    std::string description() const override;
    void task_new(TaskId task) override;
    void task_dead(TaskId task) override;
    CoreId select_task_rq(TaskId task, Enqueue why, CoreId waker, Time now) override;
    void enqueue_task(CoreId core, TaskId task, Enqueue why, Time now) override;
    bool dequeue_task(CoreId core, TaskId task, Time now) override;
    TaskId pick_task(CoreId core, Time now) override;
    void put_prev_task(CoreId core, TaskId task, Enqueue why, Time now) override;
    void set_next_task(CoreId core, TaskId task, Time now) override;
    bool wakeup_preempt(CoreId core, TaskId woken, Time now) override;
    Action next_action(CoreId core, Time now) override;
    bool task_tick(CoreId core, Time now) override;
    void yield_task(CoreId core, TaskId task, Time now) override;
    void task_exiting(CoreId core, TaskId task, Time now) override; // leaves its session's group for the root
    void attributes_changed(TaskId task, Time now) override;
    void timer(std::uint32_t number, Time now) override;

    // What it keeps, for tests and for whoever wants to see lags and deadlines.
    [[nodiscard]] const FairState& state() const { return fair_; }

private:
    // Precondition: between task_new and task_dead.
    [[nodiscard]] Entity& entity_of(TaskId task) { return fair_.entities[fair_.entity_of_task[task]]; }
    void tell(CoreId core);

    FairState fair_;
};

// As FairClass(...).
[[nodiscard]] std::unique_ptr<SchedulingClass> make_fair_class(const FairParameters& parameters, SchedulerHost& host,
                                                               const Topology& topology, std::uint32_t hz);

} // namespace switchyard::sim
