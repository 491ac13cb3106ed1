#include "sim/sched/linux/real_time_class.hpp"

#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::sim {

static Urgency urgency_by(const Scheduling& scheduling) { return most_real_time_priority - scheduling.priority; }

RealTimeClass::RealTimeClass(const RealTimeParameters& parameters, SchedulerHost& host, const SchedulerMachine& machine,
                             const UrgencyQueues* above)
    : parameters_(parameters), host_(host), queues_(host, machine, above), running_(machine.cores),
      throttle_(machine.cores) {
    if (machine.hz == 0) return;
    tick_ = Duration{std::chrono::seconds{1}} / machine.hz;
    parameters_.slice = tick_ * ((parameters_.slice + tick_ - Duration{1}) / tick_); // msecs_to_jiffies
}

std::string RealTimeClass::description() const {
    std::string text = fmt::format("real time, rr slice {}", exact_text(parameters_.slice));
    if (parameters_.throttles)
        text += fmt::format(", {} in {}", exact_text(parameters_.runtime), exact_text(parameters_.period));
    return text;
}

// --- Tasks -------------------------------------------------------------------------------------------------------

void RealTimeClass::task_new(TaskId task) {
    queues_.introduce(task);
    if (task >= tasks_.size()) tasks_.resize(static_cast<std::size_t>(task) + 1);
    tasks_[task] = {parameters_.slice, host_.view().tasks[task].scheduling->policy == LinuxPolicy::rr};
}

// A task that would have to wait behind a real-time task looks for a core where it would not (select_task_rq_rt).
CoreId RealTimeClass::select_task_rq(TaskId task, Enqueue, CoreId waker, Time) {
    const SchedulerView::TaskView& view = host_.view().tasks[task];
    const CoreId own = may_run_on(view, view.core) ? view.core : view.allowed.front();
    const TaskId current = running_[own].task;
    const Urgency urgency = urgency_by(*view.scheduling);
    if (current == no_task || (queues_.may_move(current) && queues_.running(own) > urgency)) return own;
    const CoreId target = queues_.find_lowest(task, urgency, own, waker);
    return target == no_core ? own : target;
}

void RealTimeClass::enqueue_task(CoreId core, TaskId task, Enqueue, Time) {
    queues_.join(core, task, urgency_by(*host_.view().tasks[task].scheduling), Among::last);
}

bool RealTimeClass::dequeue_task(CoreId core, TaskId task, Time now) {
    if (running_[core].task == task) {
        settle(core, now);
        running_[core].task = no_task;
        queues_.stops(core);
        if (tasks_[task].slice_left <= Duration::zero()) tasks_[task].slice_left = parameters_.slice;
    } else {
        queues_.leave(task);
    }
    return true;
}

// A changed priority takes effect at once. One who becomes less urgent goes before its new equals, who becomes more
// urgent behind them (kernel/sched/syscalls.c, __sched_setscheduler).
void RealTimeClass::attributes_changed(TaskId task, Time now) {
    const SchedulerView::TaskView& view = host_.view().tasks[task];
    const Urgency urgency = urgency_by(*view.scheduling);
    const CoreId core = view.core;
    const bool round_robin = view.scheduling->policy == LinuxPolicy::rr;
    if (round_robin && !tasks_[task].round_robin) tasks_[task].slice_left = parameters_.slice;
    if (running_[core].task == task) {
        settle(core, now);
        tasks_[task].round_robin = round_robin;
        queues_.runs(core, urgency);
        const TaskId better = queues_.pick(core);
        if (better != no_task && queues_.urgency_of(better) < urgency) return host_.reschedule(core);
        return host_.action_changed(core);
    }
    tasks_[task].round_robin = round_robin;
    if (!queues_.is_waiting(task)) return;
    const Urgency before = queues_.urgency_of(task);
    if (before == urgency) return;
    queues_.leave(task);
    queues_.join(core, task, urgency, before < urgency ? Among::first : Among::last);
    if (urgency < queues_.running(core)) host_.reschedule(core);
}

// --- Cores -------------------------------------------------------------------------------------------------------

TaskId RealTimeClass::pick_task(CoreId core, Time) {
    return throttle_[core].throttled ? no_task : queues_.pick(core);
}

void RealTimeClass::set_next_task(CoreId core, TaskId task, Time now) {
    const Urgency urgency = queues_.urgency_of(task);
    queues_.leave(task);
    running_[core] = {task, now};
    queues_.runs(core, urgency);
}

void RealTimeClass::put_prev_task(CoreId core, TaskId task, Enqueue why, Time now) {
    settle(core, now);
    const bool slice_over = running_[core].slice_over;
    if (tasks_[task].slice_left <= Duration::zero()) tasks_[task].slice_left = parameters_.slice;
    const Urgency urgency = queues_.running(core);
    running_[core].task = no_task;
    queues_.stops(core);
    queues_.join(core, task, urgency, slice_over || why == Enqueue::yielded ? Among::last : Among::where_it_was);
}

