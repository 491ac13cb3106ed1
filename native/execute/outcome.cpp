#include "native/execute/outcome.hpp"

#include "native/execute/speed.hpp"
#include "native/execute/standstill.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <utility>

namespace switchyard::native {

namespace {

constexpr Duration shortest_load_interval = std::chrono::milliseconds{100}; // /proc/stat is sampled at timer ticks

Duration duration_of(const WorkCosts& costs, std::uint64_t from, std::uint64_t to) {
    const double stamps = to > from ? static_cast<double>(to - from) : 0;
    return from_seconds(stamps * costs.nanoseconds_per_stamp * 1e-9);
}

Duration at_speed(double nominal_picoseconds, double speed) {
    return from_seconds(nominal_picoseconds * 1e-12 / speed);
}

bool has_ended(const TaskRecord& task) { return task.state.load(std::memory_order_acquire) == TaskState::ended; }

bool ended_by_itself(const TaskRecord& task) { return has_ended(task) && task.ending != Ending::crashed; }

// Release until done, and how many were late.
void report_jobs(JobReport& report, const PlanInstance& instance, const TaskRecord& record,
                 std::span<const JobRecord> jobs, const Scheduling& scheduling) {
    const std::uint32_t released = std::min(record.jobs, instance.jobs);
    report.released += released;
    const Duration deadline = scheduling.relative_deadline();
    for (const JobRecord& job : jobs.subspan(instance.first_job, released)) {
        if (job.end == 0) continue;
        const Duration response = std::chrono::nanoseconds{std::max<std::int64_t>(job.end - job.release, 0)};
        ++report.finished;
        report.response.add(response);
        if (deadline > Duration{} && response > deadline) ++report.missed;
    }
}

// The kernel's own count of a thread's switches; known where none was killed (it takes its figures along).
void report_switches(Report& report, const PlanView& plan, const SharedState& state) {
    for (TaskReport& task : report.tasks)
        if (!is_carried(task.kind)) task.voluntary_switches = task.involuntary_switches = 0;
    for (std::size_t i = 0; i < plan.instances.size(); ++i) {
        TaskReport& task = report.tasks[plan.instances[i].program];
        if (!task.voluntary_switches) continue;
        *task.voluntary_switches += state.tasks[i].used.voluntary_switches;
        *task.involuntary_switches += state.tasks[i].used.involuntary_switches;
    }
}

// Whether somebody's event loop hears of channels from epoll, which does not tell since when there has been something.
bool hears_late(const Scenario& scenario) {
    return std::ranges::any_of(scenario.tasks, [&](const TaskTemplate& task) {
        return std::ranges::any_of(task.program.code, [&](const Operation& operation) {
            const bool moves = operation.kind == OperationKind::send || operation.kind == OperationKind::receive ||
                               operation.kind == OperationKind::for_each;
            return moves && operation.asynchronous && scenario.channels[operation.object].kind != ChannelKind::queue;
        });
    });
}

// A row for what the tasks of one row spawn under one name, as the simulator's reports have.
void report_carried_children(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state) {
    const std::span<const TaskRecord> records = recorded_tasks(plan, state);
    std::vector<std::size_t> row_of(records.size()); // parents come before their children
    std::map<std::pair<std::size_t, std::uint32_t>, std::size_t> known;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const TaskRecord& record = records[i];
        const std::uint32_t program = plan.instances[record.instance].program;
        row_of[i] = program;
        const auto& slots = scenario.tasks[program].program.slots;
        if (i < plan.instances.size() || !is_carried(record.kind) || record.slot >= slots.size()) continue;
        const std::size_t parent = row_of[record.parent];
        const auto [entry, is_new] = known.try_emplace({parent, record.slot}, report.tasks.size());
        row_of[i] = entry->second;
        if (is_new) {
            TaskReport row;
            row.name = fmt::format("{}/{}", report.tasks[parent].name, slots[record.slot]);
            row.kind = record.kind;
            report.tasks.push_back(std::move(row));
        }
        TaskReport& row = report.tasks[entry->second];
        ++row.instances;
        if (!ended_by_itself(record)) continue;
        ++row.finished;
        row.stalled.add(std::chrono::nanoseconds{record.stalled_nanoseconds});
    }
}

void report_tasks(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state) {
    const StateHeader& header = *state.header;
    const bool knows_stalls = !hears_late(scenario);
    for (const TaskTemplate& task : scenario.tasks) {
        TaskReport row;
        row.name = task.name;
        row.kind = task.kind;
        row.instances = task.count;
        report.tasks.push_back(std::move(row));
    }
    for (std::size_t i = 0; i < plan.instances.size(); ++i) {
        const PlanInstance& instance = plan.instances[i];
        const TaskRecord& record = state.tasks[i];
        TaskReport& task = report.tasks[instance.program];
        report_jobs(task.jobs, instance, record, state.jobs, scenario.tasks[instance.program].scheduling);
        if (!ended_by_itself(record)) continue;
        const auto ready = header.start + static_cast<std::uint64_t>(std::llround(static_cast<double>(instance.start) /
                                                                                  header.costs.nanoseconds_per_stamp));
        ++task.finished;
        if (record.polls > 0)
            task.polling = task.polling.value_or(Duration{}) + std::chrono::nanoseconds{record.polling_nanoseconds};
        task.turnaround.add(duration_of(header.costs, ready, record.end));
        task.response.add(duration_of(header.costs, ready, record.first_run));
        if (is_carried(instance.kind)) {
            if (knows_stalls) task.stalled.add(std::chrono::nanoseconds{record.stalled_nanoseconds});
        } else {
            const std::int64_t cpu = std::max<std::int64_t>(record.used.cpu_nanoseconds, 0);
            task.cpu.add(std::chrono::nanoseconds{cpu});
            // The two clocks are not read at one instant.
            task.system.add(std::chrono::nanoseconds{std::clamp<std::int64_t>(record.used.system_nanoseconds, 0, cpu)});
        }
    }
    if (knows_stalls) report_carried_children(report, scenario, plan, state);
}

// From arrival until answered; throughput is counted from the first arrival to the last answer.
void report_requests(Report& report, const PlanView& plan, const SharedState& state) {
    if (plan.header.requests == 0) return;
    RequestReport& requests = report.requests.emplace();
    const std::size_t begun = std::min<std::size_t>(state.header->requests.load(), state.requests.size());
    requests.begun = begun;
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    std::int64_t last = 0;
    for (const RequestRecord& request : state.requests.first(begun)) {
        if (request.arrival != 0) first = std::min(first, request.arrival);
        const std::int64_t end = request.end.load();
        if (end == 0) continue;
        const Duration latency = std::chrono::nanoseconds{std::max<std::int64_t>(end - request.arrival, 0)};
        ++requests.completed;
        requests.latency.add(latency);
        requests.latencies.add(latency);
        last = std::max(last, end);
    }
    if (requests.completed > 0) requests.span = std::chrono::nanoseconds{std::max<std::int64_t>(last - first, 0)};
}

void report_counters(Report& report, const PlanView& plan, const SharedState& state, bool all_ended_by_themselves) {
    Counters& counters = report.counters;
    const auto add = [&counters](const KernelFigures& used) {
        counters.voluntary_switches += used.voluntary_switches;
        counters.involuntary_switches += used.involuntary_switches;
    };
    for (const TaskRecord& task : recorded_tasks(plan, state)) add(task.used);
    for (std::size_t i = 0; i < plan.threads.size(); ++i) {
        add(state.threads[i].used);
        (plan.threads[i].carried_kind == TaskKind::fiber ? counters.fiber_switches : counters.coroutine_switches) +=
            state.threads[i].carried_switches;
    }
    for (const TaskRecord& task : recorded_tasks(plan, state)) {
        counters.device_operations += task.device_operations;
        counters.polls += task.polls;
        counters.contentions += task.contentions;
    }
    for (const ThreadRecord& thread : state.threads) {
        counters.callbacks += thread.callbacks;
        counters.steals += thread.steals;
    }
    counters.forks = state.header->forks.load();
    counters.threads_created = state.header->threads_created.load();
    counters.crashes = state.header->crashes.load();
    report.counters_known = {"coroutine_switches", "fiber_switches", "forks", "threads_created", "crashes"};
    if (!plan.devices.empty())
        report.counters_known.insert(report.counters_known.end(), {"device_operations", "polls", "callbacks"});
    if (plan.awaits.empty()) // the C library takes the lock again by itself
        report.counters_known.emplace_back("contentions");
    if (std::ranges::any_of(plan.threads, [](const PlanThread& thread) { return thread.carriers > 1; }))
        report.counters_known.emplace_back("steals");
    for (const ChannelState& channel : state.channels) {
        counters.messages += channel.messages.load();
        counters.bytes_sent += channel.bytes.load();
        counters.broken_pipes += channel.breaks.load();
    }
    if (!plan.channels.empty())
        report.counters_known.insert(report.counters_known.end(), {"messages", "bytes_sent", "broken_pipes"});
    if (all_ended_by_themselves) {
        report_switches(report, plan, state);
        report.counters_known.insert(report.counters_known.end(), {"voluntary_switches", "involuntary_switches"});
    } else {
        report.notes.emplace_back("switches are not known: a killed thread takes what the kernel counted for it along");
    }
}

void report_notes(Report& report, const StateHeader& header, const WorkSpeed& speed) {
    const std::string_view lines = header.notes.data();
    for (std::size_t begin = 0; begin < lines.size();) {
        const std::size_t end = std::min(lines.find('\n', begin), lines.size());
        report.notes.emplace_back(lines.substr(begin, end - begin));
        begin = end + 1;
    }
    if (speed.pieces == 0)
        report.notes.emplace_back("no piece of work was long enough to time: the speed is that just before and after");
}

// "A", "A 2", "a child of A".
std::string name_of_task(const Scenario& scenario, const PlanView& plan, const TaskRecord& record, bool is_child) {
    const PlanInstance& instance = plan.instances[record.instance];
    const TaskTemplate& task = scenario.tasks[instance.program];
    const std::string who = task.count > 1 ? fmt::format("{} {}", task.name, instance.number + 1) : task.name;
    return is_child ? "a child of " + who : who;
}

std::string awaited_lock(const Scenario& scenario, const PlanView& plan, const SharedState& state, std::uint32_t lock) {
    const std::string text = fmt::format("lock '{}'", scenario.locks[lock].name);
    const std::uint32_t owner = state.locks[lock].owner.load();
    const std::span<const TaskRecord> tasks = recorded_tasks(plan, state);
    if (owner == 0 || owner > tasks.size()) return text;
    return fmt::format("{}, which {} has", text,
                       name_of_task(scenario, plan, tasks[owner - 1], owner > plan.instances.size()));
}

std::string awaited_message(const Channel& channel) {
    const std::string_view what = !has_messages(channel.kind)  ? "data in"
                                  : carries_data(channel.kind) ? "a message in"
                                                               : "";
    return fmt::format("{}{}{} '{}'", what, what.empty() ? "" : " ", name_of(channel.kind), channel.name);
}

// What a task waits for, in words.
std::string awaited(const Scenario& scenario, const PlanView& plan, const SharedState& state, const Program& program,
                    const Operation& operation) {
    const std::string child = operation.slot < program.slots.size()
                                  ? fmt::format("its child '{}'", program.slots[operation.slot])
                                  : std::string("any child");
    switch (operation.kind) {
    case OperationKind::acquire: return fmt::format("semaphore '{}'", scenario.semaphores[operation.object].name);
    case OperationKind::lock:
    case OperationKind::lock_shared: return awaited_lock(scenario, plan, state, operation.object);
    case OperationKind::await:
        return fmt::format("condition '{}'",
                           scenario.conditions[program.synchronisation.awaits[operation.object].condition].name);
    case OperationKind::arrive: return fmt::format("barrier '{}'", scenario.barriers[operation.object].name);
    case OperationKind::send:
        return fmt::format("room in {} '{}'", name_of(scenario.channels[operation.object].kind),
                           scenario.channels[operation.object].name);
    case OperationKind::receive:
    case OperationKind::for_each: return awaited_message(scenario.channels[operation.object]);
    case OperationKind::io: return fmt::format("device '{}'", scenario.devices[operation.object].name);
    case OperationKind::join:
    case OperationKind::wait: return fmt::format("the end of {}", child);
    default: return fmt::format("'{}'", name_of(operation.kind));
    }
}

std::string state_of(const Scenario& scenario, const PlanView& plan, const SharedState& all, const TaskRecord& record,
                     bool is_child) {
    const TaskTemplate& task = scenario.tasks[plan.instances[record.instance].program];
    const std::string who = name_of_task(scenario, plan, record, is_child);
    const TaskState state = record.state.load();
    if (state != TaskState::blocked && state != TaskState::suspended && state != TaskState::sleeping)
        return who + (state == TaskState::created ? " has not begun" : " still runs");
    SourceLocation where =
        record.operation < task.program.locations.size() ? task.program.locations[record.operation] : SourceLocation{};
    where.file = scenario.file;
    const std::string place = where.line > 0 ? fmt::format(" ({})", where.text()) : std::string();
    if (state == TaskState::sleeping && task.program.code[record.operation].kind != OperationKind::io)
        return fmt::format("{} sleeps{}", who, place);
    return fmt::format("{} waits for {}{}", who,
                       awaited(scenario, plan, all, task.program, task.program.code[record.operation]), place);
}

} // namespace

