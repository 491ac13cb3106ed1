// First in, first out: who is ready first runs until it blocks, ends or yields. Silberschatz, Galvin and Gagne,
// Operating System Concepts, "First-Come, First-Served Scheduling".
#include "sim/sched/policies.hpp"

namespace switchyard::sim {

namespace {
class Fifo final : public Policy {
public:
    std::string description() const override { return "fifo"; }
    void enqueue(PolicyHost& host, TaskId task) override { host.insert(task, unlimited_slice); }
};
} // namespace

const PolicyDescription fifo_policy{
    "fifo",
    "first in, first out; a task runs until it blocks, ends or yields",
    "Silberschatz, Galvin, Gagne: Operating System Concepts, ch. CPU Scheduling",
    {},
    [](const Scheduler&) -> std::unique_ptr<Policy> { return std::make_unique<Fifo>(); },
};

} // namespace switchyard::sim
