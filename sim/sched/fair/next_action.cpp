#include "sim/sched/fair/next_action.hpp"

#include "sim/sched/fair/cfs.hpp"
#include "sim/sched/fair/eevdf.hpp"
#include "sim/sched/fair/hierarchy.hpp"

#include <algorithm>

namespace switchyard::sim {

namespace {

constexpr Nanoseconds forever = std::numeric_limits<Nanoseconds>::max();

// The shortest a timer is set for: hrtick_start, kernel/sched/core.c. Without ticks it is also how often a task that
// has had its turn and was picked again is looked at, at most.
constexpr Nanoseconds shortest = 10'000;

// How long the entity that runs in the queue can run before it should be replaced there.
Nanoseconds time_left(const FairState& fair, const FairQueue& queue, const Entity& entity) {
    if (queue.entities <= 1) return forever;
    const Nanoseconds least = fair.tick_picoseconds == 0 ? shortest : 1;
    if (!fair.is_eevdf()) {
        const Nanoseconds left = time_until_preempted(fair, queue, entity);
        return left > 1 ? left : least;
    }
    // What of its request is left, and less if it is not protected until then.
    Nanoseconds left = entity.deadline - entity.vruntime;
    const bool is_protected = protect_slice(fair, entity);
    if (fair.parameters.version == FairVersion::v6_12) {
        if (!is_protected && fair.parameters.preempt_short)
            left = std::min(left, virtual_time_eligible(fair, queue, entity) + 1);
    } else if (is_protected) {
        left = std::min(left, entity.protection - entity.vruntime);
    } else { // the kernel picks again at every tick; here, when somebody else would be picked
        left = std::min(
            {left, virtual_time_eligible(fair, queue, entity) + 1, virtual_time_until_overtaken(fair, queue, entity)});
    }
    return std::max(entity.rate.time_until(left), is_protected ? 1 : least);
}

// The request of the running task, or its slice, as HRTICK takes it (hrtick_start_fair).
Nanoseconds slice_of(const FairState& fair, const Entity& task) {
    return fair.is_eevdf() ? task.slice : sched_slice(fair, task);
}

} // namespace

void tick(FairState& fair, CoreId core, Nanoseconds now) {
    FairCore& mine = fair.by_core[core];
    for (Entity* at = &fair.entities[mine.running]; at != nullptr; at = fair.parent_of(*at)) {
        FairQueue& queue = fair.queue_of(*at);
        update_curr(fair, queue, now);
        update_cfs_group(fair, *at, now);
        if (!fair.is_eevdf()) check_preempt_tick(fair, queue, *at);
    }
    if (fair.parameters.hrtick && now >= mine.hrtick && fair.root_of(core).tasks > 1) mine.need_resched = true;
}

Action next_action_of(FairState& fair, CoreId core, Nanoseconds now) {
    FairCore& mine = fair.by_core[core];
    if (mine.running == no_entity) return {};
    const Entity& task = fair.entities[mine.running];
    if (mine.need_resched) return {instant(std::max(now, task.exec_start)), false};
    Nanoseconds at = forever;
    const auto consider = [&](const Entity& entity, Nanoseconds left) {
        if (left < forever) at = std::min(at, std::max(entity.exec_start, now - left) + left);
    };
    for (const Entity* entity = &task; entity != nullptr; entity = fair.parent_of(*entity)) {
        const FairQueue& queue = fair.queue_of(*entity);
        if (queue.bounded && !queue.throttled) consider(*entity, std::max<Nanoseconds>(1, queue.runtime_remaining));
        consider(*entity, time_left(fair, queue, *entity));
    }
    mine.hrtick = forever;
    if (fair.parameters.hrtick && fair.root_of(core).tasks > 1) {
        const Nanoseconds left = slice_of(fair, task) - (task.sum_exec - task.sum_exec_at_pick);
        // One that goes on after its slice has no timer: it is left to the ticks.
        if (left > 0) mine.hrtick = std::max(task.exec_start + left, now + shortest);
        if (mine.hrtick <= (at == forever ? forever : tick_from(fair, at)) && mine.hrtick < forever)
            return {instant(mine.hrtick), false};
    }
    return at == forever ? Action{} : Action{instant(at), true};
}

} // namespace switchyard::sim
