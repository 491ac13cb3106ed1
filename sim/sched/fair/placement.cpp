#include "sim/sched/fair/placement.hpp"

#include "sim/sched/fair/group_statistics.hpp"
#include "sim/sched/fair/load.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::sim {

namespace {

using TaskView = SchedulerView::TaskView;

// The first core that `is_wanted` of those with a bit in both sets, from `from` on and round again; no_core if there is
// none.
template <class Predicate>
CoreId first_core(const FairState& fair, const std::vector<std::uint64_t>& bits,
                  const std::vector<std::uint64_t>& among, CoreId from, Predicate is_wanted) {
    const auto search = [&](CoreId begin, CoreId end) {
        for (std::size_t word = begin / 64U; word * 64U < end; ++word) {
            std::uint64_t left = bits[word] & among[word];
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

// A core the task may run on, `wanted` if it may (select_fallback_rq, kernel/sched/core.c).
CoreId allowed(const TaskView& task, CoreId wanted) { return may_run_on(task, wanted) ? wanted : task.allowed.front(); }

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

// The lowest domain of the core that holds the other one, too; null if there is none near enough to wake in.
const FairDomain* domain_of_both(const FairState& fair, CoreId core, CoreId other) {
    for (const FairDomain& domain : fair.machine.domains_of(core)) {
        if (!domain.is_near) return nullptr;
        if (std::ranges::binary_search(fair.machine.cores_of(domain), other)) return &domain;
    }
    return nullptr;
}

// The waker's core or the one the task ran on last: where it is likely to run sooner (wake_affine).
CoreId wake_affine(const FairState& fair, const FairDomain& domain, const Entity& task, CoreId here, CoreId previous,
                   bool in_passing, Nanoseconds now) {
    if (is_idle(fair, here) && cpus_share_cache(fair, here, previous)) return is_idle(fair, previous) ? previous : here;
    const EntityId waker = fair.by_core[here].running;
    const bool leaves = in_passing && waker != no_entity;
    if (leaves && fair.queues[here].tasks - fair.queues[here].delayed_tasks == 1) return here;
    if (is_idle(fair, previous)) return previous;
    // By what either would have to do with it, in proportion to what it can do (wake_affine_weight).
    const std::int64_t own = hierarchical_load(fair, task, now);
    std::int64_t others_here = load_of(fair, here, now);
    if (leaves) {
        const std::int64_t of_waker = hierarchical_load(fair, fair.entities[waker], now);
        if (of_waker > others_here) return here;
        others_here -= of_waker;
    }
    const std::int64_t load_here = (others_here + own) * 100 * fair.machine.capacity[previous];
    const std::int64_t load_there = (load_of(fair, previous, now) - own) *
                                    (100 + (domain.imbalance_percent - 100) / 2) * fair.machine.capacity[here];
    return load_here < load_there ? here : previous;
}

// How many cores of a cache are worth looking at for an idle one (SIS_UTIL, update_idle_cpu_scan): fewer the more they
// are used, by a parabola that ends at 85 %. The kernel finds that out when it balances the domain.
std::uint32_t idle_scan(FairState& fair, CacheDomain& cache, std::span<const std::uint32_t> cores, Nanoseconds now) {
    constexpr std::int64_t percent = 117;
    const auto size = static_cast<std::int64_t>(cores.size());
    if (cache.counted_at >= 0 && now - cache.counted_at < size * milliseconds) return cache.idle_scan;
    std::int64_t used = 0;
    for (const std::uint32_t core : cores) used += utilization_of(fair, static_cast<CoreId>(core), now);
    used /= size;
    const std::int64_t taken = std::min(capacity_scale, used * used * percent * percent / (10'000 * capacity_scale));
    cache.idle_scan = static_cast<std::uint32_t>((capacity_scale - taken) * size / capacity_scale);
    cache.counted_at = now;
    return cache.idle_scan;
}

// Searches for an idle core on behalf of one task.
class IdleSearch {
public:
    IdleSearch(FairState& fair, TaskId task, Nanoseconds now)
        : fair_(fair), id_(task), task_(fair.host.view().tasks[task]), now_(now) {
        if (fair.machine.topology.is_asymmetric())
            utilization_ = utilization_of(fair, fair.entities[fair.entity_of_task[task]], now);
    }

    // sharing the cache with `target`, else `target` (select_idle_sibling).
    CoreId near(CoreId previous, CoreId target) {
        if (would_do(target)) return target;
        if (previous != target && cpus_share_cache(fair_, previous, target) && would_do(previous)) return previous;
        const CoreId recent = std::exchange(fair_.wakees[id_].recent_core, previous);
        if (recent != no_core && recent != previous && recent != target && cpus_share_cache(fair_, recent, target) &&
            would_do(recent))
            return recent;
        if (fair_.machine.topology.is_asymmetric()) return with_capacity(target);
        bool idle_cores = false;
        if (fair_.machine.has_siblings) {
            idle_cores = has_idle_core(target);
            if (!idle_cores && cpus_share_cache(fair_, previous, target))
                if (const CoreId sibling = idle_sibling(previous); sibling != no_core) return sibling;
        }
        const CoreId found = in_cache(target, idle_cores);
        return found != no_core ? found : target;
    }

private:
    [[nodiscard]] bool is_free(CoreId core) const {
        return may_run_on(task_, core) && is_idle_or_runs_idle_policy(fair_, core);
    }
    [[nodiscard]] bool fits(CoreId core) const { // asym_fits_cpu
        return !fair_.machine.topology.is_asymmetric() || fits_capacity(utilization_, fair_.machine.capacity[core]);
    }
    [[nodiscard]] bool would_do(CoreId core) const { return is_free(core) && fits(core); }

    // The first idle core it fits, of all kinds of cores there are, else the fastest idle one (select_idle_capacity).
    [[nodiscard]] CoreId with_capacity(CoreId target) const {
        CoreId best = no_core;
        for (const FairDomain& domain : fair_.machine.domains_of(target)) {
            if (!domain.is_asymmetric) continue;
            const auto cores = fair_.machine.cores_of(domain);
            const auto first = std::ranges::lower_bound(cores, target) - cores.begin();
            for (std::size_t step = 0; step < cores.size(); ++step) {
                const auto core = static_cast<CoreId>(cores[(static_cast<std::size_t>(first) + step) % cores.size()]);
                if (!is_free(core)) continue;
                if (fits(core)) return core;
                if (best == no_core || fair_.machine.capacity[core] > fair_.machine.capacity[best]) best = core;
            }
            return best != no_core ? best : target;
        }
        return target;
    }

    // test_idle_cores: whether some physical core has nothing to do at all.
    [[nodiscard]] bool has_idle_core(CoreId target) {
        return first_core(fair_, fair_.idle_cores, fair_.machine.cache_of(target).cores, 0, [&](CoreId core) {
                   return is_idle(fair_, core) && is_physical_core_idle(fair_, core);
               }) != no_core;
    }

    [[nodiscard]] CoreId idle_sibling(CoreId previous) const { // select_idle_smt
        for (const std::uint32_t sibling : fair_.machine.topology.siblings(previous))
            if (sibling != previous && is_free(static_cast<CoreId>(sibling))) return static_cast<CoreId>(sibling);
        return no_core;
    }

    // select_idle_cpu, select_idle_core: those that follow `target`, and round again; as many as are worth it, unless
    // there is a physical core to be found.
    CoreId in_cache(CoreId target, bool idle_cores) {
        CacheDomain& cache = fair_.machine.cache_of(target);
        const Topology& topology = fair_.machine.topology;
        const auto cores = topology.cores_of_cache(topology.cache(target));
        const std::uint32_t scan = idle_scan(fair_, cache, cores, now_);
        if (scan == 0) return no_core;
        const auto from = static_cast<CoreId>(target + 1);
        const CoreId found = first_core(fair_, fair_.idle_cores, cache.cores, from,
                                        [&](CoreId core) { return is_free(core) && is_idle(fair_, core); });
        if (idle_cores) {
            const CoreId whole = first_core(fair_, fair_.idle_cores, cache.cores, from, [&](CoreId core) {
                return is_free(core) && is_idle(fair_, core) && is_physical_core_idle(fair_, core);
            });
            return whole != no_core ? whole : found;
        }
        return found != no_core && looks_until(cores, from, found) <= scan ? found : no_core;
    }

    // How many cores are looked at, those before it and itself.
    [[nodiscard]] std::uint32_t looks_until(std::span<const std::uint32_t> cores, CoreId from, CoreId found) const {
        const auto place = [&](CoreId core) {
            return static_cast<std::size_t>(std::ranges::lower_bound(cores, core) - cores.begin());
        };
        const std::size_t distance = (place(found) + cores.size() - place(from) % cores.size()) % cores.size();
        if (task_.allowed.empty()) return static_cast<std::uint32_t>(distance + 1);
        std::uint32_t looks = 1;
        for (std::size_t step = 0; step < distance; ++step)
            if (may_run_on(task_, static_cast<CoreId>(cores[(place(from) + step) % cores.size()]))) ++looks;
        return looks;
    }

    FairState& fair_;
    TaskId id_;
    const TaskView& task_;
    Nanoseconds now_;
    std::int64_t utilization_ = 0;
};

} // namespace

bool is_idle_or_runs_idle_policy(const FairState& fair, CoreId core) {
    const FairQueue& root = fair.queues[core];
    if (root.tasks == 0) return fair.host.view().current[core] == no_task;
    const bool other_class = fair.host.view().current[core] != no_task && fair.by_core[core].running == no_entity;
    return root.idle_tasks == root.tasks && !other_class;
}

CoreId select_core_of_woken(FairState& fair, TaskId id, CoreId waker_core, bool in_passing, Nanoseconds now) {
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
        if (const FairDomain* both = domain_of_both(fair, here, previous))
            target = wake_affine(fair, *both, fair.entities[fair.entity_of_task[id]], here, previous, in_passing, now);
    return allowed(task, IdleSearch(fair, id, now).near(previous, target));
}

} // namespace switchyard::sim
