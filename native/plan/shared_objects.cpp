#include "native/plan/shared_objects.hpp"

#include "models/scenario/sharing.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::native {

namespace {

// Of those who take the lock; at least the lowest there is.
std::int32_t highest_priority_of_users(const Scenario& scenario, std::size_t lock) {
    std::int32_t highest = 1;
    for (const TaskTemplate& task : scenario.tasks)
        for (const Operation& operation : task.program.code)
            if ((operation.kind == OperationKind::lock || operation.kind == OperationKind::try_lock) &&
                operation.object == lock)
                highest = std::max(highest, task.scheduling.priority);
    return highest;
}

// Who it belongs to is a task then: its thread may carry others, for whom it is taken.
bool is_used_by_carried(const Scenario& scenario, std::size_t lock) {
    return std::ranges::any_of(scenario.tasks, [&](const TaskTemplate& task) {
        return is_carried(task.kind) && std::ranges::any_of(task.program.code, [&](const Operation& operation) {
                   const bool is_of_lock =
                       operation.kind >= OperationKind::lock && operation.kind <= OperationKind::unlock;
                   return is_of_lock && operation.object == lock;
               });
    });
}

std::int64_t nanoseconds(Duration duration) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(duration).count();
}

} // namespace

std::optional<std::string> why_not_asynchronous(const Scenario& scenario) {
    const auto is_semaphore = [](const Operation& operation) {
        return operation.kind == OperationKind::acquire || operation.kind == OperationKind::release;
    };
    const auto is_lock = [](const Operation& operation) {
        return operation.kind >= OperationKind::lock && operation.kind <= OperationKind::unlock;
    };
    const auto process_of = [](const TaskTemplate& task) {
        return task.kind == TaskKind::process ? task.name : task.process.empty() ? std::string("main") : task.process;
    };
    for (const TaskTemplate& task : scenario.tasks)
        for (const Operation& wait : task.program.code) {
            if (!wait.asynchronous || !(is_semaphore(wait) || is_lock(wait))) continue;
            for (const TaskTemplate& other : scenario.tasks) {
                const bool uses = std::ranges::any_of(other.program.code, [&](const Operation& operation) {
                    return operation.object == wait.object &&
                           (is_semaphore(wait) ? is_semaphore(operation) : is_lock(operation));
                });
                if (uses && process_of(other) != process_of(task))
                    return fmt::format("task '{}' waits asynchronously for what process '{}' uses, too: its event "
                                       "loop hears of its own process only",
                                       task.name, process_of(other));
            }
        }
    return std::nullopt;
}

void append_shared_objects(Plan& plan, const Scenario& scenario) {
    const SharingOfProcesses shared = shared_between_processes(scenario);
    for (std::size_t i = 0; i < scenario.semaphores.size(); ++i)
        plan.semaphores.push_back({static_cast<std::int32_t>(scenario.semaphores[i].initial), !shared.semaphores[i]});
    for (std::size_t i = 0; i < scenario.locks.size(); ++i) {
        const Lock& lock = scenario.locks[i];
        const std::int32_t ceiling = lock.ceiling > 0 ? lock.ceiling : highest_priority_of_users(scenario, i);
        const bool of_tasks = !lock.robust && lock.protocol == LockProtocol::none && is_used_by_carried(scenario, i);
        plan.locks.push_back({lock.kind, lock.protocol, lock.prefers, lock.robust, !shared.locks[i], of_tasks, ceiling,
                              nanoseconds(lock.spin), nanoseconds(lock.switch_interval)});
    }
    for (std::size_t i = 0; i < scenario.conditions.size(); ++i) plan.conditions.push_back({!shared.conditions[i]});
    for (std::size_t i = 0; i < scenario.barriers.size(); ++i)
        plan.barriers.push_back({scenario.barriers[i].parties, !shared.barriers[i]});
    for (const Variable& variable : scenario.variables) plan.variables.push_back({variable.initial, variable.atomic});
}

void append_devices(Plan& plan, const Scenario& scenario) {
    const auto tasks = static_cast<std::uint32_t>(plan.instances.size() + plan.header.dynamic_tasks);
    std::uint64_t instants = 0;
    for (const Device& device : scenario.devices) {
        const std::uint32_t servers = std::min(device.parallel, tasks);
        const std::uint32_t asking = device.depth > 0 ? tasks : 0;
        plan.devices.push_back({servers, device.depth, asking, instants});
        instants += servers + asking;
    }
}

} // namespace switchyard::native
