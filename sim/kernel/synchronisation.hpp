// Locks, conditions, barriers and variables of a kernel: their state, whom a change wakes, what it costs to touch them
// (as it costs to touch semaphores, which are in Kernel).
//
// They are words in memory. Touching one is an atomic operation in user space (`atomic.operation`), and where another
// core touched it last its cache line has to come from there (`cache_line.transfer`). Who finds a lock taken spins, if
// the lock says so, and then sleeps in the kernel: a system call. Who gives back what others wait for pays a system
// call and a wake-up for each that is woken (futex(2)).
#pragma once

#include "sim/kernel/execution.hpp"
#include "sim/sync/lock_state.hpp"
#include "sim/sync/races.hpp"

#include <map>
#include <optional>
#include <tuple>
#include <vector>

namespace switchyard::sim {

struct ConditionState {
    std::uint64_t unheard = 0; // notices while nobody waited
    Time last_unheard{};
    CoreId last_core = no_core;
};

struct BarrierState {
    std::uint32_t arrived = 0;
    std::uint32_t generation = 0; // how often all have arrived
    CoreId last_core = no_core;
};

struct VariableState {
    std::int64_t value = 0;
    CoreId last_core = no_core;
    std::vector<TaskId> spinners; // who look again and again, in order of arrival
};

// What a thread is scheduled by where nobody lends it anything.
struct OwnAttributes {
    Scheduling scheduling;
    Time deadline = never;
};

struct Synchronisation {
    std::vector<LockState> locks;
    std::vector<ConditionState> conditions;
    std::vector<BarrierState> barriers;
    std::vector<VariableState> variables;
    std::optional<RaceDetector> races; // where there are variables that are not atomic
    bool gave_up_races = false;        // there came to be too many tasks for it
    std::vector<DeadlockReport> deadlocks;
    std::vector<DataRaceReport> data_races;
    std::map<std::tuple<std::uint32_t, RowId, std::uint32_t, RowId, std::uint32_t>, std::size_t>
        known_races;              // variable, and both tasks' rows and operations -> index into `data_races`
    bool is_stuck = false;        // somebody spins for what will never come: time passes, nothing else will
    bool passes_priority = false; // some lock has a protocol for it
    std::map<TaskId, OwnAttributes> own_attributes; // of threads whose attributes are lent to them by others
};

// What each task knows of each other takes memory by the square of their number: beyond so many races are not looked
// for.
inline constexpr TaskId most_tasks_with_races = 4096;

// A task begins, created by another one or (no_task) by nobody.
void begin_knowing(Kernel& kernel, TaskId task, TaskId creator);

// Whether the scenario has any of them.
[[nodiscard]] bool synchronises(const Scenario& scenario);
[[nodiscard]] std::shared_ptr<Synchronisation> create_synchronisation(const Scenario& scenario);

// Their queues in Kernel::waiting.
[[nodiscard]] QueueId lock_queue(const Kernel& kernel, std::uint32_t lock);
[[nodiscard]] QueueId condition_queue(const Kernel& kernel, std::uint32_t condition);
[[nodiscard]] QueueId barrier_queue(const Kernel& kernel, std::uint32_t barrier);
[[nodiscard]] QueueId waiting_queues(const Scenario& scenario); // all of Kernel::waiting

// What touching a word costs that was last touched by that core; from now on this core has it.
[[nodiscard]] Duration touch_word(const Execution& e, CoreId& last_core);

// Time in user space, after which the operation goes on in `phase`.
[[nodiscard]] Step spend_synchronising(const Execution& e, Duration length, std::uint8_t phase);

// The task looks again and again, at most so long, until `cut_stretch` or preemption.
[[nodiscard]] Step spin(const Execution& e, std::uint8_t phase);
inline constexpr Duration unlimited_spin = std::chrono::hours{24};

// The first of those who spin that has a core looks again at this instant.
void look_again(Kernel& kernel, const std::vector<TaskId>& spinners);

// The first in the queue among those of the highest priority (futexes wake in that order), or no_task.
[[nodiscard]] TaskId first_to_wake(const Kernel& kernel, QueueId queue);

// Takes the lock, or waits for it; `phase` is the first of four the operation leaves to it. Nothing: it has it now.
[[nodiscard]] std::optional<Step> take_lock(const Execution& e, std::uint32_t lock, Claim claim, std::uint8_t phase);

// The lock is given back; who waits for it is still to be woken. Throws InputError if the task does not have it.
void give_lock_back(const Execution& e, std::uint32_t lock);

// How many wake_owners_to_be would wake now.
[[nodiscard]] std::int64_t owners_to_be(const Kernel& kernel, std::uint32_t lock);
void wake_owners_to_be(Kernel& kernel, std::uint32_t lock, TaskId waker);

// A thread is taken away from wherever it waits or spins.
void forget_waiter(Kernel& kernel, TaskId thread);

// A task has ended: what it holds stays locked, or goes to the next one where the lock is robust. Who joins it, or
// waits for its process, knows what it has done.
void leave_locks(Kernel& kernel, TaskId task);

// The task leaves word of what it has done so far for whoever comes to that meeting; it learns what was left there.
inline void leave_word(const Execution& e, Meeting meeting, std::uint32_t which) {
    if (e.kernel.synchronisation && e.kernel.synchronisation->races)
        e.kernel.synchronisation->races->leave_word(e.actor, meeting, which);
}
inline void take_word(const Execution& e, Meeting meeting, std::uint32_t which) {
    if (e.kernel.synchronisation && e.kernel.synchronisation->races)
        e.kernel.synchronisation->races->take_word(e.actor, meeting, which);
}

// The task touches a variable at its operation: races are reported.
void note_touch(const Execution& e, std::uint32_t variable, bool changes);

} // namespace switchyard::sim
