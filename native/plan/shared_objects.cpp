#include "native/plan/shared_objects.hpp"

#include "native/plan/family.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace switchyard::native {

namespace {

// Which processes use each of the objects of one kind.
class Users {
public:
    explicit Users(std::size_t objects) : user_(objects, nobody), shared_(objects, false) {}

    void add(std::uint32_t object, std::size_t process, bool forks) {
        if (forks || (user_[object] != nobody && user_[object] != process)) shared_[object] = true;
        user_[object] = process;
    }
    [[nodiscard]] bool within_process(std::size_t object) const { return !shared_[object]; }

private:
    static constexpr std::size_t nobody = std::numeric_limits<std::size_t>::max();
    std::vector<std::size_t> user_;
    std::vector<bool> shared_;
};

struct AllUsers {
    Users semaphores;
    Users locks;
    Users conditions;
    Users barriers;
};

void add_users(AllUsers& users, const Program& program, std::size_t process) {
    const bool forks = std::ranges::any_of(program.code, [](const Operation& operation) {
        return creates_task(operation.kind) && operation.kind != OperationKind::spawn &&
               !(operation.kind == OperationKind::clone && operation.shares_memory);
    });
    for (const Operation& operation : program.code) switch (operation.kind) {
        case OperationKind::acquire:
        case OperationKind::release: users.semaphores.add(operation.object, process, forks); break;
        case OperationKind::lock:
        case OperationKind::lock_shared:
        case OperationKind::try_lock:
        case OperationKind::unlock: users.locks.add(operation.object, process, forks); break;
        case OperationKind::await: {
            const Await& await = program.synchronisation.awaits[operation.object];
            users.locks.add(await.lock, process, forks);
            users.conditions.add(await.condition, process, forks);
            break;
        }
        case OperationKind::notify:
        case OperationKind::notify_all: users.conditions.add(operation.object, process, forks); break;
        case OperationKind::arrive: users.barriers.add(operation.object, process, forks); break;
        default: break;
        }
}

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

void append_shared_objects(Plan& plan, const Scenario& scenario, const std::vector<ProcessThreads>& house) {
    AllUsers users{Users(scenario.semaphores.size()), Users(scenario.locks.size()), Users(scenario.conditions.size()),
                   Users(scenario.barriers.size())};
    for (std::size_t process = 0; process < house.size(); ++process)
        for (const ThreadMembers& thread : house[process].threads)
            for (const Member& member : thread.members)
                add_users(users, scenario.tasks[member.program].program, process);
    for (std::size_t i = 0; i < scenario.semaphores.size(); ++i)
        plan.semaphores.push_back(
            {static_cast<std::int32_t>(scenario.semaphores[i].initial), users.semaphores.within_process(i)});
    for (std::size_t i = 0; i < scenario.locks.size(); ++i) {
        const Lock& lock = scenario.locks[i];
        const std::int32_t ceiling = lock.ceiling > 0 ? lock.ceiling : highest_priority_of_users(scenario, i);
        const bool of_tasks = !lock.robust && lock.protocol == LockProtocol::none && is_used_by_carried(scenario, i);
        plan.locks.push_back({lock.kind, lock.protocol, lock.prefers, lock.robust, users.locks.within_process(i),
                              of_tasks, ceiling, nanoseconds(lock.spin), nanoseconds(lock.switch_interval)});
    }
    for (std::size_t i = 0; i < scenario.conditions.size(); ++i)
        plan.conditions.push_back({users.conditions.within_process(i)});
    for (std::size_t i = 0; i < scenario.barriers.size(); ++i)
        plan.barriers.push_back({scenario.barriers[i].parties, users.barriers.within_process(i)});
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
