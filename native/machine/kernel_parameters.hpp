// What this machine's kernel says of itself.
#pragma once

#include "models/machine/kernel_parameters.hpp"
#include "native/measurement/isolation.hpp"

#include <cstdint>
#include <string>

namespace switchyard::native {

struct KernelReading {
    KernelParameters parameters;
    Notes notes; // one sentence about what could not be read, if anything
};

// Where and on what kernel to look; other places are for tests.
struct KernelPlaces {
    std::string root;             // before /proc and /sys; empty on a real machine
    std::string release;          // uname -r; empty: this machine's
    std::string version;          // uname -v; empty: this machine's
    std::uint32_t processors = 0; // online; 0: this machine's
};

// Reads, of Linux (Documentation/admin-guide/sysctl/{kernel,vm}.rst, mm/transhuge.rst, pm/cpuidle.rst):
//   the release                        fair: which fair class that is; fair_server: there since 6.12
//   debugfs sched/base_slice_ns, tunable_scaling, migration_cost_ns, nr_migrate, features, fair_server, preempt
//   /proc/self/sched (se.slice)        base_slice, where debugfs does not say
//   /proc/sys/kernel/sched_*           rr_slice, rt_runtime, rt_period, bandwidth_slice, autogroup; numa_balancing
//   the coarse clock's resolution, and the rest: hz, online_processors, preemption, timer_slack, overcommit_memory,
//   transparent_huge_pages, transparent_huge_pages_defrag, idle_driver, idle_governor, frequency_governor
// `base_slice` is divided by what tunable_scaling multiplied it with (get_update_sysctl_factor, kernel/sched/fair.c),
// as the policies have it. debugfs is root's and has to be mounted.
[[nodiscard]] KernelReading read_kernel_parameters(const KernelPlaces& places = {});

} // namespace switchyard::native
