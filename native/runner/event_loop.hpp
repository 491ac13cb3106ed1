// What multiplexes coroutines or fibers on a thread: a queue of those that are ready, round robin, and timers.
//
// `Context` is the thing that is switched to and comes back: a C++20 coroutine or a Boost.Context fiber. Everything
// else is alike for both, so that they differ in nothing but the switch.
#pragma once

#include "native/runner/children.hpp"
#include "native/runner/task.hpp"

#include <algorithm>
#include <ctime>
#include <span>
#include <unistd.h>
#include <utility>
#include <vector>

namespace switchyard::native {

inline std::int64_t monotonic_nanoseconds() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

inline void sleep_until(std::int64_t monotonic) {
    const timespec until{monotonic / 1'000'000'000, monotonic % 1'000'000'000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) != 0) {
    }
}

template <class Context>
class EventLoop {
public:
    // A coroutine or fiber and the task it executes.
    struct Carried {
        Task task;
        Context context;
        Pause pause = Pause::yields;
        bool ended = false;
        std::uint64_t number = 0;  // in the order of creation, from 1
        Carried* next = nullptr;   // in the ready queue
        Carried* joiner = nullptr; // waits for its end
    };

    // The tasks get their contexts, but none runs yet.
    EventLoop(Thread& thread, ThreadRecord& record, std::span<Task> tasks) : thread_(thread), record_(record) {
        timers_.reserve(tasks.size());
        for (Task& task : tasks) {
            task.thread = &thread;
            start(std::move(task));
        }
    }
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // Runs them all to their ends; the instants of those that start later count from `beginning` (CLOCK_MONOTONIC).
    void run(std::int64_t beginning) {
        for (Carried* carried = take_all(); carried != nullptr;) {
            Carried* const next = carried->next;
            if (carried->task.instance->start > 0)
                wake_at(*carried, beginning + carried->task.instance->start);
            else
                make_ready(*carried);
            carried = next;
        }
        while (living_ > 0) {
            if (!timers_.empty()) make_due_ready();
            if (first_ready_ == nullptr) {
                wait_for_timer();
                continue;
            }
            for (Carried* const last = last_ready_; resume_next() != last;) {
            }
        }
    }

    // What the contexts execute: the task, until it has to hand over to the loop.
    Pause advance_until_hand_over(Carried& carried) {
        for (;;) {
            const Pause pause = advance(carried.task);
            if (pause == Pause::spawns)
                spawn(carried.task);
            else if (pause != Pause::joins || waits_for_child(carried))
                return pause;
        }
    }

private:
    struct Timer {
        std::int64_t at;
        std::uint64_t sequence; // first come, first woken
        Carried* carried;
        friend bool operator<(const Timer& a, const Timer& b) {
            return a.at != b.at ? a.at > b.at : a.sequence > b.sequence;
        }
    };

    Carried& start(Task task) {
        auto* const carried = new Carried{.task = std::move(task), .context = {}};
        carried->context = Context(*this, *carried);
        carried->number = ++created_;
        ++living_;
        make_ready(*carried);
        return *carried;
    }

    void spawn(Task& parent) {
        const PlanOperation& operation = parent.code[parent.position];
        Carried& child = start(spawned_by(parent));
        if (operation.slot != no_slot)
            parent.children[operation.slot] = {ChildSlot::Kind::carried, reinterpret_cast<std::uintptr_t>(&child)};
        parent.position = operation.target;
    }

    // Whether the child it joins is still running; if not, it is buried and the joiner goes on.
    bool waits_for_child(Carried& joiner) {
        ChildSlot& slot = joiner.task.children[joiner.task.code[joiner.task.position].slot];
        auto* const child = reinterpret_cast<Carried*>(static_cast<std::uintptr_t>(slot.id));
        if (!child->ended) {
            child->joiner = &joiner;
            record_wait(joiner.task, TaskState::suspended);
            return true;
        }
        delete child;
        slot = {};
        ++joiner.task.position;
        record_going_on(joiner.task);
        return false;
    }

    void make_ready(Carried& carried) {
        carried.next = nullptr;
        (first_ready_ == nullptr ? first_ready_ : last_ready_->next) = &carried;
        last_ready_ = &carried;
    }

    Carried* take_all() { return std::exchange(first_ready_, nullptr); }

    void wake_at(Carried& carried, std::int64_t instant) {
        record_wait(carried.task, TaskState::sleeping);
        timers_.push_back({instant, sequence_++, &carried});
        std::push_heap(timers_.begin(), timers_.end());
    }

    void make_due_ready() {
        for (const std::int64_t now = monotonic_nanoseconds(); !timers_.empty() && timers_.front().at <= now;) {
            Carried& carried = *timers_.front().carried;
            std::pop_heap(timers_.begin(), timers_.end());
            timers_.pop_back();
            record_going_on(carried.task);
            make_ready(carried);
        }
    }

    // With no timer either, all wait for each other, for ever; the records say so.
    void wait_for_timer() {
        if (thread_.has_interpreter) leave_interpreter(thread_, true);
        if (timers_.empty())
            pause();
        else
            sleep_until(timers_.front().at);
    }

    // Resumes the first in the queue and puts it where it wants to be; answers which it was, perhaps no longer there.
    Carried* resume_next() {
        Carried* const carried = first_ready_;
        first_ready_ = carried->next;
        if (previous_ != carried->number && previous_ != 0) ++record_.carried_switches;
        previous_ = carried->number;
        carried->context.resume();
        switch (carried->pause) {
        case Pause::yields: make_ready(*carried); break;
        case Pause::sleeps: wake_at(*carried, monotonic_nanoseconds() + carried->task.sleep_nanoseconds); break;
        case Pause::ended:
            --living_;
            carried->ended = true;
            carried->context = {};
            if (carried->joiner != nullptr) make_ready(*carried->joiner);
            break;
        case Pause::joins: // its child makes it ready
        case Pause::spawns: break;
        }
        return carried;
    }

    Thread& thread_;
    ThreadRecord& record_;
    Carried* first_ready_ = nullptr;
    Carried* last_ready_ = nullptr;
    std::vector<Timer> timers_; // a heap, the next due first
    std::uint64_t sequence_ = 0;
    std::uint64_t created_ = 0;
    std::uint64_t living_ = 0;
    std::uint64_t previous_ = 0; // the number of the one that ran before
};

} // namespace switchyard::native
