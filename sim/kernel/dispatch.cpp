#include "sim/kernel/dispatch.hpp"

#include "sim/kernel/account.hpp"
#include "sim/kernel/displacement.hpp"
#include "sim/kernel/execute.hpp"
#include "sim/kernel/interpreter_lock.hpp"
#include "sim/kernel/jobs.hpp"
#include "sim/kernel/operations_of_devices.hpp"
#include "sim/kernel/stealing.hpp"
#include "sim/kernel/synchronisation.hpp"
#include "sim/kernel/ticks.hpp"
#include "sim/kernel/virtual_memory.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace switchyard::sim {

namespace {

void set_event(Kernel& kernel, Core& core, Time at) { kernel.core_events.set(core.id, at, kernel.events.sequence()); }

void queue_core(Kernel& kernel, Core& core) {
    if (core.queued) return;
    core.queued = true;
    kernel.cores_to_run.push_back(core.id);
}

// Its blocking call has returned: the task that the thread carries goes on with it.
void resume_carried(Kernel& kernel, const Task& thread) {
    if (thread.loop == nothing) return;
    const TaskId carried = kernel.loops[thread.loop].current;
    if (carried == no_task || kernel.tasks[carried].state != State::blocked) return;
    Task& task = kernel.tasks[carried];
    task.blocked += kernel.now() - task.since;
    task.since = kernel.now();
    task.wait = WaitFor::no_one;
    move_to(task.state, State::ready);
    move_to(task.state, State::running);
}

// `current` has the core from this instant.
void enter(Kernel& kernel, Core& core) {
    const Time now = kernel.now();
    Task& thread = kernel.thread_on(core);
    core.activity = Activity::ready;
    if (!thread.has_run) {
        thread.has_run = true;
        if (thread.row != nothing) kernel.rows[thread.row].response.add(now - thread.admitted);
    }
    record(kernel, {now, 0, core.current, no_task, core.id, EventKind::running, 0, 0});
    resume_carried(kernel, thread);
    ask_for_action(kernel, core);
    if (core.refill_due > Duration::zero())
        spend(kernel, core.id, std::exchange(core.refill_due, {}), TimeCategory::refill, false);
    else
        queue_core(kernel, core);
}

// What going from the core's last thread to this one costs, counted.
Duration switch_to(Kernel& kernel, Core& core, TaskId next) {
    const AddressSpaceId address_space = kernel.processes[kernel.tasks[next].process].address_space;
    Duration switching{};
    if (core.previous != no_task && core.previous != next) {
        switching = charge(kernel, Cost::switch_context);
        ++kernel.counters.context_switches;
        if (core.gave_up) {
            ++kernel.counters.involuntary_switches;
            if (core.preempted) switching += charge(kernel, Cost::switch_preempted);
            if (const RowId row = kernel.tasks[core.previous].row; row != nothing)
                kernel.rows[row].involuntary_switches = kernel.rows[row].involuntary_switches.value_or(0) + 1;
        }
        if (address_space != core.address_space) {
            switching += charge(kernel, Cost::switch_address_space);
            ++kernel.counters.address_space_switches;
        }
    }
    if (kernel.displacement) switching += return_to(*kernel.displacement, core.id, next, address_space);
    if (kernel.virtual_memory && kernel.virtual_memory->translation[core.id].load(address_space))
        ++kernel.counters.tlb_flushes;
    core.gave_up = false;
    core.left_address_space = false;
    core.previous = next;
    core.address_space = address_space;
    return switching;
}

// The thread is switched to at `at`, which takes so long: who it was waiting for is told.
void note_dispatch(Kernel& kernel, Core& core, Task& thread, Time at, Duration switching) {
    const CoreId id = core.id;
    begin_run(kernel, core, core.current, at);
    if (thread.has_run && thread.last_core != id) {
        ++kernel.counters.migrations;
        core.refill_due = charge(kernel, Cost::migration);
    }
    thread.last_core = id;
    ++kernel.counters.dispatches;
    move_to(thread.state, State::running);
    thread.waiting += at - thread.since;
    if (std::exchange(thread.was_woken, false) && thread.row != nothing)
        kernel.rows[thread.row].wake_up_latency.add(at - thread.since);
    if (Task& actor = actor_on(kernel, core); &actor != &thread && actor.state == State::running) { // it waited along
        actor.waiting += at - thread.since;
        actor.cpu += switching;
    }
    thread.since = at;
    thread.cpu += switching;
}

// From this instant on.
inline void record_overhead(Kernel& kernel, const Core& core, Duration length, Overhead what) {
    if (!kernel.trace) [[likely]]
        return;
    record(kernel, {kernel.now(), length.count(), core.current, no_task, core.id, EventKind::overhead,
                    static_cast<std::uint8_t>(what), 0});
}

// Gives an idle core its next thread, if there is one. The switch takes its time; without cost it is over at once.
void pick_next(Kernel& kernel, Core& core) {
    const CoreId id = core.id;
    const Time now = kernel.now();
    const TaskId next = kernel.scheduler->pick_task(id, now);
    if (next == no_task) {
        kernel.core_events.clear(core.id);
        core.kernel_time_due = core.interrupts_due = {};
        return;
    }
    account_idle_until(core, now);
    const Duration switching = switch_to(kernel, core, next);
    core.current = next;
    core.reschedule = false;
    kernel.running[id] = next;
    kernel.task_views[next].core = id;

    const Duration before = std::exchange(core.kernel_time_due, {}) + std::exchange(core.interrupts_due, {});
    const Time entry = checked_add(now, before + switching);
    note_dispatch(kernel, core, kernel.tasks[next], now + before, switching);
    kernel.scheduler->set_next_task(id, next, entry);
    if (before > Duration::zero()) {
        account(core, TimeCategory::kernel, before);
        record(kernel, {now, before.count(), next, no_task, id, EventKind::overhead,
                        static_cast<std::uint8_t>(Overhead::kernel), 0});
    }
    if (switching > Duration::zero())
        record(kernel, {now, switching.count(), next, no_task, id, EventKind::overhead,
                        static_cast<std::uint8_t>(Overhead::switching), 0});
    if (entry == now) return enter(kernel, core);
    core.activity = Activity::switching;
    core.start = now + before;
    core.end = entry;
    set_event(kernel, core, entry);
}

// The running thread is gone; the next one is picked when the cores are run.
void vacate(Kernel& kernel, Core& core, bool could_have_gone_on) {
    core.current = no_task;
    core.stopped = kernel.now();
    kernel.running[core.id] = no_task;
    core.activity = Activity::idle;
    core.gave_up = could_have_gone_on;
    core.preempted = false;
    core.reschedule = false;
    core.refill_due = {};
    core.action = {};
    queue_core(kernel, core);
}

// The core `waker` has made a task ready for this one, which idles: it is interrupted and leaves idle. One that has
// only just nothing to do looks for more anyway.
void tell_idle_core(Kernel& kernel, Core& core, CoreId waker) {
    const Duration idle = kernel.now() - core.stopped;
    if (idle == Duration::zero()) return;
    const std::int64_t microseconds = idle / Duration{1'000'000};
    core.kernel_time_due =
        std::max(core.kernel_time_due, charge(kernel, Cost::wake_up_remote, Quantity::idle_microseconds, microseconds));
    interrupt(
        kernel, waker,
        charge(kernel, Cost::wake_up_interrupt, Quantity::idle_microseconds, std::max<std::int64_t>(microseconds, 1)));
}

// The same of one that was busy and gives way at once.
void tell_busy_core(Kernel& kernel, Core& core, CoreId waker) {
    core.kernel_time_due = std::max(core.kernel_time_due, charge(kernel, Cost::wake_up_remote_busy));
    interrupt(kernel, waker, charge(kernel, Cost::wake_up_interrupt));
}

// It has come what the task waited for.
void note_woken(Kernel& kernel, Task& task) {
    task.blocked += kernel.now() - task.since;
    task.was_woken = true;
    ++kernel.counters.wake_ups;
}

void become_ready(Kernel& kernel, Task& task) {
    task.since = kernel.now();
    task.wait = WaitFor::no_one;
    move_to(task.state, State::ready);
}

Stop stop_for(Enqueue why) {
    switch (why) {
    case Enqueue::yielded: return Stop::yielded;
    case Enqueue::new_job: return Stop::new_job;
    default: return Stop::preempted;
    }
}

} // namespace

