#include "sim/kernel/boot.hpp"

#include "models/units/text.hpp"
#include "sim/kernel/cache_warmth.hpp"
#include "sim/kernel/channels.hpp"
#include "sim/kernel/dispatch.hpp"
#include "sim/kernel/displacement.hpp"
#include "sim/kernel/interpreter_lock.hpp"
#include "sim/kernel/life.hpp"
#include "sim/kernel/memory_report.hpp"
#include "sim/kernel/operations_of_devices.hpp"
#include "sim/kernel/requests.hpp"
#include "sim/kernel/scheduler_host.hpp"
#include "sim/kernel/synchronisation.hpp"
#include "sim/kernel/ticks.hpp"
#include "sim/kernel/virtual_memory.hpp"
#include "sim/sched/registry.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace switchyard::sim {

namespace {

constexpr std::string_view default_process = "main";
constexpr std::string_view default_carrier = "loop";

void take_costs(Kernel& kernel) {
    for (int i = 0; i < costs; ++i) {
        const auto& law = (*kernel.profile)[static_cast<Cost>(i)];
        kernel.cost[static_cast<std::size_t>(i)] = Duration{law ? evaluate(*law) : 0};
    }
    const std::uint32_t hz = kernel.scenario->machine.hz.value_or(kernel.profile->hz);
    if (hz > 0) kernel.tick_period = Duration{std::chrono::seconds{1}} / hz;
    kernel.tick_cost = tick_cost_of(kernel);
}

void create_objects(Kernel& kernel) {
    for (const auto& semaphore : kernel.scenario->semaphores) kernel.semaphores.push_back({semaphore.initial});
    kernel.shared = shared_between_processes(*kernel.scenario);
    kernel.channels = create_channels(*kernel.scenario);
    if (synchronises(*kernel.scenario)) kernel.synchronisation = create_synchronisation(*kernel.scenario);
    kernel.devices = create_devices(*kernel.scenario);
    kernel.waiting = DispatchQueues(waiting_queues(*kernel.scenario));
    kernel.interpreters = create_interpreters(*kernel.scenario);
}

// The scenario's groups, and one for each session.
void create_groups(Kernel& kernel) {
    kernel.groups = kernel.scenario->groups;
    kernel.view.first_session = static_cast<std::uint32_t>(kernel.groups.size());
    std::map<std::string_view, std::uint32_t> sessions;
    for (const TaskTemplate& task : kernel.scenario->tasks) {
        const auto [session, is_new] = sessions.emplace(task.session, static_cast<std::uint32_t>(kernel.groups.size()));
        if (is_new) {
            kernel.groups.emplace_back();
            kernel.groups.back().name = task.session.empty() ? "autogroup" : task.session;
        }
        kernel.session_groups.push_back(session->second);
    }
    kernel.view.groups = kernel.groups;
    kernel.view.seed = kernel.scenario->seed;
}

// What a scheduler is made for.
SchedulerMachine machine_of(const Kernel& kernel) {
    const std::int64_t period = kernel.tick_period.count();
    const std::int64_t second = Duration{std::chrono::seconds{1}}.count();
    return {static_cast<CoreId>(kernel.cores.size()), period == 0 ? 0 : static_cast<std::uint32_t>(second / period),
            &kernel.topology, &kernel.profile->kernel};
}

// Processes and carriers that tasks share, by name.
struct Shared {
    std::map<std::string, ProcessId, std::less<>> processes;
    std::map<std::pair<ProcessId, std::string>, CarrierGroupId> carriers;
};

ProcessId shared_process(Kernel& kernel, Shared& shared, std::string_view name) {
    const auto known = shared.processes.find(name);
    if (known != shared.processes.end()) return known->second;
    const ProcessId id = create_process(kernel, nothing, 0);
    if (kernel.virtual_memory) create_space(kernel, id, nothing, {});
    shared.processes.emplace(name, id);
    return id;
}

// Of several carriers of one name, each gets one instance after another.
TaskId shared_carrier(Kernel& kernel, Shared& shared, ProcessId process, std::string_view name,
                      std::uint32_t like_template) {
    const auto next = static_cast<CarrierGroupId>(kernel.carrier_groups.size());
    const auto [entry, is_new] = shared.carriers.emplace(std::pair(process, std::string(name)), next);
    if (is_new) create_carriers(kernel, process, like_template, kernel.scenario->tasks[like_template].carriers);
    const CarrierGroup& group = kernel.carrier_groups[entry->second];
    return kernel.loops[group.first + group.alive % group.loops].thread;
}

void create_instance(Kernel& kernel, Shared& shared, std::uint32_t index, std::uint32_t instance) {
    const TaskTemplate& wanted = kernel.scenario->tasks[index];
    NewTask task;
    task.kind = wanted.kind;
    task.row = index;
    task.program = &wanted.program;
    task.drawing_task = index;
    task.drawing_instance = instance;
    task.like_template = index;
    task.process = wanted.kind == TaskKind::process
                       ? create_process(kernel, nothing, pages_of(wanted.resident))
                       : shared_process(kernel, shared, wanted.process.empty() ? default_process : wanted.process);
    if (kernel.channels) hold_ends(kernel, task.process, index);
    if (wanted.ignores_children) kernel.processes[task.process].ignores_children = true;
    if (kernel.virtual_memory && wanted.kind == TaskKind::process)
        create_space(kernel, task.process, index, wanted.resident);
    if (is_carried(wanted.kind)) {
        const std::string_view name = wanted.carrier.empty() ? default_carrier : std::string_view(wanted.carrier);
        task.carrier = shared_carrier(kernel, shared, task.process, name, index);
    }
    const TaskId id = create_task(kernel, task);
    const std::int64_t start = sample(wanted.start, {kernel.scenario->seed, index, instance, start_operation, 0});
    kernel.tasks[id].timer = kernel.events.schedule(Time{Duration{start}}, {KernelEvent::Kind::arrival, id});
}

// So that tables do not double while they are filled.
void make_room_for_instances(Kernel& kernel) {
    std::size_t tasks = 0;
    for (const TaskTemplate& task : kernel.scenario->tasks)
        tasks += std::size_t{task.count} + (is_carried(task.kind) ? task.carriers : 0);
    kernel.waiting.reserve(tasks);
}

void fill_memory(const Kernel& kernel, MemoryReport& memory) {
    const auto known = [&](Cost cost) { return (*kernel.profile)[cost].has_value(); };
    if (!kernel.virtual_memory && (!known(Cost::thread_resident) || !known(Cost::process_resident))) return;
    memory = {Bytes{kernel.memory_peak[0]}, Bytes{kernel.memory_peak[1]}, Bytes{kernel.memory_peak[2]}};
}

} // namespace

