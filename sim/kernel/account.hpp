// Where the time of a core goes. Stretches and switches are booked when they end or are broken off; idle time is what
// nothing else was booked for.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

inline void account(Core& core, TimeCategory category, Duration length) {
    core.time[static_cast<std::size_t>(category)] += length;
    core.accounted += length;
}

inline void account_idle_until(Core& core, Time now) { account(core, TimeCategory::idle, now - core.accounted); }

// The task whose program the thread on `core` executes: itself, or whom it carries.
[[nodiscard]] Task& actor_on(Kernel& kernel, const Core& core);

// How long work takes at the speed of a core, rounded up; how much of it is done in a time, rounded down.
[[nodiscard]] Duration time_of_work(const Core& core, Duration work);
[[nodiscard]] Duration work_of_time(const Core& core, Duration time);

// Closes the stretch in progress, if there is one, and takes what was done off what the operation still has to do. The
// thread stays on its core.
void break_off(Kernel& kernel, Core& core);

// Closes the account of a switch that began and has come as far as `until`; what was booked in advance beyond it is
// taken back.
void close_switch(Kernel& kernel, Core& core, Time until);

// Closes the account of every core at `end`.
void close_accounts(Kernel& kernel, Time end);

// The run of a thread on its core, for the distribution of run lengths: it ends when another thread gets the core, at
// `at`, or nobody does, not where the same one is picked again at once.
void begin_run(Kernel& kernel, Core& core, TaskId thread, Time at);
void end_run(Kernel& kernel, Core& core, Time until);

} // namespace switchyard::sim
