// What the policies of real-time systems have in common: a job has a key when it becomes ready, and the ready jobs with
// the smallest keys run, preemptively. A policy of this family is one function: the key.
//
// Jobs of equal keys do not preempt each other; among those that wait the one released earlier goes first, then the one
// whose task was created earlier, or the other way round. Tasks without jobs count as one job each, released when they
// arrived.
#pragma once

#include "sim/sched/policy.hpp"
#include "sim/sched/registry.hpp"

#include <array>
#include <limits>

namespace switchyard::sim {

// Before and behind every time: who goes first whatever the others' keys, and who only has what they leave.
inline constexpr std::int64_t first_of_all = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t last_of_all = std::numeric_limits<std::int64_t>::max();

// Which of the waiting jobs with equal keys goes first; and the parameter that says so.
enum class Equals : std::uint8_t { first_released, last_released };
inline constexpr ParameterDescription equals_parameter{"equals", ParameterType::word, "first_released",
                                                       "which of the waiting jobs with equal keys goes first",
                                                       "first_released last_released"};
inline constexpr std::array ranked_parameters{equals_parameter};

class RankedPolicy : public Policy {
public:
    explicit RankedPolicy(Equals equals = Equals::first_released) : equals_(equals) {}
    explicit RankedPolicy(const Parameters& given) : RankedPolicy(static_cast<Equals>(given.word("equals"))) {}

    // All tasks share all cores; partitioned_policy.hpp does not.
    void init(PolicyHost& host) override {
        queue_ = host.create_queue({.order = QueueOrder::by_rank, .preemptive = true});
    }
    void enqueue(PolicyHost& host, TaskId task, Enqueue) override { put(host, queue_, task); }

    [[nodiscard]] bool is_more_urgent(PolicyHost& host, TaskId task, TaskId than) override {
        return key(host, task, host.task(task)) < key(host, than, host.task(than));
    }

protected:
    // The smaller, the more urgent; asked when the task is put into the queue, and when it is put back.
    [[nodiscard]] virtual std::int64_t key(PolicyHost& host, TaskId task, const SchedulerView::TaskView& view) = 0;

    void put(PolicyHost& host, QueueId queue, TaskId task, Duration slice = unlimited_slice) {
        const SchedulerView::TaskView& view = host.task(task);
        const std::int64_t release = view.release.time_since_epoch().count();
        const bool forwards = equals_ == Equals::first_released;
        host.insert(queue, task, slice,
                    {key(host, task, view), forwards ? release : -release, forwards ? task : -std::int64_t{task}});
    }
    [[nodiscard]] QueueId queue() const { return queue_; }

private:
    Equals equals_;
    QueueId queue_ = no_queue;
};

// SchedulerDescription::make_policy for a policy with these parameters.
template <class Ranked>
std::unique_ptr<Policy> make_ranked(const Parameters& given) {
    return std::make_unique<Ranked>(given);
}

} // namespace switchyard::sim
