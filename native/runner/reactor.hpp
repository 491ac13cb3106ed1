// What an event loop takes from and waits at: the tasks that are ready, first in, first out; timers; descriptors
// (epoll(7)); and an inbox through which any thread makes one of its tasks ready.
//
// The loop sleeps in epoll_pwait2(2) until the first of its timers is due (sleeps of more than 50 ms may end up to 0.1%
// late there: select_estimate_accuracy, fs/select.c; shorter ones have the 50 us of slack every sleep has). Whoever
// puts a task into the inbox while the loop sleeps writes to its eventfd(2).
#pragma once

#include "native/runner/task.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

namespace switchyard::native {

class CompletionRing;

class Reactor {
public:
    static constexpr std::int64_t for_ever = std::numeric_limits<std::int64_t>::max();

    // Throws SystemError where the kernel has no descriptors left.
    explicit Reactor(const Run& run);
    ~Reactor();
    Reactor(const Reactor&) = delete;
    Reactor& operator=(const Reactor&) = delete;

    // By the loop's own thread: the task is ready, behind all that are.
    void make_ready(Task& task);

    // By any other thread. The task waits, and nobody else makes it ready.
    void make_ready_from_outside(Task& task);

    // The task is ready at that instant (CLOCK_MONOTONIC, ns).
    void wake_at(Task& task, std::int64_t instant);

    // The task is ready once its `awaited_descriptor` is ready for its `awaited_events` (EPOLLIN, EPOLLOUT) or has an
    // error or a hang-up: it tries then, and waits again if somebody else was faster. Of several that wait for one
    // descriptor the first is woken.
    void watch(Task& task);

    // Ready tasks come to the queue: from timers that are due, from outside, of descriptors. Sleeps until there is one
    // if none is ready.
    void collect();

    // The first that is ready, no longer in the queue; nullptr: none.
    [[nodiscard]] Task* take();
    [[nodiscard]] Task* last() const { return last_ready_; }
    [[nodiscard]] bool has_ready() const { return first_ready_ != nullptr; }

    // The loop's own, made when it is first asked for.
    [[nodiscard]] CompletionRing& ring();

private:
    struct Timer {
        std::int64_t at;
        std::uint64_t sequence; // first come, first woken
        Task* task;
        friend bool operator<(const Timer& a, const Timer& b) {
            return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
        }
    };
    struct Watched {
        bool is_known = false; // to epoll
        Task* first = nullptr; // who waits, in order of arrival
    };

    void make_due_ready();
    void take_inbox();
    void look_at_descriptors(std::int64_t until);
    void arm(int descriptor);
    void on_descriptor(int descriptor, std::uint32_t events);

    const Run& run_;
    int epoll_ = -1;
    int bell_ = -1; // eventfd
    Task* first_ready_ = nullptr;
    Task* last_ready_ = nullptr;
    std::vector<Timer> timers_; // a heap, the next due first
    std::uint64_t sequence_ = 0;
    std::vector<Watched> watched_;       // by descriptor
    std::uint64_t awaited_ = 0;          // tasks that wait for descriptors
    std::atomic<Task*> inbox_{nullptr};  // the latest first
    std::atomic<bool> is_asleep_{false}; // or about to be
    std::unique_ptr<CompletionRing> ring_;
};

// The task, which waits carried by `task.thread`, is ready; `by` is the calling thread.
void make_ready(Task& task, const Thread& by);

} // namespace switchyard::native