void ask_for_action(Kernel& kernel, Core& core) {
    Action action = kernel.scheduler->next_action(core.id, kernel.now());
    if (action.at != never && action.at_tick && kernel.tick_period > Duration::zero())
        action.at = tick_at_or_after(kernel, action.at);
    if (action == core.action) return;
    core.action = action;
    if (core.activity == Activity::busy && core.preemptible)
        set_event(kernel, core, std::min(core.end, std::max(action.at, kernel.now())));
}

void make_ready(Kernel& kernel, TaskId id, TaskId waker, bool in_passing) {
    const Time now = kernel.now();
    Task& task = kernel.tasks[id];
    const bool is_new = task.state == State::fresh;
    if (is_new)
        task.admitted = now;
    else
        note_woken(kernel, task);
    if (task.loop != nothing) no_longer_blocked(kernel, task);
    become_ready(kernel, task);
    record(kernel, {now, 0, id, waker, no_core, EventKind::ready, 0, 0});

    if (is_carried(task.kind)) {
        const TaskId woken = take_turn(kernel, id, waker);
        if (woken != no_task) make_ready(kernel, woken, waker, in_passing);
        return;
    }
    if (is_new) release_first_job(kernel, id);
    const Enqueue why = is_new ? Enqueue::created : Enqueue::woken;
    const bool has_core = waker != no_task && kernel.tasks[waker].state == State::running;
    const TaskId thread = has_core && is_carried(kernel.tasks[waker].kind) ? kernel.tasks[waker].carrier : waker;
    const CoreId waking_core = has_core ? kernel.task_views[thread].core : no_core;
    const CoreId id_of_core =
        kernel.scheduler->select_task_rq(id, in_passing && !is_new ? Enqueue::woken_in_passing : why, waking_core, now);
    const bool is_elsewhere = has_core && waking_core != id_of_core;
    Core& core = kernel.cores[id_of_core];
    kernel.task_views[id].core = id_of_core;
    kernel.scheduler->enqueue_task(id_of_core, id, why, now);
    kernel.order_changed = true;
    // What a timer's interrupt still has to do is done before the switch.
    const bool by_timer = !is_new && waker == no_task;
    const auto finish_interrupt = [&](Cost cost) {
        if (by_timer) core.kernel_time_due = std::max(core.kernel_time_due, charge(kernel, cost));
    };
    if (core.activity == Activity::idle) {
        finish_interrupt(Cost::timer_wake_up_idle);
        if (is_elsewhere) tell_idle_core(kernel, core, waking_core);
        return queue_core(kernel, core);
    }
    if (!kernel.scheduler->wakeup_preempt(id_of_core, id, now)) return ask_for_action(kernel, core);
    reschedule(kernel, id_of_core);
    if (core.activity != Activity::idle) return;
    finish_interrupt(Cost::timer_wake_up_busy);
    if (is_elsewhere) tell_busy_core(kernel, core, waking_core);
}

