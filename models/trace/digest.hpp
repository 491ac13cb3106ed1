// What a trace says of the threads the kernel schedules: the same figures from a simulated and from a recorded run.
#pragma once

#include "models/report/histogram.hpp"
#include "models/trace/event.hpp"

#include <optional>
#include <span>
#include <vector>

namespace switchyard {

// The time in which several tasks are all there: since the last of them became ready for the first time, until the
// first of them ended.
struct TraceWindow {
    Time begin{};
    Time end{};
};

// Nothing where one of them never became ready, or one had ended before another began.
[[nodiscard]] std::optional<TraceWindow> common_window(const Trace& trace, std::span<const TaskId> tasks);

struct TaskDigest {
    DurationHistogram run_length;           // from `running` to `stopped`; going on at once on the same core is one run
    DurationHistogram wake_up_latency;      // from `ready` after it was blocked to `running`
    std::uint64_t voluntary_switches = 0;   // stopped blocked or ended
    std::uint64_t involuntary_switches = 0; // stopped otherwise, and another task or nobody ran next
    std::uint64_t wake_ups = 0;             // `ready` but for the first time
    std::uint64_t migrations = 0;           // ran on another core than before
    Duration window_cpu{};                  // running in the window
};

// One for every task of the trace. Runs that have not stopped end with the trace and count for the window only.
[[nodiscard]] std::vector<TaskDigest> digest(const Trace& trace, const std::optional<TraceWindow>& window);

} // namespace switchyard
