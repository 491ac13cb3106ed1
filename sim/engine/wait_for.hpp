// Waiting for one thing, for all of several, or for any of them:
//
//     co_await event;
//     co_await all_of(producer, consumer, simulation.sleep(1ms));
//     if (co_await any_of(answer, simulation.sleep(1ms)) == 1) give_up();
//
// What can be waited for: an Event, a SimulatedProcess (its end), a Sleep. Events and processes are referred to, and
// must be there until the wait is over. To wait for all of a container, wait for one after the other.
#pragma once

#include "sim/engine/process.hpp"
#include "sim/engine/waiting.hpp"

#include <algorithm>
#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace switchyard::sim {

// An instant to wait for; made by Simulation::sleep.
class [[nodiscard]] Sleep {
public:
    explicit Sleep(Time until) : until_(until) {}
    [[nodiscard]] Time until() const { return until_; }

    // Even a sleep of no length lets everything else go first that is due now.
    bool await_ready() const noexcept { return false; }
    // Throws ScheduledInPast, in the process that waits.
    void await_suspend(SimulatedProcess::Coroutine coroutine) const { coroutine.promise().wake_at(until_); }
    void await_resume() const noexcept {}

private:
    Time until_;
};

// Something that happens once, that any number of processes can wait for, and that anyone can bring about.
class Event {
public:
    // Makes it happen: all who wait go on at this instant, in the order they came. Returns false when it had happened
    // before.
    bool trigger() {
        if (std::exchange(triggered_, true)) return false;
        waiters_.notify_all();
        return true;
    }
    [[nodiscard]] bool triggered() const { return triggered_; }

    // Makes it something that can happen again. Who was told that it happened stays told.
    void reset() { triggered_ = false; }

    // Whom to tell when it happens; null when it has.
    [[nodiscard]] WaitList* waiters() { return triggered_ ? nullptr : &waiters_; }

private:
    WaitList waiters_;
    bool triggered_ = false;
};

// How far a process that waits for several things is from going on.
class Wait {
public:
    // Goes on once `outstanding` more notifications have come, and not before `earliest`.
    void begin(ProcessPromise& process, std::uint32_t outstanding, Time earliest) {
        process_ = &process;
        outstanding_ = outstanding;
        earliest_ = earliest;
    }

    void notify(std::uint32_t index) {
        if (outstanding_ == 0 || --outstanding_ > 0) return; // it has gone on already, or has to wait for more
        last_ = index;
        process_->wake_at(std::max(process_->now(), earliest_));
    }

    // The notification that ended the wait; `index` if told so beforehand and none came.
    [[nodiscard]] std::uint32_t last() const { return last_; }
    void assume(std::uint32_t index) { last_ = index; }

private:
    ProcessPromise* process_ = nullptr;
    Time earliest_{};
    std::uint32_t outstanding_ = 0;
    std::uint32_t last_ = 0;
};

namespace detail {

// What is waited for, as a value: events by address, the others as they are.
inline Event* term(Event& event) { return &event; }
inline SimulatedProcess term(SimulatedProcess process) { return process; }
inline Sleep term(Sleep sleep) { return sleep; }

inline WaitList* waiters_of(Event* event) { return event->waiters(); }
inline WaitList* waiters_of(SimulatedProcess process) { return process.waiters(); }

template <class Term>
inline constexpr bool is_sleep = std::is_same_v<Term, Sleep>;

// The awaiter of several terms. What has happened already is not waited for; sleeps are one alarm between them, for
// which the process's own slot serves.
template <class... Terms>
class WaitForSeveral {
public:
    explicit WaitForSeveral(Terms... terms) : terms_(terms...) {}

protected:
    // Calls `visit(term, index)` for every term, in order.
    template <class Visit>
    void for_each_term(Visit visit) {
        std::apply([&, index = std::uint32_t{0}](auto&... term) mutable { (visit(term, index++), ...); }, terms_);
    }

    // Calls `visit(list, index)` for everything that is not a sleep; the list is null when it has happened.
    template <class Visit>
    void for_each_list(Visit visit) {
        for_each_term([&](auto& term, std::uint32_t index) {
            if constexpr (!is_sleep<std::remove_cvref_t<decltype(term)>>) visit(waiters_of(term), index);
        });
    }

