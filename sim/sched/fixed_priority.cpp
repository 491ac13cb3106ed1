// Fixed priorities: every job of a task has the task's. By the rates (the shorter the period the higher: Liu and
// Layland 1973, "Scheduling Algorithms for Multiprogramming in a Hard-Real-Time Environment", JACM 20(1)), by the
// relative deadlines (Leung and Whitehead 1982, "On the complexity of fixed-priority scheduling of periodic, real-time
// tasks", Performance Evaluation 2(4)), or as given. Tasks that have no period, or no deadline, go last.
#include "sim/sched/partitioned_policy.hpp"
#include "sim/sched/policies.hpp"

namespace switchyard::sim {

namespace {

std::int64_t shortest_first(Duration length) { return length > Duration::zero() ? length.count() : last_of_all; }

class RateMonotonic final : public PartitionedPolicy {
public:
    RateMonotonic(const Parameters& given, const SchedulerMachine& machine) : PartitionedPolicy("rm", given, machine) {}

protected:
    std::int64_t key(PolicyHost&, TaskId, const SchedulerView::TaskView& task) override {
        return shortest_first(task.scheduling->period);
    }
};

class DeadlineMonotonic final : public PartitionedPolicy {
public:
    DeadlineMonotonic(const Parameters& given, const SchedulerMachine& machine)
        : PartitionedPolicy("dm", given, machine) {}

protected:
    std::int64_t key(PolicyHost&, TaskId, const SchedulerView::TaskView& task) override {
        return shortest_first(task.scheduling->relative_deadline());
    }
};

class FixedPriority final : public PartitionedPolicy {
public:
    FixedPriority(const Parameters& given, const SchedulerMachine& machine) : PartitionedPolicy("fp", given, machine) {}

protected:
    std::int64_t key(PolicyHost&, TaskId, const SchedulerView::TaskView& task) override {
        return -std::int64_t{task.scheduling->priority};
    }
};

} // namespace

const SchedulerDescription rate_monotonic_policy{
    .name = "rm",
    .about = "rate monotonic: the task with the shortest period has the core",
    .source = "Liu, Layland 1973: Scheduling Algorithms for Multiprogramming in a Hard-Real-Time Environment",
    .parameters = partition_parameters,
    .make_class = make_partitioned<RateMonotonic>,
};

const SchedulerDescription deadline_monotonic_policy{
    .name = "dm",
    .about = "deadline monotonic: the task with the shortest relative deadline has the core",
    .source = "Leung, Whitehead 1982: On the complexity of fixed-priority scheduling of periodic, real-time tasks",
    .parameters = partition_parameters,
    .make_class = make_partitioned<DeadlineMonotonic>,
};

const SchedulerDescription fixed_priority_policy{
    .name = "fp",
    .about = "fixed priorities: the task with the largest 'priority' has the core",
    .source = "Liu, Layland 1973: Scheduling Algorithms for Multiprogramming in a Hard-Real-Time Environment",
    .parameters = partition_parameters,
    .make_class = make_partitioned<FixedPriority>,
};

} // namespace switchyard::sim
