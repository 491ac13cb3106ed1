#include "sim/kernel/dispatch.hpp"

#include "sim/kernel/execute.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace switchyard::sim {

namespace {

CoreId id_of(const Kernel& kernel, const Core& core) { return static_cast<CoreId>(&core - kernel.cores.data()); }

void account(Core& core, TimeCategory category, Duration length) {
    core.time[static_cast<std::size_t>(category)] += length;
    core.accounted += length;
}

// Idle time is what nothing else was accounted for.
void account_idle_until(Core& core, Time now) { account(core, TimeCategory::idle, now - core.accounted); }

// The first tick at `from` or later. Ticks fall on multiples of the period on every core.
Time tick_at_or_after(const Kernel& kernel, Time from) {
    const std::int64_t period = kernel.tick_period.count();
    const std::int64_t at = from.time_since_epoch().count();
    const std::int64_t over = at % period;
    return over == 0 ? from : from > never - Duration{period} ? never : from + Duration{period - over};
}

// How many ticks there are in [from, until).
std::int64_t ticks_between(const Kernel& kernel, Time from, Time until) {
    const Time first = tick_at_or_after(kernel, from);
    if (first >= until) return 0;
    return (until - first - Duration{1}) / kernel.tick_period + 1;
}

// When `length` of time is over that begins at `start` and is interrupted by ticks, each costing `tick`.
Time end_with_ticks(const Kernel& kernel, Time start, Duration length, Duration tick) {
    const Time undisturbed = checked_add(start, length);
    if (kernel.tick_period == Duration::zero() || tick == Duration::zero()) return undisturbed;
    const Duration before_first = tick_at_or_after(kernel, start) - start;
    if (length <= before_first) return undisturbed;
    const Duration left = length - before_first;
    const Duration between = kernel.tick_period - tick; // what a period leaves for the task
    const std::int64_t ticks = (left + between - Duration{1}) / between;
    return checked_add(undisturbed, checked_multiply(tick, ticks));
}

// What a tick takes, with what else interrupts a busy core between two of them on average.
Duration tick_cost(const Kernel& kernel) {
    const Duration taken =
        kernel.cost[static_cast<std::size_t>(Cost::tick)] + kernel.cost[static_cast<std::size_t>(Cost::interruptions)];
    return std::min(taken, kernel.tick_period / 2); // more than its period would leave no time for anything
}

void note_ticks(Kernel& kernel, std::int64_t ticks) {
    if (ticks == 0) return;
    kernel.counters.ticks += static_cast<std::uint64_t>(ticks);
    kernel.charged.set(static_cast<std::size_t>(Cost::tick));
    kernel.charged.set(static_cast<std::size_t>(Cost::interruptions));
}

// Accounts for the part of the stretch that has passed; returns what of it was the task's own, ticks taken off.
Duration close_stretch(Kernel& kernel, Core& core) {
    const Time now = kernel.now();
    const Duration elapsed = now - core.start;
    Duration in_ticks{};
    if (kernel.tick_period > Duration::zero() && elapsed > Duration::zero()) {
        const std::int64_t ticks = ticks_between(kernel, core.start, now);
        in_ticks = std::min(elapsed, tick_cost(kernel) * ticks);
        note_ticks(kernel, ticks);
    }
    account(core, TimeCategory::kernel, in_ticks);
    account(core, core.category, elapsed - in_ticks);
    Task& thread = kernel.thread_on(core);
    thread.cpu += elapsed;
    if (thread.loop != nothing && kernel.loops[thread.loop].current != no_task)
        kernel.tasks[kernel.loops[thread.loop].current].cpu += elapsed;
    if (core.category == TimeCategory::work && in_ticks > Duration::zero())
        record(kernel, {now, in_ticks.count(), core.current, no_task, id_of(kernel, core), EventKind::overhead,
                        static_cast<std::uint8_t>(Overhead::tick), 0});
    core.start = now;
    return elapsed - in_ticks;
}

// The task whose program the thread executes: itself, or whom it carries.
Task& actor_on(Kernel& kernel, const Core& core) {
    Task& thread = kernel.thread_on(core);
    if (thread.loop == nothing || kernel.loops[thread.loop].current == no_task) return thread;
    return kernel.tasks[kernel.loops[thread.loop].current];
}

// Closes the stretch and takes what was done off what the operation still has to do.
void interrupt(Kernel& kernel, Core& core) {
    if (core.activity != Activity::busy) return;
    const Duration done = close_stretch(kernel, core);
    if (core.preemptible) actor_on(kernel, core).remaining -= done.count();
    core.activity = Activity::ready;
}

void set_event(Kernel& kernel, Core& core, Time at) {
    if (!kernel.events.reschedule(core.event, at))
        core.event = kernel.events.schedule(at, {KernelEvent::Kind::core, id_of(kernel, core)});
}

void queue_core(Kernel& kernel, Core& core) {
    if (core.queued) return;
    core.queued = true;
    kernel.cores_to_run.push_back(id_of(kernel, core));
}

// When the class acts on the running thread; `never` makes the core one of those to ask again when somebody joins.
void set_action(Kernel& kernel, Core& core, Time action) {
    const bool unarmed = action == never;
    if (unarmed != core.unarmed) unarmed ? ++kernel.unarmed_cores : --kernel.unarmed_cores;
    core.unarmed = unarmed;
    core.action = action;
}

// Nobody runs here any more: there is nothing to act on, and nothing to ask.
void forget_action(Kernel& kernel, Core& core) {
    if (core.unarmed) --kernel.unarmed_cores;
    core.unarmed = false;
    core.action = never;
}

// Asks the class when it will act, rounds that up to the tick grid, and moves the core's event if need be.
void ask_for_action(Kernel& kernel, Core& core) {
    Time action = kernel.scheduler->next_action(id_of(kernel, core), kernel.now());
    if (action != never && kernel.tick_period > Duration::zero()) action = tick_at_or_after(kernel, action);
    if (action == core.action && core.unarmed == (action == never)) return;
    set_action(kernel, core, action);
    if (core.activity == Activity::busy && core.preemptible)
        set_event(kernel, core, std::min(core.end, std::max(action, kernel.now())));
}

// The class wants the core at this instant; if the kernel is busy there, as soon as it is done.
void act_now(Kernel& kernel, Core& core) {
    set_action(kernel, core, kernel.now());
    if (core.activity == Activity::busy && core.preemptible) set_event(kernel, core, kernel.now());
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
    record(kernel, {now, 0, core.current, no_task, id_of(kernel, core), EventKind::running, 0, 0});
    if (thread.loop != nothing) {
        const TaskId carried = kernel.loops[thread.loop].current;
        if (carried != no_task && kernel.tasks[carried].state == State::blocked) { // its blocking call has returned
            Task& task = kernel.tasks[carried];
            task.blocked += now - task.since;
            task.since = now;
            task.wait = WaitFor::no_one;
            move_to(task.state, State::ready);
            move_to(task.state, State::running);
        }
    }
    ask_for_action(kernel, core);
    queue_core(kernel, core);
}

// Keeps count of the cores that have looked for a thread and found none.
void rest(Kernel& kernel, Core& core, bool rests) {
    if (core.rests != rests) rests ? ++kernel.resting_cores : --kernel.resting_cores;
    core.rests = rests;
}

// Closes the account of a switch that began and has come as far as `until`; what was booked in advance beyond it is
// taken back.
void close_switch(Kernel& kernel, Core& core, Time until) {
    if (until < core.start) // still serving the tick that asked for it
        account(core, TimeCategory::kernel, until - core.start);
    else
        account(core, TimeCategory::switching, until - core.start);
    kernel.thread_on(core).cpu -= core.end - until;
    core.activity = Activity::ready;
}

// Gives an idle core its next thread, if there is one. The switch takes its time; without cost it is over at once.
void pick_next(Kernel& kernel, Core& core) {
    const CoreId id = id_of(kernel, core);
    const Time now = kernel.now();
    const TaskId next = kernel.scheduler->pick_task(id, now);
    rest(kernel, core, next == no_task);
    if (next == no_task) {
        core.activity = Activity::idle;
        return;
    }
    account_idle_until(core, now);
    Task& thread = kernel.tasks[next];
    const AddressSpaceId address_space = kernel.processes[thread.process].address_space;
    Duration switching{};
    if (core.previous != no_task && core.previous != next) {
        switching = charge(kernel, Cost::switch_context);
        ++kernel.counters.context_switches;
        if (core.gave_up) ++kernel.counters.involuntary_switches;
        if (address_space != core.address_space) {
            switching += charge(kernel, Cost::switch_address_space);
            ++kernel.counters.address_space_switches;
        }
    }
    core.gave_up = false;
    core.previous = core.current = next;
    core.address_space = address_space;
    kernel.running[id] = next;
    if (thread.has_run && kernel.task_views[next].core != id) ++kernel.counters.migrations;
    kernel.task_views[next].core = id;
    ++kernel.counters.dispatches;

    const Duration before = core.kernel_time_due;
    core.kernel_time_due = Duration::zero();
    const Time entry = checked_add(now, before + switching);
    move_to(thread.state, State::running);
    thread.waiting += now - thread.since;
    if (Task& actor = actor_on(kernel, core); &actor != &thread && actor.state == State::running) { // it waited along
        actor.waiting += now - thread.since;
        actor.cpu += before + switching;
    }
    thread.since = now;
    thread.cpu += before + switching;
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
    kernel.running[id_of(kernel, core)] = no_task;
    core.activity = Activity::idle;
    core.gave_up = could_have_gone_on;
    forget_action(kernel, core);
    queue_core(kernel, core);
}

// Somebody has joined a queue and was not taken at once: cores that rest look again, and those whose class wanted
// nothing as long as nobody waited are asked when it will act now.
void tell_other_cores(Kernel& kernel) {
    if (!std::exchange(kernel.somebody_waits, false)) return;
    if (kernel.resting_cores > 0)
        for (Core& core : kernel.cores)
            if (core.rests && !core.queued) pick_next(kernel, core);
    if (kernel.unarmed_cores > 0)
        for (Core& core : kernel.cores)
            if (core.unarmed) ask_for_action(kernel, core);
}

} // namespace

