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
    explicit RoundRobin(Duration slice) : slice_(slice) {}
    std::string description() const override { return fmt::format("rr, slice {}", exact_text(slice_)); }
    void enqueue(PolicyHost& host, TaskId task) override { host.insert(task, slice_); }

private:
    Duration slice_;
};

// 100 ms is Linux's RR_TIMESLICE (include/linux/sched/rt.h).
constexpr std::array<PolicyParameterDescription, 1> round_robin_parameters{
    {{"slice", "time", "100ms", "how long a task may run while others are ready"}}};

std::unique_ptr<Policy> make_round_robin(const Scheduler& scheduler) {
    const PolicyParameter given = parameter(scheduler, round_robin_parameters[0]);
    Duration slice{};
    try {
        slice = parse_duration(given.text);
    } catch (const InputError& error) {
        throw error.at(given.where);
    }
    if (slice <= Duration::zero()) throw InputError("a slice must be longer than nothing", given.where);
    return std::make_unique<RoundRobin>(slice);
}
} // namespace

const PolicyDescription round_robin_policy{
    "rr",
    "round robin; like fifo, but for at most a slice while others are ready",
    "Silberschatz, Galvin, Gagne: Operating System Concepts, ch. CPU Scheduling",
    round_robin_parameters,
    make_round_robin,
};

} // namespace switchyard::sim
