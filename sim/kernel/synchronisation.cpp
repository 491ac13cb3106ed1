#include "sim/kernel/synchronisation.hpp"

#include "models/units/text.hpp"
#include "sim/kernel/diagnosis.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/lent_priority.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard::sim {

bool synchronises(const Scenario& scenario) {
    return !scenario.locks.empty() || !scenario.conditions.empty() || !scenario.barriers.empty() ||
           !scenario.variables.empty();
}

std::shared_ptr<Synchronisation> create_synchronisation(const Scenario& scenario) {
    auto made = std::make_shared<Synchronisation>();
    made->locks.resize(scenario.locks.size());
    made->conditions.resize(scenario.conditions.size());
    made->barriers.resize(scenario.barriers.size());
    for (const Variable& variable : scenario.variables) made->variables.push_back({variable.initial, no_core, {}});
    const bool has_plain = std::ranges::any_of(scenario.variables, [](const Variable& v) { return !v.atomic; });
    if (has_plain) made->races.emplace(scenario.variables.size());
    made->passes_priority =
        std::ranges::any_of(scenario.locks, [](const Lock& lock) { return lock.protocol != LockProtocol::none; });
    return made;
}

void begin_knowing(Kernel& kernel, TaskId task, TaskId creator) {
    Synchronisation& all = *kernel.synchronisation;
    if (!all.races) return;
    if (task < most_tasks_with_races) return all.races->begin(task, creator);
    all.races.reset();
    all.gave_up_races = true;
}

// --- Queues ------------------------------------------------------------------------------------------------------

QueueId lock_queue(const Kernel& kernel, std::uint32_t lock) {
    return static_cast<QueueId>(kernel.semaphores.size() + 2 * kernel.scenario->channels.size()) + lock;
}

QueueId condition_queue(const Kernel& kernel, std::uint32_t condition) {
    return lock_queue(kernel, static_cast<std::uint32_t>(kernel.scenario->locks.size())) + condition;
}

QueueId barrier_queue(const Kernel& kernel, std::uint32_t barrier) {
    return condition_queue(kernel, static_cast<std::uint32_t>(kernel.scenario->conditions.size())) + barrier;
}

QueueId waiting_queues(const Scenario& scenario) {
    return static_cast<QueueId>(scenario.semaphores.size() + 2 * scenario.channels.size() + scenario.locks.size() +
                                scenario.conditions.size() + scenario.barriers.size());
}

TaskId first_to_wake(const Kernel& kernel, QueueId queue) {
    const auto priority = [&](TaskId waiter) {
        const Task& task = kernel.tasks[waiter];
        return kernel.task_views[is_carried(task.kind) ? task.carrier : waiter].scheduling->priority;
    };
    TaskId first = kernel.waiting.front(queue);
    if (first == no_task) return no_task;
    if (!kernel.priorities_differ && kernel.changed_scheduling.empty()) return first;
    for (TaskId waiter = kernel.waiting.after(first); waiter != no_task; waiter = kernel.waiting.after(waiter))
        if (priority(waiter) > priority(first)) first = waiter;
    return first;
}

// --- Touching words ----------------------------------------------------------------------------------------------

Duration touch_word(const Execution& e, CoreId& last_core) {
    Duration cost = charge(e.kernel, Cost::atomic_operation);
    if (last_core != no_core && last_core != e.core) cost += charge(e.kernel, Cost::cache_line_transfer);
    last_core = e.core;
    return cost;
}

Step spend_synchronising(const Execution& e, Duration length, std::uint8_t phase) {
    e.task().phase = phase;
    if (length == Duration::zero()) return Step::next;
    return pass_or_spend(e.kernel, e.core, length, TimeCategory::synchronisation, false) ? Step::next : Step::spent;
}

Step spin(const Execution& e, std::uint8_t phase) {
    Task& task = e.task();
    task.phase = phase;
    spend(e.kernel, e.core, Duration{task.remaining}, TimeCategory::synchronisation, true);
    return Step::spent;
}

