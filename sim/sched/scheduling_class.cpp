#include "sim/sched/scheduling_class.hpp"

#include <algorithm>

namespace switchyard::sim {

bool may_run_on(const SchedulerView::TaskView& task, CoreId core) {
    return task.allowed.empty() || std::binary_search(task.allowed.begin(), task.allowed.end(), core);
}

} // namespace switchyard::sim
