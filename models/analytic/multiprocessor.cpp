#include "models/analytic/multiprocessor.hpp"

#include "models/analytic/exact_fraction.hpp"
#include "models/errors.hpp"
#include "models/units/wide_integer.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace switchyard {

namespace {

void require_cores(std::uint32_t cores) {
    if (cores == 0) throw InputError("nothing can be scheduled on 0 cores: give at least 1");
}

// Whether C/T of the one is below that of the other.
bool has_smaller_share(const PeriodicTask& a, const PeriodicTask& b) {
    return WideInteger{a.execution.count()} * b.period.count() < WideInteger{b.execution.count()} * a.period.count();
}

// `count` largest of the values, added up.
template <class Value>
Value sum_of_largest(std::vector<Value> values, std::size_t count) {
    std::ranges::sort(values, std::greater{});
    Value sum = 0;
    for (std::size_t place = 0; place < std::min(count, values.size()); ++place) sum += values[place];
    return sum;
}

} // namespace

bool within_global_earliest_deadline_bound(std::span<const PeriodicTask> tasks, std::uint32_t cores) {
    require_implicit_deadlines(tasks, "the bound of global earliest deadline first");
    require_cores(cores);
    if (tasks.empty()) return true;
    const PeriodicTask& heaviest = *std::ranges::max_element(
        tasks, [](const PeriodicTask& a, const PeriodicTask& b) { return has_smaller_share(a, b); });
    if (heaviest.execution > heaviest.period) return false; // no core is fast enough for it
    const ExactFraction needed = exact_utilisation(tasks);
    const BigInteger bound = BigInteger(cores) * heaviest.period.count() -
                             BigInteger(cores - 1) * heaviest.execution.count(); // in periods of the heaviest
    return needed.numerator * heaviest.period.count() <= needed.denominator * bound;
}

std::optional<std::vector<Duration>> tardiness_bounds(std::span<const PeriodicTask> tasks, std::uint32_t cores) {
    require_implicit_deadlines(tasks, "the bound on tardiness");
    require_cores(cores);
    const ExactFraction needed = exact_utilisation(tasks);
    if (needed.numerator > needed.denominator * cores) return std::nullopt;
    for (const PeriodicTask& task : tasks)
        if (task.execution > task.period) return std::nullopt;
    std::vector<Duration> bounds;
    if (cores == 1 || tasks.empty()) {
        bounds.assign(tasks.size(), Duration::zero());
        return bounds;
    }

    std::vector<BigInteger> executions;
    std::vector<BigInteger> shares; // of a core, times the hyperperiod
    for (const PeriodicTask& task : tasks) {
        executions.emplace_back(task.execution.count());
        const BigInteger jobs = needed.denominator / task.period.count();
        shares.emplace_back(jobs * task.execution.count());
    }
    // ceil(U) - 1: cores that the tasks always leave something to do on, but for the last.
    const auto busy = BigInteger((needed.numerator - 1) / needed.denominator).convert_to<std::size_t>();
    const BigInteger late_work = sum_of_largest(executions, busy) - *std::ranges::min_element(executions);
    const BigInteger spare = needed.denominator * cores - sum_of_largest(shares, busy == 0 ? 0 : busy - 1);
    BigInteger lateness = 0;
    if (late_work > 0) lateness = (late_work * needed.denominator + spare - 1) / spare;
    if (lateness > Duration::max().count()) detail::throw_time_overflow("bounding tardiness");
    for (const PeriodicTask& task : tasks)
        bounds.push_back(checked_add(task.execution, Duration{lateness.convert_to<std::int64_t>()}));
    return bounds;
}

std::vector<std::size_t> priority_driven_favourites(std::span<const PeriodicTask> tasks) {
    require_valid(tasks);
    std::vector<std::size_t> order(tasks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return has_smaller_share(tasks[b], tasks[a]); });
    ExactFraction after = exact_utilisation(tasks); // the shares of those behind the k-th
    std::size_t favoured = 0;
    std::optional<BigInteger> fewest;
    for (std::size_t place = 0; place < order.size(); ++place) {
        const PeriodicTask& task = tasks[order[place]];
        const BigInteger jobs = after.denominator / task.period.count();
        after.numerator -= jobs * task.execution.count();
        BigInteger cores = place;
        if (after.numerator > 0) {
            if (task.execution >= task.period) continue; // nothing of a core is left beside the k-th
            const BigInteger left = jobs * (task.period - task.execution).count();
            cores += (after.numerator + left - 1) / left;
        }
        if (fewest && cores >= *fewest) continue;
        fewest = cores;
        favoured = place;
    }
    order.resize(favoured);
    return order;
}

} // namespace switchyard
