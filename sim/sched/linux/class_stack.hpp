// Linux's stack of scheduling classes (kernel/sched/core.c): deadline, real time, fair; what is left is idle. A task's
// class follows its policy. A core is given the first task of the highest class that has one there, a task of a higher
// class takes the core from one of a lower class at once, and among its own kind each class decides for itself.
#pragma once

#include "sim/sched/linux/deadline_class.hpp"
#include "sim/sched/linux/fair_server.hpp"
#include "sim/sched/linux/real_time_class.hpp"

#include <array>
#include <functional>
#include <memory>

namespace switchyard::sim {

struct StackParameters {
    RealTimeParameters real_time;
    DeadlineParameters deadline; // its server_runtime: the fair server's; 0: there is none
};

// Makes the fair class for the host it is to talk to.
using MakeFairClass = std::function<std::unique_ptr<SchedulingClass>(SchedulerHost& host)>;

class ClassStack final : public SchedulingClass {
public:
    // `host` must outlive the stack.
    ClassStack(const StackParameters& parameters, SchedulerHost& host, const SchedulerMachine& machine,
               const MakeFairClass& make_fair);

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
    CoreId core_to_preempt(Time now) override;
    Action next_action(CoreId core, Time now) override;
    bool task_tick(CoreId core, Time now) override;
    void yield_task(CoreId core, TaskId task, Time now) override;
    bool new_job(CoreId core, TaskId task, Time now) override;
    void task_exiting(CoreId core, TaskId task, Time now) override;
    void attributes_changed(TaskId task, Time now) override;
    bool is_more_urgent(TaskId task, TaskId than) override;
    bool has_classes() const override { return true; }
    void timer(std::uint32_t number, Time now) override;

    // For whoever looks inside.
    [[nodiscard]] const FairServer* fair_server(CoreId core) const {
        return servers_.empty() ? nullptr : &servers_[core];
    }
    [[nodiscard]] const DeadlineClass& deadline_class() const { return deadline_; }

private:
    // From the highest down.
    enum Level : std::uint8_t { deadline, real_time, fair, idle };
    static constexpr std::uint32_t number_spaces = 4; // of timers: one for each class, one for the servers

    // What a class talks to: the kernel, as far as it concerns that class.
    class Host final : public SchedulerHost {
    public:
        Host(ClassStack& stack, Level level) : stack_(stack), level_(level) {}
        Time now() const override { return stack_.host_.now(); }
        const SchedulerView& view() const override { return stack_.host_.view(); }
        void reschedule(CoreId core) override; // unless a higher class has the core
        void action_changed(CoreId core) override;
        void set_timer(std::uint32_t number, Time at) override;
        void set_performance(CoreId core, std::int64_t thousandths) override {
            stack_.host_.set_performance(core, thousandths);
        }
        void moved(TaskId task, CoreId core) override;
        Duration burst_left(TaskId task) const override { return stack_.host_.burst_left(task); }

    private:
        ClassStack& stack_;
        Level level_;
    };

    // A task.
    struct Member {
        Level level = idle;    // idle: it has ended
        CoreId core = no_core; // on whose run queue it is; no_core: none
    };
    struct PerCore {
        Level running = idle;         // the class that has the core
        bool is_served = false;       // its fair task runs on the server's account
        Time since{};                 // it runs, or the core is idle
        Action fair_action;           // what the fair class said last
        std::uint32_t above_fair = 0; // tasks of the higher classes on its run queue
        std::uint32_t in_fair = 0;
        Time server_due = never;   // what the deadline class knows of the server
        Time server_timer = never; // what it is set to
    };

    [[nodiscard]] SchedulingClass& at(Level level) const { return *classes_[level]; }
    [[nodiscard]] Level level_of(TaskId task) const { return members_[task].level; }
    void arrive(TaskId task, CoreId core, Time now);
    void depart(TaskId task, Time now);
    void stopped(CoreId core, Time now);
    void settle_server(CoreId core, Time now);
    void tell_server(CoreId core, Time now);
    void server_timer(CoreId core, Time now);
    [[nodiscard]] bool server_precedes(CoreId core) const;
    void change_class(TaskId task, Level level, Time now);
    [[nodiscard]] Action earlier(const Action& one, const Action& other) const;

    SchedulerHost& host_;
    Duration tick_{}; // 0: time is noticed exactly
    std::array<Host, 3> hosts_;
    DeadlineClass deadline_;
    RealTimeClass real_time_;
    std::unique_ptr<SchedulingClass> fair_;
    std::array<SchedulingClass*, 3> classes_;
    std::vector<FairServer> servers_; // by core; empty: there are none
    Duration server_runtime_;
    Duration server_period_;
    std::vector<Member> members_; // by task
    std::vector<PerCore> cores_;
    std::uint32_t above_fair_ = 0; // tasks of the higher classes on the run queues of all cores
};

} // namespace switchyard::sim
