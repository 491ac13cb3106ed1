#include "sim/sched/fair/fair_class.hpp"

#include "sim/sched/fair/balance.hpp"
#include "sim/sched/fair/bandwidth.hpp"
#include "sim/sched/fair/cfs.hpp"
#include "sim/sched/fair/eevdf.hpp"
#include "sim/sched/fair/entity_tree.hpp"
#include "sim/sched/fair/hierarchy.hpp"
#include "sim/sched/fair/load.hpp"
#include "sim/sched/fair/next_action.hpp"
#include "sim/sched/fair/placement.hpp"
#include "sim/sched/fair/placement_of_new.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace switchyard::sim {

namespace {

// What a task asked for with sched_setattr(2) (__setscheduler_params, kernel/sched/syscalls.c).
void set_attributes(FairState& fair, Entity& entity, const Scheduling& scheduling, Nanoseconds now) {
    entity.idle = scheduling.policy == LinuxPolicy::idle;
    entity.normal = !entity.idle && scheduling.policy != LinuxPolicy::batch;
    const LoadWeight load = entity.idle ? weight_of_idle() : weight_of_nice(scheduling.nice);
    if (entity.attached) reweight_load(fair, entity, load.weight, now);
    set_load_weight(fair, entity, load);
    constexpr Nanoseconds shortest = 100'000;
    constexpr Nanoseconds longest = 100'000'000;
    entity.custom_slice = scheduling.slice > Duration::zero();
    entity.slice = entity.custom_slice ? std::clamp(nanoseconds(scheduling.slice), shortest, longest) : fair.base_slice;
}

} // namespace

FairClass::FairClass(const FairParameters& parameters, SchedulerHost& host, const Topology& topology, std::uint32_t hz)
    : fair_(parameters, host, topology, hz) {}

std::string FairClass::description() const { return description_of(fair_.parameters, fair_.cores); }

void FairClass::task_new(TaskId task) {
    const SchedulerView& view = fair_.host.view();
    const std::uint32_t group = group_for(fair_, view, view.tasks[task].group);
    if (task >= fair_.entity_of_task.size()) {
        fair_.entity_of_task.resize(task + std::size_t{1}, no_entity);
        fair_.wakees.resize(task + std::size_t{1});
    }
    EntityId& id = fair_.entity_of_task[task];
    if (!fair_.free_entities.empty() && id == no_entity) {
        id = fair_.free_entities.back();
        fair_.free_entities.pop_back();
    } else if (id == no_entity) {
        id = static_cast<EntityId>(fair_.entities.size());
        fair_.entities.emplace_back();
    }
    Entity& entity = fair_.entities[id];
    entity = {};
    entity.task = task;
    entity.priority = tree_priority(id);
    fair_.wakees[task] = {};
    set_task_queue(fair_, entity, group, view.tasks[task].core);
    set_attributes(fair_, entity, *view.tasks[task].scheduling, 0);
}

void FairClass::task_dead(TaskId task) {
    Entity& entity = entity_of(task);
    const Nanoseconds now = nanoseconds(fair_.host.now());
    if (entity.delayed) dequeue_entities(fair_, entity, {true, false, true}, now);
    if (std::exchange(entity.attached, false)) detach_load(fair_, entity, now);
    fair_.free_entities.push_back(std::exchange(fair_.entity_of_task[task], no_entity));
}

CoreId FairClass::select_task_rq(TaskId task, Enqueue why, CoreId waker, Time now) {
    const Entity& entity = entity_of(task);
    if (entity.delayed) return fair_.queue_of(entity).core; // it is still queued there (ttwu_runnable)
    const Nanoseconds at = nanoseconds(now);
    if (why != Enqueue::created) return select_core_of_woken(fair_, task, waker, why == Enqueue::woken_in_passing, at);
    return waker == no_core ? select_core_of_arrival(fair_, task, at) : select_core_of_new(fair_, task, waker, at);
}

