#include "lab/explain/critical_path.hpp"

#include <algorithm>
#include <map>

namespace switchyard::lab {

namespace {

// What a core did from `begin` to `end`, for `task` (a carried one where one was resumed) on behalf of `thread`.
struct Interval {
    Time begin;
    Time end;
    TaskId task;
    TaskId thread;
    PathCategory category;
};

struct Cause {
    Time time;
    TaskId waker;
};

// A task stopped running there and then.
struct Stopped {
    Time time;
    std::uint16_t core;
};

struct History {
    std::vector<std::vector<Interval>> cores;
    std::vector<std::vector<Cause>> ready;  // of each task, in order of time
    std::vector<std::vector<Stopped>> left; // likewise
    Time end{};
    TaskId last = no_task;
};

// Turns the events of one core into intervals.
class CoreReader {
public:
    // `carried`: whom each thread carries at the moment, on whatever core it is.
    CoreReader(std::vector<Interval>& intervals, std::vector<TaskId>& carried)
        : intervals_(intervals), carried_(carried) {}

    void begins(Time at, TaskId thread) {
        thread_ = task_ = thread;
        if (carried_[thread] != no_task) task_ = carried_[thread];
        since_ = at;
    }
    void ends(Time at) {
        cut(at); // killed in the middle of something that was announced as longer
        if (thread_ != no_task) add(at, PathCategory::work);
        thread_ = task_ = no_task;
    }
    void resumes(Time at, TaskId task) {
        add(at, PathCategory::work);
        carried_[thread_] = task_ = task;
    }
    void suspends(Time at) {
        add(at, PathCategory::work);
        carried_[thread_] = no_task; // what follows is still this task's doing until another is resumed
    }
    void overhead(const TraceEvent& event) {
        const Duration length{event.value};
        if (static_cast<Overhead>(event.detail) == Overhead::tick) {
            add(event.time - length, PathCategory::work);
            return add(event.time, PathCategory::kernel);
        }
        const auto category =
            static_cast<Overhead>(event.detail) == Overhead::switching ? PathCategory::switching : PathCategory::kernel;
        if (thread_ == no_task) { // on the way to the task
            const Time begin = intervals_.empty() ? event.time : std::max(event.time, intervals_.back().end);
            intervals_.push_back({begin, begin + length, event.task, event.task, category});
            return;
        }
        const Time begin = std::max(event.time, since_); // one thing after another
        add(begin, PathCategory::work);
        add(begin + length, category);
    }
    void closes(Time at) {
        if (thread_ != no_task) add(at, PathCategory::work);
        cut(at);
    }

private:
    // What was announced and did not come to pass.
    void cut(Time at) {
        while (!intervals_.empty() && intervals_.back().begin >= at) intervals_.pop_back();
        if (!intervals_.empty()) intervals_.back().end = std::min(intervals_.back().end, at);
        since_ = std::min(since_, at);
    }

    void add(Time until, PathCategory category) {
        if (until <= since_) return;
        intervals_.push_back({since_, until, task_, thread_, category});
        since_ = until;
    }

    std::vector<Interval>& intervals_;
    TaskId thread_ = no_task;
    TaskId task_ = no_task;
    Time since_{};
    std::vector<TaskId>& carried_;
};

History read_history(const Trace& trace) {
    History history;
    history.cores.resize(trace.cores);
    history.ready.resize(trace.tasks.size());
    history.left.resize(trace.tasks.size());
    std::vector<TaskId> carried(trace.tasks.size(), no_task);
    std::vector<CoreReader> readers;
    for (auto& intervals : history.cores) readers.emplace_back(intervals, carried);
    for (const TraceEvent& event : trace.events) {
        switch (event.kind) {
        case EventKind::ready: history.ready[event.task].push_back({event.time, event.other}); break;
        case EventKind::running: readers[event.core].begins(event.time, event.task); break;
        case EventKind::stopped:
            readers[event.core].ends(event.time);
            history.left[event.task].push_back({event.time, event.core});
            break;
        case EventKind::resumed: readers[event.core].resumes(event.time, event.task); break;
        case EventKind::suspended:
            readers[event.core].suspends(event.time);
            history.left[event.task].push_back({event.time, event.core});
            break;
        case EventKind::overhead: readers[event.core].overhead(event); break;
        case EventKind::ended:
            history.end = event.time;
            history.last = event.task;
            break;
        case EventKind::created:
        case EventKind::job_begun:
        case EventKind::job_finished:
        case EventKind::job_aborted:
        case EventKind::faulted:
        case EventKind::transferred:
        case EventKind::out_of_memory:
        case EventKind::shootdown: break;
        }
    }
    for (CoreReader& reader : readers) reader.closes(history.end);
    return history;
}

constexpr std::size_t nowhere = ~std::size_t{0};

// The interval of the core that covers the time just before `at`, or `nowhere`.
std::size_t interval_before(const std::vector<Interval>& intervals, Time at) {
    const auto after = std::ranges::lower_bound(intervals, at, {}, &Interval::begin);
    if (after == intervals.begin()) return nowhere;
    const auto found = std::prev(after);
    if (found->end < at) return nowhere;
    return static_cast<std::size_t>(found - intervals.begin());
}

// A place on the path: just before `at` on `core`.
struct Place {
    std::size_t core = nowhere;
    std::size_t interval = nowhere;

