// Which processes may share what: an anonymous pipe is inherited (pipe(2)), so only relatives have it.
#pragma once

#include "models/scenario/scenario.hpp"

#include <string>
#include <vector>

namespace switchyard {

// The process a task begins in, by name: a process task's own, a thread's "main" or what it says. Instances of a
// process task are processes of their own.
[[nodiscard]] std::string process_of(const TaskTemplate& task);

// Throws InputError, at the operation, where strangers use one pipe: tasks of different processes that nobody has
// started in common (TaskTemplate::parent); where a process-local queue is used by several processes; where a signal
// would be waited for by several tasks.
void check_relations(const Scenario& scenario);

} // namespace switchyard
