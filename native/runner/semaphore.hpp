// A counting semaphore: a word of tokens, and a futex for those who find none.
#pragma once

#include "native/plan/shared_state.hpp"
#include "native/runner/futex.hpp"

namespace switchyard::native {

// Takes a token if there is one, without any system call.
[[nodiscard]] inline bool try_acquire(SemaphoreState& semaphore) {
    std::int32_t tokens = semaphore.tokens.load(std::memory_order_relaxed);
    while (tokens > 0)
        if (semaphore.tokens.compare_exchange_weak(tokens, tokens - 1, std::memory_order_acquire)) return true;
    return false;
}

// Sleeps until it has a token. Whoever is woken may still find that somebody else was faster, and sleeps again.
inline void acquire(SemaphoreState& semaphore, FutexScope scope) {
    semaphore.waiters.fetch_add(1); // in one order with the tokens, or a release between the two would wake nobody
    while (!try_acquire(semaphore)) futex_wait(semaphore.tokens, 0, scope);
    semaphore.waiters.fetch_sub(1);
}

inline void release(SemaphoreState& semaphore, FutexScope scope) {
    semaphore.tokens.fetch_add(1);
    if (semaphore.waiters.load() > 0) futex_wake(semaphore.tokens, 1, scope);
}

} // namespace switchyard::native
