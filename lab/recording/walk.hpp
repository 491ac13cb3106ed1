// A recording gone through event by event: who runs where, who sleeps, who wakes whom.
//
// The tracepoints are those of __schedule and try_to_wake_up (kernel/sched/core.c). A thread may be woken while it is
// still on its way off the processor: its sleep then ends as it begins, or never takes place.
#pragma once

#include "lab/recording/threads.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace switchyard::lab {

// Why a thread left its processor.
enum class Leave : std::uint8_t { preempted, yielded, blocked, ended };

// The timer ticks of the machine that was recorded, as far as its events give them away.
struct TickGrid {
    std::int64_t period = 0; // ns; 0: not known
    std::int64_t phase = 0;  // a tick came at this time, modulo the period
    [[nodiscard]] std::int64_t since_tick(std::int64_t at) const {
        return period == 0 ? 0 : ((at - phase) % period + period) % period;
    }
};

// A thread that slept, or is new, has become runnable.
struct Wake {
    std::int64_t at = 0;
    ThreadId thread = no_thread;
    ThreadId waker = no_thread; // who had the processor on which it happened; no_thread: not recorded
    std::uint16_t waker_cpu = 0;
    std::uint16_t slept_on = 0;   // the processor it left last
    std::int64_t slept_since = 0; // when it had left it
    bool has_slept = false;       // that was seen
    bool is_new = false;
    bool by_exit = false; // the waker is about to end
    formats::SchedulingEvent::Context context = formats::SchedulingEvent::Context::unknown;
};

// What wants to know derives from this and hides what concerns it.
struct Visitor {
    void begins(ThreadId /*thread*/, std::uint16_t /*cpu*/, std::int64_t /*at*/) {}
    void leaves(ThreadId /*thread*/, std::uint16_t /*cpu*/, std::int64_t /*at*/, Leave /*why*/, ThreadId /*next*/) {}
    void wakes(const Wake& /*wake*/) {}
    void placed(ThreadId /*thread*/, std::uint16_t /*cpu*/, bool /*idle*/, std::int64_t /*at*/) {}
    void creates(ThreadId /*parent*/, ThreadId /*child*/, std::int64_t /*at*/) {}
};

// How one who could have gone on left: because a tick or a wake-up took the processor from him, or by sched_yield(2),
// which no event says.
struct YieldRule {
    TickGrid ticks;
    std::vector<bool> yields_often; // by thread: its short runs end so even where a tick is near; empty: nobody
    bool known = false;             // else everybody counts as preempted
};

template <class Visiting>
class Walk {
public:
    Walk(const NumberedRecording& recording, const YieldRule& rule, Visiting& visitor)
        : recording_(recording),
          rule_(rule),
          visitor_(visitor),
          threads_(recording.threads.size()),
          cpus_(recording.cpus) {}

    void run() {
        using Kind = formats::SchedulingEvent::Kind;
        if (recording_.events.empty()) return;
        begin_ = recording_.events.front().nanoseconds;
        for (Processor& processor : cpus_) processor.last_event = begin_;
        for (const auto& event : recording_.events) {
            see_actor(event);
            const auto task = static_cast<ThreadId>(event.task);
            switch (event.kind) {
            case Kind::switches: switches(event); break;
            case Kind::waking: waking(event); break;
            case Kind::wakes:
            case Kind::wakes_new: on_queue(event); break;
            case Kind::forks: visitor_.creates(task, static_cast<ThreadId>(event.next), event.nanoseconds); break;
            case Kind::ends: threads_[task].is_ending = true; break;
            case Kind::migrates: break; // where it runs next says as much
            }
        }
    }

private:
    enum class State : std::uint8_t { unseen, running, runnable, blocked, ended };
    struct ThreadState {
        State state = State::unseen;
        bool is_ending = false;
        bool has_pending = false; // woken while still on its processor
        Wake pending;
        std::uint16_t cpu = 0;
        std::int64_t since = 0; // on the processor, or left it
    };
    struct Processor {
        ThreadId current = no_thread; // not known yet
        std::int64_t last_event = 0;
        std::int64_t last_arrival = std::numeric_limits<std::int64_t>::min(); // somebody became runnable there
    };

    // Not every switch is recorded: whoever an event finds on a processor has got there.
    void see_actor(const formats::SchedulingEvent& event) {
        Processor& processor = cpus_[event.cpu];
        const auto actor = static_cast<ThreadId>(event.actor);
        if (processor.current != actor) {
            const ThreadId before = std::exchange(processor.current, actor);
            if (before != no_thread && before != idle_thread && threads_[before].state == State::running &&
                threads_[before].cpu == event.cpu)
                lose(before, event);
            if (actor != idle_thread && threads_[actor].state != State::running) arrive(actor, event);
        }
        processor.last_event = event.nanoseconds;
    }

    // On a processor without having been seen to get there: since it could, or, where nobody was seen to wake it, now.
    void arrive(ThreadId id, const formats::SchedulingEvent& event) {
        const ThreadState& thread = threads_[id];
        std::int64_t since = event.nanoseconds;
        if (thread.state == State::unseen) since = begin_;
        if (thread.state == State::runnable) since = std::max(thread.since, cpus_[event.cpu].last_event);
        if (thread.state == State::blocked)
            wake({.at = since, .thread = id, .slept_on = thread.cpu, .slept_since = thread.since, .has_slept = true});
        enter(id, event.cpu, since);
    }

    // Gone from its processor without having been seen to leave.
    void lose(ThreadId id, const formats::SchedulingEvent& event) {
        ThreadState& thread = threads_[id];
        const std::int64_t at = std::max(thread.since, cpus_[event.cpu].last_event);
        visitor_.leaves(id, event.cpu, at, Leave::preempted, static_cast<ThreadId>(event.actor));
        thread.since = at;
        thread.state = State::runnable;
    }

