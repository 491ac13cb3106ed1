// The other one of two tasks that hand something over to each other: a thread of this process, or a process.
#pragma once

#include <functional>
#include <new>
#include <sys/types.h>
#include <thread>

namespace switchyard::native {

// A T in memory that threads and processes forked from now on share.
void* map_shared(std::size_t size); // throws SystemError
void unmap_shared(void* memory, std::size_t size);

template <class T>
class Shared {
public:
    Shared() : object_(new (map_shared(sizeof(T))) T{}) {}
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    ~Shared() { unmap_shared(object_, sizeof(T)); }
    T& operator*() const { return *object_; }
    T* operator->() const { return object_; }

private:
    T* object_;
};

enum class PartnerKind { thread, process };

// Runs `body`, which must end by itself when told to by what it shares with its starter; the destructor awaits that.
// Inherits the starter's processors. A partner process dies with its starter.
//
// Both are SCHED_BATCH from then on: who is woken waits until its waker blocks (check_preempt_wakeup_fair,
// kernel/sched/fair.c). Else a wake-up sometimes takes the processor from the waker, which then need not block, and
// what a hand-over takes is a mixture of two things.
class Partner {
public:
    Partner(PartnerKind kind, const std::function<void()>& body);
    Partner(const Partner&) = delete;
    Partner& operator=(const Partner&) = delete;
    ~Partner();

private:
    std::thread thread_;
    pid_t process_ = -1;
};

} // namespace switchyard::native
