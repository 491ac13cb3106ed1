// Global interpreter locks, as CPython has them (Python/ceval_gil.c, Include/internal/pycore_gil.h; 3.2 and later).
//
// Who executes the interpreter's code has its process's lock. Who finds it taken waits on a condition variable for the
// switch interval (`Lock::switch_interval`, sys.setswitchinterval(), 5 ms by default); where nobody has got the lock
// meanwhile, it asks for it (gil_drop_request). The holder looks at that request between two pieces of its own work,
// here at every operation and at once within a computation, gives the lock up, wakes the first of those who wait, and
// goes on only when another thread has had it (FORCE_SWITCHING). It also gives it up around every call that may block
// (Py_BEGIN_ALLOW_THREADS), and takes it back afterwards.
//
// Costs: the mutex around the lock's state is taken and given back, uncontended, by who takes the lock and by who gives
// it up: two words touched each. Waiting, and waking who waits, are futex(2) system calls, as of any condition
// variable.
#pragma once

#include "sim/kernel/execution.hpp"

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace switchyard::sim {

// One of a process's.
struct InterpreterLock {
    TaskId holder = no_task; // a thread
    TaskId last_holder = no_task;
    TaskId switching = no_task;  // who has given it up and waits until another thread has had it
    std::uint64_t switches = 0;  // from one holder to a different one
    std::vector<TaskId> waiters; // threads, first come first
    CoreId last_core = no_core;
    bool drop_requested = false;
};

// A thread's way to its lock and away from it. Each step is taken when the time of the one before is over.
enum class InterpreterStep : std::uint8_t {
    away,    // it is to be taken before anything else is done
    attempt, // its state has been looked at
    sleep,   // the kernel has been asked to wait
    woken,   // by who gave it up, or because the interval is over
    tell,    // who waits until another has had it is to be woken
    has,
    give, // its state has been changed
    wake, // the kernel has been asked to wake the first that waits
    given,
    switched, // the kernel has been asked to wait until another thread has had it
    back,     // another thread has had it
    outside,  // it is not needed until the operation is over
};

struct InterpreterUse {
    std::uint32_t lock = no_object;  // of the scenario's locks: the thread executes its code; no_object: none's
    std::uint32_t index = no_object; // in Interpreters::locks, once known
    std::uint64_t seen = 0;          // InterpreterLock::switches when it began to wait
    InterpreterStep at = InterpreterStep::away;
    InterpreterStep then = InterpreterStep::away; // where it is when it has given the lock up
};

struct Interpreters {
    std::vector<InterpreterLock> locks;
    std::map<std::pair<ProcessId, std::uint32_t>, std::uint32_t> index; // each process has its own of each
    std::vector<InterpreterUse> uses;                                   // by thread
};

// None where no task of the scenario is interpreted.
[[nodiscard]] std::shared_ptr<Interpreters> create_interpreters(const Scenario& scenario);

// A thread begins: as one of that lock's, or as its creator is.
void begin_interpreting(Kernel& kernel, TaskId thread, std::uint32_t lock);
void begin_interpreting_like(Kernel& kernel, TaskId thread, TaskId creator);

// What comes before the operation the task is at: the lock is taken, or given up. Nothing: the operation's turn.
[[nodiscard]] std::optional<Step> mind_interpreter(const Execution& e);

// The thread gives its lock up, if it has it, because it has nothing to do at the moment, or never again. Nothing: it
// is without it.
[[nodiscard]] std::optional<Step> leave_interpreter(const Execution& e);

// A thread is taken away from wherever it waits.
void forget_interpreter(Kernel& kernel, TaskId thread);

} // namespace switchyard::sim
