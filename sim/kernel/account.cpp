#include "sim/kernel/account.hpp"

#include "models/units/wide_integer.hpp"
#include "sim/kernel/ticks.hpp"

#include <algorithm>

namespace switchyard::sim {

Task& actor_on(Kernel& kernel, const Core& core) {
    Task& thread = kernel.thread_on(core);
    if (thread.loop == nothing || kernel.loops[thread.loop].current == no_task) return thread;
    return kernel.tasks[kernel.loops[thread.loop].current];
}

Duration time_of_work(const Core& core, Duration work) {
    if (core.speed == nominal_speed) return work;
    const WideInteger time = (WideInteger{work.count()} * nominal_speed + core.speed - 1) / core.speed;
    if (time > WideInteger{Duration::max().count()}) throw TimeOverflow("work takes longer than time can tell");
    return Duration{static_cast<std::int64_t>(time)};
}

Duration work_of_time(const Core& core, Duration time) {
    if (core.speed == nominal_speed) return time;
    return Duration{static_cast<std::int64_t>(WideInteger{time.count()} * core.speed / nominal_speed)};
}

// Books the part of the stretch that has passed; returns what of it was the task's own, ticks and interrupts taken off.
static Duration close_stretch(Kernel& kernel, Core& core) {
    const Time now = kernel.now();
    const Duration elapsed = now - core.start;
    Duration in_ticks{};
    if (kernel.tick_period > Duration::zero() && elapsed > Duration::zero()) {
        const std::int64_t ticks = ticks_between(kernel, core.start, now);
        in_ticks = std::min(elapsed, kernel.tick_cost * ticks);
        note_ticks(kernel, ticks);
    }
    const Duration in_interrupts = std::min(elapsed - in_ticks, core.interrupts_due);
    core.interrupts_due -= in_interrupts;
    const Duration own = elapsed - in_ticks - in_interrupts;
    account(core, TimeCategory::kernel, in_ticks + in_interrupts);
    account(core, core.category, own);
    Task& thread = kernel.thread_on(core);
    thread.cpu += elapsed;
    if (thread.loop != nothing && kernel.loops[thread.loop].current != no_task)
        kernel.tasks[kernel.loops[thread.loop].current].cpu += elapsed;
    if (core.category == TimeCategory::work && in_ticks > Duration::zero())
        record(kernel, {now, in_ticks.count(), core.current, no_task, core.id, EventKind::overhead,
                        static_cast<std::uint8_t>(Overhead::tick), 0});
    core.start = now;
    return own;
}

void break_off(Kernel& kernel, Core& core) {
    if (core.activity != Activity::busy) return;
    const bool over = kernel.now() >= core.end;
    const Duration done = close_stretch(kernel, core);
    core.activity = Activity::ready;
    if (!core.preemptible) return;
    if (!over && core.category != TimeCategory::work && kernel.trace) { // it was shorter than it was said to be
        TraceEvent& told = kernel.trace->events[core.told_overhead];
        told.value = (kernel.now() - told.time).count();
    }
    std::int64_t& remaining = actor_on(kernel, core).remaining;
    const Duration used = core.category == TimeCategory::work ? work_of_time(core, done) : done;
    remaining = over ? 0 : std::max<std::int64_t>(remaining - used.count(), 1);
}

void close_switch(Kernel& kernel, Core& core, Time until) {
    if (until < core.start) // still serving the tick that asked for it
        account(core, TimeCategory::kernel, until - core.start);
    else
        account(core, TimeCategory::switching, until - core.start);
    kernel.thread_on(core).cpu -= core.end - std::max(until, core.start);
    core.activity = Activity::ready;
}

void close_accounts(Kernel& kernel, Time end) {
    for (Core& core : kernel.cores) {
        if (core.activity == Activity::switching) {
            close_switch(kernel, core, end);
        } else if (core.activity == Activity::busy) {
            break_off(kernel, core);
        }
        if (core.current != no_task) end_run(kernel, core, end);
        account_idle_until(core, end);
    }
}

void begin_run(Kernel& kernel, Core& core, TaskId thread, Time at) {
    const bool goes_on = core.stopped == kernel.now(); // until then: an interrupt is the affair of whom it interrupts
    if (core.runs != no_task && (core.runs != thread || !goes_on)) end_run(kernel, core, goes_on ? at : core.stopped);
    if (core.runs == no_task) core.run_start = at;
    core.runs = thread;
}

void end_run(Kernel& kernel, Core& core, Time until) {
    if (core.runs == no_task) return;
    const RowId row = kernel.tasks[core.runs].row;
    if (row != nothing) kernel.rows[row].run_length.add(until - core.run_start);
    core.runs = no_task;
}

} // namespace switchyard::sim
