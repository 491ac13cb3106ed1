#include "native/execute/captured.hpp"

#include "models/trace/digest.hpp"
#include "native/capture/run_trace.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace switchyard::native {

namespace {

// The run's threads, and who they are.
struct Threads {
    std::vector<CapturedThread> captured;
    std::vector<TraceTask> tasks;
    std::vector<TaskId> instances;       // those that are instances of templates
    std::vector<std::uint32_t> programs; // of each: the index of its template
};

std::int64_t monotonic(const StateHeader& header, std::uint64_t stamp) {
    const double stamps = stamp > header.start ? static_cast<double>(stamp - header.start) : 0;
    return header.start_nanoseconds + std::llround(stamps * header.costs.nanoseconds_per_stamp);
}

std::string name_of(const Scenario& scenario, const PlanInstance& instance) {
    const TaskTemplate& task = scenario.tasks[instance.program];
    return instance.number == 0 ? task.name : fmt::format("{}#{}", task.name, instance.number + 1);
}

Threads threads_of(const Scenario& scenario, const PlanView& plan, const SharedState& state) {
    const StateHeader& header = *state.header;
    Threads threads;
    std::vector<std::uint32_t> process_of(plan.instances.size());
    const auto add = [&](std::int32_t id, std::int64_t ready, std::uint64_t end, bool is_child, TraceTask task) {
        threads.captured.push_back({id, ready, end == 0 ? 0 : monotonic(header, end), is_child});
        threads.tasks.push_back(std::move(task));
    };
    for (std::size_t i = 0; i < plan.threads.size(); ++i) {
        const PlanThread& thread = plan.threads[i];
        const auto instances = plan.instances.subspan(thread.first_instance, thread.instances);
        for (std::size_t k = 0; k < instances.size(); ++k) process_of[thread.first_instance + k] = thread.process;
        if (thread.carries) {
            add(state.threads[i].thread_id, header.start_nanoseconds, 0, false, {"carrier", thread.process, false});
            continue;
        }
        threads.instances.push_back(static_cast<TaskId>(threads.tasks.size()));
        threads.programs.push_back(instances[0].program);
        const TaskRecord& record = state.tasks[thread.first_instance];
        add(record.thread_id, header.start_nanoseconds + instances[0].start, record.end, false,
            {name_of(scenario, instances[0]), thread.process, false});
    }
    auto next_process = static_cast<std::uint32_t>(plan.processes.size());
    const std::span<const TaskRecord> children = recorded_tasks(plan, state).subspan(plan.instances.size());
    for (const TaskRecord& child : children) {
        if (child.thread_id == 0) continue; // carried, or it never ran
        const std::uint32_t process = child.kind == TaskKind::process ? next_process++ : process_of[child.instance];
        add(child.thread_id, header.start_nanoseconds, child.end, true,
            {"a child of " + name_of(scenario, plan.instances[child.instance]), process, false});
    }
    return threads;
}

// How often a task made way for one that is not the run's, and went on there itself. Where another of the run's goes
// on, its turn was over anyway: as often as not the kernel's own task was woken by the tick that ended it.
std::uint64_t foreign_preemptions(const Trace& trace) {
    std::vector<TaskId> gave_way(trace.cores, no_task); // on each core, to a foreign task
    std::uint64_t count = 0;
    for (const TraceEvent& event : trace.events) {
        if (event.kind == EventKind::stopped)
            gave_way[event.core] =
                static_cast<Stop>(event.detail) == Stop::preempted && event.other == no_task ? event.task : no_task;
        else if (event.kind == EventKind::running && std::exchange(gave_way[event.core], no_task) == event.task)
            ++count;
    }
    return count;
}

void report_digest(Report& report, const Threads& threads, const Trace& trace) {
    const auto window = common_window(trace, threads.instances);
    const std::vector<TaskDigest> figures = digest(trace, window);
    for (const std::uint32_t program : threads.programs) {
        TaskReport& task = report.tasks[program];
        task.voluntary_switches = task.involuntary_switches = 0;
        if (window) task.window_cpu = Duration{};
    }
    for (std::size_t i = 0; i < threads.instances.size(); ++i) {
        TaskReport& task = report.tasks[threads.programs[i]];
        const TaskDigest& own = figures[threads.instances[i]];
        task.run_length.add(own.run_length);
        task.wake_up_latency.add(own.wake_up_latency);
        *task.voluntary_switches += own.voluntary_switches;
        *task.involuntary_switches += own.involuntary_switches;
        if (window) *task.window_cpu += own.window_cpu;
    }
    report.foreign_preemptions = foreign_preemptions(trace);
    for (const TaskDigest& own : figures) {
        report.counters.wake_ups += own.wake_ups;
        report.counters.migrations += own.migrations;
    }
    report.counters_known.insert(report.counters_known.end(), {"wake_ups", "migrations"});
}

} // namespace

