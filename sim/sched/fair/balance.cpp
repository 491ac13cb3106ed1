#include "sim/sched/fair/balance.hpp"

#include "sim/sched/fair/hierarchy.hpp"
#include "sim/sched/fair/next_action.hpp"
#include "sim/sched/fair/placement.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

constexpr std::uint32_t cache_nice_tries = 1; // failures until hot tasks are moved too

// How a core stands: it has time left, one task, or more than it can run (enum group_type).
enum class Busyness : std::uint8_t { has_spare, fully_busy, overloaded };
Busyness busyness_of(const FairState& fair, CoreId core) {
    const std::uint32_t tasks = fair.queues[core].tasks;
    return tasks == 0 ? Busyness::has_spare : tasks == 1 ? Busyness::fully_busy : Busyness::overloaded;
}

// How much is to be moved, and in what.
struct Imbalance {
    CoreId from = no_core;
    bool in_tasks = true; // else in load
    std::int64_t amount = 0;
};

// The busiest core, if it is so much busier than `to` that something should move (sched_balance_find_src_group,
// calculate_imbalance).
Imbalance find_imbalance(const FairState& fair, CoreId to) {
    Imbalance found;
    std::int64_t total = 0;
    for (CoreId core = 0; core < fair.cores; ++core) {
        total += load_of(fair, core);
        if (core == to || fair.queues[core].tasks < 2) continue;
        if (found.from == no_core || load_of(fair, core) > load_of(fair, found.from)) found.from = core;
    }
    if (found.from == no_core) return found;
    const Busyness local = busyness_of(fair, to);
    if (local == Busyness::has_spare) {
        const std::int64_t more = fair.queues[found.from].tasks;
        found.amount = std::max<std::int64_t>(1, more / 2);
        return found;
    }
    const std::int64_t mine = load_of(fair, to);
    const std::int64_t theirs = load_of(fair, found.from);
    const std::int64_t average = total / fair.cores;
    const bool balanced = mine >= theirs || mine >= average ||
                          (local == Busyness::overloaded && 100 * theirs <= imbalance_percent * mine);
    if (balanced) return {};
    found.in_tasks = false;
    found.amount = std::min(theirs - average, average - mine);
    return found;
}

// The part of its core's load that a task is (task_h_load).
std::int64_t hierarchical_load(const FairState& fair, const Entity& task) {
    std::int64_t load = task.whole_weight;
    for (EntityId id = task.parent; id != no_entity; id = fair.entities[id].parent) {
        const Entity& group = fair.entities[id];
        load = load * group.whole_weight / std::max<std::int64_t>(1, scale_load_down(fair.queues[group.owned].load));
    }
    return std::max<std::int64_t>(1, load);
}

bool is_hot(const FairState& fair, const Entity& task, Nanoseconds now) {
    if (task.idle || fair.migration_cost == 0) return false;
    return now - task.exec_start < fair.migration_cost;
}

bool can_migrate(const FairState& fair, const Entity& task, CoreId to, Nanoseconds now) {
    const FairQueue& queue = fair.queues[task.queue];
    if (fair.by_core[queue.core].running == fair.id_of(task) || task.delayed) return false;
    const auto& view = fair.host.view();
    if (view.current[queue.core] == task.task || !may_run_on(view.tasks[task.task], to)) return false;
    if (throttled_hierarchy(fair, queue) || throttled_hierarchy(fair, fair.queues[queue.group * fair.cores + to]))
        return false;
    return !is_hot(fair, task, now) || fair.by_core[to].balance_failed > cache_nice_tries;
}

void migrate(FairState& fair, Entity& task, CoreId to, Nanoseconds now) {
    const FairQueue& from = fair.queue_of(task);
    dequeue_entities(fair, task, {}, now);
    set_task_queue(fair, task, from.group, to);
    enqueue_task_fair(fair, task, {false, false, true}, now);
    fair.host.moved(task.task, to);
    fair.by_core[to].action_changed = true;
    if (fair.by_core[to].running != no_entity) static_cast<void>(check_preempt_wakeup(fair, task, false, now));
}

