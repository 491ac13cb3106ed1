// What competes: entities (struct sched_entity, include/linux/sched.h), and the queues they compete in (struct cfs_rq,
// kernel/sched/sched.h). An entity is a task, or what stands for a group on one core: its queue of that core.
#pragma once

#include "models/trace/event.hpp"
#include "models/units/wide_integer.hpp"
#include "sim/sched/fair/load_average.hpp"
#include "sim/sched/fair/weights.hpp"
#include "sim/sched/scheduling_class.hpp"

#include <limits>

namespace switchyard::sim {

using EntityId = std::uint32_t;
inline constexpr EntityId no_entity = std::numeric_limits<EntityId>::max();
using FairQueueId = std::uint32_t; // group x cores + core; group 0 is the root
inline constexpr FairQueueId no_fair_queue = std::numeric_limits<FairQueueId>::max();

struct alignas(64) Entity {
    // What a search in the tree looks at (entity_tree.hpp), one cache line.
    EntityId left = no_entity;
    EntityId right = no_entity;
    EntityId up = no_entity;
    std::uint32_t priority = 0;   // of the treap; the larger is nearer to the root
    Nanoseconds key = 0;          // what the tree is sorted by: deadline, or vruntime before EEVDF
    Nanoseconds vruntime = 0;     // virtual time it has received
    Nanoseconds min_vruntime = 0; // the least of its subtree
    Nanoseconds slice = 0;        // how much it asks for at once
    Nanoseconds min_slice = 0;    // the least of its subtree
    std::int64_t whole_weight = 1024;

    LoadWeight load;
    VirtualRate rate;
    Nanoseconds deadline = 0;   // virtual: by when its request should have been served
    Nanoseconds lag = 0;        // virtual: how far behind the average it was when it left the queue (vlag)
    Nanoseconds protection = 0; // 6.12: the deadline until which it is protected; 6.17: the vruntime (vprot)
    Nanoseconds exec_start = 0; // since when its running is not accounted for
    Nanoseconds sum_exec = 0;   // that it has run
    Nanoseconds sum_exec_at_pick = 0;

    // Load averages (load_average.hpp), as of the times beside them.
    LoadTime load_updated = 0;
    LoadTime utilization_updated = 0;
    std::uint32_t load_sum = 0;        // time on the queue
    std::uint32_t utilization_sum = 0; // of a task: time it ran, x the capacity of the core / 1024

    EntityId parent = no_entity;       // the group it is in, on the same core
    FairQueueId queue = no_fair_queue; // in which it competes
    FairQueueId owned = no_fair_queue; // of a group: the queue it stands for
    TaskId task = no_task;             // of a task
    EntityId newer = no_entity;        // tasks of a core, the one that ran last first
    EntityId older = no_entity;
    std::uint8_t depth = 0;         // groups above it
    bool attached = false;          // its load counts in its queue, on which it may be or not
    bool on_queue = false;          // competes: in the tree or running
    bool delayed = false;           // has blocked, and competes until it has no negative lag
    bool custom_slice = false;      // `slice` is its own
    bool relative_deadline = false; // `deadline` counts from vruntime
    bool idle = false;              // SCHED_IDLE
    bool normal = true;             // SCHED_NORMAL
};

struct FairQueue {
    EntityId root = no_entity;        // of the tree of those that wait
    EntityId current = no_entity;     // runs, or contains who runs; not in the tree
    EntityId previous = no_entity;    // was `current` before the scheduling that is under way...
    std::uint32_t previous_stamp = 0; // ...if this is the core's stamp
    EntityId next = no_entity;        // buddies: picked next if that is not too unfair;
    EntityId last = no_entity;        // 6.5: preempted by a wakee;
    EntityId skip = no_entity;        // 6.5: has yielded

    std::uint32_t entities = 0; // that compete here, with `current` (nr_running)
    std::uint32_t tasks = 0;    // in it and the groups below that are not throttled (h_nr_queued)
    std::uint32_t delayed_tasks = 0;
    std::uint32_t idle_tasks = 0;
    Weight load = 0; // of those that compete, with `current`

    // EEVDF: over the tree, without `current`. Their weighted average is the virtual time of the queue.
    Nanoseconds zero = 0;            // what vruntimes are counted from, near the average (zero_vruntime)
    WideInteger weighted_vruntime{}; // sum of weight x (vruntime - zero)
    std::int64_t tree_weight = 0;    // sum of whole weights

    Nanoseconds min_vruntime = 0; // 6.5: never decreases

    CoreId core = 0;
    std::uint32_t group = 0;
    EntityId entity = no_entity; // what stands for it in the parent's queue

    // Bandwidth (bandwidth.hpp).
    bool bounded = false;              // its group has a quota
    bool throttled = false;            // has used up what there was
    Nanoseconds runtime_remaining = 0; // that it may still run
    FairQueueId next_throttled = no_fair_queue;
};

// The load averages of a queue (load_average.hpp), apart from what is needed to pick from it.
struct QueueLoad {
    LoadTime updated = 0;
    std::uint64_t load_sum = 0;     // of weights, those of tasks that were here included (load_avg)
    std::uint64_t runnable_sum = 0; // of numbers of tasks (runnable_avg)
    std::int64_t contribution = 0;  // what of the load average the group counts (tg_load_avg_contrib)
    Nanoseconds contributed_at = 0;
};

} // namespace switchyard::sim
