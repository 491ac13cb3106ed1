#include "sim/sched/fair/balance.hpp"

#include "sim/sched/fair/group_statistics.hpp"
#include "sim/sched/fair/imbalance.hpp"
#include "sim/sched/fair/load.hpp"
#include "sim/sched/fair/migration.hpp"
#include "sim/sched/fair/next_action.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::sim {

namespace {

// Until the core balances the domain again (get_sd_balance_interval).
Nanoseconds interval_of(const FairState& fair, const FairDomain& domain, bool is_busy) {
    constexpr std::int64_t busy_factor = 16;
    const Nanoseconds interval = domain.interval * milliseconds * (is_busy ? busy_factor : 1);
    if (fair.tick_picoseconds == 0) return interval;
    std::int64_t ticks = (interval + fair.tick - 1) / fair.tick - (is_busy ? 1 : 0);
    const std::int64_t most = 1'000'000'000 / fair.tick * fair.cores / 10;
    ticks = std::max<std::int64_t>(1, std::min(ticks, most));
    return ticks * fair.tick;
}

// One core of a group balances for all: the first idle one, rather of an idle physical core; the first, if none is idle
// (should_we_balance).
bool should_balance(const FairState& fair, const FairDomain& domain, CoreId core) {
    const auto group =
        fair.machine.topology.cores(fair.machine.topology.groups(domain.shape)[domain.shape.local_group]);
    CoreId idle_sibling = no_core;
    for (const std::uint32_t each : group) {
        const auto candidate = static_cast<CoreId>(each);
        if (!is_idle(fair, candidate)) continue;
        if (domain.shares_core || is_physical_core_idle(fair, candidate)) return candidate == core;
        if (idle_sibling == no_core) idle_sibling = candidate;
    }
    if (idle_sibling != no_core) return idle_sibling == core;
    return group.front() == core;
}

// Where the group is that holds the core, in the next wider domain; whether pinned tasks were in the way below it.
std::uint8_t* imbalance_above(FairState& fair, std::span<FairDomain> domains, std::size_t level) {
    if (level + 1 >= domains.size()) return nullptr;
    const SchedulingDomain& above = domains[level + 1].shape;
    return &fair.machine.group_imbalanced[above.first_group + above.local_group];
}

// need_active_balance.
bool should_push(const FairDomain& domain, const Imbalance& imbalance) {
    if (imbalance.type == MigrationType::misfit) return true;
    return imbalance.type == MigrationType::tasks && domain.failed > domain.cache_nice_tries + 2;
}

// The running task of the core is to go, as soon as it can be taken off. Whether it may.
bool push(FairState& fair, std::uint32_t domain, CoreId from, CoreId to) {
    FairCore& core = fair.by_core[from];
    if (core.running == no_entity || core.push_to != no_core) return false;
    if (!may_run_on(fair.host.view().tasks[fair.entities[core.running].task], to)) return false;
    core.push_to = to;
    ++fair.pushes;
    fair.core_loads[from].push_domain = domain;
    core.need_resched = true;
    return true;
}

// One domain of the core is made even (sched_balance_rq). Whether tasks came.
bool balance(FairState& fair, CoreId to, std::size_t level, Balancing when, Nanoseconds now) {
    const std::span<FairDomain> domains = fair.machine.domains_of(to);
    FairDomain& domain = domains[level];
    const std::int64_t shortest = domain.shape.span.count;
    const bool is_periodic = when != Balancing::newly_idle;
    std::ranges::fill(fair.left_out, 0);
    Imbalance imbalance;
    bool all_pinned = false;
    if (!is_periodic || should_balance(fair, domain, to)) {
        for (;;) {
            imbalance = find_imbalance(fair, domain, to, when, now);
            if (imbalance.from == no_core) break;
            Moved moved{.all_pinned = false};
            if (fair.queues[imbalance.from].tasks > 1) {
                moved = move_tasks(fair, domain, imbalance, to, when, now);
                if (std::uint8_t* above = imbalance_above(fair, domains, level);
                    above != nullptr && moved.some_pinned && moved.left > 0)
                    *above = 1;
            }
            if (moved.tasks > 0) {
                domain.failed = 0;
                domain.interval = shortest;
                return true;
            }
            all_pinned = moved.all_pinned;
            if (!all_pinned) break;
            fair.left_out[imbalance.from / 64U] |= std::uint64_t{1} << (imbalance.from % 64U);
        }
    }
    if (imbalance.from == no_core) { // balanced, or nobody can give anything
        if (std::uint8_t* above = imbalance_above(fair, domains, level); above != nullptr && !all_pinned) *above = 0;
        domain.failed = 0;
    } else {
        if (is_periodic && imbalance.type != MigrationType::misfit) ++domain.failed;
        if (should_push(domain, imbalance) &&
            push(fair, fair.machine.first_domain[to] + static_cast<std::uint32_t>(level), imbalance.from, to))
            return false;
        domain.interval = shortest;
        return false;
    }
    if (is_periodic) domain.interval = std::min(2 * domain.interval, 2 * shortest);
    return false;
}

// The domains of a core whose time it is (sched_balance_domains).
void balance_core(FairState& fair, CoreId core, Nanoseconds now) {
    const FairCore& mine = fair.by_core[core];
    bool was_idle = is_idle(fair, core);
    bool pulled = false;
    if (was_idle) contribute_loads(fair, core, now);
    Nanoseconds& next = fair.core_loads[core].next_balance;
    next = std::numeric_limits<Nanoseconds>::max();
    const std::size_t levels = fair.machine.domains_of(core).size();
    for (std::size_t level = 0; level < levels; ++level) {
        FairDomain& domain = fair.machine.domains_of(core)[level];
        if (now >= domain.last_balance + interval_of(fair, domain, !was_idle)) {
            if (balance(fair, core, level, was_idle ? Balancing::idle : Balancing::busy, now)) {
                pulled = true;
                was_idle = is_idle(fair, core);
            }
            domain.last_balance = now;
        }
        next = std::min(next, domain.last_balance + interval_of(fair, domain, !was_idle));
    }
    if (pulled && mine.running == no_entity && fair.host.view().current[core] == no_task) fair.host.reschedule(core);
}

// Whether balancing may have something to do: nohz_balancer_kick.
bool may_be_uneven(const FairState& fair) {
    if (fair.cores == 1) return false;
    if (fair.overloaded > 0) return true;
    if (fair.machine.is_flat) return false;
    std::uint32_t idle = 0;
    for (const std::uint64_t word : fair.idle_cores) idle += static_cast<std::uint32_t>(std::popcount(word));
    if (idle == 0 || idle == fair.cores) return false;
    if (fair.machine.topology.is_asymmetric()) return true;
    return std::ranges::any_of(fair.machine.caches, [&](const CacheDomain& cache) {
        std::uint32_t busy = 0;
        for (std::size_t word = 0; word < fair.idle_cores.size(); ++word)
            busy += static_cast<std::uint32_t>(std::popcount(cache.cores[word] & ~fair.idle_cores[word]));
        return busy > 1;
    });
}

// Sets the timer to when the first core balances, at the next tick at the earliest.
void set_timer(FairState& fair, Nanoseconds now) {
    Nanoseconds first = std::numeric_limits<Nanoseconds>::max();
    for (const CoreLoad& core : fair.core_loads) first = std::min(first, core.next_balance);
    if (first == std::numeric_limits<Nanoseconds>::max()) return;
    fair.balancing = true;
    fair.host.set_timer(balance_timer, instant(tick_from(fair, std::max(first, now + 1))));
}

} // namespace

