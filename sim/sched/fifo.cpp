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

constexpr std::string_view fifo_about = "first come, first served; a task runs until it blocks, ends or yields";
constexpr std::string_view fifo_source = "Silberschatz, Galvin, Gagne: Operating System Concepts, ch. CPU Scheduling";

std::unique_ptr<Policy> make_fifo(const Parameters&) { return std::make_unique<Fifo>(); }
} // namespace

const SchedulerDescription fifo_policy{
    .name = "fifo", .about = fifo_about, .source = fifo_source, .parameters = {}, .make_policy = make_fifo};

// The name in textbooks.
const SchedulerDescription first_come_first_served_policy{.name = "fcfs",
                                                          .about = "another name for fifo",
                                                          .source = fifo_source,
                                                          .parameters = {},
                                                          .make_policy = make_fifo};

} // namespace switchyard::sim