Trace report_captured(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state,
                      const CapturedText& captured) {
    const auto nothing = [&](const std::string& why) {
        report.notes.push_back("no scheduling events of the kernel, switches are getrusage's: " + why);
        return Trace{};
    };
    if (!captured.error.empty()) return nothing(captured.error);
    const KernelEvents kernel = parse_kernel_events(captured.text);
    if (const std::uint64_t missing = captured.lost + kernel.lost + kernel.unreadable; missing > 0)
        return nothing(fmt::format("{} are missing: run something shorter", missing));
    const Threads threads = threads_of(scenario, plan, state);
    Trace trace = trace_of_run(kernel.events, threads.captured, plan.cpus, state.header->start_nanoseconds);
    if (trace.events.empty()) return nothing("none of them is about this run: another PID namespace numbers its tasks");
    trace.tasks = threads.tasks;
    report_digest(report, threads, trace);
    return trace;
}

void report_counted(Report& report, const PlanView& plan, const SharedState& state, const std::string& why) {
    report.notes.push_back("no scheduling events of the kernel, its counters are read: " + why);
    bool moves_known = true;
    std::uint64_t migrations = 0;
    const auto add = [&](const KernelFigures& used) {
        moves_known = moves_known && used.migrations_known != 0;
        migrations += used.migrations;
    };
    for (const TaskRecord& record : recorded_tasks(plan, state))
        if (!is_carried(record.kind)) add(record.used);
    std::vector<Duration> windows(report.tasks.size());
    std::vector<bool> has_window(report.tasks.size());
    bool window_known = true;
    bool was_read = false; // the kernel tells
    for (std::size_t i = 0; i < plan.threads.size(); ++i) {
        const PlanThread& thread = plan.threads[i];
        if (thread.carries) {
            add(state.threads[i].used);
            continue;
        }
        const PlanInstance& instance = plan.instances[thread.first_instance];
        const TaskRecord& record = state.tasks[thread.first_instance];
        if (record.used.waiting_known != 0)
            report.tasks[instance.program].waiting.add(
                std::chrono::nanoseconds{std::max<std::int64_t>(record.used.waiting_nanoseconds, 0)});
        // Who ends almost together with the first is gone before that one has looked: all of its time was in the
        // window.
        const bool was_gone = record.cpu_at_first_end == 0 && record.state.load() == TaskState::ended;
        was_read = was_read || record.cpu_at_first_end != 0;
        window_known = window_known && instance.start == 0 && (record.cpu_at_first_end != 0 || was_gone);
        const std::int64_t in_window =
            was_gone ? record.used.cpu_nanoseconds : record.cpu_at_first_end - record.cpu_at_start;
        windows[instance.program] += std::chrono::nanoseconds{std::max<std::int64_t>(in_window, 0)};
        has_window[instance.program] = true;
    }
    for (std::size_t i = 0; window_known && was_read && i < windows.size(); ++i)
        if (has_window[i]) report.tasks[i].window_cpu = windows[i];
    if (!moves_known) return;
    report.counters.migrations = migrations;
    report.counters_known.emplace_back("migrations");
}

} // namespace switchyard::native
