// Shortest job first, and its preemptive form, shortest remaining time first: whose next burst is the shortest goes
// first. Silberschatz, Galvin and Gagne, Operating System Concepts, "Shortest-Job-First Scheduling"; Schrage 1968, "A
// Proof of the Optimality of the Shortest Remaining Processing Time Discipline", Operations Research 16(3).
//
// They know what no real scheduler does: the work a task has before it until it blocks or ends (at nominal speed).
// Equal bursts go in the order they came, and never preempt.
#include "sim/sched/policies.hpp"

namespace switchyard::sim {

namespace {
class ShortestJobFirst final : public Policy {
public:
    explicit ShortestJobFirst(bool preemptive) : preemptive_(preemptive) {}
    std::string description() const override { return preemptive_ ? "srtf" : "sjf"; }
    void init(PolicyHost& host) override {
        queue_ =
            host.create_queue({.order = QueueOrder::by_rank, .preemptive = preemptive_, .keys_change = preemptive_});
    }
    void enqueue(PolicyHost& host, TaskId task, Enqueue) override {
        host.insert(queue_, task, unlimited_slice, {.key = host.kernel().burst_left(task).count()});
    }
    std::int64_t key_of_running(PolicyHost& host, TaskId task) const override {
        return host.kernel().burst_left(task).count();
    }

private:
    bool preemptive_;
    QueueId queue_ = no_queue;
};
} // namespace

const SchedulerDescription shortest_job_first_policy{
    .name = "sjf",
    .about = "shortest job first: the shortest next burst goes first, and is not preempted",
    .source = "Silberschatz, Galvin, Gagne: Operating System Concepts, ch. CPU Scheduling",
    .parameters = {},
    .make_policy = [](const Parameters&) -> std::unique_ptr<Policy> {
        return std::make_unique<ShortestJobFirst>(false);
    },
};

const SchedulerDescription shortest_remaining_time_policy{
    .name = "srtf",
    .about = "shortest remaining time first: sjf, but a shorter burst preempts",
    .source = "Schrage 1968: A Proof of the Optimality of the Shortest Remaining Processing Time Discipline",
    .parameters = {},
    .make_policy = [](const Parameters&) -> std::unique_ptr<Policy> {
        return std::make_unique<ShortestJobFirst>(true);
    },
};

} // namespace switchyard::sim
