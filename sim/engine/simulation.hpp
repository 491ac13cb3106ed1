// A simulation of processes: they live in it, it resumes them in the order of virtual time.
//
//     SimulatedProcess customer(Simulation& simulation, Event& opened) {
//         co_await opened;
//         co_await simulation.sleep(5min);
//     }
//
//     Simulation simulation;
//     Event opened;
//     customer(simulation, opened);
//     simulation.after(1h, [&] { opened.trigger(); });
//     simulation.run();                                   // WaitOutcome::finished, at 1 h 5 min
//
// What is due at one instant happens in the order it was asked for, or in one that EventOrder::shuffle_seed determines.
// One thread; the simulation neither moves nor is copied, since its processes refer to it.
#pragma once

#include "sim/engine/pending_event_set.hpp"
#include "sim/engine/process.hpp"
#include "sim/engine/wait_for.hpp"

#include <cstddef>
#include <exception>
#include <utility>

namespace switchyard::sim {

// How a run ended.
enum class WaitOutcome {
    finished,   // every process has come to its end
    deadlocked, // processes wait for events or for each other, and nothing is due that could bring them about
    paused,     // the instant to run until was reached
};

class Simulation {
public:
    explicit Simulation(EventOrder order = {}) : pending_(order) {}
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    // Destroys the processes that are still there, and with them their local variables.
    ~Simulation();

    [[nodiscard]] Time now() const { return pending_.now(); }

    // To be awaited by a process. TimeOverflow beyond the range of time; awaiting an instant that is over throws
    // ScheduledInPast in the process.
    [[nodiscard]] Sleep sleep(Duration length) const { return Sleep(checked_add(now(), length)); }
    [[nodiscard]] Sleep sleep_until(Time instant) const { return Sleep(instant); }

    // Calls `function()` at an instant, or after a while. What is returned can be waited for or cancelled, like any
    // process. Throws ScheduledInPast, or TimeOverflow.
    template <class Function>
    SimulatedProcess at(Time instant, Function function);
    template <class Function>
    SimulatedProcess after(Duration delay, Function function) {
        return at(checked_add(now(), delay), std::move(function));
    }

    // Runs until nothing is due any more. Rethrows what leaves a process, at that instant; it may be called again to go
    // on.
    WaitOutcome run();

    // Runs everything that is due up to and including `limit`, and leaves the clock there. Throws like `run`, and
    // ScheduledInPast when `limit` is over.
    WaitOutcome run_until(Time limit);

    // Resumes the process that is due first. Returns false when none is. Throws like `run`.
    bool step();

    // Processes that have not come to their end, and those of them for which no instant is set: after `run`, the
    // deadlocked.
    [[nodiscard]] std::size_t processes() const { return processes_; }
    [[nodiscard]] std::size_t waiting() const;

    // Bytes held for the processes, besides their coroutine frames.
    [[nodiscard]] std::size_t memory() const { return pending_.memory(); }

private:
    friend class SimulatedProcess;
    friend class ProcessPromise;

    template <class Function>
    static SimulatedProcess invoke(Simulation&, Function function) {
        function();
        co_return;
    }

    SimulatedProcess start(SimulatedProcess::Coroutine coroutine);
    bool step_until(Time limit);
    void end(EventSlot slot); // of a process that is suspended, or has returned
    void require_not_running() const;
    [[nodiscard]] WaitOutcome outcome() const;

    static constexpr EventSlot none = ~EventSlot{0};

    PendingEventSet<SimulatedProcess::Coroutine> pending_; // null where a slot is not held
    std::size_t processes_ = 0;
    EventSlot running_ = none;
    std::exception_ptr failure_;
};

template <class Function>
SimulatedProcess Simulation::at(Time instant, Function function) {
    pending_.require_not_past(instant);
    const SimulatedProcess process = invoke(*this, std::move(function));
    pending_.arm(process.handle_.slot, instant);
    return process;
}

inline void ProcessPromise::wake_at(Time at) { simulation_.pending_.arm(slot_, at); }
inline Time ProcessPromise::now() const { return simulation_.now(); }

} // namespace switchyard::sim
