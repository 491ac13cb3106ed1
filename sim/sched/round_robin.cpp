// Round robin: first in, first out, but nobody keeps the core for longer than a slice while others are ready.
// Silberschatz, Galvin and Gagne, Operating System Concepts, "Round-Robin Scheduling". A task whose remaining time
// equals its slice ends in that slice; one that yields forfeits the rest of its slice; slices are counted from the
// instant the task has the core (after the switch).
#include "models/units/text.hpp"
#include "sim/sched/policies.hpp"

#include <array>
#include <fmt/format.h>

namespace switchyard::sim {

namespace {
class RoundRobin final : public Policy {
public:
    RoundRobin(Duration slice, bool also_alone) : slice_(slice), also_alone_(also_alone) {}
    std::string description() const override { return fmt::format("rr, slice {}", exact_text(slice_)); }
    void init(PolicyHost& host) override { queue_ = host.create_queue({}); }
    void enqueue(PolicyHost& host, TaskId task, Enqueue) override { host.insert(queue_, task, slice_); }
    bool counts_slices() const override { return also_alone_; }

private:
    Duration slice_;
    bool also_alone_;
    QueueId queue_ = no_queue;
};

// 100 ms is Linux's RR_TIMESLICE (include/linux/sched/rt.h).
constexpr std::array round_robin_parameters{
    ParameterDescription{"slice", ParameterType::time, "100ms", "how long a task may run while others are ready"},
    ParameterDescription{"also_alone", ParameterType::flag, "no",
                         "whether slices also end where nobody else is ready, to begin anew"},
};
} // namespace

const SchedulerDescription round_robin_policy{
    .name = "rr",
    .about = "round robin; like fifo, but for at most a slice while others are ready",
    .source = "Silberschatz, Galvin, Gagne: Operating System Concepts, ch. CPU Scheduling",
    .parameters = round_robin_parameters,
    .make_policy = [](const Parameters& given) -> std::unique_ptr<Policy> {
        return std::make_unique<RoundRobin>(given.positive_time("slice"), given.flag("also_alone"));
    },
};

} // namespace switchyard::sim
