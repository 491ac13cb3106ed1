// A trace as the timeline shows it: a track a core, a track a task, arrows from wakers to the woken, marks, run queues.
#pragma once

#include "models/trace/event.hpp"
#include "studio/model/series.hpp"
#include "studio/model/track.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace switchyard::studio {

// From who made a task ready to where that runs next.
struct Arrow {
    Time from{};
    Time to{};
    TaskId waker = no_task;
    TaskId woken = no_task;
    friend bool operator==(const Arrow&, const Arrow&) = default;
};

// Something that happened at one instant to a task: an index into the trace's events.
struct Mark {
    Time at{};
    TaskId task = no_task;
    std::uint32_t event = 0;
    friend bool operator==(const Mark&, const Mark&) = default;
};

struct Timeline {
    std::vector<TraceTask> names; // of the tasks
    std::vector<Track> cores;
    std::vector<Track> tasks;
    std::vector<Arrow> arrows; // in order of `to`
    std::vector<Mark> marks;   // in order of time: jobs, faults, pages moved, kills, shootdowns, ends
    Series ready;              // tasks that are ready and have no core
    Series faults;             // page faults so far
    Time end{};

    [[nodiscard]] std::size_t bytes() const;
};

// How far it is, 0 to 1.
using TimelineProgress = std::function<void(double)>;

// The trace's timeline, in one pass; nothing where a stop was requested meanwhile. A carried task is in its thread's
// state while that has no core.
[[nodiscard]] std::optional<Timeline> make_timeline(const Trace& trace, std::stop_token stop = {},
                                                    const TimelineProgress& progress = {});

} // namespace switchyard::studio