    // Calls `visit(instant, index)` for every sleep.
    template <class Visit>
    void for_each_sleep(Visit visit) {
        for_each_term([&](auto& term, std::uint32_t index) {
            if constexpr (is_sleep<std::remove_cvref_t<decltype(term)>>) visit(term.until(), index);
        });
    }

    void enter(WaitList& list, std::uint32_t index) {
        waiters_[index].stand_for(wait_, index);
        list.add(waiters_[index]);
    }

    Wait wait_;

private:
    std::tuple<Terms...> terms_;
    std::array<Waiter, sizeof...(Terms)> waiters_;
};

} // namespace detail

// Waits for one event, or for the end of one process.
template <class Term>
class [[nodiscard]] WaitForOne {
public:
    explicit WaitForOne(Term term) : term_(term) {}

    bool await_ready() const { return detail::waiters_of(term_) == nullptr; }
    void await_suspend(SimulatedProcess::Coroutine coroutine) {
        waiter_.stand_for(coroutine.promise());
        detail::waiters_of(term_)->add(waiter_);
    }
    void await_resume() const noexcept {}

private:
    Term term_;
    Waiter waiter_;
};

// Made by all_of: goes on once everything has happened.
template <class... Terms>
class [[nodiscard]] AllOf : detail::WaitForSeveral<Terms...> {
public:
    using detail::WaitForSeveral<Terms...>::WaitForSeveral;

    bool await_ready() {
        bool ready = !(detail::is_sleep<Terms> || ...);
        this->for_each_list([&](const WaitList* list, std::uint32_t) { ready = ready && list == nullptr; });
        return ready;
    }

    void await_suspend(SimulatedProcess::Coroutine coroutine) {
        Time alarm{};
        this->for_each_sleep([&](Time until, std::uint32_t) { alarm = std::max(alarm, until); });
        std::uint32_t outstanding = 0;
        this->for_each_list([&](WaitList* list, std::uint32_t index) {
            if (list == nullptr) return;
            ++outstanding;
            this->enter(*list, index);
        });
        this->wait_.begin(coroutine.promise(), outstanding, alarm);
        if (outstanding == 0) coroutine.promise().wake_at(alarm);
    }

    void await_resume() const noexcept {}
};

// Made by any_of: goes on once one of them has happened, and says which, counting from 0.
template <class... Terms>
class [[nodiscard]] AnyOf : detail::WaitForSeveral<Terms...> {
public:
    using detail::WaitForSeveral<Terms...>::WaitForSeveral;

    bool await_ready() {
        bool ready = false;
        this->for_each_list([&](const WaitList* list, std::uint32_t index) {
            if (list == nullptr && !std::exchange(ready, true)) this->wait_.assume(index);
        });
        return ready;
    }

    void await_suspend(SimulatedProcess::Coroutine coroutine) {
        Time alarm = never;
        this->for_each_sleep([&](Time until, std::uint32_t index) {
            if (until < alarm) this->wait_.assume(index);
            alarm = std::min(alarm, until);
        });
        if ((detail::is_sleep<Terms> || ...)) coroutine.promise().wake_at(alarm);
        this->for_each_list([&](WaitList* list, std::uint32_t index) { this->enter(*list, index); });
        this->wait_.begin(coroutine.promise(), 1, Time{});
    }

    std::size_t await_resume() const noexcept { return this->wait_.last(); }
};

// All of the events, processes and sleeps given.
template <class... Awaited>
requires(sizeof...(Awaited) > 0) auto all_of(Awaited&&... awaited) {
    return AllOf<decltype(detail::term(awaited))...>(detail::term(awaited)...);
}

// Any of the events, processes and sleeps given; co_await returns the place of the one that came first. When several
// have happened already it is the first of those in the list.
template <class... Awaited>
requires(sizeof...(Awaited) > 0) auto any_of(Awaited&&... awaited) {
    return AnyOf<decltype(detail::term(awaited))...>(detail::term(awaited)...);
}

inline auto operator co_await(Event& event) { return WaitForOne(&event); }
inline auto operator co_await(SimulatedProcess process) { return WaitForOne(process); }

} // namespace switchyard::sim
