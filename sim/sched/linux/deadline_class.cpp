#include "sim/sched/linux/deadline_class.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "models/units/wide_integer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace switchyard::sim {

namespace {

constexpr std::int64_t full_capacity = 1024; // SCHED_CAPACITY_SCALE
constexpr int bandwidth_shift = 20;          // BW_SHIFT

// Of a core, in 1/2^20, from whole nanoseconds (to_ratio).
std::int64_t bandwidth_of(Duration runtime, Duration period) {
    const std::int64_t nanoseconds = period.count() / 1000;
    if (nanoseconds == 0) return 0;
    return static_cast<std::int64_t>((WideInteger{runtime.count() / 1000} << bandwidth_shift) / nanoseconds);
}

double percent(std::int64_t bandwidth) { return 100.0 * static_cast<double>(bandwidth) / (1 << bandwidth_shift); }

Urgency urgency_of(Time due) { return due.time_since_epoch().count(); }

} // namespace

DeadlineClass::DeadlineClass(const DeadlineParameters& parameters, SchedulerHost& host, const SchedulerMachine& machine)
    : parameters_(parameters), host_(host), queues_(host, machine, nullptr), cores_(machine.cores),
      running_(machine.cores) {
    std::uint32_t fastest = 1;
    for (CoreId core = 0; core < cores_; ++core) fastest = std::max(fastest, machine.topology->speed(core));
    for (CoreId core = 0; core < cores_; ++core) {
        const std::int64_t capacity = full_capacity * machine.topology->speed(core) / fastest;
        capacities_.push_back(static_cast<std::uint32_t>(std::max<std::int64_t>(capacity, 1)));
        capacity_ += capacities_.back();
    }
    bandwidth_ = bandwidth_of(parameters.server_runtime, parameters.server_period) * cores_;
}

// --- Admission ---------------------------------------------------------------------------------------------------

// sched_dl_overflow, __sched_setscheduler (kernel/sched/syscalls.c).
void DeadlineClass::admit(TaskId task) {
    const SchedulerView::TaskView& view = host_.view().tasks[task];
    if (!view.allowed.empty() && view.allowed.size() < cores_)
        throw InputError("policy 'deadline' and an affinity do not go together: Linux refuses a task that may not run "
                         "on every core (EPERM, see sched(7)); leave 'cores' away");
    const Scheduling& scheduling = *view.scheduling;
    const Duration period =
        scheduling.period > Duration::zero() ? scheduling.period : scheduling.relative_deadline();
    const std::int64_t wanted = bandwidth_of(scheduling.runtime, period);
    const std::int64_t most = bandwidth_of(parameters_.runtime, parameters_.period) * capacity_ / full_capacity;
    if (bandwidth_ + wanted > most)
        throw InputError(fmt::format(
            "not admitted: its runtime is {:.1f} % of its period, {:.1f} % of a core are reserved already, and {:.1f} % "
            "is what there is (EBUSY, see sched(7)); ask for less, or take more cores",
            percent(wanted), percent(bandwidth_), percent(most)));
    Task& mine = tasks_[task];
    mine.bandwidth = wanted;
    bandwidth_ += wanted;
    mine.reservation.runtime = scheduling.runtime;
    mine.reservation.deadline = scheduling.relative_deadline();
    mine.reservation.period = period;
}

void DeadlineClass::task_new(TaskId task) {
    queues_.introduce(task);
    if (task >= tasks_.size()) tasks_.resize(static_cast<std::size_t>(task) + 1);
    tasks_[task] = {};
    admit(task);
}

void DeadlineClass::task_dead(TaskId task) {
    bandwidth_ -= std::exchange(tasks_[task].bandwidth, 0);
    host_.set_timer(task, never);
}

// Another reservation counts from now on; what is left of the runtime and the deadline stay (__setparam_dl).
void DeadlineClass::attributes_changed(TaskId task, Time) {
    const std::int64_t before = std::exchange(tasks_[task].bandwidth, 0);
    bandwidth_ -= before;
    admit(task);
    const CoreId core = host_.view().tasks[task].core;
    if (running_[core].task == task) host_.action_changed(core);
}

// --- Tasks come and go -------------------------------------------------------------------------------------------

// A task that would have to wait behind a deadline task looks for a core where it would not (select_task_rq_dl).
CoreId DeadlineClass::select_task_rq(TaskId task, Enqueue, CoreId waker, Time now) {
    const CoreId own = host_.view().tasks[task].core;
    if (running_[own].task == no_task) return own;
    Reservation expected = tasks_[task].reservation;
    wake(expected, now);
    if (urgency_of(expected.due) < queues_.running(own)) return own;
    const CoreId target = queues_.find_lowest(task, urgency_of(expected.due), own, waker);
    return target == no_core ? own : target;
}

