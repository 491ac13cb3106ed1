#include "sim/sched/policy_class.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace switchyard::sim {

PolicyClass::PolicyClass(std::unique_ptr<Policy> policy, SchedulerHost& host, CoreId cores)
    : PolicyHost(host),
      policy_(std::move(policy)),
      cores_(cores),
      queues_(cores),
      serving_(cores),
      local_(cores, no_task),
      running_(cores),
      without_task_(cores),
      idle_((cores + std::size_t{63}) / 64) {
    for (CoreId core = 0; core < cores; ++core) idle_[core / 64] |= std::uint64_t{1} << (core % 64);
    policy_->init(*this);
    counts_slices_ = policy_->counts_slices();
}

// --- Tasks -------------------------------------------------------------------------------------------------------

void PolicyClass::task_new(TaskId task) {
    queues_.introduce(task, PolicyHost::task(task).allowed);
    if (task >= given_.size()) given_.resize(static_cast<std::size_t>(task) + 1);
    policy_->init_task(*this, task);
}

void PolicyClass::task_dead(TaskId task) { policy_->exit_task(*this, task); }

CoreId PolicyClass::select_task_rq(TaskId task, Enqueue, CoreId, Time) {
    return policy_->select_cpu(*this, task, PolicyHost::task(task).core);
}

void PolicyClass::enqueue_task(CoreId, TaskId task, Enqueue why, Time) { policy_->enqueue(*this, task, why); }

bool PolicyClass::dequeue_task(CoreId core, TaskId task, Time now) {
    if (running_[core].task == task) {
        given_[task].left = running_slice_left(core, now);
        if (!running_[core].contended && running_[core].slice != unlimited_slice) --uncontended_;
        running_[core].task = no_task;
        ++without_task_;
        policy_->stopping(*this, task, core, false);
    } else {
        take_out(task);
    }
    policy_->quiescent(*this, task);
    return true;
}

void PolicyClass::take_out(TaskId task) {
    if (queues_.queue_of(task) != no_queue) return queues_.remove(task);
    for (TaskId& next : local_) // moved to a core, which has not picked it yet
        if (next == task) next = no_task;
}

void PolicyClass::attributes_changed(TaskId task, Time) {
    policy_->attributes_changed(*this, task);
    if (queues_.queue_of(task) == no_queue) {
        const CoreId core = PolicyHost::task(task).core;
        const bool runs = running_[core].task == task;
        if (runs && given_[task].claim.queue != no_queue) kernel().reschedule(core); // its claim may be another one now
        return;
    }
    keeps_place_ = true;
    policy_->enqueue(*this, task, Enqueue::preempted);
    keeps_place_ = false;
}

void PolicyClass::timer(std::uint32_t number, Time) { policy_->timer(*this, number); }

// --- Cores -------------------------------------------------------------------------------------------------------

TaskId PolicyClass::pick_task(CoreId core, Time now) {
    if (local_[core] == no_task) policy_->dispatch(*this, core);
    if (local_[core] == no_task) {
        idle_[core / 64] |= std::uint64_t{1} << (core % 64);
        running_[core].refused = now;
    }
    return local_[core];
}

void PolicyClass::set_next_task(CoreId core, TaskId task, Time now) {
    assert(local_[core] == task);
    local_[core] = no_task;
    idle_[core / 64] &= ~(std::uint64_t{1} << (core % 64));
    Running& running = running_[core];
    running.task = task;
    --without_task_;
    running.since = now;
    running.slice = given_[task].slice;
    running.contended = false;
    running.makes_way = false;
    if (running.slice != unlimited_slice) {
        running.contended = counts_slices_ || someone_waits_for(core);
        uncontended_ += running.contended ? 0 : 1;
    }
    policy_->running(*this, task, core);
}

