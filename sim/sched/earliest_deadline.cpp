// Earliest deadline first: the ready jobs with the earliest absolute deadlines run. On one core no policy meets
// deadlines that this one misses. Liu and Layland 1973, "Scheduling Algorithms for Multiprogramming in a Hard-Real-Time
// Environment", JACM 20(1); Dertouzos 1974, "Control Robotics", IFIP Congress, for its optimality.
#include "sim/sched/policies.hpp"
#include "sim/sched/ranked_policy.hpp"

namespace switchyard::sim {

namespace {
class EarliestDeadline final : public RankedPolicy {
public:
    std::string description() const override { return "edf"; }

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
    .parameters = {},
    .make_policy = [](const Parameters&) -> std::unique_ptr<Policy> { return std::make_unique<EarliestDeadline>(); },
};

} // namespace switchyard::sim
