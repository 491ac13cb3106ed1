// What the scheduler is told of a task: sched_setattr(2)'s attributes, and what textbook and real-time policies ask
// for. A policy looks at those it knows and leaves the others alone. Children inherit them, as fork(2)'s do.
#pragma once

#include "models/units/size.hpp"
#include "models/units/time.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

// Linux's scheduling policies, sched(7). They choose the scheduling class where the scheduler has Linux's stack of
// classes; under any other policy all tasks are that policy's.
enum class LinuxPolicy : std::uint8_t { normal, batch, idle, fifo, rr, deadline };
inline constexpr int linux_policies = 6;

// "normal", "batch", "idle", "fifo", "rr", "deadline".
[[nodiscard]] std::string_view name_of(LinuxPolicy policy);

inline constexpr std::uint32_t no_group = std::numeric_limits<std::uint32_t>::max();

struct Scheduling {
    LinuxPolicy policy = LinuxPolicy::normal;
    std::int32_t nice = 0;      // -20..19: normal and batch
    std::int32_t priority = 0;  // fifo, rr: 1..99; policies of fixed priorities: any. The larger goes first
    std::int64_t tickets = 100; // lottery and stride: its share of the processor
    Bytes working_set;          // what it touches again and again: policies that know of caches
    Duration slice{};           // normal, batch: sched_setattr's runtime, a request length of its own; 0: the system's
    Duration runtime{};  // of one job: deadline class: guaranteed; real-time policies: the worst case. 0: not said
    Duration deadline{}; // of a job, after its release. 0: its period
    Duration period{};   // between two releases at least. 0: not periodic
    std::optional<Duration> timer_slack{}; // how much later the kernel may end its timers (PR_SET_TIMERSLACK,
                                           // prctl(2)); not said: as the machine has it. Real-time tasks have none
    bool aborts_on_miss = false; // a job that is not done by its deadline is given up, and the next one is begun

    // When a job is due after its release; 0: never.
    [[nodiscard]] Duration relative_deadline() const { return deadline > Duration::zero() ? deadline : period; }

    friend bool operator==(const Scheduling&, const Scheduling&) = default;
};

// Tasks that share the processor as one: a control group (cgroups(7), the cpu controller). Its tasks compete among
// themselves for what the group gets.
struct Group {
    std::string name;
    std::uint32_t parent = no_group; // index into Scenario::groups, before this one
    std::int64_t shares = 1024;      // its weight beside its siblings and tasks of nice 0 (1024); cpu.weight 100
    Duration quota{};                // processor time in each `period`, all cores together; 0: no bound
    Duration period = std::chrono::milliseconds{100};
    Duration burst{}; // of unused quota that may be saved up

    friend bool operator==(const Group&, const Group&) = default;
};

// Bounds of the kernel (kernel/sched/core.c, kernel/sched/fair.c, include/linux/sched/prio.h).
inline constexpr std::int32_t lowest_nice = 19;
inline constexpr std::int32_t highest_nice = -20;
inline constexpr std::int32_t most_real_time_priority = 99;
inline constexpr std::int64_t least_shares = 2;      // MIN_SHARES
inline constexpr std::int64_t most_shares = 1 << 18; // MAX_SHARES
inline constexpr std::int64_t highest_cpu_weight = 10'000;

// cgroup v2's cpu.weight (1..10000, 100 by default) as v1's cpu.shares: 1024 x weight / 100, rounded to the nearest
// (sched_weight_from_cgroup, kernel/sched/sched.h).
[[nodiscard]] std::int64_t shares_of_weight(std::int64_t cpu_weight);

// Throws InputError, without a place, for attributes no kernel would take.
void validate(const Scheduling& scheduling);
void validate(const Group& group);

} // namespace switchyard