void look_again(Kernel& kernel, const std::vector<TaskId>& spinners) {
    for (const TaskId thread : spinners) {
        if (kernel.tasks[thread].state != State::running) continue;
        return cut_stretch(kernel, thread);
    }
}

// --- Locks -------------------------------------------------------------------------------------------------------

namespace {

// Who executes the operation that a blocked thread, or one that waits without its thread, is at.
TaskId actor_of(const Kernel& kernel, TaskId thread) {
    const LoopId loop = kernel.tasks[thread].loop;
    return loop == nothing ? thread : kernel.loops[loop].current;
}

Claim claim_of(const Kernel& kernel, TaskId thread) {
    const Task& actor = kernel.tasks[actor_of(kernel, thread)];
    return actor.program->code[actor.counter].kind == OperationKind::lock_shared ? Claim::shared : Claim::exclusive;
}

// How far one has come with taking a lock that sleeps for it: phases from the first one its operation leaves to that.
constexpr std::uint8_t sleeps_for_lock = 3;

// What Task::remaining says of one that waits for a lock.
constexpr std::int64_t not_handed_over = 0;
constexpr std::int64_t handed_over = 1;
constexpr std::int64_t counted_as_writer = 2; // among LockState::waiting_writers, until it has the lock

// The task, executed by that thread, has the lock from now on.
void have(Kernel& kernel, TaskId actor, TaskId thread, std::uint32_t lock, Claim claim) {
    Synchronisation& all = *kernel.synchronisation;
    take(all.locks[lock], actor, claim);
    if (all.races) {
        all.races->take_word(actor, Meeting::lock, lock);
        if (claim == Claim::exclusive) all.races->take_word(actor, Meeting::read_lock, lock);
    }
    raise_to_ceiling(kernel, thread, lock);
}

} // namespace

std::optional<Step> take_lock(const Execution& e, std::uint32_t id, Claim claim, std::uint8_t first_phase) {
    enum : std::uint8_t { begin, attempt, spinning, sleeping = sleeps_for_lock };
    const auto phase = [&](std::uint8_t which) { return static_cast<std::uint8_t>(first_phase + which); };
    Kernel& kernel = e.kernel;
    const Lock& lock = kernel.scenario->locks[id];
    LockState& state = kernel.synchronisation->locks[id];
    Task& task = e.task();
    const auto go_to_sleep = [&] {
        task.remaining = not_handed_over;
        return spend_in_kernel(e, futex_call(e, kernel.shared.locks[id]), phase(sleeping));
    };
    const bool alone = is_asynchronous(e); // its event loop keeps it in user space, and goes on
    const std::uint8_t now = task.phase - first_phase;
    if (now == begin) return spend_synchronising(e, touch_word(e, state.last_core), phase(attempt));
    if (now == sleeping && task.remaining == handed_over) return std::nullopt;
    if (is_free_for(lock, state, e.actor, claim)) {
        if (now == spinning) std::erase(state.spinners, e.thread);
        if (now == sleeping && task.remaining == counted_as_writer) --state.waiting_writers;
        have(kernel, e.actor, e.thread, id, claim);
        return std::nullopt;
    }
    if (now == attempt) {
        ++kernel.counters.contentions;
        if (alone) {
            task.remaining = not_handed_over;
            task.phase = phase(sleeping);
        } else {
            if (lock.kind != LockKind::spin && lock.spin == Duration::zero()) return go_to_sleep();
            task.remaining = lock.spin.count();
            state.spinners.push_back(e.thread);
        }
    }
    if (now != sleeping && !alone) {
        if (lock.kind == LockKind::spin) task.remaining = unlimited_spin.count();
        if (task.remaining > 0) {
            const Step step = spin(e, phase(spinning));
            if (now == attempt && lock.kind == LockKind::spin) look_for_deadlock(kernel, e.actor);
            return step;
        }
        std::erase(state.spinners, e.thread);
        return go_to_sleep();
    }
    kernel.waiting.push_back(lock_queue(kernel, id), alone ? e.actor : e.thread);
    if (claim == Claim::exclusive && task.remaining != counted_as_writer) {
        task.remaining = counted_as_writer;
        ++state.waiting_writers;
    }
    const Step step = alone ? suspend(e, WaitFor::lock, id) : block(e, WaitFor::lock, id);
    lend_priority(kernel, id);
    look_for_deadlock(kernel, e.actor);
    return step;
}

