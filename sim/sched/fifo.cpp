// First in, first out: who is ready first runs until it blocks, ends or yields. Silberschatz, Galvin and Gagne,
// Operating System Concepts, "First-Come, First-Served Scheduling".
#include "sim/sched/policies.hpp"

namespace switchyard::sim {

namespace {
class Fifo final : public Policy {
public:
    std::string description() const override { return "fifo"; }
    void init(PolicyHost& host) override { queue_ = host.create_queue({}); }
    void enqueue(PolicyHost& host, TaskId task, Enqueue) override { host.insert(queue_, task, unlimited_slice); }

private:
    QueueId queue_ = no_queue;
};
} // namespace

const SchedulerDescription fifo_policy{
    .name = "fifo",
    .about = "first come, first served; a task runs until it blocks, ends or yields",
    .source = "Silberschatz, Galvin, Gagne: Operating System Concepts, ch. CPU Scheduling",
    .parameters = {},
    .make_policy = [](const Parameters&) -> std::unique_ptr<Policy> { return std::make_unique<Fifo>(); },
};

} // namespace switchyard::sim
