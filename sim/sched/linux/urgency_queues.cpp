#include "sim/sched/linux/urgency_queues.hpp"

#include <algorithm>

namespace switchyard::sim {

UrgencyQueues::UrgencyQueues(SchedulerHost& host, const SchedulerMachine& machine, const UrgencyQueues* above)
    : host_(host), topology_(*machine.topology), above_(above), waiting_(machine.cores), cores_(machine.cores),
      lowest_(machine.cores) {
    for (CoreId core = 0; core < machine.cores; ++core) waiting_.add_queue(QueueOrder::by_rank);
    overloaded_.reserve(machine.cores);
    to_look_at_.reserve(machine.cores);
}

void UrgencyQueues::update_top(CoreId core) {
    PerCore& mine = cores_[core];
    const TaskId first = waiting_.first(core);
    mine.top = std::min({mine.running, mine.beside, first == no_task ? nobody : urgency_of(first)});
}

void UrgencyQueues::look_at(CoreId core) {
    if (!cores_[core].looked_at || cores_[core].movable == 0) return;
    cores_[core].looked_at = false;
    to_look_at_.push_back(core);
}

void UrgencyQueues::join(CoreId core, TaskId task, Urgency urgency, Among among) {
    Rank rank{.key = urgency};
    if (among == Among::first) rank.last = front_--;
    waiting_.push(core, task, rank, among == Among::where_it_was);
    update_top(core);
    if (!may_move(task)) return;
    if (cores_[core].movable++ == 0) overloaded_.insert(std::ranges::lower_bound(overloaded_, core), core);
    look_at(core);
}

void UrgencyQueues::leave(TaskId task) {
    const CoreId core = core_of(task);
    waiting_.remove(task);
    update_top(core);
    if (may_move(task) && --cores_[core].movable == 0) overloaded_.erase(std::ranges::find(overloaded_, core));
}

void UrgencyQueues::runs(CoreId core, Urgency urgency) {
    cores_[core].running = urgency;
    update_top(core);
    look_at(core);
}

void UrgencyQueues::stops(CoreId core) {
    cores_[core].running = nobody;
    update_top(core);
}

void UrgencyQueues::also(CoreId core, Urgency urgency) {
    cores_[core].beside = urgency;
    update_top(core);
    look_at(core);
}

TaskId UrgencyQueues::pick(CoreId core) const {
    TaskId best = waiting_.first(core);
    Urgency least = best == no_task ? nobody : urgency_of(best);
    for (const CoreId other : overloaded_) {
        if (other == core || cores_[other].held || cores_[other].top >= least) continue;
        const TaskId candidate = waiting_.first_for(other, core);
        if (candidate == no_task || urgency_of(candidate) >= least) continue;
        // It is about to get the core where it waits.
        if (!is_taken(other) && urgency_of(candidate) < std::min(cores_[other].running, cores_[other].beside) &&
            candidate == waiting_.first(other))
            continue;
        best = candidate;
        least = urgency_of(candidate);
    }
    return best;
}

CoreId UrgencyQueues::any(std::span<const std::uint32_t> of, CoreId seen_from) {
    CoreId first = no_core;
    for (const std::uint32_t id : of) {
        const auto core = static_cast<CoreId>(id);
        if (!lowest_[core]) continue;
        if (first == no_core) first = core;
        if (core > cores_[seen_from].given) return cores_[seen_from].given = core;
    }
    if (first != no_core) cores_[seen_from].given = first;
    return first;
}

CoreId UrgencyQueues::find_lowest(TaskId task, Urgency urgency, CoreId own, CoreId waker) {
    const std::span<const CoreId> allowed = host_.view().tasks[task].allowed;
    const std::size_t candidates = allowed.empty() ? cores_.size() : allowed.size();
    const auto candidate = [&](std::size_t i) { return allowed.empty() ? static_cast<CoreId>(i) : allowed[i]; };
    Urgency least_urgent = urgency;
    for (std::size_t i = 0; i < candidates; ++i)
        if (!is_taken(candidate(i))) least_urgent = std::max(least_urgent, cores_[candidate(i)].top);
    if (least_urgent == urgency) return no_core;
    std::fill(lowest_.begin(), lowest_.end(), false);
    for (std::size_t i = 0; i < candidates; ++i)
        lowest_[candidate(i)] = !is_taken(candidate(i)) && cores_[candidate(i)].top == least_urgent;

    if (lowest_[own]) return own; // its caches may still be warm
    const CoreId here = waker == no_core ? own : waker;
    for (const SchedulingDomain& domain : topology_.domains(own)) {
        const auto span = topology_.cores(domain.span);
        if (lowest_[here] && std::ranges::binary_search(span, std::uint32_t{here})) return here;
        if (const CoreId core = any(span, here); core != no_core) return core;
    }
    return static_cast<CoreId>(std::ranges::find(lowest_, true) - lowest_.begin());
}

TaskId UrgencyQueues::first_movable(CoreId core) const {
    TaskId best = no_task;
    waiting_.for_each_first(core, [&](TaskId task, std::span<const CoreId> allowed) {
        if (allowed.size() != 1 && (best == no_task || waiting_.rank_of(task) < waiting_.rank_of(best))) best = task;
    });
    return best;
}

CoreId UrgencyQueues::push() {
    while (!to_look_at_.empty()) {
        const CoreId core = to_look_at_.back();
        const TaskId task = cores_[core].held ? no_task : first_movable(core);
        if (task != no_task) {
            const Urgency urgency = urgency_of(task);
            if (!is_taken(core) && urgency < std::min(cores_[core].running, cores_[core].beside)) {
                to_look_at_.pop_back();
                cores_[core].looked_at = true;
                return core;
            }
            if (const CoreId target = find_lowest(task, urgency, core, core); target != no_core) {
                leave(task);
                join(target, task, urgency, Among::last);
                host_.moved(task, target);
                return target;
            }
        }
        std::erase(to_look_at_, core);
        cores_[core].looked_at = true;
    }
    return no_core;
}

} // namespace switchyard::sim
