#include "native/execute/standstill.hpp"

#include <algorithm>
#include <vector>

namespace switchyard::native {

namespace {

// Of which thread of the plan an instance is.
std::size_t thread_of(const PlanView& plan, std::uint32_t instance) {
    const auto behind =
        std::upper_bound(plan.threads.begin(), plan.threads.end(), instance,
                         [](std::uint32_t wanted, const PlanThread& thread) { return wanted < thread.first_instance; });
    return static_cast<std::size_t>(behind - plan.threads.begin()) - 1;
}

bool is_left(TaskState state) { return state != TaskState::absent && state != TaskState::ended; }

} // namespace

Waits waits_of(const PlanView& plan, const SharedState& state) {
    const std::span<TaskRecord> tasks = recorded_tasks(plan, state);
    // Each blocked one blocks one of the threads that carry it; whoever they carry goes on while there is another.
    std::vector<std::uint32_t> blocked(plan.threads.size(), 0);
    const auto carrier_of = [&](const TaskRecord& task) -> const PlanThread& {
        return plan.threads[plan.threads[thread_of(plan, task.instance)].first_carrier];
    };
    const auto index_of = [&](const PlanThread& thread) {
        return static_cast<std::size_t>(&thread - plan.threads.data());
    };
    for (const TaskRecord& task : tasks)
        if (is_carried(task.kind) && task.state.load() == TaskState::blocked) ++blocked[index_of(carrier_of(task))];
    const auto is_carried_by_blocked = [&](const TaskRecord& task) {
        return is_carried(task.kind) && blocked[index_of(carrier_of(task))] >= carrier_of(task).carriers;
    };

    Waits waits;
    bool any_left = false;
    bool all_wait = true;
    for (const TaskRecord& task : tasks) {
        waits.begun += task.waits.load(std::memory_order_relaxed);
        const TaskState now = task.state.load();
        if (!is_left(now)) continue;
        any_left = true;
        if (now == TaskState::blocked || now == TaskState::suspended) continue;
        all_wait = all_wait && is_carried_by_blocked(task);
    }
    waits.all_wait = any_left && all_wait;
    return waits;
}

bool StandstillWatch::look(const Waits& now) {
    unchanged_ = now.all_wait && now == before_ ? unchanged_ + 1 : 0;
    before_ = now;
    return unchanged_ >= looks_needed;
}

} // namespace switchyard::native
