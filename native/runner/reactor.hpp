// What an event loop takes from and waits at: the tasks that are ready, first in, first out; timers; descriptors
// (epoll(7)); and an inbox through which any thread makes one of its tasks ready.
//
// The loop sleeps in epoll_pwait2(2) until the first of its timers is due (sleeps of more than 50 ms may end up to 0.1%
// late there: select_estimate_accuracy, fs/select.c; shorter ones have the 50 us of slack every sleep has). Whoever
// puts a task into the inbox while the loop sleeps writes to its eventfd(2).
//
// The loop of one of several carriers of one name has only its queue for itself, from which others steal; the rest is
// the group's (carrier_group.hpp).
#pragma once

#include "native/runner/blocked_time.hpp"
#include "native/runner/descriptors.hpp"
#include "native/runner/task_queue.hpp"
#include "native/runner/timers.hpp"

#include <atomic>
#include <cstdint>
#include <linux/time_types.h>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace switchyard::native {

class CarrierGroup;
class CompletionRing;

class Reactor {
public:
    // Throws SystemError where the kernel has no descriptors left.
    explicit Reactor(const Run& run);
    // Of the carrier at that place in a group.
    Reactor(const Run& run, CarrierGroup& group, std::uint32_t place);
    ~Reactor();
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;

    // By the loop's own thread: the task is ready, behind all that are.
    void make_ready(Task& task) {
        if (group_ == nullptr) return put(task);
        const std::lock_guard lock(guard_);
        put(task);
    }

    // By any other thread. The task waits, and nobody else makes it ready.
    void make_ready_from_outside(Task& task);

    // The task is ready at that instant (CLOCK_MONOTONIC, ns).
    void wake_at(Task& task, std::int64_t instant);

    // The task is ready when one of its descriptors is (Descriptors::watch).
    void watch(Task& task);

    // The task is ready at that instant, of which the ring tells.
    void wait_in_ring_until(Task& task, const __kernel_timespec& instant);

    // Ready tasks come to the queue: from timers that are due, from outside, of descriptors, of other carriers of the
    // group. Sleeps until there is one if none is ready. False: nobody is left to be carried (in a group).
    [[nodiscard]] bool collect();

    // The first that is ready, no longer in the queue; nullptr: none.
    [[nodiscard]] Task* take() {
        if (group_ == nullptr) return pop();
        const std::lock_guard lock(guard_);
        return pop();
    }
    [[nodiscard]] std::size_t length() const { return length_.load(); }
    [[nodiscard]] bool has_ready() const { return length() > 0; }

    // Another carrier of the group, if one sleeps, is woken for what is ready here while the loop's thread is at work.
    void share() {
        if (group_ != nullptr && has_ready()) call_another();
    }

    // One more task is carried; one less.
    void begin_to_carry();
    void end_to_carry();
    [[nodiscard]] bool carries_any() const;

    // Nobody is left to be carried: the others of the group wake up to end.
    void dismiss_others();

    // The thread is in a blocking call of a task it carries; it has returned from it.
    void block();
    void unblock();

    // Whether what is ready here may run there.
    [[nodiscard]] bool shares_with(const Reactor& other) const {
        return this == &other || (group_ != nullptr && group_ == other.group_);
    }
    [[nodiscard]] std::uint64_t steals() const { return steals_; }

    // The loop's own, or the group's; made when it is first asked for.
    [[nodiscard]] CompletionRing& ring();

private:
    friend class CarrierGroup;

    // What only a loop by itself has.
    struct Own {
        explicit Own(const Run& run);
        ~Own();
        Descriptors descriptors;
        Timers timers;
        int bell = -1;                      // eventfd
        std::uint64_t living = 0;           // tasks it carries
        std::atomic<Task*> inbox{nullptr};  // the latest first
        std::atomic<bool> is_asleep{false}; // or about to be
        std::unique_ptr<CompletionRing> ring;
    };

    // A task that becomes ready takes off what its carrier has been blocked until then, and adds it when it gets its
    // turn: what is left is how long it was stalled.
    void put(Task& task) {
        const std::int64_t at = std::exchange(task.ready_at, 0);
        task.stalled -= at == 0 ? blocked_.total() : blocked_.until(at);
        ready_.push(task);
        if (group_ != nullptr) // an order that is not constant would be the dearest, for all
            length_.store(ready_.length(), std::memory_order_seq_cst);
        else
            length_.store(ready_.length(), std::memory_order_relaxed);
    }

    [[nodiscard]] Task* pop() {
        Task* const task = ready_.pop();
        if (task == nullptr) return nullptr;
        task->stalled += blocked_.total();
        length_.store(ready_.length(), std::memory_order_relaxed);
        return task;
    }

    void call_another();
    void make_due_ready();
    void take_inbox();
    void look_at_descriptors(std::int64_t until);
    [[nodiscard]] std::unique_lock<std::mutex> guard_if_shared();

    const Run& run_;
    std::optional<Own> own_;
    TaskQueue ready_;
    BlockedTime blocked_;
    std::atomic<std::size_t> length_{0}; // of the queue
    // In a group.
    CarrierGroup* group_ = nullptr;
    std::uint32_t place_ = 0;
    std::mutex guard_;                   // of the queue and the time it was blocked
    std::atomic<bool> is_asleep_{false}; // or about to be
    bool looks_for_work_ = false;
    std::uint64_t steals_ = 0;
};

// The task, which waits carried by `task.thread`, is ready; `by` is the calling thread.
void make_ready(Task& task, const Thread& by);

} // namespace switchyard::native
