// Linux's deadline class: SCHED_DEADLINE (kernel/sched/deadline.c, sched(7), Documentation/scheduler/sched-deadline.rst).
// Each task has a reservation (reservation.hpp); a core runs the task that is due first. Who has used its runtime up is
// throttled until its next period, whether or not the core has anything else to do. That is noticed at a tick, or, with
// HRTICK_DL, when it happens. Over several cores tasks are pushed and pulled, so that those due first run.
//
// Admission is the kernel's: the bandwidths, in 1/2^20, of all that exist may not exceed 95 % of the cores, fair servers
// included, and a task that may not run everywhere is refused. A task counts from its creation to its end.
//
// Not modelled: the reclaiming of unused bandwidth (GRUB, SCHED_FLAG_RECLAIM), SCHED_FLAG_DL_OVERRUN's signal.
#pragma once

#include "sim/sched/linux/reservation.hpp"
#include "sim/sched/linux/urgency_queues.hpp"

namespace switchyard::sim {

struct DeadlineParameters {
    bool hrtick = false;                               // HRTICK_DL, kernel/sched/features.h
    Duration runtime = std::chrono::milliseconds{950}; // sched_rt_runtime_us: what reservations may come to in all,
    Duration period = std::chrono::seconds{1};         // sched_rt_period_us: on each core
    Duration server_runtime{};                         // of each core's fair server; 0: there is none
    Duration server_period = std::chrono::seconds{1};
};

class DeadlineClass final : public SchedulingClass {
public:
    DeadlineClass(const DeadlineParameters& parameters, SchedulerHost& host, const SchedulerMachine& machine);

    std::string description() const override { return "deadline"; }
    // Throws InputError, without a place, for a task that Linux refuses.
    void task_new(TaskId task) override;
    void task_dead(TaskId task) override;
    CoreId select_task_rq(TaskId task, Enqueue why, CoreId waker, Time now) override;
    void enqueue_task(CoreId core, TaskId task, Enqueue why, Time now) override;
    bool dequeue_task(CoreId core, TaskId task, Time now) override;
    TaskId pick_task(CoreId core, Time) override { return queues_.pick(core); }
    void put_prev_task(CoreId core, TaskId task, Enqueue why, Time now) override;
    void set_next_task(CoreId core, TaskId task, Time now) override;
    bool wakeup_preempt(CoreId core, TaskId woken, Time now) override;
    CoreId core_to_preempt(Time) override { return queues_.push(); }
    Action next_action(CoreId core, Time now) override;
    bool task_tick(CoreId core, Time now) override;
    void yield_task(CoreId core, TaskId task, Time now) override;
    void attributes_changed(TaskId task, Time now) override;
    void timer(std::uint32_t task, Time now) override; // its replenishment

    [[nodiscard]] const UrgencyQueues& queues() const { return queues_; }
    // The fair server of the core competes with this deadline; `never`: it does not.
    void set_server(CoreId core, Time due);
    // Whether that deadline is earlier than that of the deadline task that runs on the core, if one does.
    [[nodiscard]] bool precedes(Time due, CoreId core) const {
        return due.time_since_epoch().count() < queues_.running(core);
    }
    // The deadline of a waiting task.
    [[nodiscard]] Time due(TaskId task) const { return tasks_[task].reservation.due; }
    // What is left to it of its runtime, and whether it is throttled: for whoever looks inside.
    [[nodiscard]] const Reservation& reservation_of(TaskId task) const { return tasks_[task].reservation; }

private:
    struct Task {
        Reservation reservation;
        std::int64_t bandwidth = 0; // in 1/2^20 of a core
        CoreId core = 0;
        bool is_ready = false; // and throttled: it waits for its replenishment
    };
    struct Running {
        TaskId task = no_task;
        Time since{}; // until when its time is accounted
    };

    void admit(TaskId task);
    void settle(CoreId core, Time now);
    void join(CoreId core, TaskId task, Among among);
    void throttle(TaskId task, Time now);
    void let_run(TaskId task);

    DeadlineParameters parameters_;
    SchedulerHost& host_;
    UrgencyQueues queues_;
    CoreId cores_;
    std::int64_t capacity_ = 0;             // of all cores together, the fastest having 1024
    std::vector<std::uint32_t> capacities_; // by core
    std::int64_t bandwidth_ = 0;            // of all tasks and servers
    std::vector<Task> tasks_;
    std::vector<Running> running_; // by core
};

} // namespace switchyard::sim
