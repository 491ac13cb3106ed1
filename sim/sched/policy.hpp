// What a policy is: the second level of scheduling, in sched_ext's words (kernel/sched/ext.c, struct sched_ext_ops), so
// that a policy tried here can be written for the real thing. A policy decides which task a core runs and for how long;
// everything else is the hosting class's business (policy_class.hpp). Round robin is ten lines: round_robin.cpp.
#pragma once

#include "models/scenario/scenario.hpp"
#include "sim/sched/dispatch_queue.hpp"
#include "sim/sched/scheduling_class.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace switchyard::sim {

// A slice that does not end.
inline constexpr Duration unlimited_slice = Duration::max();

// What the host offers a policy: sched_ext's kfuncs, without their prefix. Queue `shared_queue` is there for every
// policy; each core has a local one, which only the functions here touch.
class PolicyHost {
public:
    // Puts a ready task at the tail (or head) of the shared queue; it may run for `slice` when its turn comes.
    virtual void insert(TaskId task, Duration slice) = 0;
    virtual void insert_at_head(TaskId task, Duration slice) = 0;

    // Puts a ready task at the tail of the queue of one core.
    virtual void insert_local(CoreId core, TaskId task, Duration slice) = 0;

    // Moves the first task of the shared queue that may run on `core` to that core's own queue; false if there is none.
    virtual bool move_to_local(CoreId core) = 0;

    // An idle core the task may run on, its last one first, then ascending; `otherwise` if none is idle.
    [[nodiscard]] virtual CoreId idle_core_for(TaskId task, CoreId otherwise) const = 0;

    [[nodiscard]] virtual const SchedulerView& view() const = 0;

protected:
    ~PolicyHost() = default;
};

class Policy {
public:
    virtual ~Policy() = default;

    // "round robin, slice 1 s".
    [[nodiscard]] virtual std::string description() const = 0;

    // A task exists from now on.
    virtual void init_task(PolicyHost&, TaskId) {}

    // The core for a task that becomes ready. Default: an idle one, else where it ran last.
    [[nodiscard]] virtual CoreId select_cpu(PolicyHost& host, TaskId task, CoreId previous) {
        return host.idle_core_for(task, previous);
    }

    // The task is ready: put it into a queue, with its slice. Called when it wakes, and when its slice is over.
    virtual void enqueue(PolicyHost& host, TaskId task) = 0;

    // `core` has nothing of its own to run: give it something. Default: the first of the shared queue.
    virtual void dispatch(PolicyHost& host, CoreId core) { host.move_to_local(core); }

    // The task begins, stops running on `core`.
    virtual void running(PolicyHost&, TaskId, CoreId) {}
    virtual void stopping(PolicyHost&, TaskId, CoreId, [[maybe_unused]] bool runnable) {}

    // The task blocks or ends.
    virtual void quiescent(PolicyHost&, TaskId) {}
};

// A parameter a policy understands, for `switchyard policies`, error messages and validation.
struct PolicyParameterDescription {
    std::string_view name;
    std::string_view type;          // "time", "count"
    std::string_view default_value; // "" where it must be given
    std::string_view about;
};

// One line of the registry (registry.cpp).
struct PolicyDescription {
    std::string_view name;
    std::string_view about;
    std::string_view source;
    std::span<const PolicyParameterDescription> parameters;
    // Throws InputError, at the parameter's place, for a value that makes no sense.
    std::unique_ptr<Policy> (*make)(const Scheduler& scheduler);
};

// Every policy there is.
[[nodiscard]] std::span<const PolicyDescription> policies();

// The policy a scenario asks for. Throws InputError for an unknown policy or parameter, a repeated or missing one.
[[nodiscard]] std::unique_ptr<Policy> make_policy(const Scheduler& scheduler);

// The text of a parameter, or its default.
[[nodiscard]] PolicyParameter parameter(const Scheduler& scheduler, const PolicyParameterDescription& description);

} // namespace switchyard::sim