void make_ready(Kernel& kernel, TaskId id, TaskId waker) {
    const Time now = kernel.now();
    Task& task = kernel.tasks[id];
    const bool is_new = task.state == State::fresh;
    if (is_new) {
        task.admitted = now;
    } else {
        task.blocked += now - task.since;
        ++kernel.counters.wake_ups;
    }
    task.since = now;
    task.wait = WaitFor::no_one;
    move_to(task.state, State::ready);
    record(kernel, {now, 0, id, waker, no_core, EventKind::ready, 0, 0});

    if (is_carried(task.kind)) {
        const Task& carrier = kernel.tasks[task.carrier];
        kernel.turns.push_back(carrier.loop, id);
        if (carrier.state == State::blocked && carrier.wait == WaitFor::event_loop)
            make_ready(kernel, task.carrier, waker);
        return;
    }
    const Enqueue why = is_new ? Enqueue::created : Enqueue::woken;
    Core& core = kernel.cores[kernel.scheduler->select_task_rq(id, why)];
    kernel.scheduler->enqueue_task(id_of(kernel, core), id, why, now);
    if (core.activity == Activity::idle) {
        pick_next(kernel, core);
    } else if (core.activity != Activity::switching && kernel.scheduler->wakeup_preempt(id_of(kernel, core), id, now)) {
        act_now(kernel, core);
    }
    if (task.state == State::ready) kernel.somebody_waits = true;
}

