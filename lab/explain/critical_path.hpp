// Why a makespan is what it is: the chain of causes from the end of a run back to its beginning.
//
// Walking back from the last task's end: while a task runs, its core's time is on the path. Where it began to run right
// after another task on that core, that one kept it waiting and the path goes on with it. Where the core had been idle,
// the path goes to whoever woke the task; or, if a timer did, through the time it asked for. So the pieces follow each
// other without a gap and add up to the makespan. (Critical path of a task graph: Kelley and Walker 1959; for programs:
// Yang and Miller, "Critical Path Analysis for the Execution of Parallel and Distributed Programs", 1988.)
#pragma once

#include "models/trace/event.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::lab {

enum class PathCategory : std::uint8_t {
    work,
    switching, // from one task to another
    kernel,    // system calls, wake-ups, creation, ticks
    asked,     // a sleep, a start later than the beginning: time the scenario itself asked for
};
inline constexpr int path_categories = 4;
[[nodiscard]] std::string_view name_of(PathCategory category);

struct PathPiece {
    Time begin;
    Time end;
    TaskId task = no_task;
    PathCategory category = PathCategory::work;
};

struct CriticalPath {
    std::vector<PathPiece> pieces; // in order of time, gapless
    std::array<Duration, path_categories> by_category{};
    std::vector<std::pair<std::string, Duration>> by_task; // longest first
};

// The critical path of a completed run. Cost: O(events), one copy of their intervals in memory.
[[nodiscard]] CriticalPath critical_path(const Trace& trace);

} // namespace switchyard::lab
