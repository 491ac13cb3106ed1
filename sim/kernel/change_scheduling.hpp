// A task's scheduling attributes change while it lives: sched_setattr(2), and a priority lent to it by who waits for it.
#pragma once

#include "sim/kernel/kernel.hpp"

namespace switchyard::sim {

// From now on the scheduler sees these attributes of the thread, whatever its state. What follows from it (another
// thread has to run) happens when the cores are run at this instant, or as soon as who runs can be taken off. Throws
// InputError, naming the task, where the scheduler refuses them.
void change_scheduling(Kernel& kernel, TaskId thread, const Scheduling& scheduling);

// The same error about a task, by its name and, where it stands in the scenario, its place.
[[nodiscard]] InputError about_task(const Kernel& kernel, TaskId task, const InputError& error);

} // namespace switchyard::sim
