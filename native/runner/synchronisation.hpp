// Locks, conditions, barriers and variables: the C library's, in memory that all processes of the run share.
#pragma once

#include "native/runner/task.hpp"

namespace switchyard::native {

// Before any process starts.
void make_shared_objects(const Run& run);

void lock_for_itself(const Task& task, std::uint32_t lock);
void lock_as_reader(const Task& task, std::uint32_t lock);
[[nodiscard]] bool try_to_lock(const Task& task, std::uint32_t lock);
void unlock(const Task& task, std::uint32_t lock);

// For a carried task at an asynchronous `lock` or `lock_shared`: takes the lock if that can be at once; or waits for it
// without its thread (Pause::waits), and tries again when it has been given back.
[[nodiscard]] bool try_claim(Task& task);
[[nodiscard]] bool park_at_lock(Task& task);

void await_condition(const Task& task, const PlanAwait& await);
void notify(const Task& task, std::uint32_t condition, bool everybody);
void arrive(const Task& task, std::uint32_t barrier);

[[nodiscard]] std::int64_t load(const Run& run, std::uint32_t variable);
void store(const Run& run, std::uint32_t variable, std::int64_t value);
void add(const Run& run, std::uint32_t variable, std::int64_t value);
[[nodiscard]] bool holds(const Run& run, const PlanPredicate& predicate);

// Looks again and again, on its processor, until the predicate does not hold any more.
void spin_while(const Task& task, const PlanPredicate& predicate);

} // namespace switchyard::native