void give_lock_back(const Execution& e, std::uint32_t id) {
    Synchronisation& all = *e.kernel.synchronisation;
    LockState& state = all.locks[id];
    if (!is_held_by(state, e.actor)) {
        const Program& program = *e.task().program;
        SourceLocation where =
            e.task().counter < program.locations.size() ? program.locations[e.task().counter] : SourceLocation{};
        if (where.file.empty()) where.file = e.kernel.scenario->file;
        throw InputError(fmt::format("{}: {} does not have lock '{}' at {}: only who has taken a lock can give it back",
                                     name_of(e.operation().kind), described(e.kernel, e.actor),
                                     e.kernel.scenario->locks[id].name, exact_text(e.kernel.now().time_since_epoch())),
                         where);
    }
    if (all.races) all.races->leave_word(e.actor, state.owner == e.actor ? Meeting::lock : Meeting::read_lock, id);
    give_back(state, e.actor);
    take_priority_back(e.kernel, e.thread);
    if (state.owner == no_task) look_again(e.kernel, state.spinners);
}

namespace {

// Those the lock is for next, in order: all who wait to read, or one.
template <class Action>
void for_owners_to_be(const Kernel& kernel, std::uint32_t id, Action action) {
    const LockState& state = kernel.synchronisation->locks[id];
    if (state.owner != no_task) return;
    const QueueId queue = lock_queue(kernel, id);
    const Lock& lock = kernel.scenario->locks[id];
    bool readers_wait = false;
    if (lock.kind == LockKind::read_write)
        for (TaskId thread = kernel.waiting.front(queue); thread != no_task; thread = kernel.waiting.after(thread))
            readers_wait = readers_wait || claim_of(kernel, thread) == Claim::shared;
    if (next_claim(lock, state, readers_wait) == Claim::exclusive) {
        if (!state.readers.empty()) return;
        TaskId first = first_to_wake(kernel, queue);
        while (first != no_task && claim_of(kernel, first) != Claim::exclusive) first = kernel.waiting.after(first);
        if (first != no_task) action(first, Claim::exclusive);
        return;
    }
    for (TaskId thread = kernel.waiting.front(queue); thread != no_task;) {
        const TaskId next = kernel.waiting.after(thread);
        if (claim_of(kernel, thread) == Claim::shared) action(thread, Claim::shared);
        thread = next;
    }
}

} // namespace

Duration cost_of_waking_owners_to_be(const Execution& e, std::uint32_t lock) {
    std::vector<TaskId> threads; // each once: several readers may be of one event loop
    for_owners_to_be(e.kernel, lock, [&](TaskId waiter, Claim) {
        if (!wakes_thread(e.kernel, waiter, e.actor)) return;
        const Task& task = e.kernel.tasks[waiter];
        const TaskId thread = is_carried(task.kind) ? task.carrier : waiter;
        if (std::ranges::find(threads, thread) == threads.end()) threads.push_back(thread);
    });
    if (threads.empty()) return Duration::zero();
    return futex_call(e, e.kernel.shared.locks[lock]) +
           charge(e.kernel, Cost::wake_up) * static_cast<std::int64_t>(threads.size());
}