// Moves tasks, those first that have not run for longest (detach_tasks); how many.
std::uint32_t move_tasks(FairState& fair, Imbalance imbalance, CoreId to, std::uint32_t at_most, Nanoseconds now) {
    FairCore& core = fair.by_core[imbalance.from];
    const FairQueue& root = fair.root_of(imbalance.from);
    const bool is_idle = fair.by_core[to].running == no_entity;
    std::uint32_t moved = 0;
    std::uint32_t looks = std::min(fair.parameters.nr_migrate, root.tasks);
    for (EntityId id = core.oldest; id != no_entity && looks > 0 && moved < at_most && imbalance.amount > 0; --looks) {
        if (is_idle && root.tasks <= 1) break;
        Entity& task = fair.entities[id];
        id = task.newer;
        if (!can_migrate(fair, task, to, now)) continue;
        if (imbalance.in_tasks) {
            --imbalance.amount;
        } else {
            const std::int64_t load = hierarchical_load(fair, task);
            if ((load >> std::min(fair.by_core[to].balance_failed, 62U)) > imbalance.amount) continue;
            imbalance.amount -= load;
        }
        migrate(fair, task, to, now);
        ++moved;
    }
    return moved;
}

// Until the core balances again (get_sd_balance_interval).
Nanoseconds interval_of(const FairState& fair, CoreId core, bool is_busy) {
    constexpr std::int64_t busy_factor = 16;
    const Nanoseconds tick = std::max<Nanoseconds>(1, fair.tick);
    const Nanoseconds interval = fair.by_core[core].balance_interval * milliseconds * (is_busy ? busy_factor : 1);
    if (fair.tick_picoseconds == 0) return interval;
    std::int64_t ticks = (interval + tick - 1) / tick - (is_busy ? 1 : 0);
    const std::int64_t most = 1'000'000'000 / tick * fair.cores / 10;
    ticks = std::max<std::int64_t>(1, std::min(ticks, most));
    return ticks * tick;
}

void balance(FairState& fair, CoreId to, Nanoseconds now) {
    FairCore& core = fair.by_core[to];
    const std::int64_t shortest = fair.cores;
    const Imbalance imbalance = find_imbalance(fair, to);
    if (imbalance.from == no_core) {
        core.balance_failed = 0;
    } else if (move_tasks(fair, imbalance, to, fair.parameters.nr_migrate, now) > 0) {
        core.balance_failed = 0;
        core.balance_interval = shortest;
        if (core.running == no_entity && fair.host.view().current[to] == no_task) fair.host.reschedule(to);
        return;
    } else {
        ++core.balance_failed;
    }
    core.balance_interval = std::min(2 * core.balance_interval, 2 * shortest);
}

// Sets the timer to when the first core balances, at the next tick at the earliest.
void set_timer(FairState& fair, Nanoseconds now) {
    Nanoseconds first = std::numeric_limits<Nanoseconds>::max();
    for (const FairCore& core : fair.by_core) first = std::min(first, core.next_balance);
    fair.balancing = true;
    fair.host.set_timer(balance_timer, instant(tick_from(fair, std::max(first, now + 1))));
}

} // namespace

void balance_soon(FairState& fair, Nanoseconds now) {
    if (fair.balancing || fair.overloaded == 0 || fair.cores == 1) return;
    set_timer(fair, now);
}

void balance_domains(FairState& fair, Nanoseconds now) {
    fair.balancing = false;
    // The ticks that went by would have kept up to date what each core's share of a group is worth: what is compared.
    for (CoreId core = 0; core < fair.cores; ++core)
        if (fair.by_core[core].running != no_entity) tick(fair, core, now);
    for (CoreId core = 0; core < fair.cores && fair.overloaded > 0; ++core) {
        FairCore& mine = fair.by_core[core];
        if (mine.next_balance > now) continue;
        const bool was_idle = is_idle(fair, core);
        balance(fair, core, now);
        mine.next_balance = now + interval_of(fair, core, !was_idle && !is_idle(fair, core));
    }
    balance_soon(fair, now);
}

bool pull_when_newly_idle(FairState& fair, CoreId core, Nanoseconds now) {
    if (fair.overloaded == 0) return false;
    const Imbalance imbalance = find_imbalance(fair, core);
    return imbalance.from != no_core && move_tasks(fair, imbalance, core, 1, now) > 0;
}

} // namespace switchyard::sim
