// A process of a simulation, in the sense of process-oriented simulation: a coroutine that lives in virtual time.
//
//     SimulatedProcess clock(Simulation& simulation, Duration period) {
//         for (;;) co_await simulation.sleep(period);
//     }
//
// Any function, member function or lambda that takes a Simulation& as its first parameter and returns SimulatedProcess
// is one. Calling it starts it: it runs for the first time when the simulation does, at the present instant, after all
// that is due then. It may co_await a sleep, an Event, another SimulatedProcess, or several of them (any_of, all_of).
// Its arguments live in the coroutine: pass by value what may not outlive it, and do not let a lambda that is a process
// capture.
//
// An exception that leaves a process ends it, and comes out of the simulation's `run`.
#pragma once

#include "sim/engine/event_slots.hpp"
#include "sim/engine/waiting.hpp"

#include <concepts>
#include <coroutine>

namespace switchyard::sim {

class ProcessPromise;
class Simulation;

// Names a process, whether it still lives or not: a small value to copy about. It does not own the process, which
// belongs to its simulation; it must not be asked anything once the simulation is gone.
class SimulatedProcess {
public:
    using promise_type = ProcessPromise;
    using Coroutine = std::coroutine_handle<ProcessPromise>;

    SimulatedProcess() = default; // no process: done

    // Whether it has come to its end, by returning, by an exception or by being cancelled.
    [[nodiscard]] bool done() const;

    // Ends the process where it is suspended: its local variables are destroyed, and whoever waits for its end goes on.
    // Returns false when it was done already. Throws std::logic_error when a process tries to cancel itself: it can
    // return.
    bool cancel();

    // Whom to tell when the process ends; null when it has.
    [[nodiscard]] WaitList* waiters() const;

    friend bool operator==(const SimulatedProcess&, const SimulatedProcess&) = default;

private:
    friend class Simulation;
    SimulatedProcess(Simulation& simulation, EventHandle handle) : simulation_(&simulation), handle_(handle) {}

    Simulation* simulation_ = nullptr;
    EventHandle handle_;
};

// What a process keeps about itself, inside its coroutine frame: 32 bytes. It keeps one slot of the pending event set
// for life, so that going to sleep and being woken allocate nothing.
class ProcessPromise {
public:
    template <class... Arguments>
    explicit ProcessPromise(Simulation& simulation, const Arguments&...) : simulation_(simulation) {}

    // A member function or a lambda: the object comes first.
    template <class Object, class... Arguments>
    requires(!std::same_as<Object, Simulation>)
        ProcessPromise(const Object&, Simulation& simulation, const Arguments&...)
        : simulation_(simulation) {}

    SimulatedProcess get_return_object();
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; } // the simulation cleans up
    void return_void() const noexcept {}
    void unhandled_exception() noexcept;

    // Resumes this process at `at`, and not when it was going to be.
    void wake_at(Time at);
    [[nodiscard]] Time now() const;

private:
    friend class Simulation;
    friend class SimulatedProcess;

    Simulation& simulation_;
    EventSlot slot_ = 0;
    WaitList waiters_;
};

} // namespace switchyard::sim