void leave_core(Kernel& kernel, CoreId id, Stop why) {
    Core& core = kernel.cores[id];
    const TaskId thread = core.current;
    record(kernel, {kernel.now(), 0, thread, no_task, id, EventKind::stopped, static_cast<std::uint8_t>(why), 0});
    ++kernel.counters.voluntary_switches;
    if (const RowId row = kernel.tasks[thread].row; row != nothing)
        kernel.rows[row].voluntary_switches = kernel.rows[row].voluntary_switches.value_or(0) + 1;
    end_run(kernel, core, kernel.now());
    kernel.scheduler->dequeue_task(id, thread, kernel.now());
    vacate(kernel, core, false);
}

void requeue(Kernel& kernel, CoreId id, Enqueue why) {
    Core& core = kernel.cores[id];
    const TaskId thread = core.current;
    Task& task = kernel.tasks[thread];
    record(kernel,
           {kernel.now(), 0, thread, no_task, id, EventKind::stopped, static_cast<std::uint8_t>(stop_for(why)), 0});
    move_to(task.state, State::ready);
    task.since = kernel.now();
    if (why == Enqueue::yielded) kernel.scheduler->yield_task(id, thread, kernel.now());
    kernel.scheduler->put_prev_task(id, thread, why, kernel.now());
    vacate(kernel, core, true);
    core.preempted = why == Enqueue::preempted || why == Enqueue::expired;
    kernel.order_changed = true;
}

