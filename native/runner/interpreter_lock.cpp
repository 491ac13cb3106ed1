#include "native/runner/interpreter_lock.hpp"

#include "native/runner/event_loop.hpp"
#include "native/runner/task.hpp"

#include <cerrno>
#include <ctime>
#include <utility>

namespace switchyard::native {

namespace {

void make_condition(pthread_cond_t& condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

std::unique_ptr<InterpreterLock> make_interpreter_lock(std::int64_t interval) {
    auto made = std::make_unique<InterpreterLock>();
    pthread_mutex_init(&made->mutex, nullptr);
    make_condition(made->given);
    make_condition(made->switched);
    made->interval = interval;
    return made;
}

// Whether the interval was over before anybody woke it.
bool wait_for_interval(InterpreterLock& lock) {
    const std::int64_t until = monotonic_nanoseconds() + lock.interval;
    const timespec at{until / 1'000'000'000, until % 1'000'000'000};
    return pthread_cond_timedwait(&lock.given, &lock.mutex, &at) == ETIMEDOUT;
}

} // namespace

InterpreterLocks make_interpreter_locks(const PlanView& plan) {
    InterpreterLocks locks(plan.locks.size());
    for (std::size_t i = 0; i < locks.size(); ++i)
        if (plan.locks[i].kind == LockKind::interpreter)
            locks[i] = make_interpreter_lock(plan.locks[i].switch_interval);
    return locks;
}

void take_interpreter(const Task& task) {
    Thread& thread = *task.thread;
    InterpreterLock& lock = *thread.interpreter;
    pthread_mutex_lock(&lock.mutex);
    if (lock.is_locked) ++task.record->contentions;
    while (lock.is_locked) {
        const Waiting waiting(task); // anew each time: others go on meanwhile
        const std::uint64_t seen = lock.switches;
        const bool timed_out = wait_for_interval(lock);
        if (timed_out && lock.is_locked && lock.switches == seen)
            lock.drop_requested.store(true, std::memory_order_relaxed);
    }
    lock.is_locked = true;
    lock.drop_requested.store(false, std::memory_order_relaxed);
    if (lock.last_holder != &thread) {
        lock.last_holder = &thread;
        ++lock.switches;
        pthread_cond_signal(&lock.switched);
    }
    pthread_mutex_unlock(&lock.mutex);
    thread.has_interpreter = true;
}

void leave_interpreter(Thread& thread, bool returns) {
    InterpreterLock& lock = *thread.interpreter;
    pthread_mutex_lock(&lock.mutex);
    lock.is_locked = false;
    pthread_cond_signal(&lock.given);
    if (returns && lock.drop_requested.load(std::memory_order_relaxed)) {
        lock.drop_requested.store(false, std::memory_order_relaxed);
        while (lock.last_holder == &thread) pthread_cond_wait(&lock.switched, &lock.mutex);
    }
    pthread_mutex_unlock(&lock.mutex);
    thread.has_interpreter = false;
}

void let_others_in(const Task& task) {
    Thread& thread = *task.thread;
    if (!thread.interpreter->drop_requested.load(std::memory_order_relaxed)) return;
    leave_interpreter(thread, true);
    take_interpreter(task);
}

void renew_interpreters(Thread& thread) {
    if (thread.interpreter == nullptr) return;
    for (std::unique_ptr<InterpreterLock>& lock : thread.process->interpreters) {
        if (!lock) continue;
        const bool is_own = lock.get() == thread.interpreter;
        // Others may have had its mutex, which nobody can give back now: it is left alone.
        lock = make_interpreter_lock(std::exchange(lock, nullptr).release()->interval);
        if (!is_own) continue;
        thread.interpreter = lock.get();
        lock->is_locked = thread.has_interpreter;
        lock->last_holder = &thread;
    }
}

} // namespace switchyard::native
