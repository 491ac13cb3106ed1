// Global earliest deadline first that lets some tasks go first whatever their deadlines, so that many light tasks do
// not crowd out a heavy one (Dhall and Liu 1978, "On a real-time scheduling problem", Operations Research 26(1)).
//
// EDF-US[1/2]: those that need more than half a core. Srinivasan and Baruah 2002, "Deadline-based scheduling of
// periodic task systems on multiprocessors", Information Processing Letters 84(2); Baker 2005, "An analysis of EDF
// schedulability on a multiprocessor", IEEE TPDS 16(8), for the threshold of 1/2.
//
// EDF^(k): as many of the heaviest as make the rest need the fewest cores. Goossens, Funk and Baruah 2003,
// "Priority-driven scheduling of periodic task systems on multiprocessors", Real-Time Systems 25(2-3), algorithm PriD.
#include "models/analytic/multiprocessor.hpp"
#include "models/units/wide_integer.hpp"
#include "sim/sched/policies.hpp"
#include "sim/sched/ranked_policy.hpp"

#include <vector>

namespace switchyard::sim {

namespace {

class HeavyFirst final : public RankedPolicy {
public:
    using RankedPolicy::RankedPolicy;
    std::string description() const override { return "edf_us, threshold 1/2"; }

protected:
    std::int64_t key(PolicyHost&, TaskId, const SchedulerView::TaskView& task) override {
        const Scheduling& needs = *task.scheduling;
        const bool is_heavy =
            needs.period > Duration::zero() && WideInteger{needs.runtime.count()} * 2 > needs.period.count();
        return is_heavy ? first_of_all : task.deadline.time_since_epoch().count();
    }
};

// Chooses among the tasks that are there when the first one becomes ready; later ones are not favoured.
class FavouredHeaviest final : public RankedPolicy {
public:
    using RankedPolicy::RankedPolicy;
    std::string description() const override { return "prid"; }
    void init_task(PolicyHost&, TaskId task) override {
        if (task >= favoured_.size()) favoured_.resize(task + std::size_t{1}, false);
        favoured_[task] = false;
    }
    void enqueue(PolicyHost& host, TaskId task, Enqueue why) override {
        if (!begun_) choose(host);
        RankedPolicy::enqueue(host, task, why);
    }

protected:
    std::int64_t key(PolicyHost&, TaskId id, const SchedulerView::TaskView& task) override {
        return favoured_[id] ? first_of_all : task.deadline.time_since_epoch().count();
    }

private:
    void choose(PolicyHost& host) {
        begun_ = true;
        std::vector<PeriodicTask> tasks;
        std::vector<TaskId> ids;
        for (TaskId id = 0; id < favoured_.size(); ++id) {
            const Scheduling* needs = host.task(id).scheduling;
            if (needs == nullptr || needs->period <= Duration::zero() || needs->runtime <= Duration::zero()) continue;
            tasks.push_back(implicit_deadline_task(needs->runtime, needs->period));
            ids.push_back(id);
        }
        for (const std::size_t place : priority_driven_favourites(tasks)) favoured_[ids[place]] = true;
    }

    std::vector<bool> favoured_; // by task
    bool begun_ = false;
};

} // namespace

const SchedulerDescription heavy_first_policy{
    .name = "edf_us",
    .about = "EDF-US[1/2]: tasks whose runtime is more than half their period first, then the job that is due first",
    .source = "Srinivasan, Baruah 2002: Deadline-based scheduling of periodic task systems on multiprocessors",
    .parameters = ranked_parameters,
    .make_policy = make_ranked<HeavyFirst>,
};

const SchedulerDescription priority_driven_policy{
    .name = "prid",
    .about = "EDF^(k): the k - 1 tasks of the largest runtime / period first, then the job that is due first",
    .source = "Goossens, Funk, Baruah 2003: Priority-driven scheduling of periodic task systems on multiprocessors",
    .parameters = ranked_parameters,
    .make_policy = make_ranked<FavouredHeaviest>,
};

} // namespace switchyard::sim