void reschedule(Kernel& kernel, CoreId id) {
    Core& core = kernel.cores[id];
    if (core.activity == Activity::idle) return queue_core(kernel, core);
    core.reschedule = true;
    if (core.activity != Activity::busy || !core.preemptible) return;
    break_off(kernel, core);
    requeue(kernel, id, Enqueue::preempted);
}

void withdraw(Kernel& kernel, TaskId id) {
    Task& task = kernel.tasks[id];
    kernel.events.cancel(task.timer);
    kernel.events.cancel(task.abortion);
    if (kernel.waiting.is_queued(id)) kernel.waiting.remove(id);
    if (kernel.synchronisation) forget_waiter(kernel, id);
    if (kernel.interpreters) forget_interpreter(kernel, id);
    if (kernel.devices) forget_refused(kernel, id);
    if (task.wait == WaitFor::child) std::erase(kernel.processes[task.process].waiters, id);
    if (is_carried(task.kind)) return;
    if (task.loop != nothing && task.wait == WaitFor::event_loop) no_longer_blocked(kernel, task);
    if (task.state == State::ready) {
        kernel.scheduler->dequeue_task(kernel.task_views[id].core, id, kernel.now());
    } else if (task.state == State::running) {
        Core& core = kernel.cores[kernel.task_views[id].core];
        if (core.activity == Activity::switching) close_switch(kernel, core, kernel.now());
        break_off(kernel, core);
        kernel.core_events.clear(core.id);
        leave_core(kernel, core.id, Stop::ended);
    }
}

void withdraw_from_queue(Kernel& kernel, TaskId id) {
    kernel.scheduler->dequeue_task(kernel.task_views[id].core, id, kernel.now());
}

void wait_without_core(Kernel& kernel, TaskId id, WaitFor what) {
    Task& task = kernel.tasks[id];
    move_to(task.state, State::blocked);
    task.waiting += kernel.now() - task.since;
    task.since = kernel.now();
    task.wait = what;
}

void rejoin_queue(Kernel& kernel, TaskId id, Enqueue why) {
    const CoreId core = kernel.task_views[id].core;
    kernel.scheduler->enqueue_task(core, id, why, kernel.now());
    kernel.order_changed = true;
    if (kernel.cores[core].activity == Activity::idle) queue_core(kernel, kernel.cores[core]);
}

void cut_stretch(Kernel& kernel, TaskId id) {
    Core& core = kernel.cores[kernel.task_views[id].core];
    if (core.activity != Activity::busy) return;
    break_off(kernel, core);
    kernel.core_events.clear(core.id);
    queue_core(kernel, core);
}

void set_performance(Kernel& kernel, CoreId id, std::int64_t thousandths) {
    assert(thousandths > 0);
    Core& core = kernel.cores[id];
    const std::int64_t speed = std::max<std::int64_t>(kernel.topology.speed(id) * thousandths / 1000, 1);
    if (speed == core.speed) return;
    if (core.activity == Activity::busy && core.category == TimeCategory::work && core.preemptible)
        cut_stretch(kernel, core.current);
    core.speed = speed;
}

