#include "native/runner/jobs.hpp"

#include "native/runner/clock.hpp"

namespace switchyard::native {

namespace {

// An instance's record of its latest job; none for its children, whose jobs are nobody's in the report.
JobRecord* latest_job(const Task& task) {
    const Run& run = *task.thread->run;
    const bool is_instance = task.record < run.state.tasks.data() + run.plan.instances.size();
    if (!is_instance || task.record->jobs == 0 || task.record->jobs > task.instance->jobs) return nullptr;
    return &run.state.jobs[task.instance->first_job + task.record->jobs - 1];
}

} // namespace

void begin_job(Task& task, std::int64_t after) {
    const Run& run = *task.thread->run;
    if (task.release != 0) {
        task.release += after;
        if (task.release > monotonic_nanoseconds()) {
            const Waiting waiting(task, TaskState::sleeping);
            sleep_until(task.release);
        }
    } else {
        const bool is_instance = task.record < run.state.tasks.data() + run.plan.instances.size();
        task.release =
            is_instance ? run.state.header->start_nanoseconds + task.instance->start : monotonic_nanoseconds();
    }
    task.in_job = true;
    ++task.record->jobs;
    if (JobRecord* const job = latest_job(task)) job->release = task.release;
}

void end_job(Task& task) {
    task.in_job = false;
    if (JobRecord* const job = latest_job(task)) job->end = monotonic_nanoseconds();
}

} // namespace switchyard::native
