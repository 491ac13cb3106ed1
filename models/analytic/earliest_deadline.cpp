#include "models/analytic/earliest_deadline.hpp"

#include "models/analytic/exact_fraction.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "models/units/wide_integer.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard {

namespace {

void require_no_blocking(std::span<const PeriodicTask> tasks) {
    require_valid(tasks);
    for (std::size_t task = 0; task < tasks.size(); ++task)
        if (tasks[task].blocking != Duration::zero())
            throw InputError(fmt::format("periodic task {}: the analysis of earliest deadline first does not know of "
                                         "blocking: leave it at 0",
                                         task + 1));
}

// More than any instant and any work that is looked at, with room to add two of them.
constexpr WideInteger beyond_reach = WideInteger{1} << 120;

WideInteger divide_up(WideInteger value, WideInteger divisor) { return (value + divisor - 1) / divisor; }

// From a job's release, at its latest, until its deadline; below 0 where it comes after it.
WideInteger time_to_deadline(const PeriodicTask& task) {
    return WideInteger{task.deadline.count()} - task.jitter.count();
}

WideInteger demand(std::span<const PeriodicTask> tasks, WideInteger interval) {
    WideInteger sum = 0;
    for (const PeriodicTask& task : tasks) {
        const WideInteger left = interval - time_to_deadline(task);
        if (left < 0) continue;
        const WideInteger work = (left / task.period.count() + 1) * task.execution.count();
        sum = std::min(sum + std::min(work, beyond_reach), beyond_reach);
    }
    return sum;
}

// How long the core is busy when all tasks arrive together and as often as they may, or `limit` where that is shorter.
// Precondition: the utilisation is below 1, or it is 1 and `jitters` is false.
WideInteger busy_period(std::span<const PeriodicTask> tasks, WideInteger limit, bool jitters) {
    WideInteger length = 0;
    for (const PeriodicTask& task : tasks) length += task.execution.count();
    while (length < limit) {
        WideInteger work = 0;
        for (const PeriodicTask& task : tasks) {
            const WideInteger late = jitters ? task.jitter.count() : 0;
            work += divide_up(length + late, task.period.count()) * task.execution.count();
        }
        if (work == length) return length;
        length = work;
    }
    return limit;
}

WideInteger busy_period(std::span<const PeriodicTask> tasks, bool jitters) {
    const WideInteger beyond_time = WideInteger{Duration::max().count()} + 1;
    const WideInteger length = busy_period(tasks, beyond_time, jitters);
    if (length == beyond_time) detail::throw_time_overflow("following a busy period");
    return length;
}

// Where the demand stays below the line for good if it ever was above: max(max(D - T), sum((T - D) C / T) / (1 - U)).
// Nothing where the utilisation is 1 or that is beyond virtual time.
std::optional<WideInteger> last_demand_above(std::span<const PeriodicTask> tasks, const ExactFraction& needed) {
    const BigInteger spare = needed.denominator - needed.numerator;
    if (spare == 0) return std::nullopt;
    WideInteger longest_excess = 0;
    BigInteger sum = 0;
    for (const PeriodicTask& task : tasks) {
        const WideInteger excess = time_to_deadline(task) - task.period.count();
        longest_excess = std::max(longest_excess, excess);
        const BigInteger jobs = needed.denominator / task.period.count();
        sum -= jobs * task.execution.count() * BigInteger(excess);
    }
    sum /= spare;
    if (sum > Duration::max().count()) return std::nullopt;
    return std::max(longest_excess, sum < 0 ? WideInteger{0} : WideInteger{sum.convert_to<std::int64_t>()});
}

// What both tests begin with: an answer, or up to where the demand has to be looked at.
struct Beginning {
    std::optional<bool> answer;
    WideInteger last = 0;
};

Beginning begin_test(std::span<const PeriodicTask> tasks) {
    require_no_blocking(tasks);
    const ExactFraction needed = exact_utilisation(tasks);
    if (needed.numerator > needed.denominator) return {.answer = false};
    bool all_implicit = true;
    for (const PeriodicTask& task : tasks) {
        if (time_to_deadline(task) < task.execution.count()) return {.answer = false};
        all_implicit &= time_to_deadline(task) >= task.period.count();
    }
    if (all_implicit) return {.answer = true}; // Liu and Layland 1973, theorem 7
    const std::optional<WideInteger> last = last_demand_above(tasks, needed);
    return {.answer = std::nullopt, .last = last ? busy_period(tasks, *last, false) : busy_period(tasks, false)};
}

// The first deadline after `instant`, where all tasks arrive together at 0.
WideInteger next_deadline(std::span<const PeriodicTask> tasks, WideInteger instant) {
    WideInteger next = beyond_reach;
    for (const PeriodicTask& task : tasks) {
        const WideInteger first = time_to_deadline(task);
        const WideInteger jobs = instant < first ? 0 : (instant - first) / task.period.count() + 1;
        next = std::min(next, first + jobs * task.period.count());
    }
    return next;
}

// The last deadline not after `instant`, or -1 where there is none.
WideInteger deadline_until(std::span<const PeriodicTask> tasks, WideInteger instant) {
    WideInteger last = -1;
    for (const PeriodicTask& task : tasks) {
        const WideInteger first = time_to_deadline(task);
        if (instant >= first) last = std::max(last, instant - (instant - first) % task.period.count());
    }
    return last;
}

} // namespace