void spend(Kernel& kernel, CoreId id, Duration length, TimeCategory category, bool preemptible) {
    assert(length > Duration::zero());
    Core& core = kernel.cores[id];
    core.activity = Activity::busy;
    core.category = category;
    core.preemptible = preemptible;
    core.start = kernel.now();
    const Duration takes = category == TimeCategory::work ? time_of_work(core, length) : length;
    core.end = end_with_ticks(kernel, core.start, takes + core.interrupts_due, kernel.tick_cost);
    if (category == TimeCategory::work && core.interrupts_due > Duration::zero())
        record_overhead(kernel, core, core.interrupts_due, Overhead::kernel);
    if (category != TimeCategory::work)
        record_overhead(kernel, core, core.end - core.start,
                        category == TimeCategory::switching ? Overhead::switching : Overhead::kernel);
    if (kernel.trace) core.told_overhead = kernel.trace->events.size() - 1;
    set_event(kernel, core, preemptible ? std::min(core.end, std::max(core.action.at, core.start)) : core.end);
}

namespace {

// Whether the next event changes nothing but the turn-taking of an event loop whose thread is awake: a carried task's
// timer. Where carriers steal from each other, more may follow from it; where a trace tells the order of what happens
// at one instant, or a seed chooses it, each has its turn.
bool next_only_joins_a_loop(Kernel& kernel) {
    const KernelEvent* const event = kernel.events.next();
    if (event->kind != KernelEvent::Kind::timer || kernel.trace != nullptr || kernel.events.sequence().shuffled())
        return false;
    const Task& task = kernel.tasks[event->subject];
    return is_carried(task.kind) && only_joins_turns(kernel, task);
}

// What make_ready comes to for it.
void join_loop(Kernel& kernel, TaskId id) {
    Task& task = kernel.tasks[id];
    note_woken(kernel, task);
    become_ready(kernel, task);
    join_turns(kernel, id, task);
}

// What the stretch came to, where nobody looked on.
void account_passed(Kernel& kernel, Core& core, Duration length) {
    account(core, core.category, length);
    Task& thread = kernel.thread_on(core);
    thread.cpu += length;
    if (thread.loop == nothing) return;
    if (const TaskId carried = kernel.loops[thread.loop].current; carried != no_task)
        kernel.tasks[carried].cpu += length;
}

} // namespace

// What is left to be done at this instant comes first: other cores, and the class's answer to who has joined a queue.
// Now and then whoever drives the simulation has its turn.
bool pass_or_spend(Kernel& kernel, CoreId id, Duration length, TimeCategory category, bool preemptible) {
    constexpr std::uint32_t most_in_a_row = 1024;
    Core& core = kernel.cores[id];
    const Time start = kernel.now();
    const Duration takes = category == TimeCategory::work ? time_of_work(core, length) : length;
    const Time end = checked_add(start, takes);
    if (end >= kernel.core_events.next_time() || end >= kernel.limit ||
        (preemptible && (core.reschedule || core.action.at <= end)) || kernel.order_changed ||
        kernel.cores_to_run.empty() || kernel.cores_to_run.back() != id || !kernel.idle_cores.empty() ||
        kernel.passed_at_once >= most_in_a_row || core.interrupts_due > Duration::zero() || kernel.live_tasks == 0 ||
        (kernel.tick_period > Duration::zero() && tick_at_or_after(kernel, start) <= end) ||
        (kernel.synchronisation && kernel.synchronisation->is_stuck)) {
        spend(kernel, id, length, category, preemptible);
        return false;
    }
    while (kernel.events.next_time() <= end) {
        if (!next_only_joins_a_loop(kernel)) {
            const bool has_passed = kernel.now() != start;
            spend(kernel, id, length, category, preemptible);
            if (has_passed) {
                core.start = start;
                core.end = end;
                set_event(kernel, core, end);
            }
            return false;
        }
        const TaskId task = kernel.events.pop()->payload.subject;
        if (const KernelEvent* const next = kernel.events.next()) kernel.tasks.prefetch(next->subject);
        join_loop(kernel, task);
        ++kernel.passed_at_once;
    }
    core.category = category;
    if (category != TimeCategory::work)
        record_overhead(kernel, core, takes,
                        category == TimeCategory::switching ? Overhead::switching : Overhead::kernel);
    account_passed(kernel, core, takes);
    kernel.events.advance_to(end);
    note_next_tick(kernel);
    core.start = end;
    kernel.operations_this_instant = 0;
    ++kernel.passed_at_once;
    return true;
}

