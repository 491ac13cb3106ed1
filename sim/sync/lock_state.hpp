// Who has a lock, and who may have it next. There is no time in it, and nobody is woken here.
//
// A lock that is given back is free, and whoever comes first has it: who was woken for it may find it taken again, as
// with futexes (glibc's nptl/pthread_mutex_lock.c). Only a lock that passes priorities on is handed to the first of
// those who wait, by the kernel (kernel/locking/rtmutex.c).
#pragma once

#include "models/scenario/synchronisation.hpp"
#include "models/trace/event.hpp"

#include <cstdint>
#include <vector>

namespace switchyard::sim {

struct LockState {
    TaskId owner = no_task;            // the writer, of a read-write lock
    std::uint32_t depth = 0;           // how often its owner has taken it
    std::uint32_t waiting_writers = 0; // of a read-write lock
    std::uint16_t last_core = no_core; // where it was touched last: who touches it next gets the cache line from there
    bool abandoned = false;            // its owner died with it, and it is not robust
    std::vector<TaskId> readers;
    std::vector<TaskId> spinners; // who try again and again, in order of arrival
};

enum class Claim : std::uint8_t { exclusive, shared };

// Whether the task could have it now.
[[nodiscard]] bool is_free_for(const Lock& lock, const LockState& state, TaskId task, Claim claim);

// The task has it. Only where it is free for it.
void take(LockState& state, TaskId task, Claim claim);

// Whether the task has it, as owner or as reader.
[[nodiscard]] bool is_held_by(const LockState& state, TaskId task);

// The task gives it back, once. Returns whether somebody else may now have it.
bool give_back(LockState& state, TaskId task);

// Whom a wake-up is for, now that it is free: all who wait to read, or one who waits for it alone.
[[nodiscard]] Claim next_claim(const Lock& lock, const LockState& state, bool readers_wait);

} // namespace switchyard::sim
