#include "models/analytic/periodic_task.hpp"

#include "models/analytic/exact_fraction.hpp"
#include "models/errors.hpp"
#include "models/units/text.hpp"

#include <fmt/format.h>

namespace switchyard {

namespace {

void require_above_zero(Duration value, const char* what, std::size_t task) {
    if (value <= Duration::zero())
        throw InputError(
            fmt::format("periodic task {}: its {} is {}: write more than 0", task + 1, what, exact_text(value)));
}

void require_not_negative(Duration value, const char* what, std::size_t task) {
    if (value < Duration::zero())
        throw InputError(
            fmt::format("periodic task {}: its {} is {}: write 0 or more", task + 1, what, exact_text(value)));
}

} // namespace

void require_valid(std::span<const PeriodicTask> tasks) {
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        require_above_zero(tasks[task].execution, "execution", task);
        require_above_zero(tasks[task].period, "period", task);
        require_above_zero(tasks[task].deadline, "deadline", task);
        require_not_negative(tasks[task].jitter, "jitter", task);
        require_not_negative(tasks[task].blocking, "blocking", task);
    }
}

void require_implicit_deadlines(std::span<const PeriodicTask> tasks, const char* theorem) {
    require_valid(tasks);
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        const PeriodicTask& it = tasks[task];
        if (it.deadline == it.period && it.jitter == Duration::zero() && it.blocking == Duration::zero()) continue;
        throw InputError(fmt::format("periodic task {}: {} is proven only for a deadline equal to the period, without "
                                     "jitter and blocking: use response times or the demand bound",
                                     task + 1, theorem));
    }
}

ExactFraction exact_utilisation(std::span<const PeriodicTask> tasks) {
    ExactFraction sum;
    for (const PeriodicTask& task : tasks) sum.denominator = lcm(sum.denominator, BigInteger(task.period.count()));
    for (const PeriodicTask& task : tasks) {
        const BigInteger jobs = sum.denominator / task.period.count();
        sum.numerator += jobs * task.execution.count();
    }
    return sum;
}

double utilisation(std::span<const PeriodicTask> tasks) {
    require_valid(tasks);
    double sum = 0;
    for (const PeriodicTask& task : tasks)
        sum += static_cast<double>(task.execution.count()) / static_cast<double>(task.period.count());
    return sum;
}

std::strong_ordering compare_utilisation(std::span<const PeriodicTask> tasks, std::uint32_t cores) {
    require_valid(tasks);
    const ExactFraction sum = exact_utilisation(tasks);
    const BigInteger available = sum.denominator * cores;
    return sum.numerator.compare(available) <=> 0;
}

std::vector<PeriodicTask> with_switches(std::span<const PeriodicTask> tasks, Duration switch_cost) {
    if (switch_cost < Duration::zero())
        throw InputError(fmt::format("a switch cannot cost {}: write 0 or more", exact_text(switch_cost)));
    std::vector<PeriodicTask> inflated(tasks.begin(), tasks.end());
    for (PeriodicTask& task : inflated) task.execution = checked_add(task.execution, checked_multiply(switch_cost, 2));
    return inflated;
}

} // namespace switchyard
