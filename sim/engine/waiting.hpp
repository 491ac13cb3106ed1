// Who waits for what: the lists that hang on whatever can be waited for.
//
// A process that waits for several things is in several lists, with one Waiter in each, all of which belong to one
// Wait. Both live in the coroutine that waits: waiting allocates nothing, and a coroutine that is destroyed leaves
// every list.
#pragma once

#include "models/units/time.hpp"

#include <boost/intrusive/list.hpp>

#include <cstdint>

namespace switchyard::sim {

class Wait;

// A place in one list. Leaves it when destroyed.
class Waiter : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    // Before it enters a list: `index` is what `wait` will know it by.
    void belong_to(Wait& wait, std::uint32_t index) {
        wait_ = &wait;
        index_ = index;
    }
    [[nodiscard]] Wait& wait() const { return *wait_; }
    [[nodiscard]] std::uint32_t index() const { return index_; }

private:
    Wait* wait_ = nullptr;
    std::uint32_t index_ = 0;
};

// Waiters in the order they came. A list that is destroyed lets go of its waiters, who wait on.
class WaitList {
public:
    void add(Waiter& waiter) { waiters_.push_back(waiter); }
    [[nodiscard]] bool empty() const { return waiters_.empty(); }

    // Tells all waiters, in order, that what they wait for has happened; the list is empty afterwards. O(waiters). No
    // process runs before the caller has suspended: they are scheduled for the present instant.
    void notify_all();

    void swap(WaitList& other) noexcept { waiters_.swap(other.waiters_); }

private:
    boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>> waiters_;
};

} // namespace switchyard::sim
