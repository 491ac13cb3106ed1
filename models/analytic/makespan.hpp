// What the simplest schedules come to, in closed form: the check on the simulator, and an answer without one.
//
// All of them assume what a textbook does (Silberschatz, Galvin and Gagne, "Operating System Concepts", chapter on CPU
// scheduling; Tanenbaum and Bos, "Modern Operating Systems", 2.4): every task is ready at 0 and only computes; a switch
// costs the same whoever goes and comes; the first dispatch is free; time is noticed exactly, without ticks. Tasks
// stand in the order in which they are queued at 0.
//
// Integer picoseconds throughout: equal to the simulator's to the last one. Throws TimeOverflow beyond 106 days, and
// InputError for a negative work or switch cost.
#pragma once

#include "models/units/time.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace switchyard {

struct Schedule {
    Duration makespan{};               // until the last task has ended
    std::uint64_t switches = 0;        // how often a core went from one task to another
    std::vector<Duration> turnarounds; // of each task: from 0 until its end

    [[nodiscard]] Duration mean_turnaround() const; // rounded down; 0 for no task
};

// One core, each task in turn for `slice`, until all have ended. A task that ends gives the rest of its slice up, and
// one that is alone goes on without a switch.
//
// With k = ceil(work / slice) slices a task (at least one), the sum of all k dispatches are one switch fewer, and those
// fewer that the longest task would have from itself to itself. Turnarounds take time quadratic in the number of tasks.
// Throws InputError unless `slice` is above 0.
[[nodiscard]] Schedule round_robin(std::span<const Duration> works, Duration slice, Duration switch_cost);

// One core, each task until it ends, then the next: coroutines that hand over only when they are done; first in, first
// out. One switch fewer than tasks.
[[nodiscard]] Schedule run_to_completion(std::span<const Duration> works, Duration switch_cost);

// A core for each task: no switch, and the longest task is the makespan. Throws InputError for more tasks than `cores`.
[[nodiscard]] Schedule one_core_each(std::span<const Duration> works, std::uint32_t cores);

} // namespace switchyard