Duration charge(Kernel& kernel, Cost cost) {
    kernel.charged.set(static_cast<std::size_t>(cost));
    return kernel.cost[static_cast<std::size_t>(cost)];
}

Duration charge(Kernel& kernel, Cost cost, Quantity quantity, std::int64_t amount) {
    kernel.charged.set(static_cast<std::size_t>(cost));
    const auto& law = (*kernel.profile)[cost];
    return Duration{law ? evaluate(*law, Amounts(quantity, amount)) : 0};
}

std::unique_ptr<Kernel> boot(const Scenario& scenario, const CostProfile& profile, EventOrder order, Trace* trace,
                             const MakeScheduler& make) {
    auto owned = std::make_unique<Kernel>();
    Kernel& kernel = *owned;
    kernel.scenario = &scenario;
    kernel.profile = &profile;
    kernel.trace = trace;
    kernel.events = EventQueue<KernelEvent>(order);
    if (trace) *trace = Trace{{}, {}, scenario.machine.cores};
    take_costs(kernel);
    create_objects(kernel);
    kernel.topology = Topology(scenario.machine.cores, scenario.machine.topology);
    kernel.cores.resize(scenario.machine.cores);
    kernel.core_events = AlarmSet(scenario.machine.cores);
    for (std::uint32_t core = 0; core < scenario.machine.cores; ++core) {
        kernel.cores[core].id = static_cast<CoreId>(core);
        kernel.cores[core].speed = kernel.topology.speed(core);
    }
    kernel.running.assign(scenario.machine.cores, no_task);
    kernel.view.current = kernel.running;
    create_groups(kernel);
    kernel.host = make_scheduler_host(kernel);
    kernel.scheduler = make ? make(*kernel.host, machine_of(kernel))
                            : make_scheduler(scenario.scheduler, *kernel.host, machine_of(kernel));
    for (const TaskTemplate& wanted : scenario.tasks) {
        TaskReport row;
        row.name = wanted.name;
        row.kind = wanted.kind;
        kernel.rows.push_back(std::move(row));
        kernel.affinities.emplace_back(wanted.cores.begin(), wanted.cores.end());
        std::ranges::sort(kernel.affinities.back());
    }
    kernel.child_rows.resize(kernel.rows.size());
    kernel.priorities_differ = std::ranges::any_of(scenario.tasks, [&](const TaskTemplate& task) {
        return task.scheduling.priority != scenario.tasks.front().scheduling.priority;
    });
    if (speaks_of_memory(scenario)) kernel.virtual_memory = create_virtual_memory(scenario);
    kernel.caches = create_cache_warmth(kernel);
    kernel.displacement = create_displacement(profile);
    make_room_for_instances(kernel);
    Shared shared;
    for (std::uint32_t index = 0; index < scenario.tasks.size(); ++index)
        for (std::uint32_t instance = 0; instance < scenario.tasks[index].count; ++instance)
            create_instance(kernel, shared, index, instance);
    for (const auto& [key, id] : shared.carriers) {
        const CarrierGroup& group = kernel.carrier_groups[id];
        for (LoopId loop = group.first; loop < group.first + group.loops; ++loop) {
            const TaskId carrier = kernel.loops[loop].thread;
            kernel.tasks[carrier].timer = kernel.events.schedule(Time{}, {KernelEvent::Kind::arrival, carrier});
        }
    }
    return owned;
}