void FairClass::enqueue_task(CoreId core, TaskId task, Enqueue why, Time now) {
    Entity& entity = entity_of(task);
    const Nanoseconds at = nanoseconds(now);
    FairQueue& before = fair_.queue_of(entity);
    Joining how{why == Enqueue::created, why != Enqueue::created, false};
    if (before.core != core) {
        if (entity.delayed) dequeue_entities(fair_, entity, {true, false, true}, at);
        if (!fair_.is_eevdf() && how.wakes) entity.vruntime -= before.min_vruntime;
        how.migrated = true;
        move_to_core(fair_, entity, before.group, core, at);
    }
    if (!std::exchange(entity.attached, true)) attach_new(fair_, entity, at);
    if (!fair_.is_eevdf() && how.is_new) { // task_fork_fair
        FairQueue& queue = fair_.queue_of(entity);
        update_curr(fair_, queue, at);
        entity.vruntime = queue.current != no_entity ? fair_.entities[queue.current].vruntime : queue.min_vruntime;
    }
    enqueue_task_fair(fair_, entity, how, at);
    balance_soon(fair_, at);
    tell(core);
}

bool FairClass::dequeue_task(CoreId core, TaskId task, Time now) {
    Entity& entity = entity_of(task);
    const bool runs = fair_.by_core[core].running == fair_.id_of(entity);
    const bool left = dequeue_entities(fair_, entity, {true, false, false}, nanoseconds(now));
    if (runs) put_prev_task_fair(fair_, entity, nanoseconds(now));
    tell(core);
    return left;
}

TaskId FairClass::pick_task(CoreId core, Time now) {
    const Nanoseconds at = nanoseconds(now);
    FairCore& mine = fair_.by_core[core];
    if (mine.put_at != at) mine.scheduling = false; // another class had the core in between
    if (mine.push_to != no_core) push_away(fair_, core, at);
    const Entity* picked = pick_task_fair(fair_, core, at);
    if (picked == nullptr && !mine.was_idle && pull_when_newly_idle(fair_, core, at))
        picked = pick_task_fair(fair_, core, at);
    mine.need_resched = mine.told = false;
    if (picked != nullptr || std::exchange(mine.was_idle, true)) return picked == nullptr ? no_task : picked->task;
    balance_soon(fair_, at);
    for (CoreId other = 0; fair_.pushes > 0 && other < fair_.cores; ++other) // whose task is to be pushed here
        if (fair_.by_core[other].push_to == core) tell(other);
    return no_task;
}

void FairClass::put_prev_task(CoreId, TaskId task, Enqueue, Time now) {
    put_prev_task_fair(fair_, entity_of(task), nanoseconds(now));
}

void FairClass::set_next_task(CoreId core, TaskId task, Time now) {
    Entity& entity = entity_of(task);
    assert(fair_.queue_of(entity).core == core);
    set_next_task_fair(fair_, entity, nanoseconds(now));
    fair_.by_core[core].need_resched = fair_.by_core[core].told = false;
}

bool FairClass::wakeup_preempt(CoreId core, TaskId woken, Time now) {
    const bool is_new = entity_of(woken).sum_exec == 0;
    const bool preempts = check_preempt_wakeup(fair_, entity_of(woken), is_new, nanoseconds(now));
    if (preempts) fair_.by_core[core].told = true;
    return preempts;
}

Action FairClass::next_action(CoreId core, Time now) { return next_action_of(fair_, core, nanoseconds(now)); }

bool FairClass::task_tick(CoreId core, Time now) {
    FairCore& mine = fair_.by_core[core];
    if (mine.running == no_entity) return false;
    tick(fair_, core, nanoseconds(now));
    mine.told = mine.need_resched;
    return mine.need_resched;
}