void wake_owners_to_be(Kernel& kernel, std::uint32_t id, TaskId waker) {
    LockState& state = kernel.synchronisation->locks[id];
    const bool hands_over = kernel.scenario->locks[id].protocol == LockProtocol::inheritance;
    for_owners_to_be(kernel, id, [&](TaskId thread, Claim claim) {
        kernel.waiting.remove(thread);
        if (hands_over) {
            const TaskId actor = actor_of(kernel, thread);
            kernel.tasks[actor].remaining = handed_over;
            --state.waiting_writers;
            have(kernel, actor, thread, id, claim);
        }
        make_ready(kernel, thread, waker);
    });
}

// --- Tasks that are gone -----------------------------------------------------------------------------------------

void forget_waiter(Kernel& kernel, TaskId thread) {
    Synchronisation& all = *kernel.synchronisation;
    const TaskId actor = actor_of(kernel, thread);
    if (actor != no_task && kernel.tasks[actor].program != nullptr && !kernel.tasks[actor].ended) {
        Task& task = kernel.tasks[actor];
        const Operation& operation = task.program->code[task.counter];
        if (operation.kind == OperationKind::lock && task.phase == sleeps_for_lock &&
            task.remaining == counted_as_writer) {
            task.remaining = not_handed_over;
            --all.locks[operation.object].waiting_writers;
        }
    }
    for (LockState& lock : all.locks) std::erase(lock.spinners, thread);
    for (VariableState& variable : all.variables) std::erase(variable.spinners, thread);
}

void leave_locks(Kernel& kernel, TaskId task) {
    Synchronisation& all = *kernel.synchronisation;
    if (all.races) {
        all.races->leave_word(task, Meeting::task_end, task);
        all.races->leave_word(task, Meeting::process_end, kernel.tasks[task].process);
    }
    for (std::uint32_t id = 0; id < all.locks.size(); ++id) {
        LockState& lock = all.locks[id];
        if (lock.owner != task) continue;
        if (!kernel.scenario->locks[id].robust) {
            lock.abandoned = true;
            continue;
        }
        lock.owner = no_task;
        lock.depth = 0;
        look_again(kernel, lock.spinners);
        wake_owners_to_be(kernel, id, task);
    }
}

// --- Variables ---------------------------------------------------------------------------------------------------

namespace {

std::string described_touch(const Kernel& kernel, const VariableTouch& touch) {
    const Task& task = kernel.tasks[touch.task];
    const Program& program = *task.program;
    SourceLocation where =
        touch.operation < program.locations.size() ? program.locations[touch.operation] : SourceLocation{};
    if (where.file.empty()) where.file = kernel.scenario->file;
    const std::string place = where.line > 0 ? fmt::format(" ({})", where.text()) : "";
    return fmt::format("{} {} it{}", described(kernel, touch.task), touch.changes ? "changes" : "reads", place);
}

} // namespace

void note_touch(const Execution& e, std::uint32_t variable, bool changes) {
    Kernel& kernel = e.kernel;
    Synchronisation& all = *kernel.synchronisation;
    if (!all.races) return;
    if (kernel.scenario->variables[variable].atomic) {
        all.races->take_word(e.actor, Meeting::variable, variable);
        if (changes) all.races->leave_word(e.actor, Meeting::variable, variable);
        return;
    }
    const VariableTouch touch{e.actor, e.task().counter, changes};
    const std::optional<VariableTouch> other = all.races->look(variable, touch);
    if (!other) return;
    const auto [known, is_new] = all.known_races.try_emplace(
        {variable, kernel.tasks[other->task].row, other->operation, e.task().row, touch.operation},
        all.data_races.size());
    if (is_new) {
        ++kernel.counters.data_races;
        all.data_races.push_back({kernel.scenario->variables[variable].name, described_touch(kernel, *other),
                                  described_touch(kernel, touch), kernel.now().time_since_epoch(), 0});
    }
    ++all.data_races[known->second].times;
}

} // namespace switchyard::sim