void PolicyClass::put_prev_task(CoreId core, TaskId task, Enqueue why, Time now) {
    Running& running = running_[core];
    given_[task].left = running_slice_left(core, now);
    if (!running.contended && running.slice != unlimited_slice) --uncontended_;
    running.task = no_task;
    ++without_task_;
    policy_->stopping(*this, task, core, true);
    keeps_place_ = why == Enqueue::preempted;
    policy_->enqueue(*this, task, why);
    keeps_place_ = false;
}

Duration PolicyClass::running_slice_left(CoreId core, Time now) const {
    const Running& running = running_[core];
    if (running.slice == unlimited_slice) return unlimited_slice;
    const Duration used = std::max(now - running.since, Duration::zero());
    // Whole slices that went by with nobody waiting were each followed by a new one.
    if (!running.contended && !counts_slices_ && used > running.slice) return running.slice - used % running.slice;
    return std::max(running.slice - used, Duration::zero());
}

Action PolicyClass::next_action(CoreId core, Time now) {
    Running& running = running_[core];
    if (running.task == no_task || running.slice == unlimited_slice) return {};
    const bool was_alone = !running.contended;
    running.contended = counts_slices_ || someone_waits_for(core);
    if (was_alone != !running.contended) running.contended ? --uncontended_ : ++uncontended_;
    if (!running.contended) return {};
    if (was_alone && !counts_slices_ && now > running.since)
        running.since += running.slice * ((now - running.since) / running.slice);
    return {.at = running.since > never - running.slice ? never : running.since + running.slice};
}

bool PolicyClass::task_tick(CoreId core, Time now) {
    const Running& running = running_[core];
    return running.task != no_task && running.slice != unlimited_slice && now - running.since >= running.slice &&
           (counts_slices_ || someone_waits_for(core));
}

void PolicyClass::end_slice(CoreId core) {
    if (running_[core].task == no_task) return;
    kernel().reschedule(core);
}

bool PolicyClass::someone_waits_for(CoreId core) const {
    return std::ranges::any_of(serving_[core],
                               [&](QueueId queue) { return queues_.first_for(queue, core) != no_task; });
}

// --- Who has to make way -----------------------------------------------------------------------------------------

template <class Visit>
void PolicyClass::any_core(std::span<const CoreId> allowed, CoreId only, Visit visit) const {
    if (only != no_core) {
        if (allowed.empty() || std::ranges::binary_search(allowed, only)) static_cast<void>(visit(only));
    } else if (allowed.empty()) {
        for (CoreId core = 0; core < cores_; ++core)
            if (visit(core)) return;
    } else {
        for (const CoreId core : allowed)
            if (visit(core)) return;
    }
}

// The core that should take the waiting task: an idle one, or the one whose task has the worst claim, if that is worse.
CoreId PolicyClass::core_for(TaskId waiting, std::span<const CoreId> allowed, CoreId only, Time now) {
    CoreId chosen = no_core;
    Claim worst = given_[waiting].claim;
    const bool preempts = worst.queue != no_queue;
    any_core(allowed, only, [&](CoreId core) {
        const Running& running = running_[core];
        if (running.task == no_task) {
            if (running.refused == now) return false;
            chosen = core;
            return true;
        }
        if (!preempts || running.makes_way) return false;
        Claim claim = given_[running.task].claim;
        if (claim.queue == no_queue) return false;
        if (descriptions_[claim.queue].keys_change) claim.key = policy_->key_of_running(*this, running.task);
        if (!(worst < claim)) return false;
        worst = claim;
        chosen = core;
        return false;
    });
    return chosen;
}

CoreId PolicyClass::core_to_preempt(Time now) {
    while (!changed_.empty()) {
        const QueueId queue = changed_.back();
        CoreId chosen = no_core;
        if (without_task_ > 0 || descriptions_[queue].preemptive)
            queues_.for_each_first(queue, [&](TaskId waiting, std::span<const CoreId> allowed) {
                if (chosen == no_core) chosen = core_for(waiting, allowed, descriptions_[queue].core, now);
            });
        if (chosen != no_core) {
            running_[chosen].makes_way = running_[chosen].task != no_task;
            return chosen;
        }
        is_changed_[queue] = false;
        changed_.pop_back();
        if (!queues_.empty(queue)) ask_uncontended();
    }
    return no_core;
}

