#include "sim/sched/registry.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "sim/sched/policies.hpp"
#include "sim/sched/policy_class.hpp"

#include <array>
#include <fmt/format.h>
#include <vector>

namespace switchyard::sim {

std::span<const SchedulerDescription> schedulers() {
    static const std::array all{
        fifo_policy,
        first_come_first_served_policy,
        round_robin_policy,
        shortest_job_first_policy,
        shortest_remaining_time_policy,
        static_priority_policy,
        mlfq_policy,
        lottery_policy,
        stride_policy,
        multiprocessor_policy,
        multiprogramming_policy,
        rate_monotonic_policy,
        deadline_monotonic_policy,
        fixed_priority_policy,
        earliest_deadline_policy,
        heavy_first_policy,
        priority_driven_policy,
        zero_laxity_policy,
        least_laxity_policy,
        fair_lateness_policy,
        constant_bandwidth_policy,
        linux_stack,
        eevdf_stack,
        cfs_stack,
    };
    return all;
}

static const SchedulerDescription& scheduler_named(const Scheduler& scheduler) {
    std::vector<std::string_view> names;
    for (const SchedulerDescription& description : schedulers()) {
        if (description.name == scheduler.policy) return description;
        names.push_back(description.name);
    }
    throw InputError(fmt::format("unknown scheduling policy '{}'{}; there are: {}", scheduler.policy,
                                 suggestion(scheduler.policy, names), fmt::join(names, ", ")),
                     scheduler.where);
}

std::unique_ptr<SchedulingClass> make_scheduler(const Scheduler& scheduler, SchedulerHost& host,
                                                const SchedulerMachine& machine) {
    const SchedulerDescription& description = scheduler_named(scheduler);
    const Parameters given(scheduler, description, machine.kernel);
    if (description.make_class != nullptr) return description.make_class(given, host, machine);
    return std::make_unique<PolicyClass>(description.make_policy(given), host, machine.cores);
}

} // namespace switchyard::sim
