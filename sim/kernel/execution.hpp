// One operation in progress, and what all operations are made of.
//
// An operation that takes time in the middle is entered again afterwards, one phase further: `Task::phase` says where.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// What an operation leads to.
enum class Step : std::uint8_t {
    next,  // the task goes on at this instant
    spent, // a stretch of time has begun
    left,  // the thread has left its core
};

// Who executes it, where, and what it says.
struct Execution {
    Execution(Kernel& in, CoreId on, TaskId who, TaskId by)
        : kernel(in), core(on), actor(who), thread(by), acting(&in.tasks[who]) {}

    Kernel& kernel;
    CoreId core;
    TaskId actor;  // whose program it is
    TaskId thread; // what the kernel knows: the actor, or its carrier
    Task* acting;  // the actor's record, which stays where it is until the instant is over

    [[nodiscard]] Task& task() const { return *acting; }
    [[nodiscard]] const Operation& operation() const { return acting->program->code[acting->counter]; }
};

// The task goes on at that place of its program, or with the next operation.
Step go_to(const Execution& e, std::uint32_t counter);
Step done(const Execution& e);

// Time in the kernel (or in a runtime), after which the operation goes on in `phase`; enter_kernel: in phase 1.
[[nodiscard]] Step spend_in_kernel(const Execution& e, Duration length, std::uint8_t phase);
[[nodiscard]] Step enter_kernel(const Execution& e, Duration length);

// Whether what it is at lets only the carried task wait.
[[nodiscard]] inline bool is_asynchronous(const Execution& e) { return e.operation().asynchronous; }

// The cost of a system call, counted.
[[nodiscard]] Duration system_call(const Execution& e);

// That of a call of futex(2): to wait, or to wake; longer for a word that processes share.
[[nodiscard]] Duration futex_call(const Execution& e, bool is_shared);

// How much later than asked the kernel ends a sleep of this thread's, as far as the sleeper's core sees nothing of it.
// What comes after the wake-up is charged there (timer_wake_up.idle).
[[nodiscard]] Duration lateness_of_timer(Kernel& kernel, TaskId thread);

// The operation's amount, drawn anew each time.
[[nodiscard]] std::int64_t draw(const Execution& e);

// The id of the child the operation names; negative: none yet.
[[nodiscard]] std::int64_t& named_child(const Execution& e);

// What it costs to wake one that waits, as a thread or by itself: a system call and a wake-up, if that wakes a thread.
[[nodiscard]] Duration cost_of_waking(const Execution& e, TaskId waiter, bool is_shared);

// The thread (and with it whom it carries) waits. When it runs again the operation goes on where it is.
[[nodiscard]] Step block(const Execution& e, WaitFor what, std::uint32_t object);

// A carried task waits by itself, or hands over: its event loop goes on with another.
[[nodiscard]] Step suspend(const Execution& e, WaitFor what, std::uint32_t object);
void hand_over(const Execution& e, Stop why);

} // namespace switchyard::sim
