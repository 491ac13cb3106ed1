// A process's global interpreter lock, for real: the algorithm of CPython's (Python/ceval_gil.c), on a mutex and
// condition variables of the C library's. sim/kernel/interpreter_lock.hpp tells it.
#pragma once

#include "native/plan/plan.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <pthread.h>
#include <vector>

namespace switchyard::native {

struct Task;
struct Thread;

struct InterpreterLock {
    pthread_mutex_t mutex; // of all below
    pthread_cond_t given;
    pthread_cond_t switched;
    std::int64_t interval = 0;           // ns
    const Thread* last_holder = nullptr; // of now, or of before
    std::uint64_t switches = 0;          // from one holder to a different one
    bool is_locked = false;
    std::atomic<bool> drop_requested{false}; // the holder looks at it without the mutex
};

using InterpreterLocks = std::vector<std::unique_ptr<InterpreterLock>>;

// One for each of the plan's locks of that kind; nothing in the places of others. Nobody has any.
[[nodiscard]] InterpreterLocks make_interpreter_locks(const PlanView& plan);

// The task's thread takes its interpreter's lock, which it does not have; gives it up. `returns`: it will take it
// again.
void take_interpreter(const Task& task);
void leave_interpreter(Thread& thread, bool returns);

// Gives it up and takes it back, if another thread has asked for it.
void let_others_in(const Task& task);

// In the child of a fork: of its threads there is only this one, which has the lock if it had it.
void renew_interpreters(Thread& thread);

} // namespace switchyard::native