Report report_of(const Kernel& kernel, Outcome outcome, std::string diagnosis) {
    Report report;
    report.scenario = kernel.scenario->name;
    report.executor = "simulation";
    report.profile = kernel.profile->name;
    report.scheduling = kernel.scheduler->description();
    report.seed = kernel.scenario->seed;
    report.cores = static_cast<std::uint32_t>(kernel.cores.size());
    report.outcome = outcome;
    report.diagnosis = std::move(diagnosis);
    report.makespan = kernel.last_end - Time{};
    report.time.emplace();
    report.core_time.emplace();
    for (const Core& core : kernel.cores) {
        report.core_time->push_back(core.time);
        for (std::size_t i = 0; i < core.time.size(); ++i)
            (*report.time)[i] = checked_add((*report.time)[i], core.time[i]);
    }
    report.counters = kernel.counters;
    fill_memory(kernel, report.memory);
    report.tasks = kernel.rows;
    for (TaskReport& task : report.tasks) { // known to be none, where the kernel schedules them
        if (is_carried(task.kind)) continue;
        task.voluntary_switches = task.voluntary_switches.value_or(0);
        task.involuntary_switches = task.involuntary_switches.value_or(0);
    }
    report.notes = kernel.notes;
    if (kernel.requests) report.requests = kernel.requests->report;
    if (kernel.virtual_memory) report_memory(kernel, report);
    if (kernel.synchronisation) {
        report.deadlocks = kernel.synchronisation->deadlocks;
        report.data_races = kernel.synchronisation->data_races;
        if (kernel.synchronisation->gave_up_races)
            report.notes.push_back(
                fmt::format("data races were not looked for among more than {} tasks", most_tasks_with_races));
    }
    for (int i = 0; i < costs; ++i)
        if (kernel.charged[static_cast<std::size_t>(i)] && !(*kernel.profile)[static_cast<Cost>(i)])
            report.notes.push_back(fmt::format("profile '{}' does not know {}: charged as nothing",
                                               kernel.profile->name, describe(static_cast<Cost>(i)).name));
    return report;
}

} // namespace switchyard::sim
