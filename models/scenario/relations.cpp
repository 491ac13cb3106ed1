#include "models/scenario/relations.hpp"

#include <fmt/format.h>
#include <optional>

namespace switchyard {

namespace {

constexpr bool is_about_channel(OperationKind kind) {
    return kind == OperationKind::send || kind == OperationKind::receive || kind == OperationKind::for_each ||
           kind == OperationKind::close;
}

// Who was the first to use a channel.
struct FirstUser {
    const TaskTemplate* task = nullptr;
    const TaskTemplate* receiver = nullptr;
};

bool is_one_process(const TaskTemplate& a, const TaskTemplate& b) {
    if (&a == &b) return a.kind != TaskKind::process || a.count == 1;
    return a.kind != TaskKind::process && b.kind != TaskKind::process && process_of(a) == process_of(b);
}

bool are_relatives(const TaskTemplate& a, const TaskTemplate& b) {
    return is_one_process(a, b) || (!a.parent.empty() && a.parent == b.parent);
}

void check_use(const Scenario& scenario, const TaskTemplate& task, const Operation& operation, FirstUser& known) {
    const Channel& channel = scenario.channels[operation.object];
    if (!known.task) known.task = &task;
    if (channel.kind == ChannelKind::pipe && !are_relatives(*known.task, task)) {
        if (known.task == &task)
            throw InputError(fmt::format(
                "the processes of '{}' are strangers to each other, but use pipe '{}', which is inherited: let one "
                "fork the others, say who has started them ('parent: shell'), or make it a fifo",
                task.name, channel.name));
        throw InputError(fmt::format(
            "'{}' and '{}' are strangers, but use one pipe, '{}', which is inherited: let one fork the other, say who "
            "has started both ('parent: shell'), or make it a fifo",
            known.task->name, task.name, channel.name));
    }
    if (channel.kind == ChannelKind::queue && !is_one_process(*known.task, task))
        throw InputError(
            fmt::format("queue '{}' is in the memory of the process of '{}', which '{}' does not see: make "
                        "it a fifo, a message queue or a socket",
                        channel.name, known.task->name, task.name));
    if (channel.kind != ChannelKind::signal ||
        (operation.kind != OperationKind::receive && operation.kind != OperationKind::for_each))
        return;
    if (!known.receiver) known.receiver = &task;
    if (known.receiver != &task || task.count > 1 || is_carried(task.kind))
        throw InputError(fmt::format("signal '{}' is sent to one thread, and only that one can wait for it: give every "
                                     "receiver a signal of its own",
                                     channel.name));
}

} // namespace

std::string process_of(const TaskTemplate& task) {
    if (task.kind == TaskKind::process) return task.name;
    return task.process.empty() ? "main" : task.process;
}

void check_relations(const Scenario& scenario) {
    std::vector<FirstUser> known(scenario.channels.size());
    for (const TaskTemplate& task : scenario.tasks) {
        for (std::size_t at = 0; at < task.program.code.size(); ++at) {
            const Operation& operation = task.program.code[at];
            if (!is_about_channel(operation.kind)) continue;
            try {
                check_use(scenario, task, operation, known[operation.object]);
            } catch (const InputError& error) {
                throw InputError(error.message(),
                                 at < task.program.locations.size() ? task.program.locations[at] : SourceLocation{});
            }
        }
    }
}

} // namespace switchyard