void DeadlineClass::enqueue_task(CoreId core, TaskId task, Enqueue, Time now) {
    Task& mine = tasks_[task];
    Reservation& reservation = mine.reservation;
    mine.core = core;
    mine.is_ready = true;
    if (reservation.throttled) return; // until its timer goes off
    // Between its deadline and its next period there is nothing for it (dl_check_constrained_dl).
    if (reservation.is_constrained() && reservation.begun && reservation.due < now && now < next_period(reservation)) {
        reservation.left = std::min(reservation.left, Duration::zero());
        return throttle(task, now);
    }
    wake(reservation, now);
    join(core, task, Among::last);
}

bool DeadlineClass::dequeue_task(CoreId core, TaskId task, Time now) {
    Task& mine = tasks_[task];
    mine.is_ready = false;
    if (running_[core].task == task) {
        settle(core, now);
        running_[core].task = no_task;
        queues_.stops(core);
        if (mine.reservation.left <= Duration::zero()) throttle(task, now);
    } else if (queues_.is_waiting(task)) {
        queues_.leave(task);
    }
    return true;
}

void DeadlineClass::join(CoreId core, TaskId task, Among among) {
    tasks_[task].core = core;
    queues_.join(core, task, urgency_of(tasks_[task].reservation.due), among);
}

// Nothing until the next period; if that has begun already it is replenished at once (start_dl_timer).
void DeadlineClass::throttle(TaskId task, Time now) {
    Reservation& reservation = tasks_[task].reservation;
    const Time next = next_period(reservation);
    reservation.throttled = true;
    if (next >= now) return host_.set_timer(task, next);
    replenish(reservation, now);
    if (tasks_[task].is_ready) join(tasks_[task].core, task, Among::last);
}

void DeadlineClass::timer(std::uint32_t task, Time now) {
    Task& mine = tasks_[task];
    if (!mine.reservation.throttled) return;
    replenish(mine.reservation, now);
    if (mine.is_ready) let_run(task);
}

// A task that was throttled competes again.
void DeadlineClass::let_run(TaskId task) {
    const CoreId core = tasks_[task].core;
    join(core, task, Among::last);
    const Urgency urgency = queues_.urgency_of(task);
    if (urgency < queues_.running(core) && urgency == queues_.top(core)) return host_.reschedule(core);
    if (const CoreId target = queues_.push(); target != no_core) host_.reschedule(target);
}

// --- Cores -------------------------------------------------------------------------------------------------------

void DeadlineClass::set_server(CoreId core, Time due) { queues_.also(core, due == never ? nobody : urgency_of(due)); }

void DeadlineClass::set_next_task(CoreId core, TaskId task, Time now) {
    const Urgency urgency = queues_.urgency_of(task);
    queues_.leave(task);
    tasks_[task].core = core;
    running_[core] = {task, now};
    queues_.runs(core, urgency);
}

void DeadlineClass::put_prev_task(CoreId core, TaskId task, Enqueue, Time now) {
    settle(core, now);
    running_[core].task = no_task;
    queues_.stops(core);
    const Reservation& reservation = tasks_[task].reservation;
    if (reservation.left <= Duration::zero() || reservation.yielded) return throttle(task, now);
    join(core, task, Among::where_it_was);
}

bool DeadlineClass::wakeup_preempt(CoreId core, TaskId woken, Time) {
    return queues_.is_waiting(woken) && queues_.urgency_of(woken) < queues_.running(core);
}

void DeadlineClass::yield_task(CoreId, TaskId task, Time) { tasks_[task].reservation.yielded = true; }

// --- Time --------------------------------------------------------------------------------------------------------

// Time on a slower core counts as less (dl_scaled_delta_exec).
void DeadlineClass::settle(CoreId core, Time now) {
    Running& running = running_[core];
    if (running.task == no_task || now <= running.since) return;
    const WideInteger scaled = WideInteger{(now - running.since).count()} * capacities_[core] / full_capacity;
    tasks_[running.task].reservation.left -= Duration{static_cast<std::int64_t>(scaled)};
    running.since = now;
}

Action DeadlineClass::next_action(CoreId core, Time now) {
    const Running& running = running_[core];
    if (running.task == no_task) return {};
    settle(core, now);
    const Duration left = std::max(tasks_[running.task].reservation.left, Duration::zero());
    const WideInteger takes = (WideInteger{left.count()} * full_capacity + capacities_[core] - 1) / capacities_[core];
    return {checked_add(running.since, Duration{static_cast<std::int64_t>(takes)}), !parameters_.hrtick};
}

bool DeadlineClass::task_tick(CoreId core, Time now) {
    const TaskId task = running_[core].task;
    settle(core, now);
    return task != no_task && tasks_[task].reservation.left <= Duration::zero();
}

} // namespace switchyard::sim
