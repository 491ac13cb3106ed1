// Everything the fair class keeps: the entities of tasks and groups, the queues of each group on each core, and what
// belongs to a core as a whole.
#pragma once

#include "sim/sched/fair/entity.hpp"
#include "sim/sched/fair/machine.hpp"
#include "sim/sched/fair/parameters.hpp"

#include <bit>
#include <span>
#include <vector>

namespace switchyard::sim {

// A quota in the course of being used (struct cfs_bandwidth, kernel/sched/sched.h).
struct Bandwidth {
    Nanoseconds quota = 0; // 0: none
    Nanoseconds period = 0;
    Nanoseconds burst = 0;
    Nanoseconds runtime = 0; // of the quota, that no core has taken yet
    Nanoseconds expires = 0; // when the period ends, or ended last
    bool timer_runs = false;
    bool idle = false;          // nobody took any since the period began
    bool slack_started = false; // what was given back is about to be handed out
    FairQueueId first_throttled = no_fair_queue;
    FairQueueId last_throttled = no_fair_queue;
};

struct FairGroup {
    std::uint32_t parent = 0; // the root is its own
    Weight shares = nice_0_load;
    std::int64_t load = 0; // what its queues contribute, all cores together (tg_load_avg)
    Bandwidth bandwidth;
};

// What a task remembers for the choice of its next core (struct task_struct).
struct Wakee {
    std::uint32_t flips = 0; // how often it woke somebody else than the time before
    Nanoseconds flips_since = 0;
    TaskId last = no_task; // whom it woke last
    CoreId recent_core = no_core;
};

struct alignas(64) FairCore {
    EntityId running = no_entity; // the task that has the core
    EntityId newest = no_entity;  // its tasks, the one that ran last first (cfs_tasks)
    EntityId oldest = no_entity;
    std::uint32_t stamp = 0;     // of the scheduling that is under way, see FairQueue::previous
    Nanoseconds put_at = -1;     // when it began
    bool scheduling = false;     // whether it is still under way
    bool need_resched = false;   // the running task is to be taken off...
    bool told = false;           // ...and the kernel knows
    bool action_changed = false; // the running task is not alone any more, or the like, unknown to the kernel
    bool was_idle = true;        // found nothing to run when it looked last
    Nanoseconds hrtick = 0;      // when the slice of the running task ends, with HRTICK

    bool is_used = false;          // by some task, since its utilization was brought up to date or until `put_at`
    CoreId push_to = no_core;      // its running task is to be moved there (active balancing)
    Nanoseconds dispatched_at = 0; // when its running task was given it
};

// What of a core is not needed to run it.
struct CoreLoad {
    LoadTime updated = 0;
    std::uint64_t utilization_sum = 0; // how much of it tasks of this class use (load.hpp), in 1/1,024
    Nanoseconds next_balance = 0;      // of one of its domains
    std::uint32_t push_domain = 0;     // in which FairCore::push_to is: an index into FairMachine::domains
};

struct FairState {
    FairState(const FairParameters& given, SchedulerHost& of, const Topology& topology, std::uint32_t hz);

    FairParameters parameters;
    SchedulerHost& host;
    CoreId cores;
    std::int64_t tick_picoseconds; // 0: no ticks
    Nanoseconds tick;              // TICK_NSEC

    // The parameters in ns, scaled to the number of cores.
    Nanoseconds base_slice;
    Nanoseconds normalized_base_slice; // not scaled
    Nanoseconds latency;
    Nanoseconds min_granularity;
    Nanoseconds idle_min_granularity;
    Nanoseconds wakeup_granularity;
    Nanoseconds migration_cost;
    Nanoseconds bandwidth_slice;
    std::int64_t latency_tasks; // that fit into a latency (sched_nr_latency)

