// From a Scenario to a Kernel ready to run, and from a Kernel that has run to a Report.
#pragma once

#include "sim/kernel/kernel.hpp"
#include "sim/sched/registry.hpp"

#include <functional>

namespace switchyard::sim {

// Makes the scheduler of a kernel that is being booted.
using MakeScheduler =
    std::function<std::unique_ptr<SchedulingClass>(SchedulerHost& host, const SchedulerMachine& machine)>;

// Everything the scenario describes, its tasks new, their arrivals pending. `scenario`, `profile` and `trace` must
// outlive the kernel, which refers to itself: it stays where it was made. `make`: a scheduler other than the one the
// scenario names, for those that scenarios cannot say. Throws InputError for an unknown policy.
[[nodiscard]] std::unique_ptr<Kernel> boot(const Scenario& scenario, const CostProfile& profile, EventOrder order,
                                           Trace* trace, const MakeScheduler& make = {});

// What the run yielded. The accounts must be closed.
[[nodiscard]] Report report_of(const Kernel& kernel, Outcome outcome, std::string diagnosis);

} // namespace switchyard::sim
