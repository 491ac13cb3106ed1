// The run queues of a class whose tasks are ordered by urgency (real time: their priority; deadline: their absolute
// deadline), one queue a core, and the moves that keep the most urgent tasks of the machine running: pushing away who
// has to wait where it is and pulling who waits elsewhere. kernel/sched/rt.c and kernel/sched/deadline.c do the same
// twice; cpupri and cpudl are `top` here. Finding a core looks at each that is allowed, once.
#pragma once

#include "sim/sched/ready_queues.hpp"
#include "sim/sched/registry.hpp"

#include <vector>

namespace switchyard::sim {

// The smaller the more urgent.
using Urgency = std::int64_t;
inline constexpr Urgency nobody = std::numeric_limits<Urgency>::max();

// Where a task goes among those as urgent as it.
enum class Among : std::uint8_t { first, last, where_it_was };

class UrgencyQueues {
public:
    // `above`: the queues of the class above, which has the core wherever it has a task; null: none.
    UrgencyQueues(SchedulerHost& host, const SchedulerMachine& machine, const UrgencyQueues* above);

    void introduce(TaskId task) { waiting_.introduce(task, host_.view().tasks[task].allowed); }

    void join(CoreId core, TaskId task, Urgency urgency, Among among);
    void leave(TaskId task);
    // A task of the class runs on the core; none does.
    void runs(CoreId core, Urgency urgency);
    void stops(CoreId core);
    // Something that is no task competes on the core as well (a server); `nobody`: not any more.
    void also(CoreId core, Urgency urgency);
    // Nobody can be pulled from the core meanwhile.
    void hold(CoreId core, bool is_held) { cores_[core].held = is_held; }

    [[nodiscard]] bool is_waiting(TaskId task) const { return waiting_.queue_of(task) != no_queue; }
    [[nodiscard]] CoreId core_of(TaskId task) const { return static_cast<CoreId>(waiting_.queue_of(task)); }
    [[nodiscard]] TaskId first(CoreId core) const { return waiting_.first(core); }
    [[nodiscard]] Urgency urgency_of(TaskId task) const { return waiting_.rank_of(task).key; } // waiting
    [[nodiscard]] Urgency running(CoreId core) const { return cores_[core].running; }
    // Of the most urgent of all there is on the core; `nobody`.
    [[nodiscard]] Urgency top(CoreId core) const { return cores_[core].top; }
    [[nodiscard]] bool may_move(TaskId task) const { return host_.view().tasks[task].allowed.size() != 1; }

    // The task the core should run: its own first one, or a more urgent one that waits elsewhere (pull_rt_task).
    [[nodiscard]] TaskId pick(CoreId core) const;

    // The core whose most urgent task is the least urgent one, if less than this: near the task's own, or where it is
    // woken from (find_lowest_rq, find_later_rq). no_core: none.
    [[nodiscard]] CoreId find_lowest(TaskId task, Urgency urgency, CoreId own, CoreId waker);

    // A core that has to pick anew, after a task has been pushed to it where need be (push_rt_task); no_core: nothing
    // is to be pushed. Looks at cores where somebody has joined or begun to run since it answered so.
    [[nodiscard]] CoreId push();

private:
    struct PerCore {
        Urgency running = nobody;
        Urgency beside = nobody;
        Urgency top = nobody;
        std::uint32_t movable = 0; // tasks that wait and may move
        bool looked_at = true;     // by push, since something changed
        bool held = false;
        CoreId given = 0; // where `any` went last, seen from here
    };

    void update_top(CoreId core);
    void look_at(CoreId core);
    [[nodiscard]] bool is_taken(CoreId core) const { return above_ != nullptr && above_->top(core) != nobody; }
    [[nodiscard]] TaskId first_movable(CoreId core) const;
    [[nodiscard]] CoreId any(std::span<const std::uint32_t> of, CoreId seen_from);

    SchedulerHost& host_;
    const Topology& topology_;
    const UrgencyQueues* above_;
    ReadyQueues waiting_; // a queue by rank for each core
    std::vector<PerCore> cores_;
    std::vector<CoreId> overloaded_; // cores with movable tasks, ascending
    std::vector<CoreId> to_look_at_;
    std::vector<bool> lowest_;       // find_lowest's, by core
    std::int64_t front_ = -1;        // Rank::last of the latest at a head
};

} // namespace switchyard::sim
