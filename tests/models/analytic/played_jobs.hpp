// Jobs scheduled tick by tick, as one would with pencil and paper: what the closed forms of real-time analysis are
// checked against.
#pragma once

#include "models/analytic/periodic_task.hpp"
#include "models/random/draw.hpp"
#include "models/random/uniform.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

namespace switchyard {

struct PlayedJob {
    std::size_t task;
    std::int64_t arrival;
    std::int64_t release;
    std::int64_t rank; // the least goes first; then the first in the list
    std::int64_t work;
    std::int64_t end = -1; // or never
};

// In every tick until `horizon` the `cores` first jobs run for one tick; of one task only the earliest is ready.
inline void play(std::vector<PlayedJob>& jobs, std::size_t cores, std::int64_t horizon) {
    std::vector<std::size_t> waiting(jobs.size());
    for (std::size_t job = 0; job < jobs.size(); ++job) waiting[job] = job;
    std::ranges::stable_sort(waiting, {}, [&](std::size_t job) { return jobs[job].arrival; });
    std::vector<std::size_t> ready;
    std::vector<bool> seen;
    for (std::int64_t now = 0; now < horizon; ++now) {
        ready.clear();
        seen.assign(jobs.size(), false);
        for (const std::size_t job : waiting) {
            if (jobs[job].release <= now && !seen[jobs[job].task]) ready.push_back(job);
            seen[jobs[job].task] = true;
            if (jobs[job].arrival > now) break;
        }
        std::ranges::sort(ready, {}, [&](std::size_t job) { return std::tuple(jobs[job].rank, job); });
        for (std::size_t place = 0; place < std::min(cores, ready.size()); ++place) {
            PlayedJob& job = jobs[ready[place]];
            if (--job.work > 0) continue;
            job.end = now + 1;
            std::erase(waiting, ready[place]);
        }
    }
}

// Of all jobs of the task that arrived before `before`; those that have not ended count as endless.
inline Duration longest_response(const std::vector<PlayedJob>& jobs, std::size_t task, std::int64_t before) {
    Duration longest{};
    for (const PlayedJob& job : jobs) {
        if (job.task != task || job.arrival >= before) continue;
        longest = std::max(longest, job.end < 0 ? Duration::max() : Duration{job.end - job.arrival});
    }
    return longest;
}

// The least common multiple of all periods that random_tasks draws.
inline constexpr std::int64_t played_hyperperiod = 120;

struct TaskRange {
    std::uint64_t tasks = 4;
    std::uint64_t execution = 4;     // at most
    bool implicit_deadlines = false; // else from the execution up to twice the period
    std::uint64_t jitter = 0;        // at most
};

// A set of small tasks; more often than not it needs less than one core.
inline std::vector<PeriodicTask> random_tasks(DrawStream& random, const TaskRange& range) {
    constexpr std::array<std::int64_t, 9> periods{3, 4, 5, 6, 8, 10, 12, 15, 20};
    std::vector<PeriodicTask> tasks(1 + uniform_below(random, range.tasks));
    for (PeriodicTask& task : tasks) {
        const std::int64_t period = periods[uniform_below(random, periods.size())];
        task.period = Duration{period};
        task.execution = Duration{1 + static_cast<std::int64_t>(uniform_below(random, range.execution))};
        task.execution = std::min(task.execution, task.period);
        task.deadline = task.period;
        if (!range.implicit_deadlines) {
            const auto spread = static_cast<std::uint64_t>(2 * period - task.execution.count() + 1);
            task.deadline = task.execution + Duration{static_cast<std::int64_t>(uniform_below(random, spread))};
        }
        task.jitter = Duration{static_cast<std::int64_t>(uniform_below(random, range.jitter + 1))};
    }
    return tasks;
}

} // namespace switchyard