void balance_soon(FairState& fair, Nanoseconds now) {
    if (!fair.balancing && may_be_uneven(fair)) set_timer(fair, now);
}

void balance_domains(FairState& fair, Nanoseconds now) {
    fair.balancing = false;
    // The ticks that went by would have kept up to date what each core's share of a group is worth: what is compared.
    for (CoreId core = 0; core < fair.cores; ++core)
        if (fair.by_core[core].running != no_entity) tick(fair, core, now);
    for (CoreId core = 0; core < fair.cores && may_be_uneven(fair); ++core)
        if (fair.core_loads[core].next_balance <= now) balance_core(fair, core, now);
    balance_soon(fair, now);
}

bool pull_when_newly_idle(FairState& fair, CoreId core, Nanoseconds now) {
    if (fair.overloaded == 0 && !fair.machine.topology.is_asymmetric()) return false;
    const std::size_t levels = fair.machine.domains_of(core).size();
    for (std::size_t level = 0; level < levels; ++level)
        if (balance(fair, core, level, Balancing::newly_idle, now)) return true;
    return false;
}

void push_away(FairState& fair, CoreId core, Nanoseconds now) {
    FairCore& mine = fair.by_core[core];
    const CoreId to = std::exchange(mine.push_to, no_core);
    --fair.pushes;
    if (mine.running != no_entity || !move_one(fair, core, to, now)) return;
    fair.machine.domains[fair.core_loads[core].push_domain].failed = 0;
    const FairCore& there = fair.by_core[to];
    if (there.running == no_entity && fair.host.view().current[to] == no_task) fair.host.reschedule(to);
}

} // namespace switchyard::sim
