// What the scheduling class can ask of the kernel, answered; and the events that are its own.
#pragma once

#include "sim/kernel/kernel.hpp"

#include <memory>

namespace switchyard::sim {

// `kernel` must outlive it.
[[nodiscard]] std::shared_ptr<SchedulerHost> make_scheduler_host(Kernel& kernel);

// The work the task has before it, see SchedulerHost::burst_left: its program is followed until it blocks, ends, is
// done with its job, or `most_foreseen` operations have been looked at. Draws are those the task will make.
inline constexpr int most_foreseen = 1000;
[[nodiscard]] Duration burst_left(const Kernel& kernel, TaskId task);

} // namespace switchyard::sim
