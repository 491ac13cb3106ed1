// What a policy is: the second level of scheduling, in sched_ext's words (kernel/sched/ext.c, struct sched_ext_ops), so
// that a policy tried here can be written for the real thing. A policy decides which task a core runs and for how long;
// everything else is the hosting class's business (policy_class.hpp). Round robin is ten lines: round_robin.cpp.
#pragma once

#include "sim/sched/ready_queues.hpp"
#include "sim/sched/scheduling_class.hpp"

#include <string>

namespace switchyard::sim {

// A slice that does not end.
inline constexpr Duration unlimited_slice = Duration::max();

// A queue a policy asks for.
struct QueueDescription {
    QueueOrder order = QueueOrder::first_come;
    // A waiting task takes the core from a running one that came from a later queue, or from the same one with a larger
    // key. Equal ones never preempt.
    bool preemptive = false;
    CoreId core = no_core;    // the only one it serves; no_core: all
    bool keys_change = false; // while a task runs: ask Policy::key_of_running, not what it was inserted with
};

// What the host offers a policy: sched_ext's kfuncs, without their prefix.
class PolicyHost {
public:
    // `kernel` must outlive it.
    explicit PolicyHost(SchedulerHost& kernel) : kernel_(kernel), view_(kernel.view()) {}

    // A queue more, behind those there are; `dispatch` looks into them in this order.
    virtual QueueId create_queue(const QueueDescription& description) = 0;

    // Puts a ready task into a queue: at its tail or head, or, in a queue by rank, where its rank belongs. It may run
    // for `slice` when its turn comes. One that is queued already is moved.
    virtual void insert(QueueId queue, TaskId task, Duration slice) = 0;
    virtual void insert_at_head(QueueId queue, TaskId task, Duration slice) = 0;
    virtual void insert(QueueId queue, TaskId task, Duration slice, Rank rank) = 0;

    // Makes a core run the task next: one that waits in whatever queue; the first of that queue which may run there;
    // that of the first queue which has one. False if there is none.
    virtual void move_task_to_local(CoreId core, TaskId task) = 0;
    virtual bool move_to_local(CoreId core, QueueId queue) = 0;
    virtual bool move_to_local(CoreId core) = 0;

    [[nodiscard]] virtual const ReadyQueues& queues() const = 0;

    // What is left of the slice of a task that has just stopped running; 0 where it is over.
    [[nodiscard]] virtual Duration slice_left(TaskId task) const = 0;

    // The slice of the task that runs on `core` ends now.
    virtual void end_slice(CoreId core) = 0;

    // An idle core the task may run on, its last one first, then ascending; `otherwise` if none is idle.
    [[nodiscard]] virtual CoreId idle_core_for(TaskId task, CoreId otherwise) = 0;

    // The kernel's services: the clock, what is known of tasks, timers, and looking ahead.
    [[nodiscard]] SchedulerHost& kernel() { return kernel_; }
    [[nodiscard]] virtual CoreId cores() const = 0;

    [[nodiscard]] Time now() const { return kernel_.now(); }
    [[nodiscard]] const SchedulerView::TaskView& task(TaskId id) const { return view_.tasks[id]; }

protected:
    ~PolicyHost() = default;

private:
    SchedulerHost& kernel_;
    const SchedulerView& view_;
};

class Policy {
public:
    virtual ~Policy() = default;

    // "round robin, slice 1 s".
    [[nodiscard]] virtual std::string description() const = 0;

    // Once, before anything else: create the queues.
    virtual void init(PolicyHost& host) = 0;

    // A task exists from now on; no longer.
    virtual void init_task(PolicyHost&, TaskId) {}
    virtual void exit_task(PolicyHost&, TaskId) {}

    // The core for a task that becomes ready. Default: an idle one, else where it ran last.
    [[nodiscard]] virtual CoreId select_cpu(PolicyHost& host, TaskId task, CoreId previous) {
        return host.idle_core_for(task, previous);
    }

    // The task is ready: put it into a queue, with its slice.
    virtual void enqueue(PolicyHost& host, TaskId task, Enqueue why) = 0;

    // `core` has nothing of its own to run: give it something. Default: the first of the first queue that has one.
    virtual void dispatch(PolicyHost& host, CoreId core) { host.move_to_local(core); }

    // The task begins, stops running on `core`.
    virtual void running(PolicyHost&, TaskId, CoreId) {}
    virtual void stopping(PolicyHost&, TaskId, CoreId, [[maybe_unused]] bool runnable) {}

    // The task blocks or ends; it is in no queue any more.
    virtual void quiescent(PolicyHost&, TaskId) {}

    // The key a running task would now have in its queue, where QueueDescription::keys_change.
    [[nodiscard]] virtual std::int64_t key_of_running(PolicyHost&, TaskId) const { return 0; }

    // The attributes of the task have changed. One that waits is enqueued anew by the host.
    virtual void attributes_changed(PolicyHost&, TaskId) {}

    // See SchedulingClass::is_more_urgent.
    [[nodiscard]] virtual bool is_more_urgent(PolicyHost&, TaskId, [[maybe_unused]] TaskId than) { return false; }

    // A timer set through host.kernel() goes off.
    virtual void timer(PolicyHost&, [[maybe_unused]] std::uint32_t number) {}

    // Whether a slice that is over ends even where nobody else waits (what is counted in slices needs it). Always
    // the same answer.
    [[nodiscard]] virtual bool counts_slices() const { return false; }
};

} // namespace switchyard::sim