void leave_core(Kernel& kernel, CoreId id, Stop why) {
    Core& core = kernel.cores[id];
    const TaskId thread = core.current;
    record(kernel, {kernel.now(), 0, thread, no_task, id, EventKind::stopped, static_cast<std::uint8_t>(why), 0});
    ++kernel.counters.voluntary_switches;
    kernel.scheduler->dequeue_task(id, thread, kernel.now());
    vacate(kernel, core, false);
}

void requeue(Kernel& kernel, CoreId id, Stop why) {
    Core& core = kernel.cores[id];
    const TaskId thread = core.current;
    Task& task = kernel.tasks[thread];
    record(kernel, {kernel.now(), 0, thread, no_task, id, EventKind::stopped, static_cast<std::uint8_t>(why), 0});
    move_to(task.state, State::ready);
    task.since = kernel.now();
    if (why == Stop::yielded) kernel.scheduler->yield_task(id, thread, kernel.now());
    kernel.scheduler->put_prev_task(id, thread, kernel.now());
    vacate(kernel, core, true);
    kernel.somebody_waits = true;
}

void withdraw(Kernel& kernel, TaskId id) {
    Task& task = kernel.tasks[id];
    kernel.events.cancel(task.timer);
    if (kernel.waiting.is_queued(id)) kernel.waiting.remove(id);
    if (task.wait == WaitFor::child) std::erase(kernel.processes[task.process].waiters, id);
    if (is_carried(task.kind)) {
        if (kernel.turns.is_queued(id)) kernel.turns.remove(id);
        return;
    }
    if (task.state == State::ready) {
        kernel.scheduler->dequeue_task(kernel.task_views[id].core, id, kernel.now());
    } else if (task.state == State::running) {
        Core& core = kernel.cores[kernel.task_views[id].core];
        if (core.activity == Activity::switching) close_switch(kernel, core, kernel.now());
        interrupt(kernel, core);
        kernel.events.cancel(core.event);
        leave_core(kernel, id_of(kernel, core), Stop::ended);
    }
}