    [[nodiscard]] bool is_known() const { return interval != nowhere; }
};

// Where `task` (or the thread that carries it) was busy just before `at`.
Place busy_before(const History& history, TaskId task, Time at) {
    for (std::size_t core = 0; core < history.cores.size(); ++core) {
        const std::size_t found = interval_before(history.cores[core], at);
        if (found == nowhere) continue;
        const Interval& interval = history.cores[core][found];
        if (interval.task == task || interval.thread == task) return {core, found};
    }
    return {};
}

struct Departure {
    Time time{}; // the beginning, where it had not been busy before
    Place place;
};

// When and where `task` was last busy until, at `at` or before; stretches without length do not count.
Departure last_busy(const History& history, TaskId task, Time at) {
    const auto& stops = history.left[task];
    auto after = std::ranges::upper_bound(stops, at, {}, &Stopped::time);
    while (after != stops.begin()) {
        --after;
        const std::size_t interval = interval_before(history.cores[after->core], after->time);
        if (interval != nowhere) return {after->time, {after->core, interval}};
    }
    return {};
}

// The last of `events`, in order of time, that is not after `at`.
template <class Event>
const Event* last_until(const std::vector<Event>& events, Time at) {
    const auto after = std::ranges::upper_bound(events, at, {}, &Event::time);
    return after == events.begin() ? nullptr : &*std::prev(after);
}

void summarise(const Trace& trace, CriticalPath& path) {
    std::ranges::reverse(path.pieces);
    std::map<std::string, Duration> tasks;
    for (const PathPiece& piece : path.pieces) {
        path.by_category[static_cast<std::size_t>(piece.category)] += piece.end - piece.begin;
        tasks[piece.task == no_task ? "(nobody)" : trace.tasks[piece.task].name] += piece.end - piece.begin;
    }
    path.by_task.assign(tasks.begin(), tasks.end());
    std::ranges::stable_sort(path.by_task, std::ranges::greater{}, &std::pair<std::string, Duration>::second);
}

} // namespace

std::string_view name_of(PathCategory category) {
    constexpr std::array<std::string_view, path_categories> names{"work", "switching", "kernel", "asked for"};
    return names[static_cast<std::size_t>(category)];
}

CriticalPath critical_path(const Trace& trace) {
    const History history = read_history(trace);
    CriticalPath path;
    Time at = history.end;
    TaskId task = history.last;
    Place place = busy_before(history, task, at);
    while (at > Time{}) {
        if (place.is_known()) { // the core's time, piece by piece, until it had been idle
            const auto& intervals = history.cores[place.core];
            const Interval& interval = intervals[place.interval];
            path.pieces.push_back({interval.begin, at, interval.task, interval.category});
            at = interval.begin;
            task = interval.task;
            if (place.interval > 0 && intervals[place.interval - 1].end == at) {
                --place.interval;
                continue;
            }
            place = {};
            continue;
        }
        // Nobody had the core: why did the task not run before? Because it was not ready.
        const Cause* cause = last_until(history.ready[task], at);
        if (cause && cause->waker != no_task) {
            if (cause->time == at) place = busy_before(history, cause->waker, at);
            if (place.is_known()) {
                task = cause->waker;
                continue;
            }
        }
        // A timer, or the beginning: the time since it last ran (or since the start) is what was asked for.
        const Departure departure = last_busy(history, task, at);
        place = departure.place;
        if (departure.time == at) continue;
        path.pieces.push_back({departure.time, at, task, PathCategory::asked});
        at = departure.time;
    }
    summarise(trace, path);
    return path;
}

} // namespace switchyard::lab
