// Carriers of one name share what they carry: M tasks on N threads, work stealing.
//
// The scheme is Go's (runtime/proc.go: runqput, findRunnable, wakep) and Tokio's (runtime/scheduler/multi_thread:
// queue.rs, idle.rs): each thread has a queue of its own, and what a task makes ready joins that of the thread it runs
// on; what a timer or another thread makes ready joins that of the thread it ran on last. A thread whose queue is empty
// takes half of the first queue that has any, looking from its own place on, one after the other; it pays an atomic
// operation, and for the cache lines' way over. One that finds nothing sleeps. A thread that has work left over wakes
// the one that fell asleep last (a system call and a wake-up), unless one that was woken is still looking; which, when
// it has found something, may wake the next. Nobody spins.
#pragma once

#include "sim/kernel/execution.hpp"

namespace switchyard::sim {

// A carried task that has become ready joins a queue. Answers which sleeping carrier is to be woken for that, or
// no_task.
[[nodiscard]] TaskId take_turn(Kernel& kernel, TaskId task, TaskId waker);

// The task joins the queue of the carrier it ran on last, and wakes nobody for that.
void join_turns(Kernel& kernel, TaskId id, Task& task);

// Whether that is all there is to do when a timer makes the task ready: its carrier is awake and has no others to share
// with.
[[nodiscard]] bool only_joins_turns(const Kernel& kernel, const Task& task);

// The carrier waits no more, be it for work or with one it carries.
void no_longer_blocked(Kernel& kernel, const Task& carrier);

// A carrier that carries somebody and has others waiting wakes another one for them, which takes time. Step::next:
// there is nothing to do, or it is done.
[[nodiscard]] Step share_work(const Execution& carrier);

// A carrier whose own queue is empty takes of another's, which takes time (`phase` meanwhile, 0 afterwards).
enum class Stealing : std::uint8_t { in_vain, spent, has_work };
[[nodiscard]] Stealing steal(const Execution& carrier, std::uint8_t phase);

// It has found something, or nothing and is going to sleep.
void found_work(Kernel& kernel, LoopId loop);
void fall_asleep(Kernel& kernel, LoopId loop);

// Nobody is left to be carried: the others are woken to end, which takes time (`phase` meanwhile, 0 afterwards).
[[nodiscard]] Step dismiss_others(const Execution& carrier, std::uint8_t phase);

} // namespace switchyard::sim
