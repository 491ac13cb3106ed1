// futex(2): wait until a word in memory is no longer what it was, and wake those who wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::native {

enum class FutexScope { any_process, this_process }; // the kernel finds the latter faster

inline int futex_operation(int operation, FutexScope scope) {
    return scope == FutexScope::this_process ? operation | FUTEX_PRIVATE_FLAG : operation;
}

// Sleeps while `word` is `expected`, until woken, or for `limit`. Whether it was woken: otherwise the word was
// different already, time was up, or a signal came.
template <class Word>
bool futex_wait(std::atomic<Word>& word, Word expected, FutexScope scope, const timespec* limit = nullptr) {
    static_assert(sizeof(word) == 4 && std::atomic<Word>::is_always_lock_free);
    return syscall(SYS_futex, &word, futex_operation(FUTEX_WAIT, scope), expected, limit, nullptr, 0) == 0;
}

template <class Word>
void futex_wake(std::atomic<Word>& word, int waiters, FutexScope scope) {
    syscall(SYS_futex, &word, futex_operation(FUTEX_WAKE, scope), waiters, nullptr, nullptr, 0);
}

} // namespace switchyard::native
