#include "sim/sched/fair/placement.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::sim {

namespace {

// The first core that `is_wanted` of those with a bit set, from `from` on and round again; no_core if there is none.
template <class Predicate>
CoreId first_core(const FairState& fair, const std::vector<std::uint64_t>& bits, CoreId from, Predicate is_wanted) {
    const auto search = [&](CoreId begin, CoreId end) {
        for (std::size_t word = begin / 64U; word * 64U < end; ++word) {
            std::uint64_t left = bits[word];
            if (word == begin / 64U) left &= ~std::uint64_t{0} << (begin % 64U);
            for (; left != 0; left &= left - 1) {
                const auto core = static_cast<CoreId>(word * 64U + static_cast<unsigned>(std::countr_zero(left)));
                if (core >= end) return no_core;
                if (is_wanted(core)) return core;
            }
        }
        return no_core;
    };
    from = static_cast<CoreId>(from % fair.cores);
    const CoreId found = search(from, fair.cores);
    return found != no_core ? found : search(0, from);
}

// An idle core the task may run on, from `from` on.
CoreId find_idle(const FairState& fair, const SchedulerView::TaskView& task, CoreId from) {
    return first_core(fair, fair.idle_cores, from,
                      [&](CoreId core) { return is_idle(fair, core) && may_run_on(task, core); });
}

// A core the task may run on, `wanted` if it may (select_fallback_rq, kernel/sched/core.c).
CoreId allowed(const SchedulerView::TaskView& task, CoreId wanted) {
    return may_run_on(task, wanted) ? wanted : task.allowed.front();
}

// How often the waker changes whom it wakes, halved every second (record_wakee).
void record_wakee(FairState& fair, TaskId waker, TaskId woken, Nanoseconds now) {
    Wakee& mine = fair.wakees[waker];
    constexpr Nanoseconds second = 1'000'000'000;
    if (now > mine.flips_since + second) {
        mine.flips >>= 1;
        mine.flips_since = now;
    }
    if (mine.last == woken) return;
    mine.last = woken;
    ++mine.flips;
}

// Whether waker and wakee have so many partners that pulling them together would crowd a cache (wake_wide).
bool wake_wide(const FairState& fair, TaskId waker, TaskId woken, CoreId core) {
    const auto [slave, master] = std::minmax(fair.wakees[waker].flips, fair.wakees[woken].flips);
    const std::uint32_t factor = cores_sharing_cache(fair, core);
    return slave >= factor && master >= slave * factor;
}

// The waker's core or the one the task ran on last: where it is likely to run sooner (wake_affine).
CoreId wake_affine(const FairState& fair, const Entity& task, CoreId here, CoreId previous) {
    if (is_idle(fair, here) && cpus_share_cache(fair, here, previous)) return is_idle(fair, previous) ? previous : here;
    if (is_idle(fair, previous)) return previous;
    const std::int64_t own = task.whole_weight;
    const std::int64_t load_here = (load_of(fair, here) + own) * 100;
    // The task is not counted among what is queued there, as it would still be in an average.
    const std::int64_t load_there = load_of(fair, previous) * (100 + (imbalance_percent - 100) / 2);
    return load_here < load_there ? here : previous;
}

// An idle core sharing the cache with `target`, else `target` (select_idle_sibling).
CoreId select_idle_sibling(FairState& fair, TaskId id, CoreId previous, CoreId target) {
    const auto& task = fair.host.view().tasks[id];
    const auto would_do = [&](CoreId core) {
        return may_run_on(task, core) && is_idle_or_runs_idle_policy(fair, core);
    };
    if (would_do(target)) return target;
    if (previous != target && cpus_share_cache(fair, previous, target) && would_do(previous)) return previous;
    const CoreId recent = std::exchange(fair.wakees[id].recent_core, previous);
    if (recent != no_core && recent != previous && recent != target && cpus_share_cache(fair, recent, target) &&
        would_do(recent))
        return recent;
    const CoreId idle = find_idle(fair, task, static_cast<CoreId>(target + 1));
    return idle != no_core ? idle : target;
}

} // namespace

bool is_idle(const FairState& fair, CoreId core) {
    return fair.host.view().current[core] == no_task && fair.queues[core].tasks == 0;
}

bool is_idle_or_runs_idle_policy(const FairState& fair, CoreId core) {
    const FairQueue& root = fair.queues[core];
    if (root.tasks == 0) return fair.host.view().current[core] == no_task;
    const bool other_class = fair.host.view().current[core] != no_task && fair.by_core[core].running == no_entity;
    return root.idle_tasks == root.tasks && !other_class;
}

CoreId select_core_of_new(FairState& fair, TaskId id, CoreId creator) {
    const auto& task = fair.host.view().tasks[id];
    const CoreId here = creator == no_core ? task.core : creator;
    if (fair.cores == 1) return here;
    if (may_run_on(task, here) && is_idle(fair, here)) return here;
    if (const CoreId idle = find_idle(fair, task, static_cast<CoreId>(here + 1)); idle != no_core) return idle;
    CoreId idlest = no_core;
    for (CoreId step = 1; step < fair.cores; ++step) {
        const auto core = static_cast<CoreId>((here + step) % fair.cores);
        if (may_run_on(task, core) && (idlest == no_core || load_of(fair, core) < load_of(fair, idlest))) idlest = core;
    }
    if (idlest == no_core) return allowed(task, here);
    if (!may_run_on(task, here)) return idlest;
    // Not for a small difference (sched_balance_find_dst_group).
    const std::int64_t local = load_of(fair, here);
    const std::int64_t least = load_of(fair, idlest);
    if (least >= local + 1024 * (imbalance_percent - 100) / 100 || 100 * local <= imbalance_percent * least)
        return here;
    return idlest;
}

CoreId select_core_of_woken(FairState& fair, TaskId id, CoreId waker_core, Nanoseconds now) {
    const auto& view = fair.host.view();
    const auto& task = view.tasks[id];
    if (fair.cores == 1) return 0;
    const CoreId previous = task.core;
    // A timer goes off where the task was when it set it.
    const CoreId here = waker_core == no_core ? previous : waker_core;
    const TaskId waker = waker_core == no_core ? no_task : view.current[waker_core];
    bool is_wide = false;
    if (waker != no_task && waker < fair.wakees.size()) {
        record_wakee(fair, waker, id, now);
        is_wide = wake_wide(fair, waker, id, here);
    }
    CoreId target = previous;
    if (!is_wide && may_run_on(task, here) && here != previous)
        target = wake_affine(fair, fair.entities[fair.entity_of_task[id]], here, previous);
    return allowed(task, select_idle_sibling(fair, id, previous, target));
}

} // namespace switchyard::sim
