// Linux's real-time class: SCHED_FIFO and SCHED_RR (kernel/sched/rt.c, sched(7)). A core runs the most urgent of its
// tasks; of equal ones first come first served, and under SCHED_RR each for a slice at most. What is left of a slice is
// kept while the task sleeps or is preempted. Slices are counted in the ticks that find the task running, so that they
// end at ticks, and one who is alone at its priority begins another one. Over several cores tasks are pushed and pulled,
// so that the most urgent ones run.
//
// Before Linux 6.12 real-time tasks are held up when they have used 950 ms of a second on a core (RT throttling,
// sched_rt_runtime_us); whoever else is there has the rest. Later ones have the fair server instead (fair_server.hpp).
#pragma once

#include "sim/sched/linux/urgency_queues.hpp"

namespace switchyard::sim {

struct RealTimeParameters {
    Duration slice = std::chrono::milliseconds{100};   // sched_rr_timeslice_ms
    bool throttles = false;                            // whether the next two count
    Duration runtime = std::chrono::milliseconds{950}; // sched_rt_runtime_us
    Duration period = std::chrono::seconds{1};         // sched_rt_period_us
};

class RealTimeClass final : public SchedulingClass {
public:
    // `above`: the deadline class's queues; null: there is none.
    RealTimeClass(const RealTimeParameters& parameters, SchedulerHost& host, const SchedulerMachine& machine,
                  const UrgencyQueues* above);

    std::string description() const override;
    void task_new(TaskId task) override;
    void task_dead(TaskId) override {}
    CoreId select_task_rq(TaskId task, Enqueue why, CoreId waker, Time now) override;
    void enqueue_task(CoreId core, TaskId task, Enqueue why, Time now) override;
    bool dequeue_task(CoreId core, TaskId task, Time now) override;
    TaskId pick_task(CoreId core, Time now) override;
    void put_prev_task(CoreId core, TaskId task, Enqueue why, Time now) override;
    void set_next_task(CoreId core, TaskId task, Time now) override;
    bool wakeup_preempt(CoreId core, TaskId woken, Time now) override;
    CoreId core_to_preempt(Time) override { return queues_.push(); }
    Action next_action(CoreId core, Time now) override;
    bool task_tick(CoreId core, Time now) override;
    void yield_task(CoreId, TaskId, Time) override {}
    void attributes_changed(TaskId task, Time now) override;
    void timer(std::uint32_t core, Time now) override; // the core's tasks are let go on

    [[nodiscard]] bool is_throttled(CoreId core) const { return throttle_[core].throttled; }

private:
    struct Task {
        Duration slice_left{};
        bool round_robin = false;
    };
    struct Running {
        TaskId task = no_task;
        Time since{};          // until when its time is accounted
        bool is_alone = true;  // nobody waits who is as urgent
        bool slice_over = false;
    };
    struct Throttle {
        Duration used{};         // in this period
        std::int64_t period = 0; // which it is
        bool throttled = false;
    };

    [[nodiscard]] Duration slice_used(Time from, Time until) const;
    [[nodiscard]] Time slice_end(const Running& running) const;
    [[nodiscard]] bool someone_waits(CoreId core) const;
    void settle(CoreId core, Time now);
    void count(Throttle& throttle, Time from, Time until) const;
    [[nodiscard]] Time throttled_at(const Throttle& throttle, Time now) const;
    [[nodiscard]] std::int64_t period_of(Time at) const { return at.time_since_epoch() / parameters_.period; }

    RealTimeParameters parameters_;
    SchedulerHost& host_;
    Duration tick_{}; // 0: time is noticed exactly
    UrgencyQueues queues_;
    std::vector<Task> tasks_;
    std::vector<Running> running_;   // by core
    std::vector<Throttle> throttle_; // by core
};

} // namespace switchyard::sim