bool RealTimeClass::wakeup_preempt(CoreId core, TaskId woken, Time) {
    const TaskId current = running_[core].task;
    const Urgency urgency = queues_.urgency_of(woken);
    const Urgency running = queues_.running(core);
    if (current == no_task || urgency < running) return current != no_task;
    // As urgent as who runs, and only here: who runs goes on elsewhere if it can (check_preempt_equal_prio).
    if (urgency > running || !queues_.may_move(current) || queues_.may_move(woken) ||
        queues_.find_lowest(current, running, core, core) == no_core)
        return false;
    queues_.leave(woken);
    queues_.join(core, woken, urgency, Among::first);
    return true;
}

// --- Time --------------------------------------------------------------------------------------------------------

Duration RealTimeClass::slice_used(Time from, Time until) const {
    if (tick_ == Duration::zero()) return until - from;
    return tick_ * (until.time_since_epoch() / tick_ - from.time_since_epoch() / tick_);
}

Time RealTimeClass::slice_end(const Running& running) const {
    const Duration left = tasks_[running.task].slice_left;
    if (tick_ == Duration::zero()) return checked_add(running.since, left);
    return checked_add(Time{tick_ * (running.since.time_since_epoch() / tick_)}, left);
}

// Whether somebody waits who is as urgent as the running task: only then does a slice end.
bool RealTimeClass::someone_waits(CoreId core) const {
    const TaskId first = queues_.first(core);
    return first != no_task && queues_.urgency_of(first) <= queues_.running(core);
}

void RealTimeClass::settle(CoreId core, Time now) {
    Running& running = running_[core];
    if (now <= running.since) return;
    if (Task& task = tasks_[running.task]; task.round_robin) {
        task.slice_left -= slice_used(running.since, now);
        if (running.is_alone && task.slice_left <= Duration::zero()) // slice after slice
            task.slice_left = parameters_.slice - (-task.slice_left) % parameters_.slice;
    }
    if (parameters_.throttles) count(throttle_[core], running.since, now);
    running.since = now;
}

// Real-time tasks ran from one instant until the other. At the end of each period another one's runtime is granted.
void RealTimeClass::count(Throttle& throttle, Time from, Time until) const {
    const auto proceed = [&](Time at) {
        const std::int64_t periods = period_of(at) - throttle.period;
        if (periods <= 0) return;
        throttle.period += periods;
        throttle.used = std::max(throttle.used - checked_multiply(parameters_.runtime, periods), Duration::zero());
    };
    proceed(from);
    while (from < until) {
        const Time end = std::min(until, Time{parameters_.period * (throttle.period + 1)});
        throttle.used += end - from;
        from = end;
        proceed(from);
    }
}

Time RealTimeClass::throttled_at(const Throttle& throttle, Time now) const {
    const Duration left = parameters_.runtime - throttle.used;
    const Time period_end{parameters_.period * (throttle.period + 1)};
    return now + left < period_end ? now + left : period_end + parameters_.runtime;
}

Action RealTimeClass::next_action(CoreId core, Time now) {
    Running& running = running_[core];
    if (running.task == no_task) return {};
    settle(core, now);
    Action action;
    running.is_alone = !someone_waits(core);
    if (tasks_[running.task].round_robin && !running.is_alone) action.at = slice_end(running);
    if (parameters_.throttles) {
        count(throttle_[core], running.since, running.since);
        action.at = std::min(action.at, throttled_at(throttle_[core], running.since));
    }
    return action;
}

bool RealTimeClass::task_tick(CoreId core, Time now) {
    Running& running = running_[core];
    settle(core, now);
    if (Throttle& throttle = throttle_[core]; parameters_.throttles && throttle.used >= parameters_.runtime) {
        throttle.throttled = true;
        queues_.hold(core, true);
        host_.set_timer(core, Time{parameters_.period * (throttle.period + 1)});
        return true;
    }
    Task& task = tasks_[running.task];
    if (!task.round_robin || task.slice_left > Duration::zero()) return false;
    task.slice_left = parameters_.slice;
    running.slice_over = someone_waits(core);
    return running.slice_over;
}

void RealTimeClass::timer(std::uint32_t number, Time now) {
    const auto core = static_cast<CoreId>(number);
    Throttle& throttle = throttle_[core];
    count(throttle, now, now);
    if (throttle.used >= parameters_.runtime) return host_.set_timer(number, now + parameters_.period);
    throttle.throttled = false;
    queues_.hold(core, false);
    if (queues_.first(core) != no_task) host_.reschedule(core);
}

} // namespace switchyard::sim
