// Static priorities, and linear ageing against starvation. Silberschatz, Galvin and Gagne, Operating System Concepts,
// "Priority Scheduling"; Kleinrock 1976, Queueing Systems II, sec. 3.3 (priorities that grow with the time in the
// system).
//
// The larger Scheduling::priority goes first; equals go in the order they came and never preempt. With ageing a task
// gains a level for every `ageing` since it became ready, running or not, until it blocks: at time t it has
// priority + (t - ready) / ageing. All gain alike, so that who is ahead of whom never changes: the order is that of
// ready - priority x ageing, which does not move with t.
#include "models/units/text.hpp"
#include "models/units/wide_integer.hpp"
#include "sim/sched/policies.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>
#include <vector>

namespace switchyard::sim {

namespace {
class StaticPriority final : public Policy {
public:
    StaticPriority(bool preemptive, Duration ageing) : preemptive_(preemptive), ageing_(ageing) {}
    std::string description() const override {
        return fmt::format("static_priority, {}{}", preemptive_ ? "preemptive" : "not preemptive",
                           ageing_ > Duration::zero() ? ", ageing " + exact_text(ageing_) : "");
    }
    void init(PolicyHost& host) override {
        queue_ = host.create_queue({.order = QueueOrder::by_rank, .preemptive = preemptive_});
    }
    void init_task(PolicyHost&, TaskId task) override {
        if (task >= ready_.size()) ready_.resize(task + std::size_t{1});
    }
    void enqueue(PolicyHost& host, TaskId task, Enqueue why) override {
        if (why == Enqueue::created || why == Enqueue::woken) ready_[task] = host.now();
        host.insert(queue_, task, unlimited_slice, {.key = key(host.task(task).scheduling->priority, ready_[task])});
    }
    bool is_more_urgent(PolicyHost& host, TaskId task, TaskId than) override {
        return host.task(task).scheduling->priority > host.task(than).scheduling->priority;
    }

private:
    [[nodiscard]] std::int64_t key(std::int32_t priority, Time ready) const {
        if (ageing_ == Duration::zero()) return -std::int64_t{priority};
        const WideInteger exact =
            WideInteger{ready.time_since_epoch().count()} - WideInteger{priority} * ageing_.count();
        return static_cast<std::int64_t>(std::clamp<WideInteger>(exact, std::numeric_limits<std::int64_t>::min(),
                                                                 std::numeric_limits<std::int64_t>::max()));
    }

    bool preemptive_;
    Duration ageing_;
    QueueId queue_ = no_queue;
    std::vector<Time> ready_; // by task: since when
};

constexpr std::array static_priority_parameters{
    ParameterDescription{"preemptive", ParameterType::flag, "yes",
                         "whether a task of a larger priority takes the core from a running one"},
    ParameterDescription{"ageing", ParameterType::time, "0s",
                         "time since it became ready in which a task gains one level; 0s: never"},
};
} // namespace

const SchedulerDescription static_priority_policy{
    .name = "static_priority",
    .about = "the larger `priority` of a task goes first",
    .source = "Silberschatz, Galvin, Gagne: Operating System Concepts, ch. CPU Scheduling; Kleinrock 1976: Queueing "
              "Systems II",
    .parameters = static_priority_parameters,
    .make_policy = [](const Parameters& given) -> std::unique_ptr<Policy> {
        return std::make_unique<StaticPriority>(given.flag("preemptive"), given.time("ageing"));
    },
};

} // namespace switchyard::sim
