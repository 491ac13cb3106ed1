#include "models/errors.hpp"
#include "models/report/report.hpp"
#include "models/scenario/memory_validation.hpp"
#include "models/scenario/program_validation.hpp"
#include "models/scenario/relations.hpp"
#include "models/scenario/scenario.hpp"
#include "models/units/text.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace switchyard {

namespace {

constexpr std::uint32_t highest_hz = 1'000'000;

// Places inside a scenario leave the file to it.
SourceLocation place(const Scenario& scenario, SourceLocation where) {
    if (where.file.empty()) where.file = scenario.file;
    return where;
}

SourceLocation place(const Scenario& scenario) { return {.file = scenario.file, .line = 0, .column = 0}; }

template <class Named>
void check_names(const Scenario& scenario, const std::vector<Named>& all, std::string_view what) {
    std::set<std::string_view> seen;
    for (const Named& one : all) {
        if (one.name.empty()) throw InputError(fmt::format("a {} needs a name", what), place(scenario));
        if (!seen.insert(one.name).second)
            throw InputError(fmt::format("two {}s are called '{}': give them two names", what, one.name),
                             place(scenario));
    }
}

void check_machine(const Scenario& scenario) {
    const Machine& machine = scenario.machine;
    if (machine.cores < 1 || machine.cores > most_cores)
        throw InputError(fmt::format("a machine cannot have {} cores: write 1 to {}", machine.cores, most_cores),
                         place(scenario));
    if (machine.hz.value_or(0) > highest_hz)
        throw InputError(fmt::format("{} ticks a second are too many: write hz up to {} (Linux: 100 to 1000)",
                                     *machine.hz, highest_hz),
                         place(scenario));
}

void check_caches(const Scenario& scenario) {
    const CacheSizes& caches = scenario.machine.caches;
    if (caches.own.count < 0 || caches.shared.count < 0)
        throw InputError("a cache cannot hold less than nothing", place(scenario));
    if (caches.shared.count > 0 && caches.shared < caches.own)
        throw InputError(fmt::format("the shared cache, of {}, is smaller than a core's own, of {}",
                                     text_of(caches.shared), text_of(caches.own)),
                         place(scenario));
}

void check_topology(const Scenario& scenario) {
    const Machine& machine = scenario.machine;
    if (machine.topology == TopologyDescription{}) return;
    try {
        validate(machine.cores, machine.topology);
    } catch (const InputError& error) {
        throw error.at(place(scenario));
    }
}

void check_machine_memory(const Scenario& scenario) {
    try {
        validate(scenario.machine.memory);
    } catch (const InputError& error) {
        throw error.at(place(scenario));
    }
}

// Errors know the line, but not the file.
void check_regions(const Scenario& scenario) {
    try {
        check_memory(scenario);
    } catch (const InputError& error) {
        throw InputError(error.message(), place(scenario, error.where()));
    }
}

// Throws with the scenario's place.
template <class Object>
void check_each(const Scenario& scenario, const std::vector<Object>& objects) {
    for (const Object& object : objects) {
        try {
            validate(object);
        } catch (const InputError& error) {
            throw InputError(error.message(), place(scenario));
        }
    }
}

void check_objects(const Scenario& scenario) {
    check_names(scenario, scenario.semaphores, "semaphore");
    check_names(scenario, scenario.channels, "channel");
    check_names(scenario, scenario.devices, "device");
    check_names(scenario, scenario.request_amounts, "request's amount");
    check_names(scenario, scenario.locks, "lock");
    check_names(scenario, scenario.conditions, "condition");
    check_names(scenario, scenario.barriers, "barrier");
    check_names(scenario, scenario.variables, "variable");
    check_each(scenario, scenario.semaphores);
    check_each(scenario, scenario.locks);
    check_each(scenario, scenario.barriers);
    check_each(scenario, scenario.channels);
    check_each(scenario, scenario.devices);
    check_each(scenario, scenario.request_amounts);
}

void check_groups(const Scenario& scenario) {
    check_names(scenario, scenario.groups, "group");
    for (std::size_t index = 0; index < scenario.groups.size(); ++index) {
        const Group& group = scenario.groups[index];
        if (group.parent != no_group && group.parent >= index)
            throw InputError(fmt::format("group '{}': its parent must come before it", group.name), place(scenario));
        try {
            validate(group);
        } catch (const InputError& error) {
            throw InputError(error.message(), place(scenario));
        }
    }
}

// What the scheduler is told. Throws without a place: the caller knows it.
void check_scheduling(const Scenario& scenario, const TaskTemplate& task) {
    validate(task.scheduling);
    if (task.group != no_group && task.group >= scenario.groups.size())
        throw InputError("its group does not exist: declare it among the groups of the scenario");
    if (!task.scheduling.aborts_on_miss) return;
    bool in_job = false;
    for (const Operation& operation : task.program.code) {
        if (operation.kind == OperationKind::job) in_job = true;
        if (operation.kind == OperationKind::job_end) in_job = false;
        const bool steers = operation.kind == OperationKind::job || operation.kind == OperationKind::repeat ||
                            operation.kind == OperationKind::repeat_end;
        if (in_job && !steers && operation.kind != OperationKind::compute)
            throw InputError(fmt::format("a job that can be given up at its deadline may only compute: '{}' would be "
                                         "left half done",
                                         name_of(operation.kind)));
    }
}

// Where a task runs and how many of it there are. Throws without a place: the caller knows it.
void check_placement(const Scenario& scenario, const TaskTemplate& task) {
    if (task.count < 1) throw InputError("its count is 0: write 1 or more, or leave the task away");
    std::set<std::uint32_t> cores;
    for (const std::uint32_t core : task.cores) {
        if (core >= scenario.machine.cores)
            throw InputError(
                fmt::format("there is no core {}: the machine has {}, counted from 0", core, scenario.machine.cores));
        if (!cores.insert(core).second) throw InputError(fmt::format("core {} is named twice", core));
    }
    if (task.resident.count < 0) throw InputError("its resident memory cannot be negative");
    if (task.kind != TaskKind::process && task.resident.count > 0)
        throw InputError(
            fmt::format("'resident' is for processes only: the memory of a {} is its process's", name_of(task.kind)));
    validate(task.memory);
    if (task.kind != TaskKind::process && task.memory != SegmentSizes{})
        throw InputError(
            fmt::format("'memory' is for processes only: the memory of a {} is its process's", name_of(task.kind)));
    const Bytes least{least_pages_of_limit * scenario.machine.memory.page_size.count};
    if (task.memory_limit != Bytes{} && task.memory_limit < least)
        throw InputError(fmt::format("its memory cannot be limited to {} bytes: write {} or more",
                                     task.memory_limit.count, text_of(least)));
    if (task.kind != TaskKind::process && task.memory_limit != Bytes{})
        throw InputError("a 'limit' of memory is for processes only");
    if (is_carried(task.kind) && task.ignores_children)
        throw InputError(fmt::format("a {} has no children to ignore", name_of(task.kind)));
    if (task.kind == TaskKind::process && !task.process.empty())
        throw InputError(
            fmt::format("a process lives in no other: leave 'process: {}' away, or make it a thread", task.process));
    if (!is_carried(task.kind) && !task.carrier.empty())
        throw InputError(fmt::format("a {} is carried by nobody: leave 'carrier: {}' away, or make it a coroutine",
                                     name_of(task.kind), task.carrier));
    if (!is_carried(task.kind) && task.carriers != 1)
        throw InputError(fmt::format("a {} is carried by nobody: leave 'carriers: {}' away, or make it a coroutine",
                                     name_of(task.kind), task.carriers));
    if (task.carriers == 0 || task.carriers > most_carriers)
        throw InputError(fmt::format("{} threads cannot carry it: write 1 to {}", task.carriers, most_carriers));
    try {
        validate(task.start);
    } catch (const InputError& error) {
        throw InputError(fmt::format("start: {}", error.message()));
    }
}

// Whose code it executes. Throws without a place: the caller knows it.
void check_interpreter(const Scenario& scenario, const TaskTemplate& task) {
    if (task.interpreter == no_object) return;
    if (task.interpreter >= scenario.locks.size())
        throw InputError("its interpreter does not exist: declare it among the locks, 'kind: interpreter'");
    const Lock& lock = scenario.locks[task.interpreter];
    if (lock.kind != LockKind::interpreter)
        throw InputError(fmt::format("'{}' is a {} lock, no interpreter's: give it 'kind: interpreter'", lock.name,
                                     name_of(lock.kind)));
    if (task.scheduling.aborts_on_miss)
        throw InputError("a job that is interpreted cannot be given up at its deadline: let it go on ('on_miss: "
                         "continue')");
}

std::string_view carrier_of(const TaskTemplate& task) {
    return task.carrier.empty() ? std::string_view("loop") : task.carrier;
}

std::string threads(std::uint32_t count) { return fmt::format("{} thread{}", count, count == 1 ? "" : "s"); }

// A lock that passes priorities on does so from thread to thread: a task that only its event loop waits for has none.
void check_asynchronous_locks(const Scenario& scenario) {
    for (const TaskTemplate& task : scenario.tasks) {
        const std::vector<Operation>& code = task.program.code;
        for (std::size_t at = 0; at < code.size(); ++at) {
            if (code[at].kind != OperationKind::lock || !code[at].asynchronous) continue;
            const Lock& lock = scenario.locks[code[at].object];
            if (lock.protocol == LockProtocol::none) continue;
            throw InputError(
                fmt::format("task '{}': lock '{}' passes priorities on, which only threads have: leave 'asynchronous' "
                            "away, or its protocol",
                            task.name, lock.name),
                place(scenario, at < task.program.locations.size() ? task.program.locations[at] : task.where));
        }
    }
}

// Threads that tasks share: each lives in one process, carries one kind, and runs where all it carries may.
void check_carriers(const Scenario& scenario) {
    std::map<std::pair<std::string, std::string_view>, const TaskTemplate*> carriers; // process and name
    std::map<std::string_view, const TaskTemplate*> named;
    for (const TaskTemplate& task : scenario.tasks) {
        if (!is_carried(task.kind)) continue;
        const auto where = place(scenario, task.where);
        const TaskTemplate& first = *carriers.try_emplace({process_of(task), carrier_of(task)}, &task).first->second;
        if (first.kind != task.kind)
            throw InputError(
                fmt::format("tasks '{}' (a {}) and '{}' (a {}) cannot share carrier '{}': a thread carries "
                            "one kind; name another 'carrier' for one of them",
                            first.name, name_of(first.kind), task.name, name_of(task.kind), carrier_of(task)),
                where);
        if (first.carriers != task.carriers)
            throw InputError(fmt::format("carrier '{}' cannot be {} for task '{}' and {} for task '{}': give both the "
                                         "same 'carriers', or two carriers",
                                         carrier_of(task), threads(first.carriers), first.name, threads(task.carriers),
                                         task.name),
                             where);
        if (!std::ranges::is_permutation(first.cores, task.cores))
            throw InputError(fmt::format("tasks '{}' and '{}' run on one thread, carrier '{}', but on different cores: "
                                         "give both the same 'cores', or two carriers",
                                         first.name, task.name, carrier_of(task)),
                             where);
        if (first.interpreter != task.interpreter)
            throw InputError(fmt::format("tasks '{}' and '{}' run on one thread, carrier '{}', but not under one "
                                         "interpreter: give both the same 'interpreter', or two carriers",
                                         first.name, task.name, carrier_of(task)),
                             where);
        if (task.carrier.empty()) continue; // every process has a "loop" of its own
        const TaskTemplate& elsewhere = *named.try_emplace(task.carrier, &task).first->second;
        if (process_of(elsewhere) != process_of(task))
            throw InputError(fmt::format("carrier '{}' cannot be in processes '{}' and '{}': a thread belongs to one; "
                                         "name two carriers",
                                         task.carrier, process_of(elsewhere), process_of(task)),
                             where);
    }
}

SharedObjects objects_of(const Scenario& scenario) {
    SharedObjects objects{.semaphores = scenario.semaphores.size(),
                          .channels = scenario.channels,
                          .devices = scenario.devices.size(),
                          .request_amounts = scenario.request_amounts.size(),
                          .locks = {},
                          .conditions = scenario.conditions.size(),
                          .barriers = scenario.barriers.size(),
                          .variables = scenario.variables.size()};
    for (const Lock& lock : scenario.locks) objects.locks.push_back(lock.kind);
    return objects;
}

void check_tasks(const Scenario& scenario) {
    if (scenario.tasks.empty()) throw InputError("there is no task: a scenario needs at least one", place(scenario));
    std::set<std::string_view> names;
    std::set<std::string_view> processes;
    const SharedObjects objects = objects_of(scenario);
    std::uint64_t instances = 0;
    for (const TaskTemplate& task : scenario.tasks) {
        const SourceLocation where = place(scenario, task.where);
        if (task.name.empty()) throw InputError("a task needs a name", where);
        if (!names.insert(task.name).second)
            throw InputError(
                fmt::format("two tasks are called '{}': give them two names, or one task a 'count'", task.name), where);
        if (task.kind == TaskKind::process) processes.insert(task.name);
        instances += task.count;
        if (instances > most_tasks)
            throw InputError(
                fmt::format("with '{}' there are {} tasks: {} are the most", task.name, instances, most_tasks), where);
        try {
            check_placement(scenario, task);
            check_scheduling(scenario, task);
            check_interpreter(scenario, task);
            validate(task.program, task.kind, objects);
        } catch (const InputError& error) {
            const bool placed = error.where().line > 0;
            throw InputError(fmt::format("task '{}': {}", task.name, error.message()),
                             placed ? place(scenario, error.where()) : where);
        }
    }
    for (const TaskTemplate& task : scenario.tasks)
        if (processes.contains(task.process))
            throw InputError(
                fmt::format("task '{0}' cannot live in '{1}', whose task is a process that starts alone: let "
                            "'{1}' spawn it, or name another process",
                            task.name, task.process),
                place(scenario, task.where));
    check_carriers(scenario);
    check_asynchronous_locks(scenario);
}

void check_promises(const Scenario& scenario) {
    std::vector<std::string> tasks;
    for (const TaskTemplate& task : scenario.tasks) tasks.push_back(task.name);
    const std::vector<std::string> observations = observation_names(scenario);
    for (const Expectation& expected : scenario.expectations) {
        const SourceLocation where = place(scenario, expected.where);
        try {
            std::ignore = parse_metric(unit_of_metric(expected.metric, tasks, observations), expected.value);
        } catch (const InputError& error) {
            throw InputError(fmt::format("expect {}: {}", expected.metric, error.message()), where);
        }
        if (!std::isfinite(expected.tolerance) || expected.tolerance < 0)
            throw InputError(fmt::format("expect {}: a tolerance is a share of 0 or more", expected.metric), where);
    }
    for (const ValidationTarget& target : scenario.targets) {
        const SourceLocation where = place(scenario, target.where);
        try {
            const MetricUnit unit = unit_of_metric(target.metric, tasks, observations);
            if (!target.within.empty()) std::ignore = parse_metric(unit, target.within);
        } catch (const InputError& error) {
            throw InputError(fmt::format("target {}: {}", target.metric, error.message()), where);
        }
        if (!std::isfinite(target.error) || target.error < 0)
            throw InputError(fmt::format("target {}: an error is a share of 0 or more", target.metric), where);
    }
}

} // namespace

std::vector<std::string> observation_names(const Scenario& scenario) {
    std::vector<std::string> names;
    for (const TaskTemplate& task : scenario.tasks)
        for (const Observation& observation : task.program.memory.observations)
            if (std::ranges::find(names, observation.name) == names.end()) names.push_back(observation.name);
    return names;
}

void validate(const Scenario& scenario) {
    if (scenario.server) throw InputError("its server is not lowered: call 'lower' first", place(scenario));
    check_machine(scenario);
    check_topology(scenario);
    check_caches(scenario);
    check_machine_memory(scenario);
    check_objects(scenario);
    check_groups(scenario);
    check_tasks(scenario);
    try {
        check_relations(scenario);
    } catch (const InputError& error) {
        throw InputError(error.message(), place(scenario, error.where()));
    }
    check_regions(scenario);
    check_promises(scenario);
}

} // namespace switchyard
