#include "sim/sched/linux/class_stack.hpp"

#include "models/units/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::sim {

ClassStack::ClassStack(const StackParameters& parameters, SchedulerHost& host, const SchedulerMachine& machine,
                       const MakeFairClass& make_fair)
    : host_(host),
      tick_(machine.hz == 0 ? Duration::zero() : Duration{std::chrono::seconds{1}} / machine.hz),
      hosts_{Host{*this, deadline}, Host{*this, real_time}, Host{*this, fair}},
      deadline_(parameters.deadline, hosts_[deadline], machine),
      real_time_(parameters.real_time, hosts_[real_time], machine, &deadline_.queues()),
      fair_(make_fair(hosts_[fair])),
      classes_{&deadline_, &real_time_, fair_.get()},
      server_runtime_(parameters.deadline.server_runtime),
      server_period_(parameters.deadline.server_period),
      cores_(machine.cores) {
    if (server_runtime_ > Duration::zero())
        servers_.assign(machine.cores, FairServer(server_runtime_, server_period_, tick_));
}

std::string ClassStack::description() const {
    std::string text = "linux: ";
    for (const SchedulingClass* each : classes_) text += each->description() + "; ";
    if (!servers_.empty())
        text += fmt::format("fair server {} in {}; ", exact_text(server_runtime_), exact_text(server_period_));
    return text + "idle";
}

// --- What the classes ask for --------------------------------------------------------------------------------------

void ClassStack::Host::reschedule(CoreId core) {
    const PerCore& there = stack_.cores_[core];
    const bool through_server = level_ == fair && stack_.server_precedes(core);
    if ((there.running < level_ && !through_server) || (there.is_served && level_ == real_time)) return;
    stack_.host_.reschedule(core);
}

void ClassStack::Host::action_changed(CoreId core) {
    if (stack_.cores_[core].running == level_) stack_.host_.action_changed(core);
}

void ClassStack::Host::set_timer(std::uint32_t number, Time at) {
    stack_.host_.set_timer(number * number_spaces + level_, at);
}

void ClassStack::Host::moved(TaskId task, CoreId core) {
    stack_.host_.moved(task, core);
    if (stack_.members_[task].core == no_core || stack_.members_[task].core == core) return;
    stack_.depart(task, now());
    stack_.arrive(task, core, now());
}

void ClassStack::timer(std::uint32_t number, Time now) {
    const std::uint32_t space = number % number_spaces;
    number /= number_spaces;
    if (space < classes_.size()) {
        classes_[space]->timer(number, now);
        if (space != fair) return;
        for (CoreId core = 0; core < servers_.size(); ++core) // a group may have been granted time there
            if (!cores_[core].is_served && cores_[core].running < fair && server_precedes(core)) host_.reschedule(core);
        return;
    }
    server_timer(static_cast<CoreId>(number), now);
}

// --- Tasks -------------------------------------------------------------------------------------------------------

static std::uint8_t level_by(LinuxPolicy policy) {
    switch (policy) {
    case LinuxPolicy::deadline: return 0;
    case LinuxPolicy::fifo:
    case LinuxPolicy::rr: return 1;
    case LinuxPolicy::normal:
    case LinuxPolicy::batch:
    case LinuxPolicy::idle: break;
    }
    return 2;
}

void ClassStack::task_new(TaskId task) {
    if (task >= members_.size()) members_.resize(static_cast<std::size_t>(task) + 1);
    members_[task] = {static_cast<Level>(level_by(host_.view().tasks[task].scheduling->policy)), no_core};
    at(level_of(task)).task_new(task);
}

void ClassStack::task_dead(TaskId task) {
    at(level_of(task)).task_dead(task);
    members_[task].level = idle;
}

CoreId ClassStack::select_task_rq(TaskId task, Enqueue why, CoreId waker, Time now) {
    return at(level_of(task)).select_task_rq(task, why, waker, now);
}

void ClassStack::enqueue_task(CoreId core, TaskId task, Enqueue why, Time now) {
    settle_server(core, now);
    at(level_of(task)).enqueue_task(core, task, why, now);
    arrive(task, core, now);
}

bool ClassStack::dequeue_task(CoreId core, TaskId task, Time now) {
    settle_server(core, now);
    const bool runs = host_.view().current[core] == task;
    const bool left = at(level_of(task)).dequeue_task(core, task, now);
    if (runs) stopped(core, now);
    depart(task, now);
    return left;
}

void ClassStack::put_prev_task(CoreId core, TaskId task, Enqueue why, Time now) {
    settle_server(core, now);
    at(level_of(task)).put_prev_task(core, task, why, now);
    stopped(core, now);
}

