// Multiprogramming as it began: a task keeps the processor until it waits or ends, and then the next one in cyclic
// order that is ready has it. Silberschatz, Galvin and Gagne, Operating System Concepts, "Multiprogramming and
// Multitasking"; Arpaci-Dusseau, Operating Systems: Three Easy Pieces, ch. "The Abstraction: The Process"
// (process-run.py).
//
// Next in cyclic order: the one created next after the last that ran. One that wakes at the very instant a core becomes
// free stands behind those that were ready before. `switch_on: end` is what there was before multiprogramming: the core
// waits along with its task.
#include "sim/sched/policies.hpp"
#include "sim/sched/task_set.hpp"

#include <array>
#include <utility>
#include <vector>

namespace switchyard::sim {

namespace {
class Multiprogramming final : public Policy {
public:
    Multiprogramming(bool waits_along, bool runs_at_once) : waits_along_(waits_along), runs_at_once_(runs_at_once) {}

    std::string description() const override {
        return std::string("multiprogramming, switch on ") + (waits_along_ ? "end" : "wait") + ", the woken run " +
               (runs_at_once_ ? "at once" : "later");
    }
    void init(PolicyHost& host) override {
        fresh_ = host.create_queue({});
        ready_ = host.create_queue({});
        waits_for_.assign(host.cores(), no_task);
    }
    void init_task(PolicyHost&, TaskId task) override {
        cyclic_.make_room(task);
        if (task >= keeps_.size()) keeps_.resize(task + std::size_t{1}, no_core);
    }
    void exit_task(PolicyHost& host, TaskId task) override {
        if (const CoreId core = let_go(task); core != no_core) host.kernel().reschedule(core);
    }

    CoreId select_cpu(PolicyHost& host, TaskId task, CoreId previous) override {
        return keeps_[task] != no_core ? keeps_[task] : host.idle_core_for(task, previous);
    }
    void enqueue(PolicyHost& host, TaskId task, Enqueue why) override {
        settle(host);
        if (why == Enqueue::woken && runs_at_once_) {
            host.end_slice(host.task(task).core); // what it stops is put back first
            return host.insert_at_head(fresh_, task, unlimited_slice);
        }
        if (!runs_at_once_ && (why == Enqueue::woken || why == Enqueue::created)) {
            fresh_since_ = host.now();
            return host.insert(fresh_, task, unlimited_slice);
        }
        wait_for_turn(host, task);
    }
    void dispatch(PolicyHost& host, CoreId core) override {
        settle(host);
        if (const TaskId task = waits_for_[core]; task != no_task) {
            if (host.queues().queue_of(task) != no_queue) take(host, core, task);
            return;
        }
        if (runs_at_once_ && host.move_to_local(core, fresh_)) return;
        for (const TaskId from : {last_ + 1, TaskId{0}})
            for (TaskId task = cyclic_.first_from(from); task != no_task; task = cyclic_.first_from(task + 1))
                if (may_run_on(host.task(task), core)) return take(host, core, task);
        host.move_to_local(core, fresh_);
    }
    void running(PolicyHost& host, TaskId task, CoreId core) override {
        last_ = task;
        if (const CoreId kept = let_go(task); kept != no_core && kept != core) host.kernel().reschedule(kept);
    }
    void stopping(PolicyHost&, TaskId task, CoreId core, bool runnable) override {
        if (!waits_along_ || runnable) return;
        waits_for_[core] = task;
        keeps_[task] = core;
    }
    void quiescent(PolicyHost&, TaskId task) override { cyclic_.remove(task); }

private:
    void wait_for_turn(PolicyHost& host, TaskId task) {
        host.insert(ready_, task, unlimited_slice);
        cyclic_.insert(task);
    }
    void take(PolicyHost& host, CoreId core, TaskId task) {
        cyclic_.remove(task);
        host.move_task_to_local(core, task);
    }
    // Those that became ready before this instant take their places in the circle.
    void settle(PolicyHost& host) {
        if (runs_at_once_ || fresh_since_ == host.now()) return;
        for (TaskId task = host.queues().first(fresh_); task != no_task; task = host.queues().first(fresh_))
            wait_for_turn(host, task);
    }
    CoreId let_go(TaskId task) {
        const CoreId core = std::exchange(keeps_[task], no_core);
        if (core != no_core) waits_for_[core] = no_task;
        return core;
    }

    bool waits_along_;
    bool runs_at_once_;
    QueueId fresh_ = no_queue; // have become ready at this instant; or, where they run at once, woken
    QueueId ready_ = no_queue;
    Time fresh_since_ = Time::min();
    TaskSet cyclic_;                // those in ready_
    TaskId last_ = no_task;         // that ran; + 1: from the first on
    std::vector<TaskId> waits_for_; // by core: whose end it waits for
    std::vector<CoreId> keeps_;     // by task: the core that waits for it
};

constexpr std::array multiprogramming_parameters{
    ParameterDescription{"switch_on", ParameterType::word, "wait",
                         "when a task gives up its core: where it waits, or only at its end", "wait end"},
    ParameterDescription{"woken", ParameterType::word, "later",
                         "when a task that has waited runs again: when its turn comes, or at once", "later at_once"},
};
} // namespace

const SchedulerDescription multiprogramming_policy{
    .name = "multiprogramming",
    .about = "a task runs until it waits or ends; then the next one in cyclic order",
    .source = "Silberschatz, Galvin, Gagne: Operating System Concepts, ch. Introduction; Arpaci-Dusseau: Operating "
              "Systems: Three Easy Pieces, ch. 4 (process-run.py)",
    .parameters = multiprogramming_parameters,
    .make_policy = [](const Parameters& given) -> std::unique_ptr<Policy> {
        return std::make_unique<Multiprogramming>(given.word("switch_on") == 1, given.word("woken") == 1);
    },
};

} // namespace switchyard::sim
