// Earliest deadline first: the ready jobs with the earliest absolute deadlines run. On one core no policy meets
// deadlines that this one misses. Liu and Layland 1973, "Scheduling Algorithms for Multiprogramming in a Hard-Real-Time
// Environment", JACM 20(1); Dertouzos 1974, "Control Robotics", IFIP Congress, for its optimality.
#include "sim/sched/partitioned_policy.hpp"
#include "sim/sched/policies.hpp"

namespace switchyard::sim {

namespace {
class EarliestDeadline final : public PartitionedPolicy {
public:
    EarliestDeadline(const Parameters& given, const SchedulerMachine& machine)
        : PartitionedPolicy("edf", given, machine) {}

protected:
    std::int64_t key(PolicyHost&, TaskId, const SchedulerView::TaskView& task) override {
        return task.deadline.time_since_epoch().count();
    }
};
} // namespace

const SchedulerDescription earliest_deadline_policy{
    .name = "edf",
    .about = "earliest deadline first: the job that is due first has the core",
    .source = "Liu, Layland 1973: Scheduling Algorithms for Multiprogramming in a Hard-Real-Time Environment",
    .parameters = partition_parameters,
    .make_class = make_partitioned<EarliestDeadline>,
};

} // namespace switchyard::sim