// Somebody waits: slices that nobody waited for to end do end now.
void PolicyClass::ask_uncontended() {
    if (uncontended_ == 0) return;
    for (CoreId core = 0; core < running_.size(); ++core)
        if (running_[core].task != no_task && !running_[core].contended) kernel().action_changed(core);
}

// --- Queues ------------------------------------------------------------------------------------------------------

QueueId PolicyClass::create_queue(const QueueDescription& description) {
    const QueueId queue = queues_.add_queue(description.order);
    descriptions_.push_back(description);
    is_changed_.push_back(false);
    for (CoreId core = 0; core < serving_.size(); ++core)
        if (description.core == no_core || description.core == core) serving_[core].push_back(queue);
    return queue;
}

void PolicyClass::joined(QueueId queue) {
    if (is_changed_[queue]) return;
    is_changed_[queue] = true;
    changed_.push_back(queue);
}

void PolicyClass::give_slice(TaskId task, Duration slice) {
    given_[task].slice = slice;
    if (queues_.queue_of(task) != no_queue) queues_.remove(task);
}

void PolicyClass::insert(QueueId queue, TaskId task, Duration slice) {
    give_slice(task, slice);
    given_[task].claim = {descriptions_[queue].preemptive ? queue : no_queue, 0};
    queues_.push_back(queue, task);
    joined(queue);
}

void PolicyClass::insert_at_head(QueueId queue, TaskId task, Duration slice) {
    give_slice(task, slice);
    given_[task].claim = {descriptions_[queue].preemptive ? queue : no_queue, 0};
    queues_.push_front(queue, task);
    joined(queue);
}

void PolicyClass::insert(QueueId queue, TaskId task, Duration slice, Rank rank) {
    give_slice(task, slice);
    given_[task].claim = {descriptions_[queue].preemptive ? queue : no_queue, rank.key};
    queues_.push(queue, task, rank, keeps_place_);
    joined(queue);
}

void PolicyClass::move_task_to_local(CoreId core, TaskId task) {
    assert(local_[core] == no_task && queues_.queue_of(task) != no_queue);
    queues_.remove(task);
    local_[core] = task;
}

bool PolicyClass::move_to_local(CoreId core, QueueId queue) {
    assert(local_[core] == no_task);
    local_[core] = queues_.take_first_for(queue, core);
    return local_[core] != no_task;
}

bool PolicyClass::move_to_local(CoreId core) {
    for (const QueueId queue : serving_[core])
        if (move_to_local(core, queue)) return true;
    return false;
}

CoreId PolicyClass::idle_core_for(TaskId task, CoreId otherwise) {
    const SchedulerView::TaskView& mine = PolicyHost::task(task);
    const auto take = [&](CoreId core) {
        idle_[core / 64] &= ~(std::uint64_t{1} << (core % 64)); // until it has looked
        return core;
    };
    const auto is_idle = [&](CoreId core) { return (idle_[core / 64] >> (core % 64) & 1U) != 0; };
    if (may_run_on(mine, mine.core) && is_idle(mine.core)) return take(mine.core);
    if (mine.allowed.empty()) {
        for (std::size_t word = 0; word < idle_.size(); ++word)
            if (idle_[word] != 0)
                return take(static_cast<CoreId>(word * 64 + static_cast<std::size_t>(std::countr_zero(idle_[word]))));
        return otherwise;
    }
    for (const CoreId core : mine.allowed)
        if (is_idle(core)) return take(core);
    return may_run_on(mine, otherwise) ? otherwise : mine.allowed.front();
}

} // namespace switchyard::sim