    std::vector<Entity> entities;
    std::vector<FairQueue> queues;
    std::vector<QueueLoad> queue_loads;       // by queue
    std::vector<FairGroup> groups;            // 0 is the root
    std::vector<std::uint32_t> group_of_view; // by index into SchedulerView::groups
    std::vector<EntityId> entity_of_task;     // no_entity: it has ended
    std::vector<EntityId> free_entities;      // of tasks that have ended
    std::vector<Wakee> wakees;                // by task
    std::vector<FairCore> by_core;
    std::vector<CoreLoad> core_loads;
    FairMachine machine;

    std::vector<std::uint64_t> idle_cores;       // one bit a core: nothing of this class is queued
    std::vector<std::uint64_t> overloaded_cores; // more than one task is
    std::uint32_t overloaded = 0;                // how many
    std::uint32_t pushes = 0;                    // how many cores have a `push_to`
    bool balancing = false;                      // the timer is set
    std::vector<std::uint64_t> left_out;         // of the balancing under way: all tasks there are pinned

    [[nodiscard]] bool is_eevdf() const { return parameters.version != FairVersion::v6_5; }
    [[nodiscard]] FairQueue& queue_of(const Entity& entity) { return queues[entity.queue]; }
    [[nodiscard]] QueueLoad& load_sums_of(const FairQueue& queue) {
        return queue_loads[static_cast<std::size_t>(&queue - queues.data())];
    }
    [[nodiscard]] const QueueLoad& load_sums_of(const FairQueue& queue) const {
        return queue_loads[static_cast<std::size_t>(&queue - queues.data())];
    }
    [[nodiscard]] FairQueue& root_of(CoreId core) { return queues[core]; }
    [[nodiscard]] FairCore& core_of(const FairQueue& queue) { return by_core[queue.core]; }
    [[nodiscard]] EntityId id_of(const Entity& entity) const {
        return static_cast<EntityId>(&entity - entities.data());
    }
    [[nodiscard]] Entity* parent_of(const Entity& entity) {
        return entity.parent == no_entity ? nullptr : &entities[entity.parent];
    }
};

// The clock of the kernel counts whole nanoseconds.
[[nodiscard]] inline Nanoseconds nanoseconds(Time time) { return time.time_since_epoch().count() / 1000; }
[[nodiscard]] inline Nanoseconds nanoseconds(Duration length) { return length.count() / 1000; }
[[nodiscard]] inline Time instant(Nanoseconds at) {
    return at > never.time_since_epoch().count() / 1000 ? never : Time{Duration{at * 1000}};
}

inline constexpr Nanoseconds milliseconds = 1'000'000;

// The first tick at `at` or later; `at` itself without ticks.
[[nodiscard]] inline Nanoseconds tick_from(const FairState& fair, Nanoseconds at) {
    if (fair.tick_picoseconds == 0) return at;
    const std::int64_t number = (at * 1000 + fair.tick_picoseconds - 1) / fair.tick_picoseconds;
    return (number * fair.tick_picoseconds + 999) / 1000;
}

// The scheduling that is under way has taken that entity off the core, or is considering to: the queue's entity that
// would go on running if it were picked. no_entity: none.
[[nodiscard]] inline EntityId previous_of(const FairState& fair, const FairQueue& queue) {
    const FairCore& core = fair.by_core[queue.core];
    return core.scheduling && queue.previous_stamp == core.stamp ? queue.previous : no_entity;
}

// The running task of the core is to be taken off as soon as possible (resched_curr, kernel/sched/core.c).
inline void reschedule(FairState& fair, const FairQueue& queue) { fair.core_of(queue).need_resched = true; }

// Numbers of the timers set through the host: balancing, and two for each group with a quota.
inline constexpr std::uint32_t balance_timer = 0;
[[nodiscard]] constexpr std::uint32_t period_timer(std::uint32_t group) { return 2 * group + 1; }
[[nodiscard]] constexpr std::uint32_t slack_timer(std::uint32_t group) { return 2 * group + 2; }

} // namespace switchyard::sim