void ClassStack::set_next_task(CoreId core, TaskId task, Time now) {
    if (members_[task].core != core) {
        settle_server(members_[task].core, now);
        settle_server(core, now);
        depart(task, now);
        arrive(task, core, now);
    }
    PerCore& mine = cores_[core];
    mine.running = level_of(task);
    mine.is_served = mine.running == fair && !servers_.empty() && servers_[core].competes();
    mine.since = now;
    at(mine.running).set_next_task(core, task, now);
}

void ClassStack::yield_task(CoreId core, TaskId task, Time now) { at(level_of(task)).yield_task(core, task, now); }

bool ClassStack::new_job(CoreId core, TaskId task, Time now) { return at(level_of(task)).new_job(core, task, now); }

void ClassStack::task_exiting(CoreId core, TaskId task, Time now) {
    settle_server(core, now);
    at(level_of(task)).task_exiting(core, task, now);
}

// A task is on the run queue of the core from now on; no longer.
void ClassStack::arrive(TaskId task, CoreId core, Time now) {
    PerCore& there = cores_[core];
    members_[task].core = core;
    if (level_of(task) == fair) {
        const Time idle_since = there.running == idle ? there.since : never;
        if (++there.in_fair == 1 && !servers_.empty()) servers_[core].start(now, idle_since);
    } else {
        ++there.above_fair;
        ++above_fair_;
    }
    tell_server(core, now);
}

void ClassStack::depart(TaskId task, Time now) {
    const CoreId core = members_[task].core;
    PerCore& there = cores_[core];
    members_[task].core = no_core;
    if (level_of(task) == fair) {
        if (--there.in_fair == 0 && !servers_.empty()) servers_[core].stop();
    } else {
        --there.above_fair;
        --above_fair_;
    }
    tell_server(core, now);
}

void ClassStack::stopped(CoreId core, Time now) {
    cores_[core].running = idle;
    cores_[core].is_served = false;
    cores_[core].since = now;
}

// --- Cores -------------------------------------------------------------------------------------------------------

TaskId ClassStack::pick_task(CoreId core, Time now) {
    if (above_fair_ == 0) return fair_->pick_task(core, now);
    const TaskId first = deadline_.pick_task(core, now);
    if (!servers_.empty() && servers_[core].competes() &&
        (first == no_task || servers_[core].due() < deadline_.due(first)))
        if (const TaskId served = fair_->pick_task(core, now); served != no_task) return served;
    if (first != no_task) return first;
    if (const TaskId task = real_time_.pick_task(core, now); task != no_task) return task;
    return fair_->pick_task(core, now);
}

bool ClassStack::wakeup_preempt(CoreId core, TaskId woken, Time now) {
    const PerCore& there = cores_[core];
    const Level level = level_of(woken);
    if (there.is_served && level != fair)
        return level == deadline && deadline_.wakeup_preempt(core, woken, now) &&
               deadline_.due(woken) < servers_[core].due();
    if (level > there.running) return level == fair && server_precedes(core);
    if (level == deadline && !deadline_.queues().is_waiting(woken)) return false; // throttled
    if (level == real_time && real_time_.is_throttled(core)) return false;
    return level < there.running || at(level).wakeup_preempt(core, woken, now);
}

CoreId ClassStack::core_to_preempt(Time now) {
    for (std::uint8_t level = 0; level < classes_.size(); ++level)
        for (CoreId core = classes_[level]->core_to_preempt(now); core != no_core;
             core = classes_[level]->core_to_preempt(now)) {
            const PerCore& there = cores_[core];
            if (there.running >= level && !(there.is_served && level == real_time)) return core;
        }
    return no_core;
}

Action ClassStack::earlier(const Action& one, const Action& other) const {
    const auto happens = [&](const Action& action) {
        if (action.at == never || !action.at_tick || tick_ == Duration::zero()) return action.at;
        return Time{tick_ * ((action.at.time_since_epoch() + tick_ - Duration{1}) / tick_)};
    };
    return happens(other) < happens(one) ? other : one;
}

Action ClassStack::next_action(CoreId core, Time now) {
    PerCore& there = cores_[core];
    if (there.running == idle) return {};
    const Action action = at(there.running).next_action(core, now);
    if (there.running != fair) return action;
    there.fair_action = action;
    if (!there.is_served || there.above_fair == 0) return action;
    settle_server(core, now);
    return earlier(action, {checked_add(there.since, std::max(servers_[core].left(), Duration::zero())), true});
}

