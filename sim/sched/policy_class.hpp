// The scheduling class that hosts a policy, as Linux's ext class hosts a BPF scheduler (kernel/sched/ext.c).
//
// A core runs what was moved to it; when that is nothing the policy's `dispatch` gives it something, usually the first
// of a queue. The host counts the slice of the running task: at its end the task goes back through the policy's
// `enqueue`, unless nobody else is ready for this core, in which case it goes on with a new slice and no switch. It
// also sees to it that no task waits in a preemptive queue that is better than one that runs, and that no core is idle
// while a task waits that may run there.
#pragma once

#include "sim/sched/policy.hpp"

#include <memory>
#include <vector>

namespace switchyard::sim {

class PolicyClass final : public SchedulingClass, private PolicyHost {
public:
    // `host` must outlive the class.
    PolicyClass(std::unique_ptr<Policy> policy, SchedulerHost& host, CoreId cores);

    std::string description() const override { return policy_->description(); }
    void task_new(TaskId task) override;
    void task_dead(TaskId task) override;
    CoreId select_task_rq(TaskId task, Enqueue why, CoreId waker, Time now) override;
    void enqueue_task(CoreId core, TaskId task, Enqueue why, Time now) override;
    bool dequeue_task(CoreId core, TaskId task, Time now) override;
    TaskId pick_task(CoreId core, Time now) override;
    void put_prev_task(CoreId core, TaskId task, Enqueue why, Time now) override;
    void set_next_task(CoreId core, TaskId task, Time now) override;
    bool wakeup_preempt(CoreId, TaskId, Time) override { return false; } // see core_to_preempt
    CoreId core_to_preempt(Time now) override;
    Action next_action(CoreId core, Time now) override;
    bool task_tick(CoreId core, Time now) override;
    void yield_task(CoreId, TaskId, Time) override {}
    bool new_job(CoreId, TaskId, Time) override { return true; }
    void attributes_changed(TaskId task, Time now) override;
    bool is_more_urgent(TaskId task, TaskId than) override { return policy_->is_more_urgent(*this, task, than); }
    void timer(std::uint32_t number, Time now) override;

    // What the policy keeps: for whoever looks inside.
    [[nodiscard]] const Policy& policy() const { return *policy_; }
    [[nodiscard]] const ReadyQueues& queues() const override { return queues_; }
    // What is left of the slice of the task that runs on `core`.
    [[nodiscard]] Duration running_slice_left(CoreId core, Time now) const;

private:
    QueueId create_queue(const QueueDescription& description) override;
    void insert(QueueId queue, TaskId task, Duration slice) override;
    void insert_at_head(QueueId queue, TaskId task, Duration slice) override;
    void insert(QueueId queue, TaskId task, Duration slice, Rank rank) override;
    void move_task_to_local(CoreId core, TaskId task) override;
    bool move_to_local(CoreId core, QueueId queue) override;
    bool move_to_local(CoreId core) override;
    Duration slice_left(TaskId task) const override { return given_[task].left; }
    void end_slice(CoreId core) override;
    CoreId idle_core_for(TaskId task, CoreId otherwise) override;
    CoreId cores() const override { return cores_; }

    // How good the claim of a task to a core is: the smaller the better.
    struct Claim {
        QueueId queue = no_queue; // `no_queue`: none, it can be taken off by nobody
        std::int64_t key = 0;
        friend auto operator<=>(const Claim&, const Claim&) = default;
    };
    struct Given { // to a task when it was inserted
        Duration slice{};
        Duration left{}; // of it, when it last stopped running
        Claim claim;
    };
    struct Running {
        TaskId task = no_task;
        Time since{};               // when the slice began
        Duration slice{};           // its length
        bool contended = false;     // somebody was waiting for the core when it was last asked
        bool makes_way = false;     // it has been named by core_to_preempt
        Time refused = Time::min(); // when it last found nothing to run
    };

    void joined(QueueId queue);
    void take_out(TaskId task);
    void give_slice(TaskId task, Duration slice);
    [[nodiscard]] bool someone_waits_for(CoreId core) const;
    [[nodiscard]] CoreId core_for(TaskId waiting, std::span<const CoreId> allowed, CoreId only, Time now);
    void ask_uncontended();

    // Calls `visit(core)` for each core a task may run on until it returns true.
    template <class Visit>
    void any_core(std::span<const CoreId> allowed, CoreId only, Visit visit) const;

    std::unique_ptr<Policy> policy_;
    CoreId cores_;
    ReadyQueues queues_;
    std::vector<QueueDescription> descriptions_; // by queue
    std::vector<std::vector<QueueId>> serving_;  // by core: the queues that serve it, in order
    std::vector<TaskId> local_;                  // by core: what it shall run next
    std::vector<Given> given_;                   // by task
    std::vector<Running> running_;               // by core
    CoreId without_task_;                        // how many cores run none
    std::vector<QueueId> changed_;               // queues somebody has joined and that have not been looked at since
    std::vector<char> is_changed_;
    std::vector<std::uint64_t> idle_; // cores without a task that nobody has been sent to, a bit each
    std::uint32_t uncontended_ = 0;   // running tasks with a slice whose end nobody waits for
    bool counts_slices_ = false;      // the policy's answer
    bool keeps_place_ = false;        // the task being enqueued was preempted
};

} // namespace switchyard::sim
