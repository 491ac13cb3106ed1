#include "sim/kernel/stealing.hpp"

#include "sim/kernel/dispatch.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

bool is_asleep(const Kernel& kernel, TaskId carrier) {
    return kernel.tasks[carrier].state == State::blocked && kernel.tasks[carrier].wait == WaitFor::event_loop;
}

CarrierGroupId group_of_carrier(const Kernel& kernel, TaskId carrier) {
    return kernel.loops[kernel.tasks[carrier].loop].group;
}

// The carrier whose queue a task joins that `waker` makes ready; whether that one is of its group.
struct Home {
    TaskId carrier;
    bool by_own_group;
};

Home home_of(const Kernel& kernel, TaskId task, TaskId waker) {
    const TaskId last = kernel.tasks[task].carrier;
    if (waker == no_task || !is_carried(kernel.tasks[waker].kind)) return {last, false};
    const TaskId theirs = kernel.tasks[waker].carrier;
    if (group_of_carrier(kernel, theirs) != group_of_carrier(kernel, last)) return {last, false};
    return {theirs, true};
}

bool may_wake_another(const CarrierGroup& group) { return !group.asleep.empty() && group.looking == 0; }

// The one that fell asleep last, which is to look for work.
TaskId choose_to_look(Kernel& kernel, CarrierGroup& group) {
    EventLoop& loop = kernel.loops[group.asleep.back()];
    loop.looks_for_work = true;
    ++group.looking;
    return loop.thread;
}

void end_look(EventLoop& loop, CarrierGroup& group) {
    if (!loop.looks_for_work) return;
    loop.looks_for_work = false;
    --group.looking;
}

// Whose queue has something, from one's own place on; nobody's: one's own.
LoopId find_victim(const Kernel& kernel, const CarrierGroup& group, LoopId own) {
    for (std::uint32_t i = 1; i < group.loops; ++i) {
        const LoopId other = group.first + (own - group.first + i) % group.loops;
        if (!kernel.waiting.empty(kernel.loops[other].turns)) return other;
    }
    return own;
}

void take_half(Kernel& kernel, EventLoop& own, const EventLoop& victim) {
    std::size_t length = 0;
    for (TaskId task = kernel.waiting.front(victim.turns); task != no_task; task = kernel.waiting.after(task)) ++length;
    for (std::size_t left = (length + 1) / 2; left > 0; --left) {
        const TaskId taken = kernel.waiting.front(victim.turns);
        kernel.waiting.remove(taken);
        kernel.waiting.push_back(own.turns, taken);
        Task& task = kernel.tasks[taken];
        task.carrier = own.thread;
        task.stalled += stalled_on(kernel, victim) - stalled_on(kernel, own);
    }
    ++kernel.counters.steals;
}

} // namespace

TaskId take_turn(Kernel& kernel, TaskId id, TaskId waker) {
    Task& task = kernel.tasks[id];
    const Home home = home_of(kernel, id, waker);
    task.carrier = home.carrier;
    const EventLoop& loop = kernel.loop_of(task);
    join_turns(kernel, id, task);
    if (is_asleep(kernel, home.carrier)) return home.carrier;
    CarrierGroup& group = kernel.carrier_groups[loop.group];
    if (home.by_own_group || !may_wake_another(group)) return no_task; // share_work sees to it
    return choose_to_look(kernel, group);
}

void join_turns(Kernel& kernel, TaskId id, Task& task) {
    const EventLoop& loop = kernel.loop_of(task);
    task.stalled -= stalled_on(kernel, loop);
    kernel.waiting.push_back(loop.turns, id);
}

bool only_joins_turns(const Kernel& kernel, const Task& task) {
    const Task& carrier = kernel.tasks[task.carrier];
    const CarrierGroup& group = kernel.carrier_groups[kernel.loops[carrier.loop].group];
    return group.loops == 1 && !is_asleep(kernel, task.carrier) && !may_wake_another(group);
}

bool wakes_thread(const Kernel& kernel, TaskId task, TaskId waker) {
    if (!is_carried(kernel.tasks[task].kind)) return true;
    const Home home = home_of(kernel, task, waker);
    if (is_asleep(kernel, home.carrier)) return true;
    return !home.by_own_group && may_wake_another(kernel.carrier_groups[group_of_carrier(kernel, home.carrier)]);
}

void no_longer_blocked(Kernel& kernel, const Task& carrier) {
    EventLoop& loop = kernel.loops[carrier.loop];
    if (loop.blocked_since != never) {
        loop.blocked += kernel.now() - loop.blocked_since;
        loop.blocked_since = never;
    }
    if (carrier.wait == WaitFor::event_loop) std::erase(kernel.carrier_groups[loop.group].asleep, carrier.loop);
}

Step share_work(const Execution& e) {
    Kernel& kernel = e.kernel;
    const LoopId id = kernel.tasks[e.thread].loop;
    EventLoop& loop = kernel.loops[id];
    CarrierGroup& group = kernel.carrier_groups[loop.group];
    if (!loop.rouses) {
        if (!may_wake_another(group) || kernel.waiting.empty(loop.turns)) return Step::next;
        loop.rouses = true;
        const Duration cost = system_call(e) + charge(kernel, Cost::wake_up);
        if (cost > Duration::zero() && !pass_or_spend(kernel, e.core, cost, TimeCategory::kernel, false))
            return Step::spent;
    }
    loop.rouses = false;
    if (may_wake_another(group)) make_ready(kernel, choose_to_look(kernel, group), e.thread);
    return Step::next;
}

Stealing steal(const Execution& e, std::uint8_t phase) {
    Kernel& kernel = e.kernel;
    Task& thread = kernel.tasks[e.thread];
    EventLoop& loop = kernel.loops[thread.loop];
    const CarrierGroup& group = kernel.carrier_groups[loop.group];
    const LoopId victim = find_victim(kernel, group, thread.loop);
    const bool paid = thread.phase == phase;
    thread.phase = 0;
    if (victim == thread.loop) return Stealing::in_vain;
    if (!paid) {
        const Duration cost = charge(kernel, Cost::atomic_operation) + charge(kernel, Cost::cache_line_transfer);
        if (cost > Duration::zero()) {
            thread.phase = phase;
            spend(kernel, e.core, cost, TimeCategory::synchronisation, false);
            return Stealing::spent;
        }
    }
    take_half(kernel, loop, kernel.loops[victim]);
    return Stealing::has_work;
}

void found_work(Kernel& kernel, LoopId loop) {
    end_look(kernel.loops[loop], kernel.carrier_groups[kernel.loops[loop].group]);
}

void fall_asleep(Kernel& kernel, LoopId id) {
    EventLoop& loop = kernel.loops[id];
    CarrierGroup& group = kernel.carrier_groups[loop.group];
    end_look(loop, group);
    group.asleep.push_back(id);
}

Step dismiss_others(const Execution& e, std::uint8_t phase) {
    Kernel& kernel = e.kernel;
    Task& thread = kernel.tasks[e.thread];
    CarrierGroup& group = kernel.carrier_groups[kernel.loops[thread.loop].group];
    if (thread.phase != phase && !group.asleep.empty()) {
        const auto sleepers = static_cast<std::int64_t>(group.asleep.size());
        const Duration cost = (system_call(e) + charge(kernel, Cost::wake_up)) * sleepers;
        if (const Step step = spend_in_kernel(e, cost, phase); step != Step::next) return step; // free: at once
    }
    thread.phase = 0;
    while (!group.asleep.empty()) make_ready(kernel, kernel.loops[group.asleep.back()].thread, e.thread);
    return Step::next;
}

} // namespace switchyard::sim