void spend(Kernel& kernel, CoreId id, Duration length, TimeCategory category, bool preemptible) {
    assert(length > Duration::zero());
    Core& core = kernel.cores[id];
    core.activity = Activity::busy;
    core.category = category;
    core.preemptible = preemptible;
    core.start = kernel.now();
    core.end = end_with_ticks(kernel, core.start, length, tick_cost(kernel));
    if (category != TimeCategory::work)
        record(kernel,
               {core.start, (core.end - core.start).count(), core.current, no_task, id, EventKind::overhead,
                static_cast<std::uint8_t>(category == TimeCategory::switching ? Overhead::switching : Overhead::kernel),
                0});
    set_event(kernel, core, preemptible ? std::min(core.end, core.action) : core.end);
}

bool wants_to_act(Kernel& kernel, CoreId id) {
    Core& core = kernel.cores[id];
    if (core.action > kernel.now()) return false;
    if (kernel.scheduler->task_tick(id, kernel.now())) return true;
    ask_for_action(kernel, core);
    return false;
}

void on_core_event(Kernel& kernel, CoreId id) {
    Core& core = kernel.cores[id];
    if (core.activity == Activity::switching) {
        close_switch(kernel, core, core.end);
        return enter(kernel, core);
    }
    const bool over = kernel.now() >= core.end;
    interrupt(kernel, core);
    if (!over && wants_to_act(kernel, id)) {
        // The tick that noticed is served before the switch.
        if (kernel.tick_period > Duration::zero() && tick_cost(kernel) > Duration::zero()) {
            core.kernel_time_due = tick_cost(kernel);
            note_ticks(kernel, 1);
        }
        return requeue(kernel, id, Stop::preempted);
    }
    queue_core(kernel, core);
}

void run_cores(Kernel& kernel) {
    std::size_t next = 0;
    do {
        for (; next < kernel.cores_to_run.size(); ++next) {
            const CoreId id = kernel.cores_to_run[next];
            kernel.cores[id].queued = false;
            if (kernel.cores[id].activity == Activity::idle) pick_next(kernel, kernel.cores[id]);
            if (kernel.cores[id].activity == Activity::ready) advance(kernel, id);
        }
        tell_other_cores(kernel);
    } while (next < kernel.cores_to_run.size());
    kernel.cores_to_run.clear();
}

void close_accounts(Kernel& kernel, Time end) {
    for (Core& core : kernel.cores) {
        if (core.activity == Activity::switching) {
            close_switch(kernel, core, end);
        } else if (core.activity == Activity::busy) {
            interrupt(kernel, core);
        }
        account_idle_until(core, end);
    }
}

} // namespace switchyard::sim