Duration demand_bound(std::span<const PeriodicTask> tasks, Duration interval) {
    require_no_blocking(tasks);
    if (interval < Duration::zero())
        throw InputError(fmt::format("an interval cannot be {} long: write 0 or more", exact_text(interval)));
    const std::optional<std::int64_t> work = narrow(demand(tasks, interval.count()));
    if (!work) detail::throw_time_overflow("adding up a demand");
    return Duration{*work};
}

bool earliest_deadline_schedulable_by_demand(std::span<const PeriodicTask> tasks) {
    const Beginning beginning = begin_test(tasks);
    if (beginning.answer) return *beginning.answer;
    for (WideInteger instant = next_deadline(tasks, 0); instant <= beginning.last;
         instant = next_deadline(tasks, instant))
        if (demand(tasks, instant) > instant) return false;
    return true;
}

bool earliest_deadline_schedulable(std::span<const PeriodicTask> tasks) {
    const Beginning beginning = begin_test(tasks);
    if (beginning.answer) return *beginning.answer;
    const WideInteger first = next_deadline(tasks, 0);
    // Between h(t) and t no deadline can be missed: what is due until then is h(t) at most.
    for (WideInteger instant = deadline_until(tasks, beginning.last); instant >= first;) {
        const WideInteger work = demand(tasks, instant);
        if (work > instant) return false;
        instant = work < instant ? work : deadline_until(tasks, instant - 1);
    }
    return true;
}

namespace {

// How long the core is busy with what is due until a job of `analysed` is, which arrives `arrival` after the beginning.
WideInteger busy_until_done(std::span<const PeriodicTask> tasks, std::size_t analysed, WideInteger arrival) {
    const WideInteger due = arrival + tasks[analysed].deadline.count();
    // Of the analysed task, this job arrives then and those before it whole periods earlier; the others arrive first as
    // much before the beginning as their jitter allows.
    const PeriodicTask& own = tasks[analysed];
    const WideInteger own_jobs = (arrival + own.jitter.count()) / own.period.count() + 1;
    const WideInteger own_first = arrival - (own_jobs - 1) * own.period.count();
    for (WideInteger length = 1;;) {
        WideInteger work = 0;
        for (std::size_t task = 0; task < tasks.size(); ++task) {
            const PeriodicTask& it = tasks[task];
            const WideInteger first = task == analysed ? own_first : -WideInteger{it.jitter.count()};
            const WideInteger left = due - first - it.deadline.count();
            if (left < 0 || length <= first) continue;
            const WideInteger arrived = divide_up(length - first, it.period.count());
            work += std::min(arrived, left / it.period.count() + 1) * it.execution.count();
        }
        if (work <= length) return work;
        length = work;
    }
}

// The first arrival after `instant` with which a job of `analysed` is due together with a job of some task: between
// them, arriving later only shortens the response.
WideInteger next_arrival(std::span<const PeriodicTask> tasks, std::size_t analysed, WideInteger instant) {
    const WideInteger due = instant + tasks[analysed].deadline.count();
    WideInteger next = beyond_reach;
    for (const PeriodicTask& task : tasks) {
        const WideInteger first = time_to_deadline(task);
        const WideInteger jobs = due < first ? 0 : (due - first) / task.period.count() + 1;
        next = std::min(next, first + jobs * task.period.count());
    }
    return next - tasks[analysed].deadline.count();
}

} // namespace

std::optional<Duration> earliest_deadline_response_time(std::span<const PeriodicTask> tasks, std::size_t task) {
    require_no_blocking(tasks);
    if (task >= tasks.size())
        throw InputError(fmt::format("there is no periodic task {} among {}", task + 1, tasks.size()));
    const ExactFraction needed = exact_utilisation(tasks);
    const bool jitters =
        std::ranges::any_of(tasks, [](const PeriodicTask& it) { return it.jitter > Duration::zero(); });
    if (needed.numerator > needed.denominator) return std::nullopt;
    if (needed.numerator == needed.denominator && jitters) return std::nullopt;

    const WideInteger end = busy_period(tasks, jitters);
    const WideInteger earliest = -WideInteger{tasks[task].jitter.count()};
    WideInteger worst = 0;
    for (WideInteger arrival = earliest; arrival < end; arrival = next_arrival(tasks, task, arrival))
        worst = std::max(worst, busy_until_done(tasks, task, arrival) - arrival);
    const std::optional<std::int64_t> response = narrow(worst);
    if (!response) detail::throw_time_overflow("following a busy period");
    return Duration{*response};
}

} // namespace switchyard
