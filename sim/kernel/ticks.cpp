#include "sim/kernel/ticks.hpp"

#include <algorithm>

namespace switchyard::sim {

Time tick_at_or_after(const Kernel& kernel, Time from) {
    if (from <= kernel.next_tick && from > kernel.next_tick - kernel.tick_period) return kernel.next_tick;
    const std::int64_t period = kernel.tick_period.count();
    const std::int64_t at = from.time_since_epoch().count();
    const std::int64_t over = at % period;
    return over == 0 ? from : from > never - Duration{period} ? never : from + Duration{period - over};
}

void note_next_tick(Kernel& kernel) {
    if (kernel.now() <= kernel.next_tick || kernel.tick_period == Duration::zero()) return;
    const Time following = kernel.next_tick + std::min(kernel.tick_period, never - kernel.next_tick);
    kernel.next_tick = kernel.now() <= following ? following : tick_at_or_after(kernel, kernel.now());
}

std::int64_t ticks_between(const Kernel& kernel, Time from, Time until) {
    const Time first = tick_at_or_after(kernel, from);
    if (first >= until) return 0;
    return (until - first - Duration{1}) / kernel.tick_period + 1;
}

Time end_with_ticks(const Kernel& kernel, Time start, Duration length, Duration tick) {
    const Time undisturbed = checked_add(start, length);
    if (kernel.tick_period == Duration::zero() || tick == Duration::zero()) return undisturbed;
    const Duration before_first = tick_at_or_after(kernel, start) - start;
    if (length <= before_first) return undisturbed;
    const Duration left = length - before_first;
    const Duration between = kernel.tick_period - tick; // what a period leaves for the task
    const std::int64_t ticks = (left + between - Duration{1}) / between;
    return checked_add(undisturbed, checked_multiply(tick, ticks));
}

Duration tick_cost_of(const Kernel& kernel) {
    const Duration taken =
        kernel.cost[static_cast<std::size_t>(Cost::tick)] + kernel.cost[static_cast<std::size_t>(Cost::interruptions)];
    return std::min(taken, kernel.tick_period / 2); // more than its period would leave no time for anything
}

void note_ticks(Kernel& kernel, std::int64_t ticks) {
    if (ticks == 0) return;
    kernel.counters.ticks += static_cast<std::uint64_t>(ticks);
    kernel.charged.set(static_cast<std::size_t>(Cost::tick));
    kernel.charged.set(static_cast<std::size_t>(Cost::interruptions));
}

} // namespace switchyard::sim
