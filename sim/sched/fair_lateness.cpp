// Global fair lateness: a job's key is where EDF would have to move its deadline to so that the bounds on how late jobs
// are become equal for all tasks, release + D - (m - 1) / m x C on m cores. Erickson, Anderson and Ward 2014, "Fair
// lateness scheduling: reducing maximum lateness in G-EDF-like scheduling", Real-Time Systems 50(1).
//
// Keys are rounded up to the picosecond. C is Scheduling::runtime; without it a job's key is its deadline.
#include "models/units/wide_integer.hpp"
#include "sim/sched/policies.hpp"
#include "sim/sched/ranked_policy.hpp"

namespace switchyard::sim {

namespace {
class FairLateness final : public RankedPolicy {
public:
    using RankedPolicy::RankedPolicy;
    std::string description() const override { return "g_fl"; }

protected:
    std::int64_t key(PolicyHost& host, TaskId, const SchedulerView::TaskView& task) override {
        if (task.deadline == never) return last_of_all;
        const WideInteger earlier = WideInteger{task.scheduling->runtime.count()} * (host.cores() - 1) / host.cores();
        return task.deadline.time_since_epoch().count() - static_cast<std::int64_t>(earlier);
    }
};
} // namespace

const SchedulerDescription fair_lateness_policy{
    .name = "g_fl",
    .about = "global fair lateness: the job with the earliest deadline - (m - 1) / m x runtime has the core",
    .source =
        "Erickson, Anderson, Ward 2014: Fair lateness scheduling: reducing maximum lateness in G-EDF-like scheduling",
    .parameters = ranked_parameters,
    .make_policy = make_ranked<FairLateness>,
};

} // namespace switchyard::sim