bool ClassStack::task_tick(CoreId core, Time now) {
    PerCore& there = cores_[core];
    if (there.running != fair) return at(there.running).task_tick(core, now);
    settle_server(core, now);
    if (there.is_served && there.above_fair > 0 && servers_[core].left() <= Duration::zero()) {
        there.is_served = false;
        servers_[core].exhaust(now);
        tell_server(core, now);
        if (!servers_[core].competes()) return true;
        there.is_served = true;
    }
    return there.fair_action.at <= now && fair_->task_tick(core, now);
}

// --- The fair server -----------------------------------------------------------------------------------------------

// Whether fair tasks go before who runs, of a higher class, on the server's account.
bool ClassStack::server_precedes(CoreId core) const {
    return !servers_.empty() && servers_[core].competes() && deadline_.precedes(servers_[core].due(), core);
}

// Counts what fair tasks have had of the core.
void ClassStack::settle_server(CoreId core, Time now) {
    if (servers_.empty()) return;
    PerCore& there = cores_[core];
    if (there.running != fair || now <= there.since) return;
    servers_[core].ran(there.since, now, there.above_fair > 0);
    there.since = now;
    there.is_served = there.is_served && servers_[core].competes();
}

// Lets the deadline class know whether the server competes, and sets the timer for when that changes.
void ClassStack::tell_server(CoreId core, Time now) {
    if (servers_.empty()) return;
    const FairServer& server = servers_[core];
    PerCore& there = cores_[core];
    const bool matters = there.above_fair > 0;
    if (const Time due = matters && server.competes() ? server.due() : never; due != there.server_due)
        deadline_.set_server(core, there.server_due = due);
    // What is put off meanwhile is put off when the timer goes off.
    const Time wanted = matters ? server.wants_timer(now) : never;
    if (wanted < there.server_timer || (wanted == never && there.server_timer != never))
        host_.set_timer(core * number_spaces + idle, there.server_timer = wanted);
}

void ClassStack::server_timer(CoreId core, Time now) {
    cores_[core].server_timer = never;
    settle_server(core, now);
    FairServer& server = servers_[core];
    server.timer(now);
    tell_server(core, now);
    if (cores_[core].is_served || !server_precedes(core)) return;
    if (cores_[core].running == fair) { // from now on it runs on the server's account
        cores_[core].is_served = true;
        return host_.action_changed(core);
    }
    host_.reschedule(core);
}

// As waiters of an rt_mutex are ordered (rt_waiter_node_less): by class, then by priority; fair tasks are all equal.
// Deadlines are compared relative to their releases.
bool ClassStack::is_more_urgent(TaskId task, TaskId than) {
    const Scheduling& one = *host_.view().tasks[task].scheduling;
    const Scheduling& other = *host_.view().tasks[than].scheduling;
    const std::uint8_t level = level_by(one.policy);
    const std::uint8_t others = level_by(other.policy);
    if (level != others) return level < others;
    if (level == deadline) return one.relative_deadline() < other.relative_deadline();
    return level == real_time && one.priority > other.priority;
}

// --- A task's class changes -----------------------------------------------------------------------------------------

void ClassStack::attributes_changed(TaskId task, Time now) {
    if (level_of(task) == idle) return; // it has ended with a lock, and somebody waits for that
    const auto level = static_cast<Level>(level_by(host_.view().tasks[task].scheduling->policy));
    if (level == level_of(task)) return at(level).attributes_changed(task, now);
    change_class(task, level, now);
}

// check_class_changed: switched_from and switched_to.
void ClassStack::change_class(TaskId task, Level level, Time now) {
    const Level before = level_of(task);
    const CoreId core = members_[task].core;
    const bool runs = core != no_core && host_.view().current[core] == task;
    if (core != no_core) {
        settle_server(core, now);
        at(before).dequeue_task(core, task, now);
        depart(task, now);
    }
    at(before).task_dead(task);
    members_[task].level = level;
    at(level).task_new(task);
    if (core == no_core) return;
    at(level).enqueue_task(core, task, Enqueue::woken, now);
    arrive(task, core, now);
    if (!runs) {
        if (cores_[core].running == idle || wakeup_preempt(core, task, now)) host_.reschedule(core);
        return;
    }
    cores_[core].running = level;
    cores_[core].is_served = false;
    cores_[core].since = now;
    at(level).set_next_task(core, task, now);
    if (level > before)
        host_.reschedule(core); // somebody of a class between may wait
    else
        host_.action_changed(core);
}

} // namespace switchyard::sim
