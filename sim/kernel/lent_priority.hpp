// Priorities that locks pass on, against priority inversion: Sha, Rajkumar, Lehoczky, "Priority Inheritance Protocols",
// 1990; kernel/locking/rtmutex.c (rt_mutex_adjust_prio_chain); PTHREAD_PRIO_PROTECT for the ceiling.
//
// A thread that holds such a lock is scheduled by the most urgent attributes among its own, those of whoever waits for
// a lock of the inheriting kind that it holds (as lent to them in turn), and the ceilings of the locks it holds. Which
// of two is more urgent the scheduling class says (SchedulingClass::is_more_urgent).
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// Somebody waits for the lock: its owner, and whoever that one waits for in turn, become as urgent.
void lend_priority(Kernel& kernel, std::uint32_t lock);

// The thread has taken the lock, which may have a ceiling, or waiters already.
void raise_to_ceiling(Kernel& kernel, TaskId thread, std::uint32_t lock);

// The thread has given a lock back: what it held only for that one goes.
void take_priority_back(Kernel& kernel, TaskId thread);

} // namespace switchyard::sim
