#include "sim/kernel/diagnosis.hpp"

#include "models/units/text.hpp"
#include "sim/kernel/synchronisation.hpp"
#include "sim/sync/wait_for.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace switchyard::sim {

std::string described(const Kernel& kernel, TaskId id) {
    const Task& task = kernel.tasks[id];
    if (task.row == nothing) return "a carrier thread";
    const TaskReport& row = kernel.rows[task.row];
    std::string text = fmt::format("{} '{}'", name_of(task.kind), row.name);
    if (row.instances > 1 && task.row < kernel.scenario->tasks.size())
        text += fmt::format(" #{}", task.drawing_instance + 1);
    return text;
}

namespace {

std::string waits_for(const Kernel& kernel, const Task& task) {
    switch (task.wait) {
    case WaitFor::semaphore:
        return fmt::format("semaphore '{}', which is at 0", kernel.scenario->semaphores[task.object].name);
    case WaitFor::data:
        return fmt::format("data from channel '{}', which is empty", kernel.scenario->channels[task.object].name);
    case WaitFor::space:
        return fmt::format("space in channel '{}', which is full", kernel.scenario->channels[task.object].name);
    case WaitFor::lock: {
        const std::string& name = kernel.scenario->locks[task.object].name;
        const LockState& lock = kernel.synchronisation->locks[task.object];
        if (lock.owner == no_task) return fmt::format("lock '{}'", name);
        return fmt::format("lock '{}', which {}{} has", name, described(kernel, lock.owner),
                           lock.abandoned ? ", who has ended," : "");
    }
    case WaitFor::interpreter: return fmt::format("interpreter lock '{}'", kernel.scenario->locks[task.object].name);
    case WaitFor::condition: {
        const ConditionState& condition = kernel.synchronisation->conditions[task.object];
        std::string text = fmt::format("condition '{}'", kernel.scenario->conditions[task.object].name);
        if (condition.unheard > 0)
            text += fmt::format(" (notified {} while nobody waited, last at {}: a lost wake-up? await it 'until' what "
                                "it is about is true)",
                                condition.unheard == 1 ? "once" : fmt::format("{} times", condition.unheard),
                                exact_text(condition.last_unheard.time_since_epoch()));
        return text;
    }
    case WaitFor::barrier:
        return fmt::format("barrier '{}', where {} of {} have arrived", kernel.scenario->barriers[task.object].name,
                           kernel.synchronisation->barriers[task.object].arrived,
                           kernel.scenario->barriers[task.object].parties);
    case WaitFor::task: return fmt::format("the end of {}", described(kernel, task.object));
    case WaitFor::child: return task.object == nothing ? "the end of a child" : "the end of its child";
    case WaitFor::vfork: return "its vfork child to exec or exit";
    case WaitFor::carrier:
        return fmt::format("its thread, which waits for {}", waits_for(kernel, kernel.tasks[task.carrier]));
    case WaitFor::device: return fmt::format("device '{}'", kernel.scenario->devices[task.object].name);
    case WaitFor::disk: return "pages from the disk";
    case WaitFor::event_loop: return "one of its tasks to become ready";
    case WaitFor::time:
    case WaitFor::no_one: break;
    }
    return "nothing";
}

// Calls `action(holder, what)` for everybody without whom the task cannot go on, as far as that is somebody.
template <class Action>
void for_holders(const Kernel& kernel, TaskId id, Action action) {
    const Task& task = kernel.tasks[id];
    const TaskId thread = is_carried(task.kind) ? task.carrier : id;
    const auto for_lock = [&](std::uint32_t lock) {
        const LockState& state = kernel.synchronisation->locks[lock];
        const auto name = [&] { return fmt::format("lock '{}'", kernel.scenario->locks[lock].name); };
        if (state.owner != no_task) action(state.owner, name);
        for (const TaskId reader : state.readers) action(reader, name);
    };
    if (kernel.tasks[thread].state == State::blocked) {
        const Task& waiting = kernel.tasks[thread];
        if (waiting.wait == WaitFor::lock) for_lock(waiting.object);
        if (waiting.wait == WaitFor::task)
            action(waiting.object, [&] { return fmt::format("the end of {}", described(kernel, waiting.object)); });
        if (waiting.wait == WaitFor::child && waiting.object != nothing)
            for (const TaskId member : kernel.processes[waiting.object].members)
                if (!kernel.tasks[member].ended) action(member, [] { return std::string("the end of its process"); });
        return;
    }
    if (task.state == State::blocked && task.wait == WaitFor::task)
        action(task.object, [&] { return fmt::format("the end of {}", described(kernel, task.object)); });
    if (task.ended || task.program == nullptr || task.counter >= task.program->code.size()) return;
    const Operation& operation = task.program->code[task.counter];
    const bool takes_lock = operation.kind == OperationKind::lock || operation.kind == OperationKind::lock_shared;
    if (!takes_lock) return;
    const std::vector<TaskId>& spinners = kernel.synchronisation->locks[operation.object].spinners;
    if (std::ranges::find(spinners, thread) != spinners.end()) for_lock(operation.object);
}

// Whether the way from who holds the task up leads back to it.
bool closes_circle(const Kernel& kernel, TaskId begin) {
    std::vector<TaskId> left{begin};
    std::set<TaskId> seen;
    while (!left.empty()) {
        const TaskId at = left.back();
        left.pop_back();
        bool found = false;
        for_holders(kernel, at, [&](TaskId holder, auto&&) {
            found = found || holder == begin;
            if (seen.insert(holder).second) left.push_back(holder);
        });
        if (found) return true;
    }
    return false;
}

std::vector<WaitForEdge> all_edges(const Kernel& kernel) {
    std::vector<WaitForEdge> edges;
    for (TaskId task = 0; task < kernel.tasks.size(); ++task)
        if (!kernel.tasks[task].ended && kernel.tasks[task].row != nothing)
            for_holders(kernel, task, [&](TaskId holder, auto&& what) { edges.push_back({task, holder, what()}); });
    return edges;
}

// Those that can be reached from the task: the others' troubles are their own.
std::vector<WaitForEdge> edges_from(std::vector<WaitForEdge> edges, TaskId begin) {
    std::set<TaskId> reached{begin};
    for (bool grows = true; grows;) {
        grows = false;
        for (const WaitForEdge& edge : edges)
            if (reached.contains(edge.waiter)) grows = reached.insert(edge.holder).second || grows;
    }
    std::erase_if(edges, [&](const WaitForEdge& edge) { return !reached.contains(edge.waiter); });
    return edges;
}

std::string told(const Kernel& kernel, const std::vector<WaitForEdge>& cycle) {
    std::string text;
    for (const WaitForEdge& edge : cycle)
        text += fmt::format(
            "{}{} waits for {}{}", text.empty() ? "" : "; ", described(kernel, edge.waiter), edge.object,
            edge.object.starts_with("lock")
                ? fmt::format(", which {} has", edge.holder == edge.waiter ? "it" : described(kernel, edge.holder))
                : "");
    return text;
}

} // namespace

