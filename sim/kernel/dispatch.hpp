// Cores: who runs, what changing costs, and when the scheduling class acts.
//
// A switch is charged when a core goes from one thread to a different one, idle time in between or not:
// `switch.context`, `switch.preempted` on top where that neither blocks nor yields, `switch.address_space` when another
// address space has to be loaded, and what has been displaced by others since (displacement.hpp). The first thread of
// a core pays nothing (there is nothing to save), nor does a thread that comes back to the core it left idle. A thread
// that ran on another core last then spends `migration` before anything else, booked as refill.
//
// Time is spent in stretches. `work` can be interrupted; what the kernel does for a task cannot (PREEMPT_NONE), so a
// slice that ends meanwhile is noticed at the next operation. Where the machine has a timer tick, every stretch grows
// by `tick` and `interruptions` for each tick that falls into it (ticks.hpp).
#pragma once

#include "sim/kernel/kernel.hpp"

#include <optional>

namespace switchyard::sim {

// The task becomes ready, woken by `waker` (no_task: a timer or the beginning): it joins a run queue, or its event
// loop's turn-taking. Who runs is decided when all that happens at this instant has happened (run_cores). `in_passing`:
// the waker tells the scheduler that it is about to sleep (WF_SYNC), as pipes do and futexes do not.
void make_ready(Kernel& kernel, TaskId task, TaskId waker, bool in_passing = false);

// Whether that wakes a sleeping thread: the task itself, or one that may carry it.
[[nodiscard]] bool wakes_thread(const Kernel& kernel, TaskId task, TaskId waker);

// The running thread leaves its core: it blocks or has ended.
void leave_core(Kernel& kernel, CoreId core, Stop why);

// The running thread goes back to the run queue: preempted, its slice over, it yielded or begins another job.
void requeue(Kernel& kernel, CoreId core, Enqueue why);

// The core looks for another thread as soon as it can be taken off its own; at this instant where that one computes.
void reschedule(Kernel& kernel, CoreId core);

// Takes a thread that is ready, running or blocked away from wherever it stands, without ending it.
void withdraw(Kernel& kernel, TaskId thread);

// A ready thread leaves its run queue without having had a core, to wait or to join the queue anew.
void withdraw_from_queue(Kernel& kernel, TaskId thread);
void wait_without_core(Kernel& kernel, TaskId thread, WaitFor what);
void rejoin_queue(Kernel& kernel, TaskId thread, Enqueue why);

// The stretch of a running thread is cut off at this instant; its program goes on from where it is.
void cut_stretch(Kernel& kernel, TaskId thread);

// The core works at so many thousandths of its topology's speed from this instant on.
void set_performance(Kernel& kernel, CoreId core, std::int64_t thousandths);

// Begins a stretch of time of the running thread; `length` > 0. Work takes as long as the core's speed makes it.
void spend(Kernel& kernel, CoreId core, Duration length, TimeCategory category, bool preemptible);

// The same; but where nobody has anything to do until it is over, time passes at once, without an event, and the thread
// goes on. Whether it did; if not, the stretch has begun.
[[nodiscard]] bool pass_or_spend(Kernel& kernel, CoreId core, Duration length, TimeCategory category, bool preemptible);

// An interrupt of another core's making comes to this one and takes so long, whatever it is at: the stretch in progress
// ends later, or the next one does. Nobody loses anything on an idle core.
void interrupt(Kernel& kernel, CoreId core, Duration length);

// Whether it has to be asked at all if the thread of `core` has to go back to the queue at this instant.
[[nodiscard]] inline bool may_be_wanted_back(const Kernel& kernel, const Core& core) {
    return core.reschedule || core.action.at <= kernel.now();
}

// Why the thread of `core` has to go back to the queue at this instant, if it has to.
[[nodiscard]] std::optional<Enqueue> wanted_back(Kernel& kernel, CoreId core);

// The class may act at another time than it said.
void ask_for_action(Kernel& kernel, Core& core);

// The core's event has come: a stretch or a switch is over, or the class acts.
void on_core_event(Kernel& kernel, CoreId core);

// Advances every core that has something due at this instant, and lets those that are idle and those whose threads have
// to make way pick, until none has.
void run_cores(Kernel& kernel);

} // namespace switchyard::sim
