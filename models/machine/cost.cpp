#include "models/machine/cost.hpp"

#include <array>

namespace switchyard {

static constexpr std::array<CostDescription, costs> descriptions{{
    {"system_call", CostUnit::picoseconds, "entering and leaving the kernel, doing nothing there", ""},
    {"switch.context", CostUnit::picoseconds,
     "one thread of a process after another on a core: choosing it, kernel stack and hardware context",
     "the system call that led to it, the wake-up"},
    {"switch.address_space", CostUnit::picoseconds,
     "what a switch costs more when the next thread belongs to another process: page directory, TLB", "switch.context"},
    {"switch.coroutine", CostUnit::picoseconds, "suspending one C++20 coroutine and resuming the next of its thread",
     ""},
    {"switch.fiber", CostUnit::picoseconds, "switching from one fiber (Boost.Context) to the next of its thread", ""},
    {"wake_up", CostUnit::picoseconds, "what the waker pays to make a blocked task ready on its own core",
     "the system call, the switch to the woken task"},
    {"timer_wake_up.idle", CostUnit::picoseconds,
     "from the instant a timer wakes a task until its idle core switches to it: the rest of the interrupt, leaving "
     "idle; part of sleep.overshoot",
     ""},
    {"timer_wake_up.busy", CostUnit::picoseconds,
     "from the instant a timer wakes a task until its busy core switches to it, where that gives way at once: the rest "
     "of the interrupt",
     "switch.context"},
    {"yield", CostUnit::picoseconds, "sched_yield's own work, whether or not somebody else is there to run",
     "the system call, the switch"},
    {"tick", CostUnit::picoseconds, "one timer interrupt on a busy core", ""},
    {"interruptions", CostUnit::picoseconds,
     "what other interrupts, kernel threads and the hypervisor take from a busy core in each tick period, on average",
     "tick"},
    {"sleep.overshoot", CostUnit::picoseconds,
     "how much later than asked a sleeper is ready again on an idle core: timer slack, interrupt, leaving idle",
     "the system call, switch.context"},
    {"pipe.transfer", CostUnit::picoseconds,
     "moving data into a pipe and out again: the kernel's work, half at each end",
     "both system calls, the wake-up, the switch"},
    {"thread.create", CostUnit::picoseconds, "pthread_create as its caller sees it", ""},
    {"thread.exit", CostUnit::picoseconds, "the end of a thread and the join of it",
     "thread.create, the switches there and back, the wake-up of the joiner"},
    {"coroutine.create", CostUnit::picoseconds, "allocating a coroutine's frame, starting it and freeing it",
     "switch.coroutine"},
    {"fiber.create", CostUnit::picoseconds, "allocating a fiber's stack, starting it and freeing it", "switch.fiber"},
    {"fork", CostUnit::picoseconds, "fork as the parent sees it: copying the page tables of what is resident", ""},
    {"vfork", CostUnit::picoseconds,
     "vfork and wait as the parent sees them, the child (which has no memory of its own to free) only exiting",
     "the switches there and back, the wake-up of the parent, the system call that waits"},
    {"exec", CostUnit::picoseconds, "replacing the process's image: loading and linking a small program",
     "vfork, process.exit of an empty process, the switches, the wake-up, the system call that waits"},
    {"process.exit", CostUnit::picoseconds, "the end of a process, its page tables freed, and the wait that reaps it",
     "fork, the switches there and back, the wake-up of the parent"},
    {"migration", CostUnit::picoseconds,
     "what a thread takes longer when it goes on on another core than it ran on last: caches and TLB are cold",
     "the switch; the wake-up of the other core"},
    {"process.resident", CostUnit::bytes, "memory a forked process has of its own in user space", ""},
    {"process.kernel", CostUnit::bytes, "kernel memory of a forked process: page tables, kernel stack", ""},
    {"thread.reserved", CostUnit::bytes, "address space reserved for a thread's stack", ""},
    {"thread.resident", CostUnit::bytes, "memory a thread has touched: its stack's first pages", ""},
    {"thread.kernel", CostUnit::bytes, "kernel memory of a thread: its kernel stack", ""},
    {"coroutine.resident", CostUnit::bytes, "a coroutine's frame", ""},
    {"fiber.reserved", CostUnit::bytes, "address space reserved for a fiber's stack", ""},
    {"fiber.resident", CostUnit::bytes, "memory a fiber has touched", ""},
}};

const CostDescription& describe(Cost cost) { return descriptions[static_cast<std::size_t>(cost)]; }

std::optional<Cost> cost_named(std::string_view name) {
    for (std::size_t i = 0; i < descriptions.size(); ++i)
        if (descriptions[i].name == name) return static_cast<Cost>(i);
    return std::nullopt;
}

} // namespace switchyard
