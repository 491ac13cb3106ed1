#include "sim/kernel/change_scheduling.hpp"

#include <fmt/format.h>

namespace switchyard::sim {

void change_scheduling(Kernel& kernel, TaskId thread, const Scheduling& scheduling) {
    Scheduling& own = kernel.changed_scheduling[thread];
    own = scheduling;
    kernel.task_views[thread].scheduling = &own;
    try {
        kernel.scheduler->attributes_changed(thread, kernel.now());
    } catch (const InputError& error) {
        throw about_task(kernel, thread, error);
    }
    kernel.order_changed = true;
}

InputError about_task(const Kernel& kernel, TaskId task, const InputError& error) {
    const RowId row = kernel.tasks[task].row;
    const std::string name = row == nothing ? "a carrier thread" : fmt::format("task '{}'", kernel.rows[row].name);
    const InputError named(fmt::format("{}: {}", name, error.message()), error.where());
    return row < kernel.scenario->tasks.size() ? named.at(kernel.scenario->tasks[row].where) : named;
}

} // namespace switchyard::sim
