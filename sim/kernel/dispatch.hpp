// Cores: who runs, what changing costs, when the scheduling class acts, and where the time goes.
//
// A switch is charged when a core goes from one thread to a different one, idle time in between or not:
// `switch.context`, and `switch.address_space` on top when another address space has to be loaded. The first thread of
// a core pays nothing (there is nothing to save), nor does a thread that comes back to the core it left idle.
//
// Time is spent in stretches. `work` can be interrupted; what the kernel does for a task cannot (PREEMPT_NONE), so a
// slice that ends meanwhile is noticed at the next operation. Where the machine has a timer tick, every stretch grows
// by `tick` and `interruptions` for each tick that falls into it, in closed form: no event is spent on a tick.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// The task becomes ready, woken by `waker` (no_task: a timer or the beginning): it joins a run queue, or its event
// loop's turn-taking, and an idle core takes it at once.
void make_ready(Kernel& kernel, TaskId task, TaskId waker);

// The running thread leaves its core: it blocks or has ended.
void leave_core(Kernel& kernel, CoreId core, Stop why);

// The running thread goes back to the run queue: preempted, or it yielded.
void requeue(Kernel& kernel, CoreId core, Stop why);

// Takes a thread that is ready, running or blocked away from wherever it stands, without ending it.
void withdraw(Kernel& kernel, TaskId thread);

// Begins a stretch of time of the running thread; `length` > 0.
void spend(Kernel& kernel, CoreId core, Duration length, TimeCategory category, bool preemptible);

// Whether the scheduling class wants the core back at this instant.
[[nodiscard]] bool wants_to_act(Kernel& kernel, CoreId core);

// The core's event has come: a stretch or a switch is over, or the class acts.
void on_core_event(Kernel& kernel, CoreId core);

// Advances every core that has something due at this instant, until none has.
void run_cores(Kernel& kernel);

// Closes the account of every core at `end`.
void close_accounts(Kernel& kernel, Time end);

} // namespace switchyard::sim