void look_for_deadlock(Kernel& kernel, TaskId task) {
    Synchronisation& all = *kernel.synchronisation;
    if (!closes_circle(kernel, task)) return;
    const std::vector<WaitForEdge> edges = all_edges(kernel);
    const std::vector<WaitForEdge> cycle = find_cycle(wait_for_graph(edges_from(edges, task)));
    std::vector<std::string> names;
    for (TaskId id = 0; id < kernel.tasks.size(); ++id) names.push_back(described(kernel, id));
    all.deadlocks.push_back({kernel.now().time_since_epoch(), told(kernel, cycle), graphviz(edges, cycle, names)});
    ++kernel.counters.deadlocks;
    for (const WaitForEdge& edge : cycle) {
        const TaskId waiter = edge.waiter;
        const TaskId thread = is_carried(kernel.tasks[waiter].kind) ? kernel.tasks[waiter].carrier : waiter;
        if (kernel.tasks[thread].state != State::blocked) all.is_stuck = true;
    }
}

std::string diagnose_deadlock(const Kernel& kernel) {
    constexpr int most_named = 20;
    std::string text = "nothing can happen any more";
    if (kernel.synchronisation && !kernel.synchronisation->deadlocks.empty()) {
        const DeadlockReport& first = kernel.synchronisation->deadlocks.front();
        text = fmt::format("deadlock at {}: {}", exact_text(first.at), first.text);
    }
    int named = 0;
    for (TaskId id = 0; id < kernel.tasks.size(); ++id) {
        const Task& task = kernel.tasks[id];
        if (task.state != State::blocked || task.row == nothing) continue;
        if (++named > most_named) continue;
        text += fmt::format("; {} waits for {}", described(kernel, id), waits_for(kernel, task));
    }
    if (named > most_named) text += fmt::format("; and {} more wait", named - most_named);
    return text;
}

} // namespace switchyard::sim