void interrupt(Kernel& kernel, CoreId id, Duration length) {
    Core& core = kernel.cores[id];
    if (core.current == no_task || length == Duration::zero()) return;
    core.interrupts_due += length;
    if (core.activity != Activity::busy) return;
    const Time end = std::exchange(core.end, end_with_ticks(kernel, core.end, length, kernel.tick_cost));
    record_overhead(kernel, core, core.category == TimeCategory::work ? length : core.end - end, Overhead::kernel);
    set_event(kernel, core, core.preemptible ? std::min(core.end, std::max(core.action.at, kernel.now())) : core.end);
}

std::optional<Enqueue> wanted_back(Kernel& kernel, CoreId id) {
    Core& core = kernel.cores[id];
    if (!may_be_wanted_back(kernel, core)) return std::nullopt;
    if (core.reschedule) return Enqueue::preempted;
    if (kernel.scheduler->task_tick(id, kernel.now())) return Enqueue::expired;
    core.action = {};
    ask_for_action(kernel, core);
    return std::nullopt;
}

void on_core_event(Kernel& kernel, CoreId id) {
    Core& core = kernel.cores[id];
    if (core.activity == Activity::switching) {
        close_switch(kernel, core, core.end);
        return enter(kernel, core);
    }
    if (core.activity != Activity::busy) return; // cut off at this very instant
    const bool over = kernel.now() >= core.end;
    break_off(kernel, core);
    if (over) return queue_core(kernel, core);
    const bool at_tick = core.action.at_tick;
    const std::optional<Enqueue> why = wanted_back(kernel, id);
    if (!why) return queue_core(kernel, core);
    // The tick that noticed is served before the switch.
    if (at_tick && kernel.tick_period > Duration::zero() && kernel.tick_cost > Duration::zero()) {
        core.kernel_time_due = kernel.tick_cost;
        note_ticks(kernel, 1);
    }
    requeue(kernel, id, *why);
}

// Lets the threads that are on a core go on, and notes which cores have none.
static void advance_cores(Kernel& kernel) {
    for (std::size_t next = 0; next < kernel.cores_to_run.size(); ++next) {
        const CoreId id = kernel.cores_to_run[next];
        Core& core = kernel.cores[id];
        core.queued = false;
        if (core.activity == Activity::ready) advance(kernel, id);
        if (core.activity == Activity::idle && !core.queued) kernel.idle_cores.push_back(id);
    }
    kernel.cores_to_run.clear();
}

static void fill_idle_cores(Kernel& kernel) {
    if (kernel.idle_cores.empty()) return;
    if (kernel.idle_cores.size() > 1) std::ranges::sort(kernel.idle_cores);
    for (const CoreId id : kernel.idle_cores)
        if (kernel.cores[id].activity == Activity::idle) pick_next(kernel, kernel.cores[id]);
    kernel.idle_cores.clear();
}

void run_cores(Kernel& kernel) {
    for (;;) {
        while (!kernel.cores_to_run.empty()) {
            advance_cores(kernel);
            fill_idle_cores(kernel);
        }
        if (!kernel.order_changed) return;
        const CoreId id = kernel.scheduler->core_to_preempt(kernel.now());
        if (id == no_core)
            kernel.order_changed = false;
        else
            reschedule(kernel, id);
    }
}

} // namespace switchyard::sim
