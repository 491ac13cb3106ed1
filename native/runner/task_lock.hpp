// A read-write lock that a task owns, not a thread: a carried task may be resumed on another thread than the one it
// took the lock on, and its thread may carry others, for whom the lock is taken. The C library's knows its writer by
// thread (nptl/pthread_rwlock_common.c: a thread that takes it again is told of a deadlock, and whether an unlock is a
// writer's follows from who makes it); its normal mutex knows nobody (nptl/pthread_mutex_unlock.c) and serves tasks as
// it is.
#pragma once

#include "native/plan/shared_state.hpp"
#include "native/runner/futex.hpp"

#include <limits>

namespace switchyard::native {

// `behind_writers`: not while a writer waits.
[[nodiscard]] inline bool may_read(const TaskReadWriteLock& lock, bool behind_writers) {
    return lock.holders.load() >= 0 && !(behind_writers && lock.waiting_writers.load() > 0);
}

[[nodiscard]] inline bool try_read(TaskReadWriteLock& lock, bool behind_writers) {
    if (!may_read(lock, behind_writers)) return false;
    std::int32_t holders = lock.holders.load();
    while (holders >= 0)
        if (lock.holders.compare_exchange_weak(holders, holders + 1)) return true;
    return false;
}

[[nodiscard]] inline bool try_write(TaskReadWriteLock& lock) {
    std::int32_t nobody = 0;
    return lock.holders.compare_exchange_strong(nobody, -1);
}

// Sleeps until `attempt` succeeds. It is counted before it looks, so that whoever changes the lock afterwards wakes it.
template <class Attempt>
void wait_for_lock(TaskReadWriteLock& lock, FutexScope scope, Attempt attempt) {
    lock.waiters.fetch_add(1);
    for (std::uint32_t seen = lock.changes.load(); !attempt(); seen = lock.changes.load())
        futex_wait(lock.changes, seen, scope);
    lock.waiters.fetch_sub(1);
}

inline void wait_to_read(TaskReadWriteLock& lock, bool behind_writers, FutexScope scope) {
    wait_for_lock(lock, scope, [&] { return try_read(lock, behind_writers); });
}

inline void wait_to_write(TaskReadWriteLock& lock, FutexScope scope) {
    lock.waiting_writers.fetch_add(1);
    wait_for_lock(lock, scope, [&] { return try_write(lock); });
    lock.waiting_writers.fetch_sub(1);
}

// By a reader or the writer. All who sleep are woken once nobody has it, and sort it out among themselves.
inline void give_back(TaskReadWriteLock& lock, FutexScope scope) {
    if (lock.holders.load() < 0)
        lock.holders.store(0);
    else if (lock.holders.fetch_sub(1) > 1)
        return;
    if (lock.waiters.load() == 0) return;
    lock.changes.fetch_add(1);
    futex_wake(lock.changes, std::numeric_limits<int>::max(), scope);
}

} // namespace switchyard::native