    void enter(ThreadId id, std::uint16_t cpu, std::int64_t at) {
        ThreadState& thread = threads_[id];
        thread.state = State::running;
        thread.cpu = cpu;
        thread.since = at;
        thread.has_pending = false;
        visitor_.begins(id, cpu, at);
    }

    void switches(const formats::SchedulingEvent& event) {
        const auto previous = static_cast<ThreadId>(event.task), next = static_cast<ThreadId>(event.next);
        if (previous != idle_thread) leave(previous, event);
        cpus_[event.cpu].current = next;
        if (next == idle_thread) return;
        ThreadState& thread = threads_[next];
        if (thread.state == State::blocked || thread.state == State::unseen) // its waking was not seen
            wake({.at = event.nanoseconds,
                  .thread = next,
                  .slept_on = thread.cpu,
                  .slept_since = thread.since,
                  .has_slept = thread.state == State::blocked});
        enter(next, event.cpu, event.nanoseconds);
    }

    void leave(ThreadId id, const formats::SchedulingEvent& event) {
        ThreadState& thread = threads_[id];
        const Leave why = event.state == 'R'                         ? way(id, event)
                          : event.state == 'Z' || event.state == 'X' ? Leave::ended
                                                                     : Leave::blocked;
        visitor_.leaves(id, event.cpu, event.nanoseconds, why, static_cast<ThreadId>(event.next));
        thread.since = event.nanoseconds;
        thread.state = why == Leave::ended ? State::ended : why == Leave::blocked ? State::blocked : State::runnable;
        if (why != Leave::blocked || !thread.has_pending) return;
        thread.pending.at = thread.pending.slept_since = event.nanoseconds;
        thread.pending.slept_on = event.cpu;
        thread.pending.has_slept = true;
        wake(thread.pending);
    }

    Leave way(ThreadId id, const formats::SchedulingEvent& event) const {
        // A tick's interrupt, and what it does before it asks for a switch, takes some tens of microseconds; a wake-up
        // that is to take the processor does so as soon as the interrupt or system call it came in is over.
        constexpr std::int64_t near_tick = 150'000, near_arrival = 1'000'000, clock_error = 20'000;
        if (rule_.yields_often.empty() ? !rule_.known : !rule_.yields_often[id]) return Leave::preempted;
        if (event.next_priority < 100 || static_cast<ThreadId>(event.next) == idle_thread) return Leave::preempted;
        const ThreadState& thread = threads_[id];
        const std::int64_t arrival = cpus_[event.cpu].last_arrival;
        if (arrival >= thread.since && event.nanoseconds - arrival < near_arrival) return Leave::preempted;
        const std::int64_t ran = event.nanoseconds - thread.since;
        // Nothing is known of ticks: what is far shorter than any, none has ended.
        constexpr std::int64_t short_run = 500'000;
        if (rule_.ticks.period == 0) return ran < short_run ? Leave::yielded : Leave::preempted;
        // A tick acts on who runs when it comes.
        const std::int64_t after = rule_.ticks.since_tick(event.nanoseconds + clock_error);
        const bool is_near_tick = after < near_tick + clock_error && after <= ran + 2 * clock_error;
        const bool is_habit = !rule_.yields_often.empty() && ran < rule_.ticks.period / 4;
        if (is_near_tick && !is_habit) return Leave::preempted;
        return Leave::yielded;
    }

    void waking(const formats::SchedulingEvent& event) {
        const auto id = static_cast<ThreadId>(event.task);
        ThreadState& thread = threads_[id];
        if (thread.state == State::ended || thread.state == State::runnable) return;
        const Wake seen{.at = event.nanoseconds,
                        .thread = id,
                        .waker = static_cast<ThreadId>(event.actor),
                        .waker_cpu = event.cpu,
                        .slept_on = thread.cpu,
                        .slept_since = thread.since,
                        .has_slept = thread.state == State::blocked,
                        .by_exit = threads_[static_cast<ThreadId>(event.actor)].is_ending,
                        .context = event.context};
        if (thread.state == State::running) {
            thread.pending = seen;
            thread.has_pending = true;
        } else {
            wake(seen);
        }
    }

    void on_queue(const formats::SchedulingEvent& event) {
        const auto id = static_cast<ThreadId>(event.task);
        ThreadState& thread = threads_[id];
        const bool is_new = event.kind == formats::SchedulingEvent::Kind::wakes_new;
        if (thread.state == State::running) thread.has_pending = false; // it had not left: it stays
        if (thread.state == State::blocked || thread.state == State::unseen)
            wake({.at = event.nanoseconds,
                  .thread = id,
                  .waker = recording_.has_waking && !is_new ? no_thread : static_cast<ThreadId>(event.actor),
                  .waker_cpu = event.cpu,
                  .slept_on = thread.cpu,
                  .slept_since = thread.since,
                  .has_slept = thread.state == State::blocked,
                  .is_new = is_new,
                  .by_exit = threads_[static_cast<ThreadId>(event.actor)].is_ending,
                  .context = event.context});
        Processor& target = cpus_[event.target];
        visitor_.placed(id, event.target, target.current == idle_thread, event.nanoseconds);
        target.last_arrival = event.nanoseconds;
    }

    void wake(const Wake& wake) {
        threads_[wake.thread].state = State::runnable;
        threads_[wake.thread].since = wake.at;
        visitor_.wakes(wake);
    }

    const NumberedRecording& recording_;
    const YieldRule& rule_;
    Visiting& visitor_;
    std::vector<ThreadState> threads_;
    std::vector<Processor> cpus_;
    std::int64_t begin_ = 0;
};

} // namespace switchyard::lab
