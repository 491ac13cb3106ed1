// Global earliest-deadline-first scheduling on identical cores: one queue, jobs migrate freely, and what the theory
// promises about it. Bounds, not exact figures.
//
// Both throw InputError for tasks that `require_valid` refuses, unless the deadlines are the periods, and for no core.
#pragma once

#include "models/analytic/periodic_task.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace switchyard {

// Whether U <= m - (m - 1) max(C/T): enough for global EDF to meet all deadlines on m cores, not necessary (Goossens,
// Funk and Baruah 2003, "Priority-driven scheduling of periodic task systems on multiprocessors", Real-Time Systems
// 25(2-3)). On one core it is the utilisation test, which is necessary as well. Exact arithmetic.
[[nodiscard]] bool within_global_earliest_deadline_bound(std::span<const PeriodicTask> tasks, std::uint32_t cores);

// How late a job of each task may end at most under preemptive global EDF, where a job that is late neither is aborted
// nor moves the arrivals after it, and the jobs of a task run one after the other:
//     C + max(0, (sum of the k largest C) - min C) / (m - (sum of the k - 1 largest C/T)),  k = ceil(U) - 1
// (Devi and Anderson 2005, "Tardiness bounds under global EDF scheduling on a multiprocessor", RTSS; in this form
// Devi 2006, "Soft real-time scheduling on multiprocessors", thesis, corollary 4.11). On one core no job is late.
// Rounded up to the picosecond. Nothing where a task needs more than a core, or all together more than all cores:
// lateness then grows without end.
[[nodiscard]] std::optional<std::vector<Duration>> tardiness_bounds(std::span<const PeriodicTask> tasks,
                                                                    std::uint32_t cores);

// Which tasks EDF^(k) lets go first whatever their deadlines, by their place in `tasks`: the k - 1 with the largest
// C/T, equals in the order given. k is the least for which the number of cores that this is sure to do with,
//     k - 1 + ceil((sum of C/T of the tasks after the k-th) / (1 - C/T of the k-th)),
// is smallest (algorithm PriD of Goossens, Funk and Baruah 2003, cited above). Exact. Deadlines do not matter here.
[[nodiscard]] std::vector<std::size_t> priority_driven_favourites(std::span<const PeriodicTask> tasks);

} // namespace switchyard
