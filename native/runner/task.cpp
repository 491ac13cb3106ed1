#include "native/runner/task.hpp"

#include "models/scenario/distribution.hpp"
#include "native/measurement/cycles.hpp"
#include "native/plan/units.hpp"
#include "native/runner/counters.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/resource.h>
#include <unistd.h>

namespace switchyard::native {

Task task_of(const Run& run, std::uint32_t instance) {
    const PlanInstance& planned = run.plan.instances[instance];
    const PlanProgram& program = run.plan.programs[planned.program];
    Task task;
    task.code = run.plan.operations.data() + program.first_operation;
    task.kind = planned.kind;
    task.instance = &planned;
    task.remaining.resize(program.repeat_depth);
    task.children.resize(program.slots);
    task.next_amount = planned.first_amount;
    task.draw_instance = planned.number;
    return task;
}

std::int64_t take_amount(Task& task) {
    const Run& run = *task.thread->run;
    if (task.next_amount >= run.plan.values.size()) fail(run, "more amounts than the plan drew", ENOSPC);
    return run.plan.values[task.next_amount++];
}

// How often the task has executed the operation it is at before, now counted once more.
static std::uint64_t count_execution(Task& task) {
    if (task.sampled.empty()) task.sampled.resize(task.thread->run->plan.programs[task.instance->program].operations);
    return task.sampled[task.position]++;
}

std::int64_t sample_amount(Task& task, const PlanOperation& operation) {
    const PlanView& plan = task.thread->run->plan;
    const PlanDistribution& planned = plan.distributions[static_cast<std::size_t>(operation.value)];
    const auto values = plan.distribution_values.subspan(planned.first_value, planned.values);
    const Distribution distribution{.kind = planned.kind,
                                    .value = 0,
                                    .first = planned.first,
                                    .second = planned.second,
                                    .values = {values.begin(), values.end()}};
    const DrawKey key{plan.header.seed, task.instance->program, task.draw_instance, task.position,
                      count_execution(task)};
    return in_runner_units(runner_units(plan.header.iteration_picoseconds), operation.kind, sample(distribution, key));
}

std::int64_t amount_of_request(const Task& task, const PlanOperation& operation) {
    const Run& run = *task.thread->run;
    if (task.request == 0) fail(run, "using an amount of a request without having one in hand", EINVAL);
    const std::size_t place = static_cast<std::size_t>(operation.value) * run.plan.header.requests + (task.request - 1);
    return in_runner_units(runner_units(run.plan.header.iteration_picoseconds), operation.kind,
                           run.plan.request_amounts[place]);
}

std::uint32_t draw_instance_of_child(Task& parent) {
    if (!parent.thread->run->plan.programs[parent.instance->program].samples) return 0;
    return child_instance(parent.draw_instance, parent.position, count_execution(parent));
}

TaskRecord& record_of_child(const Task& parent, TaskKind kind) {
    const Run& run = *parent.thread->run;
    const std::size_t index =
        run.plan.instances.size() + run.state.header->children.fetch_add(1, std::memory_order_relaxed);
    if (index >= run.state.tasks.size()) fail(run, "more children than the plan counted", ENOSPC);
    TaskRecord& record = run.state.tasks[index];
    record.instance = parent.record->instance;
    record.kind = kind;
    record.parent = static_cast<std::uint32_t>(parent.record - run.state.tasks.data());
    record.slot = parent.code[parent.position].slot;
    record.state.store(TaskState::created, std::memory_order_relaxed);
    return record;
}

Task spawned_by(Task& parent) {
    const PlanOperation& operation = parent.code[parent.position];
    Task child;
    child.thread = parent.thread;
    child.kind = operation.task_kind;
    child.code = parent.code;
    child.instance = parent.instance;
    child.record = &record_of_child(parent, child.kind);
    child.position = parent.position + 1;
    child.remaining.resize(parent.remaining.size());
    child.children.resize(parent.children.size());
    child.next_amount = static_cast<std::size_t>(amount_of(parent, operation));
    child.draw_instance = draw_instance_of_child(parent);
    child.request = parent.request;
    return child;
}

void record_thread(const Task& child) {
    if (child.thread->run->plan.header.records_threads != 0) child.record->thread_id = gettid();
}

void record_start(Task& task) {
    task.record->first_run = time_stamp();
    task.record->state.store(TaskState::running, std::memory_order_relaxed);
}

void record_end(Task& task, Ending ending) {
    task.record->end = time_stamp();
    task.record->ending = ending;
    task.record->work = task.work;
    task.record->stalled_nanoseconds = task.stalled;
    task.record->state.store(TaskState::ended, std::memory_order_release);
    const Run& run = *task.thread->run;
    if (run.plan.header.reads_counters != 0 && is_instance(run, *task.record) &&
        run.state.header->first_end.exchange(1) == 0)
        close_window(run);
}

void record_wait(const Task& task, TaskState state) {
    TaskRecord& record = *task.record;
    record.operation = task.position;
    record.waits.store(record.waits.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    record.state.store(state, std::memory_order_release);
}

void record_going_on(const Task& task) { task.record->state.store(TaskState::running, std::memory_order_relaxed); }

KernelFigures kernel_figures(const Run& run) {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    // The clock, because getrusage lags behind by up to a tick.
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    KernelFigures figures{};
    figures.cpu_nanoseconds = used.tv_sec * 1'000'000'000 + used.tv_nsec;
    figures.system_nanoseconds = usage.ru_stime.tv_sec * 1'000'000'000 + usage.ru_stime.tv_usec * 1'000;
    figures.voluntary_switches = static_cast<std::uint64_t>(usage.ru_nvcsw);
    figures.involuntary_switches = static_cast<std::uint64_t>(usage.ru_nivcsw);
    figures.minor_faults = usage.ru_minflt;
    figures.major_faults = usage.ru_majflt;
    figures.peak_resident = std::int64_t{usage.ru_maxrss} * 1024;
    if (run.plan.header.reads_counters != 0) read_counters(figures);
    return figures;
}

KernelFigures used_until_end(const Thread& thread) {
    KernelFigures figures = kernel_figures(*thread.run);
    const KernelFigures& before = thread.baseline;
    figures.cpu_nanoseconds -= before.cpu_nanoseconds;
    figures.system_nanoseconds -= before.system_nanoseconds;
    figures.voluntary_switches -= before.voluntary_switches;
    ++figures.voluntary_switches;
    figures.involuntary_switches -= before.involuntary_switches;
    figures.waiting_nanoseconds -= before.waiting_nanoseconds;
    figures.migrations -= before.migrations;
    figures.minor_faults -= before.minor_faults;
    figures.major_faults -= before.major_faults;
    figures.peak_resident -= before.peak_resident;
    return figures;
}

void fail(const Run& run, const char* action, int error_number) {
    StateHeader& header = *run.state.header;
    if (header.failed.exchange(1) == 0) {
        std::array<char, 300> text;
        std::snprintf(text.data(), text.size(), "%s: %s", action, std::strerror(error_number));
        write_text(header.failure, text.data());
    }
    kill(0, SIGKILL);
    _exit(1);
}

} // namespace switchyard::native
