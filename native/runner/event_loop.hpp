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
        Pause pause = Pause::yields;
        bool ended = false;
        bool waited = false;       // its record says so
        std::uint64_t number = 0;  // in the order of creation, from 1
        Carried* joiner = nullptr; // waits for its end
    };

    // The tasks get their contexts, but none runs yet.
    EventLoop(Thread& thread, ThreadRecord& record, std::span<Task> tasks) : record_(record), reactor_(*thread.run) {
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
    void run(std::int64_t beginning) {
        for (Carried* const carried : beginners_) {
            if (carried->instance->start > 0)
                sleep(*carried, beginning + carried->instance->start);
            else
                reactor_.make_ready(*carried);
        }
        while (living_ > 0) {
            reactor_.collect();
            const Task* const last = reactor_.last();
            while (resume_next() != last) {
            }
        }
    }

    // What the contexts execute: the task, until it has to hand over to the loop.
    Pause advance_until_hand_over(Carried& carried) {
        for (;;) {
            const Pause pause = advance(carried);
            if (pause == Pause::spawns)
                spawn(carried);
            else if (pause != Pause::joins || waits_for_child(carried))
                return pause;
        }
    }

private:
    Carried& create(Task&& task) {
        auto* const carried = new Carried(std::move(task));
        carried->context = Context(*this, *carried);
        carried->number = ++created_;
        ++living_;
        return *carried;
    }

    void spawn(Task& parent) {
        const PlanOperation& operation = parent.code[parent.position];
        Carried& child = create(spawned_by(parent));
        reactor_.make_ready(child);
        if (operation.slot != no_slot)
            parent.children[operation.slot] = {ChildSlot::Kind::carried, reinterpret_cast<std::uintptr_t>(&child)};
        parent.position = operation.target;
    }

    // Whether the child it joins is still running; if not, it is buried and the joiner goes on.
    bool waits_for_child(Carried& joiner) {
        ChildSlot& slot = joiner.children[joiner.code[joiner.position].slot];
        auto* const child = reinterpret_cast<Carried*>(static_cast<std::uintptr_t>(slot.id));
        if (!child->ended) {
            child->joiner = &joiner;
            return true;
        }
        delete child;
        slot = {};
        ++joiner.position;
        return false;
    }

    void sleep(Carried& carried, std::int64_t until) {
        say_waiting(carried, TaskState::sleeping);
        reactor_.wake_at(carried, until);
    }

    void say_waiting(Carried& carried, TaskState state) {
        record_wait(carried, state);
        carried.waited = true;
    }

    // Resumes the first in the queue and puts it where it wants to be; answers which it was, perhaps no longer there.
    const Task* resume_next() {
        auto* const carried = static_cast<Carried*>(reactor_.take());
        if (previous_ != carried->number && previous_ != 0) ++record_.carried_switches;
        previous_ = carried->number;
        if (std::exchange(carried->waited, false)) record_going_on(*carried);
        carried->context.resume();
        switch (carried->pause) {
        case Pause::yields: reactor_.make_ready(*carried); break;
        case Pause::sleeps: sleep(*carried, monotonic_nanoseconds() + carried->sleep_nanoseconds); break;
        case Pause::ended:
            --living_;
            carried->ended = true;
            carried->context = {};
            if (carried->joiner != nullptr) reactor_.make_ready(*carried->joiner);
            break;
        case Pause::joins: say_waiting(*carried, TaskState::suspended); break; // its child makes it ready
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
        return carried;
    }

    ThreadRecord& record_;
    Reactor reactor_;
    std::vector<Carried*> beginners_;
    std::uint64_t created_ = 0;
    std::uint64_t living_ = 0;
    std::uint64_t previous_ = 0; // the number of the one that ran before
};

} // namespace switchyard::native
