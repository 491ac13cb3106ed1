// Least laxity first: the job that could wait the least, deadline - now - work left, has the core. Mok 1983,
// "Fundamental design problems of distributed systems for the hard real-time environment", thesis, MIT; Dertouzos and
// Mok 1989, "Multiprocessor on-line scheduling of hard-real-time tasks", IEEE TSE 15(12).
//
// A waiting job's laxity shrinks, a running one's does not, so that two of equal laxity would take the core from each
// other without end: laxities are compared when jobs become ready and whenever a slice is over. The work left is what
// the job is going to do, at nominal speed (SchedulerHost::burst_left).
#include "models/units/text.hpp"
#include "sim/sched/policies.hpp"
#include "sim/sched/ranked_policy.hpp"

#include <array>
#include <fmt/format.h>

namespace switchyard::sim {

namespace {
class LeastLaxity final : public RankedPolicy {
public:
    explicit LeastLaxity(Duration slice) : slice_(slice) {}
    std::string description() const override { return fmt::format("llf, slice {}", exact_text(slice_)); }
    void init(PolicyHost& host) override {
        queue_ = host.create_queue({.order = QueueOrder::by_rank, .preemptive = true, .keys_change = true});
    }
    void enqueue(PolicyHost& host, TaskId task, Enqueue) override { put(host, queue_, task, slice_); }
    std::int64_t key_of_running(PolicyHost& host, TaskId task) const override {
        return latest_begin(host, task, host.task(task));
    }

protected:
    std::int64_t key(PolicyHost& host, TaskId id, const SchedulerView::TaskView& task) override {
        return latest_begin(host, id, task);
    }

private:
    // At which its laxity, were it to wait, would be 0: in this order at any time.
    static std::int64_t latest_begin(PolicyHost& host, TaskId id, const SchedulerView::TaskView& task) {
        if (task.deadline == never) return last_of_all;
        return (task.deadline - host.kernel().burst_left(id)).time_since_epoch().count();
    }

    Duration slice_;
    QueueId queue_ = no_queue;
};

constexpr std::array least_laxity_parameters{ParameterDescription{
    "slice", ParameterType::time, "1ms", "how long a job runs before laxities are compared again"}};
} // namespace

const SchedulerDescription least_laxity_policy{
    .name = "llf",
    .about = "least laxity first: the job that could wait the least and still meet its deadline has the core",
    .source = "Dertouzos, Mok 1989: Multiprocessor on-line scheduling of hard-real-time tasks",
    .parameters = least_laxity_parameters,
    .make_policy = [](const Parameters& given) -> std::unique_ptr<Policy> {
        return std::make_unique<LeastLaxity>(given.positive_time("slice"));
    },
};

} // namespace switchyard::sim