void report_run(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state,
                double nominal_iteration_picoseconds, std::optional<Duration> ideal_makespan) {
    const StateHeader& header = *state.header;
    SpeedEstimate estimate(header.costs);
    for (std::size_t i = 0; i < plan.threads.size(); ++i) {
        const PlanThread& thread = plan.threads[i];
        const std::size_t taken = std::min(state.threads[i].samples.load(), thread.samples);
        estimate.add_thread(state.samples.subspan(thread.first_sample, taken));
    }
    const WorkSpeed work = estimate.result();
    const double speed = nominal_iteration_picoseconds / work.iteration_picoseconds;

    const std::span<const TaskRecord> tasks = recorded_tasks(plan, state);
    std::uint64_t last = header.start;
    std::uint64_t iterations = 0;
    for (const TaskRecord& task : tasks) {
        if (!has_ended(task)) continue;
        last = std::max(last, task.end);
        iterations += task.work;
    }
    const bool all_ended_by_themselves = std::all_of(tasks.begin(), tasks.end(), ended_by_itself);

    report.outcome = Outcome::completed;
    report.makespan = duration_of(header.costs, header.start, last);
    report.speed = speed;
    if (ideal_makespan) report.pure_work = at_speed(static_cast<double>(ideal_makespan->count()), speed);
    if (all_ended_by_themselves)
        report.work = at_speed(static_cast<double>(iterations) * nominal_iteration_picoseconds, speed);
    if (report.makespan >= shortest_load_interval)
        report.foreign_load = header.foreign_load;
    else
        report.notes.emplace_back("the run was too short to tell how much of the processors foreign tasks had");
    report_tasks(report, scenario, plan, state);
    report_requests(report, plan, state);
    report_counters(report, plan, state, all_ended_by_themselves);
    report_notes(report, header, work);
}

void report_unfinished(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state) {
    constexpr std::size_t most_named = 8;
    std::vector<std::string> left;
    std::size_t unnamed = 0;
    const std::span<const TaskRecord> tasks = recorded_tasks(plan, state);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const TaskState now = tasks[i].state.load();
        if (now == TaskState::ended || now == TaskState::absent) continue;
        if (left.size() < most_named)
            left.push_back(state_of(scenario, plan, state, tasks[i], i >= plan.instances.size()));
        else
            ++unnamed;
    }
    report.outcome = waits_of(plan, state).all_wait ? Outcome::deadlocked : Outcome::interrupted;
    report.diagnosis = fmt::format("{}", fmt::join(left, "; "));
    if (unnamed > 0) report.diagnosis += fmt::format("; and {} more", unnamed);
    report_tasks(report, scenario, plan, state);
    report_requests(report, plan, state);
    report_counters(report, plan, state, false);
}

} // namespace switchyard::native