void FairClass::yield_task(CoreId core, TaskId task, Time now) {
    Entity& entity = entity_of(task);
    FairQueue& queue = fair_.queue_of(entity);
    if (fair_.root_of(core).tasks == 1) return;
    clear_buddies(fair_, queue, entity);
    if (!fair_.is_eevdf()) {
        if (entity.normal) update_curr(fair_, queue, nanoseconds(now));
        for (Entity* at = &entity; at != nullptr; at = fair_.parent_of(*at))
            fair_.queue_of(*at).skip = fair_.id_of(*at);
        return;
    }
    update_curr(fair_, queue, nanoseconds(now));
    if (!entity_eligible(fair_, queue, entity)) return;
    entity.vruntime = entity.deadline; // forfeits what is left of its request
    update_deadline(fair_, queue, entity);
}

// sched_move_task: whom it wakes yet competes in a group that it is no longer part of, and takes nothing from it.
void FairClass::task_exiting(CoreId core, TaskId task, Time now) {
    Entity& entity = entity_of(task);
    const SchedulerView& view = fair_.host.view();
    const std::uint32_t group = view.tasks[task].group;
    if (!fair_.parameters.autogroup || group == no_group || group < view.first_session) return;
    const Nanoseconds at = nanoseconds(now);
    FairCore& mine = fair_.by_core[core];
    assert(mine.running == fair_.id_of(entity));
    dequeue_entities(fair_, entity, {}, at);
    put_prev_task_fair(fair_, entity, at);
    mine.scheduling = false; // it does not simply go on
    set_task_queue(fair_, entity, 0, core);
    enqueue_task_fair(fair_, entity, {}, at);
    set_next_task_fair(fair_, entity, at);
    mine.need_resched = mine.told = true; // nobody asks for it a second time; it leaves the core by itself
}

void FairClass::attributes_changed(TaskId task, Time now) {
    Entity& entity = entity_of(task);
    const Nanoseconds at = nanoseconds(now);
    const CoreId core = fair_.queue_of(entity).core;
    FairCore& mine = fair_.by_core[core];
    const bool runs = mine.running == fair_.id_of(entity);
    const Weight before = entity.load.weight;
    if (entity.delayed) dequeue_entities(fair_, entity, {true, false, true}, at);
    const bool queued = entity.on_queue;
    const bool was_pending = mine.need_resched;
    if (queued) dequeue_entities(fair_, entity, {}, at);
    if (runs) put_prev_task_fair(fair_, entity, at);
    mine.scheduling = false; // it does not simply go on
    set_attributes(fair_, entity, *fair_.host.view().tasks[task].scheduling, at);
    if (queued) enqueue_task_fair(fair_, entity, {}, at);
    if (runs) set_next_task_fair(fair_, entity, at);
    mine.need_resched = was_pending;
    if (!queued || fair_.root_of(core).tasks == 1) return;
    if (runs) {
        mine.need_resched |= entity.load.weight < before; // worth less: somebody else may be due
    } else {
        static_cast<void>(check_preempt_wakeup(fair_, entity, false, at));
    }
    mine.action_changed = true;
    tell(core);
}

void FairClass::timer(std::uint32_t number, Time now) {
    const Nanoseconds at = nanoseconds(now);
    if (number == balance_timer) {
        balance_domains(fair_, at);
    } else {
        const std::uint32_t group = (number - 1) / 2;
        number == period_timer(group) ? end_period(fair_, group, at) : hand_out_slack(fair_, group, at);
    }
    for (CoreId core = 0; core < fair_.cores; ++core) tell(core);
}

void FairClass::tell(CoreId core) {
    FairCore& mine = fair_.by_core[core];
    const bool changed = std::exchange(mine.action_changed, false);
    if (mine.running == no_entity) return;
    if (mine.need_resched && !mine.told) {
        mine.told = true;
        return fair_.host.reschedule(core); // may take the task off at once
    }
    if (changed) fair_.host.action_changed(core);
}

std::unique_ptr<SchedulingClass> make_fair_class(const FairParameters& parameters, SchedulerHost& host,
                                                 const Topology& topology, std::uint32_t hz) {
    return std::make_unique<FairClass>(parameters, host, topology, hz);
}

} // namespace switchyard::sim
