#include "sim/sched/policy_class.hpp"

namespace switchyard::sim {

PolicyClass::PolicyClass(std::unique_ptr<Policy> policy, const SchedulerView& view, CoreId cores)
    : policy_(std::move(policy)), view_(view), shared_(cores), queues_(cores + QueueId{1}), running_(cores) {}

void PolicyClass::task_new(TaskId task) {
    queues_.make_room(task);
    if (task >= slice_.size()) slice_.resize(static_cast<std::size_t>(task) + 1);
    policy_->init_task(*this, task);
}

void PolicyClass::task_dead(TaskId) {}

CoreId PolicyClass::select_task_rq(TaskId task, Enqueue) {
    return policy_->select_cpu(*this, task, view_.tasks[task].core);
}

void PolicyClass::enqueue_task(CoreId, TaskId task, Enqueue, Time) { policy_->enqueue(*this, task); }

bool PolicyClass::dequeue_task(CoreId core, TaskId task, Time) {
    if (running_[core].task == task) {
        running_[core].task = no_task;
        policy_->stopping(*this, task, core, false);
    } else {
        queues_.remove(task);
    }
    policy_->quiescent(*this, task);
    return true;
}

TaskId PolicyClass::pick_task(CoreId core, Time) {
    if (queues_.empty(core)) policy_->dispatch(*this, core);
    return queues_.front(core);
}

void PolicyClass::put_prev_task(CoreId core, TaskId task, Time) {
    running_[core].task = no_task;
    policy_->stopping(*this, task, core, true);
    policy_->enqueue(*this, task);
}

void PolicyClass::set_next_task(CoreId core, TaskId task, Time now) {
    queues_.remove(task);
    running_[core] = {task, now, slice_[task], false};
    policy_->running(*this, task, core);
}

bool PolicyClass::wakeup_preempt(CoreId, TaskId, Time) { return false; }

Time PolicyClass::next_action(CoreId core, Time now) {
    Running& running = running_[core];
    if (running.task == no_task || running.slice == unlimited_slice) return never;
    const bool was_alone = !running.contended;
    running.contended = someone_waits_for(core);
    if (!running.contended) return never;
    // Whole slices that went by with nobody waiting were each followed by a new one.
    if (was_alone) running.since += running.slice * ((now - running.since) / running.slice);
    return running.since > never - running.slice ? never : running.since + running.slice;
}

bool PolicyClass::task_tick(CoreId core, Time now) {
    const Running& running = running_[core];
    return running.task != no_task && running.slice != unlimited_slice && now - running.since >= running.slice &&
           someone_waits_for(core);
}

void PolicyClass::yield_task(CoreId, TaskId, Time) {}

void PolicyClass::insert(TaskId task, Duration slice) {
    slice_[task] = slice;
    queues_.push_back(shared_, task);
}

void PolicyClass::insert_at_head(TaskId task, Duration slice) {
    slice_[task] = slice;
    queues_.push_front(shared_, task);
}

void PolicyClass::insert_local(CoreId core, TaskId task, Duration slice) {
    slice_[task] = slice;
    queues_.push_back(core, task);
}

bool PolicyClass::move_to_local(CoreId core) {
    for (TaskId task = queues_.front(shared_); task != no_task; task = queues_.after(task)) {
        if (!may_run_on(view_.tasks[task], core)) continue;
        queues_.remove(task);
        queues_.push_back(core, task);
        return true;
    }
    return false;
}

CoreId PolicyClass::idle_core_for(TaskId task, CoreId otherwise) const {
    const auto& mine = view_.tasks[task];
    const auto is_idle = [&](CoreId core) { return view_.current[core] == no_task && queues_.empty(core); };
    if (may_run_on(mine, mine.core) && is_idle(mine.core)) return mine.core;
    if (mine.allowed.empty()) {
        for (CoreId core = 0; core < view_.current.size(); ++core)
            if (is_idle(core)) return core;
    } else {
        for (const CoreId core : mine.allowed)
            if (is_idle(core)) return core;
    }
    return may_run_on(mine, otherwise) ? otherwise : mine.allowed.front();
}

bool PolicyClass::someone_waits_for(CoreId core) const {
    if (!queues_.empty(core)) return true;
    for (TaskId task = queues_.front(shared_); task != no_task; task = queues_.after(task))
        if (may_run_on(view_.tasks[task], core)) return true;
    return false;
}

} // namespace switchyard::sim
