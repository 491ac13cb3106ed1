// What multiplexes coroutines or fibers on a thread: each that is ready is resumed in its turn, round robin, until all
// have ended. Where it waits stands in reactor.hpp.
//
// `Context` is the thing that is switched to and comes back: a C++20 coroutine or a Boost.Context fiber. Everything
// else is alike for both, so that they differ in nothing but the switch.
#pragma once

#include "native/runner/children.hpp"
#include "native/runner/clock.hpp"
#include "native/runner/reactor.hpp"
#include "native/runner/task.hpp"

#include <atomic>
#include <span>
#include <utility>
#include <vector>

namespace switchyard::native {

template <class Context>
class EventLoop {
public:
    // A coroutine or fiber.
    struct Carried : Task {
        explicit Carried(Task&& task) : Task(std::move(task)) {}
        Context context;
        EventLoop* loop = nullptr; // that runs it, or has run it last
        Pause pause = Pause::yields;
        bool waited = false;                    // its record says so
        std::atomic<Carried*> joiner = nullptr; // waits for its end; itself: it has ended
    };

    // The tasks get their contexts, but none runs yet.
    EventLoop(Thread& thread, ThreadRecord& record, Reactor& reactor, std::span<Task> tasks)
        : thread_(thread), record_(record), reactor_(reactor) {
        thread.reactor = &reactor_;
        beginners_.reserve(tasks.size());
        for (Task& task : tasks) {
            task.thread = &thread;
            beginners_.push_back(&create(std::move(task)));
        }
    }
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // Runs them all to their ends; the instants of those that start later count from `beginning` (CLOCK_MONOTONIC).
    // In a group, until those of all carriers have ended.
    void run(std::int64_t beginning) {
        for (Carried* const carried : beginners_) {
            if (carried->instance->start > 0)
                sleep(*carried, beginning + carried->instance->start);
            else
                reactor_.make_ready(*carried);
        }
        while (reactor_.carries_any()) {
            if (!reactor_.has_ready() && thread_.has_interpreter) leave_interpreter(thread_, true);
            if (!reactor_.collect()) break;
            record_.steals = reactor_.steals();
            for (std::size_t left = reactor_.length(); left > 0 && resume_next(); --left) {
            }
        }
        reactor_.dismiss_others();
    }

    // What the contexts execute: the task, until it has to hand over to the loop.
    Pause advance_until_hand_over(Carried& carried) {
        for (;;) {
            const Pause pause = advance(carried);
            if (pause == Pause::spawns)
                spawn(carried);
            else if (pause != Pause::joins || !buries_child(carried))
                return pause;
        }
    }

private:
    Carried& create(Task&& task) {
        auto* const carried = new Carried(std::move(task));
        carried->loop = this;
        carried->context = Context(*carried);
        reactor_.begin_to_carry();
        return *carried;
    }

    void spawn(Task& parent) {
        const PlanOperation& operation = parent.code[parent.position];
        Carried& child = create(spawned_by(parent));
        if (operation.slot != no_slot)
            parent.children[operation.slot] = {ChildSlot::Kind::carried, reinterpret_cast<std::uintptr_t>(&child)};
        parent.position = operation.target;
        reactor_.make_ready(child);
        reactor_.share();
    }

    static Carried& joined_by(const Task& joiner) {
        const ChildSlot& slot = joiner.children[joiner.code[joiner.position].slot];
        return *reinterpret_cast<Carried*>(static_cast<std::uintptr_t>(slot.id));
    }

    // Whether the child it joins has ended, and the joiner goes on.
    static bool buries_child(Carried& joiner) {
        Carried& child = joined_by(joiner);
        if (child.joiner.load(std::memory_order_acquire) != &child) return false;
        joiner.children[joiner.code[joiner.position].slot] = {};
        delete &child;
        ++joiner.position;
        return true;
    }

    void sleep(Carried& carried, std::int64_t until) {
        say_waiting(carried, TaskState::sleeping);
        reactor_.wake_at(carried, until);
    }

    void say_waiting(Carried& carried, TaskState state) {
        record_wait(carried, state);
        carried.waited = true;
    }

    // Resumes the first in the queue and puts it where it wants to be; false: there is none. Once it is there another
    // carrier may have it, and nobody looks at it here any more.
    bool resume_next() {
        auto* const carried = static_cast<Carried*>(reactor_.take());
        if (carried == nullptr) return false;
        reactor_.share();
        carried->thread = &thread_;
        carried->loop = this;
        if (previous_ != carried->record && previous_ != nullptr) ++record_.carried_switches;
        previous_ = carried->record;
        if (std::exchange(carried->waited, false)) {
            record_going_on(*carried);
            if (carried->pause != Pause::joins) ++record_.callbacks;
        }
        carried->context.resume();
        switch (carried->pause) {
        case Pause::yields: reactor_.make_ready(*carried); break;
        case Pause::sleeps: sleep(*carried, monotonic_nanoseconds() + carried->sleep_nanoseconds); break;
        case Pause::ended: end(*carried); break;
        case Pause::joins: join(*carried); break;
        case Pause::waits_for_descriptor:
            say_waiting(*carried, carried->awaited_state);
            reactor_.watch(*carried);
            break;
        case Pause::waits:
            say_waiting(*carried, carried->awaited_state);
            if (!carried->park(*carried)) reactor_.make_ready(*carried);
            break;
        case Pause::spawns: break;
        }
        return true;
    }

    // Whoever joins it may bury it as soon as it has said so.
    void end(Carried& carried) {
        carried.context = {};
        if (Carried* const joiner = carried.joiner.exchange(&carried); joiner != nullptr) reactor_.make_ready(*joiner);
        reactor_.end_to_carry();
    }

    // The child, when it ends, makes it ready, unless it has ended meanwhile.
    void join(Carried& joiner) {
        Carried& child = joined_by(joiner);
        say_waiting(joiner, TaskState::suspended);
        Carried* nobody = nullptr;
        if (!child.joiner.compare_exchange_strong(nobody, &joiner)) reactor_.make_ready(joiner);
    }

    Thread& thread_;
    ThreadRecord& record_;
    Reactor& reactor_;
    std::vector<Carried*> beginners_;
    const TaskRecord* previous_ = nullptr; // of the one that ran before
};

} // namespace switchyard::native
