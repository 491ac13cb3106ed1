// Earliest deadline until zero laxity: as EDF, but a job that would miss its deadline if it waited any longer goes
// first. Laxity is deadline - now - work left: while a job waits it shrinks as time goes by, while it runs it stays
// what it is. The work left is what the job is going to do, at nominal speed, which only a simulator knows
// (SchedulerHost::burst_left).
//
// Lee 1994, "On-line multiprocessor scheduling algorithms for real-time tasks", IEEE TENCON; Cho, Lee, Han and Lin
// 2002, "Efficient real-time scheduling algorithms for multiprocessor systems", IEICE Transactions on Communications
// E85-B(12).
#include "sim/sched/policies.hpp"
#include "sim/sched/ranked_policy.hpp"

namespace switchyard::sim {

namespace {
class ZeroLaxity final : public RankedPolicy {
public:
    using RankedPolicy::RankedPolicy;
    std::string description() const override { return "edzl"; }

    // A waiting job's timer, which has its task's number, goes off when its laxity is 0.
    void running(PolicyHost& host, TaskId task, CoreId) override { host.kernel().set_timer(task, never); }
    void quiescent(PolicyHost& host, TaskId task) override { host.kernel().set_timer(task, never); }
    void timer(PolicyHost& host, std::uint32_t task) override {
        if (host.queues().queue_of(task) != no_queue) put(host, queue(), task);
    }

protected:
    std::int64_t key(PolicyHost& host, TaskId id, const SchedulerView::TaskView& task) override {
        if (task.deadline == never) return last_of_all;
        const Time latest = task.deadline - host.kernel().burst_left(id); // at which it has to begin
        if (latest <= host.now()) return first_of_all;
        host.kernel().set_timer(id, latest);
        return task.deadline.time_since_epoch().count();
    }
};
} // namespace

const SchedulerDescription zero_laxity_policy{
    .name = "edzl",
    .about = "earliest deadline until zero laxity: as edf, but a job that cannot wait any longer goes first",
    .source = "Cho, Lee, Han, Lin 2002: Efficient real-time scheduling algorithms for multiprocessor systems",
    .parameters = ranked_parameters,
    .make_policy = make_ranked<ZeroLaxity>,
};

} // namespace switchyard::sim
