#include "models/analytic/fixed_priority.hpp"

#include "models/analytic/exact_fraction.hpp"
#include "models/errors.hpp"
#include "models/units/wide_integer.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace switchyard {

double liu_layland_bound(std::size_t tasks) {
    if (tasks == 0) throw InputError("the Liu-Layland bound of no task means nothing: give at least one");
    const auto count = static_cast<double>(tasks);
    return count * std::expm1(std::log(2.0) / count); // 2^(1/n) - 1 without cancellation
}

bool within_liu_layland_bound(std::span<const PeriodicTask> tasks) {
    require_implicit_deadlines(tasks, "the Liu-Layland bound");
    if (tasks.empty()) return true;
    // U <= n (2^(1/n) - 1), with integers only: (U / n + 1)^n <= 2.
    const ExactFraction sum = exact_utilisation(tasks);
    const auto count = static_cast<unsigned>(tasks.size());
    const BigInteger denominator = sum.denominator * count;
    const BigInteger numerator = sum.numerator + denominator;
    return pow(numerator, count) <= 2 * pow(denominator, count);
}

bool within_hyperbolic_bound(std::span<const PeriodicTask> tasks) {
    require_implicit_deadlines(tasks, "the hyperbolic bound");
    BigInteger numerator = 1;
    BigInteger denominator = 1;
    for (const PeriodicTask& task : tasks) {
        numerator *= BigInteger(task.execution.count()) + task.period.count();
        denominator *= task.period.count();
    }
    return numerator <= 2 * denominator;
}

namespace {

// How many jobs have been released by the time `length` after the first one, which had all of its jitter.
WideInteger releases_before(const PeriodicTask& task, WideInteger length) {
    const WideInteger period = task.period.count();
    return (length + task.jitter.count() + period - 1) / period;
}

// The least solution of w = own + higher work released before w, not below `from`.
WideInteger level_busy_until(std::span<const PeriodicTask> higher, WideInteger own, WideInteger from) {
    for (WideInteger length = from;;) {
        WideInteger work = own;
        for (const PeriodicTask& task : higher) work += releases_before(task, length) * task.execution.count();
        if (work <= length) return length;
        if (!narrow(work)) detail::throw_time_overflow("following a busy period");
        length = work;
    }
}

} // namespace

std::optional<Duration> fixed_priority_response_time(std::span<const PeriodicTask> tasks, std::size_t task,
                                                     Duration limit) {
    require_valid(tasks);
    if (task >= tasks.size())
        throw InputError(fmt::format("there is no periodic task {} among {}", task + 1, tasks.size()));
    const std::span<const PeriodicTask> higher = tasks.first(task);
    const PeriodicTask& analysed = tasks[task];
    const ExactFraction needed = exact_utilisation(tasks.first(task + 1));
    if (needed.numerator > needed.denominator) return std::nullopt;

    const WideInteger execution = analysed.execution.count();
    const WideInteger period = analysed.period.count();
    const WideInteger jitter = analysed.jitter.count();
    WideInteger own = analysed.blocking.count();
    WideInteger busy_until = own;
    WideInteger worst = 0;
    // A busy period without end (the core is needed fully, and there is jitter or blocking) repeats itself after a
    // hyperperiod, later by exactly that.
    for (WideInteger arrival = 0; arrival < needed.denominator; arrival += period) {
        own += execution;
        busy_until = level_busy_until(higher, own, busy_until + execution);
        worst = std::max(worst, busy_until - arrival + jitter);
        if (worst > limit.count()) return std::nullopt;
        if (busy_until + jitter <= arrival + period) break; // done before the next job of its own is there
    }
    return Duration{static_cast<std::int64_t>(worst)};
}

bool fixed_priority_schedulable(std::span<const PeriodicTask> tasks) {
    require_valid(tasks);
    for (std::size_t task = 0; task < tasks.size(); ++task)
        if (!fixed_priority_response_time(tasks, task, tasks[task].deadline)) return false;
    return true;
}

} // namespace switchyard
