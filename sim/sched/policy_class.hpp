// The scheduling class that hosts a policy, as Linux's ext class hosts a BPF scheduler (kernel/sched/ext.c).
//
// A core runs what is in its local queue; when that is empty the policy's `dispatch` fills it, usually from the shared
// queue. The host counts the slice of the running task: at its end the task goes back through the policy's `enqueue`,
// unless nobody else is ready for this core, in which case it goes on with a new slice and no switch.
#pragma once

#include "sim/sched/policy.hpp"

#include <memory>
#include <vector>

namespace switchyard::sim {

class PolicyClass final : public SchedulingClass, private PolicyHost {
public:
    // `view` must outlive the class.
    PolicyClass(std::unique_ptr<Policy> policy, const SchedulerView& view, CoreId cores);

    std::string description() const override { return policy_->description(); }
    void task_new(TaskId task) override;
    void task_dead(TaskId task) override;
    CoreId select_task_rq(TaskId task, Enqueue why) override;
    void enqueue_task(CoreId core, TaskId task, Enqueue why, Time now) override;
    bool dequeue_task(CoreId core, TaskId task, Time now) override;
    TaskId pick_task(CoreId core, Time now) override;
    void put_prev_task(CoreId core, TaskId task, Time now) override;
    void set_next_task(CoreId core, TaskId task, Time now) override;
    bool wakeup_preempt(CoreId core, TaskId woken, Time now) override;
    Time next_action(CoreId core, Time now) override;
    bool task_tick(CoreId core, Time now) override;
    void yield_task(CoreId core, TaskId task, Time now) override;

private:
    void insert(TaskId task, Duration slice) override;
    void insert_at_head(TaskId task, Duration slice) override;
    void insert_local(CoreId core, TaskId task, Duration slice) override;
    bool move_to_local(CoreId core) override;
    CoreId idle_core_for(TaskId task, CoreId otherwise) const override;
    const SchedulerView& view() const override { return view_; }

    [[nodiscard]] bool someone_waits_for(CoreId core) const;

    struct Running {
        TaskId task = no_task;
        Time since{};           // when the slice began
        Duration slice{};       // its length
        bool contended = false; // somebody was waiting for the core when it was last asked
    };

    std::unique_ptr<Policy> policy_;
    const SchedulerView& view_;
    QueueId shared_; // queues 0 to cores - 1 are local
    DispatchQueues queues_;
    std::vector<Duration> slice_; // of each task, given when it was inserted
    std::vector<Running> running_;
};

} // namespace switchyard::sim
