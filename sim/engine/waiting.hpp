// Who waits for what: the lists that hang on whatever can be waited for.
//
// A process that waits for one thing is in its list by one Waiter. A process that waits for several is in several
// lists, and the Waiters there belong to one Wait, which counts. All of them live in the coroutine that waits: waiting
// allocates nothing, and a coroutine that is destroyed leaves every list.
#pragma once

#include <boost/intrusive/list.hpp>

#include <cstdint>

namespace switchyard::sim {

class Wait;
class ProcessPromise;

// A place in one list. Leaves it when destroyed.
class Waiter : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    // Before it enters a list: it stands for a process that waits for nothing else ...
    void stand_for(ProcessPromise& process) {
        process_ = &process;
        wait_ = nullptr;
    }
    // ... or for one of several things, `wait` knowing which by its index.
    void stand_for(Wait& wait, std::uint32_t index) {
        wait_ = &wait;
        index_ = index;
    }

    // What it was waiting for has happened.
    void notify() const;

private:
    Wait* wait_ = nullptr;
    union {
        ProcessPromise* process_ = nullptr; // without a wait
        std::uint32_t index_;               // with one
    };
};

// Waiters in the order they came. A list that is destroyed lets go of its waiters, who wait on.
class WaitList {
public:
    void add(Waiter& waiter) { waiters_.push_back(waiter); }

    // Tells all waiters, in order, that what they wait for has happened; the list is empty afterwards. O(waiters). No
    // process runs before the caller has suspended: they are scheduled for the present instant.
    void notify_all() {
        while (!waiters_.empty()) {
            const Waiter& waiter = waiters_.front();
            waiters_.pop_front();
            waiter.notify();
        }
    }

    void swap(WaitList& other) noexcept { waiters_.swap(other.waiters_); }

private:
    boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiters_;
};

} // namespace switchyard::sim
