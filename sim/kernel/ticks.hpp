// The timer tick: when it comes and what it takes. No event is spent on it: every stretch of time grows by the ticks
// that fall into it, in closed form. Ticks fall on multiples of the period, on every core.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// The first tick at `from` or later. Precondition: the machine has ticks.
[[nodiscard]] Time tick_at_or_after(const Kernel& kernel, Time from);

// Time has come to another instant: keeps Kernel::next_tick what it says.
void note_next_tick(Kernel& kernel);

// How many ticks there are in [from, until). Precondition: the machine has ticks.
[[nodiscard]] std::int64_t ticks_between(const Kernel& kernel, Time from, Time until);

// When `length` of time is over that begins at `start` and is interrupted by ticks, each costing `tick`.
[[nodiscard]] Time end_with_ticks(const Kernel& kernel, Time start, Duration length, Duration tick);

// The cost of a tick as the kernel's costs and its period make it.
[[nodiscard]] Duration tick_cost_of(const Kernel& kernel);

void note_ticks(Kernel& kernel, std::int64_t ticks);

} // namespace switchyard::sim
