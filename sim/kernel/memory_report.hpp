// What a report says of the memory of tasks and their processes.
#pragma once

#include "models/report/report.hpp"
#include "sim/kernel/virtual_memory.hpp"

namespace switchyard::sim {

// The task has come to its end: what it did goes to its row, and the sizes of its process, if the task is that process
// or the last that lives in it.
void close_account(Kernel& kernel, TaskId task);

// The figures of all rows, and what else the report says of memory. Tasks that have not ended count with what they have
// done so far.
void report_memory(const Kernel& kernel, Report& report);

} // namespace switchyard::sim
