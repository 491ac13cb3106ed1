#include "models/scenario/sharing.hpp"

#include <algorithm>
#include <string_view>

namespace switchyard {

namespace {

constexpr std::string_view default_process = "main";

// Of the objects of one kind: the process that uses each, or that several do.
class Users {
public:
    explicit Users(std::size_t objects) : user_(objects), shared_(objects, false) {}

    void add(std::uint32_t object, std::string_view process, bool several) {
        if (several || (!user_[object].empty() && user_[object] != process)) shared_[object] = true;
        user_[object] = process;
    }
    [[nodiscard]] const std::vector<bool>& shared() const { return shared_; }

private:
    std::vector<std::string_view> user_;
    std::vector<bool> shared_;
};

bool forks(const Program& program) {
    return std::ranges::any_of(program.code, [](const Operation& operation) {
        return operation.kind == OperationKind::fork || operation.kind == OperationKind::vfork ||
               (operation.kind == OperationKind::clone && !operation.shares_memory);
    });
}

} // namespace

SharingOfProcesses shared_between_processes(const Scenario& scenario) {
    Users semaphores(scenario.semaphores.size()), locks(scenario.locks.size()), conditions(scenario.conditions.size()),
        barriers(scenario.barriers.size());
    for (const TaskTemplate& task : scenario.tasks) {
        const bool is_process = task.kind == TaskKind::process;
        const std::string_view process = is_process             ? std::string_view(task.name)
                                         : task.process.empty() ? default_process
                                                                : std::string_view(task.process);
        const bool several = (is_process && task.count > 1) || forks(task.program);
        for (const Operation& operation : task.program.code) switch (operation.kind) {
            case OperationKind::acquire:
            case OperationKind::release: semaphores.add(operation.object, process, several); break;
            case OperationKind::lock:
            case OperationKind::lock_shared:
            case OperationKind::try_lock:
            case OperationKind::unlock: locks.add(operation.object, process, several); break;
            case OperationKind::await: {
                const Await& await = task.program.synchronisation.awaits[operation.object];
                locks.add(await.lock, process, several);
                conditions.add(await.condition, process, several);
                break;
            }
            case OperationKind::notify:
            case OperationKind::notify_all: conditions.add(operation.object, process, several); break;
            case OperationKind::arrive: barriers.add(operation.object, process, several); break;
            default: break;
            }
    }
    return {semaphores.shared(), locks.shared(), conditions.shared(), barriers.shared()};
}

} // namespace switchyard
