// What the fair class can be told: which Linux it is, and the knobs that Linux has. Names are the kernel's, lower-case;
// defaults are the kernel's for x86-64.
#pragma once

#include "models/units/time.hpp"
#include "sim/sched/scheduling_class.hpp"

#include <cstdint>
#include <string>

namespace switchyard::sim {

// Which Linux. Between two of them nothing changed that this model can see.
enum class FairVersion : std::uint8_t {
    v6_5,  // the Completely Fair Scheduler's last release (2.6.23 to 6.5)
    v6_12, // EEVDF with delayed dequeue (6.12 to 6.16, with its stable fixes)
    v6_17, // EEVDF whose protection lasts for the shortest request that waits (6.17 and later)
};

// How the lengths below grow with the number of cores, because with more of them people feel less latency:
// sysctl_sched_tunable_scaling (kernel/sched/fair.c, get_update_sysctl_factor).
enum class TunableScaling : std::uint8_t {
    none,   // not
    log,    // times 1 + log2 of min(cores, 8)
    linear, // times min(cores, 8)
};

struct FairParameters {
    FairVersion version = FairVersion::v6_17;
    TunableScaling tunable_scaling = TunableScaling::log;
    CoreId processors = 0; // that lengths grow with; 0: the cores. More, where those are some of a machine's

    // EEVDF. The request length of a task that has none of its own: sysctl_sched_base_slice, kernel/sched/fair.c (0.75
    // ms before February 2025).
    Duration base_slice = std::chrono::microseconds{700};
    // Scheduler features, kernel/sched/features.h.
    bool place_lag = true;              // who wakes or moves keeps the lag it left with
    bool place_deadline_initial = true; // a new task's first request is half as long
    bool place_rel_deadline = true;     // who moves while ready keeps what was left until its deadline
    bool run_to_parity = true;          // the running task is not replaced before it has had what it asked for
    bool preempt_short = true;          // except by one that asks for less
    bool delay_dequeue = true;          // who blocks with negative lag stays queued until it has none
    bool delay_zero = true;             // and gains nothing by that
    bool next_buddy = false;            // who wakes is picked next if eligible

    // 6.5: the period in which everybody should run once, the shortest slice, how far ahead a wakee must be to preempt;
    // sysctl_sched_latency, sysctl_sched_min_granularity, sysctl_sched_wakeup_granularity, kernel/sched/fair.c.
    Duration latency = std::chrono::microseconds{6000};
    Duration min_granularity = std::chrono::microseconds{750};
    Duration wakeup_granularity = std::chrono::microseconds{1000};
    Duration idle_min_granularity = std::chrono::microseconds{750}; // of SCHED_IDLE tasks; not scaled
    bool gentle_fair_sleepers = true; // a sleeper is put half a latency ahead of the others, not a whole one
    bool start_debit = true;          // a new task waits for a slice

    bool hrtick = false;           // slices end at a timer of their own: HRTICK, kernel/sched/features.h
    bool autogroup = true;         // each session is a group: sched_autogroup_enabled, kernel/sched/autogroup.c
    bool wakeup_preemption = true; // WAKEUP_PREEMPTION, kernel/sched/features.h

    // How long a task that has run is thought to find its data in the cache: sysctl_sched_migration_cost.
    Duration migration_cost = std::chrono::microseconds{500};
    // How much of a group's quota a core takes at once: sysctl_sched_cfs_bandwidth_slice.
    Duration bandwidth_slice = std::chrono::microseconds{5000};
    // At most how many tasks one balancing pass moves: sysctl_sched_nr_migrate, kernel/sched/core.c.
    std::uint32_t nr_migrate = 32;
};

// The factor of TunableScaling for that many cores.
[[nodiscard]] std::int64_t scaling_factor(TunableScaling scaling, CoreId cores);

// "fair 6.17, base slice 1.4 ms".
[[nodiscard]] std::string description_of(const FairParameters& parameters, CoreId cores);

} // namespace switchyard::sim
