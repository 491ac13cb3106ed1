#include "native/runner/scheduling.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sched.h>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace switchyard::native {

namespace {

// struct sched_attr of sched_setattr(2), first version: not every C library declares it.
struct KernelAttributes {
    std::uint32_t size;
    std::uint32_t policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t runtime;
    std::uint64_t deadline;
    std::uint64_t period;
};
static_assert(sizeof(KernelAttributes) == 48);
constexpr std::uint64_t reset_on_fork = 1; // SCHED_FLAG_RESET_ON_FORK

std::uint32_t number_of(LinuxPolicy policy) {
    switch (policy) {
    case LinuxPolicy::normal: return 0; // SCHED_OTHER and the others, include/uapi/linux/sched.h
    case LinuxPolicy::fifo: return 1;
    case LinuxPolicy::rr: return 2;
    case LinuxPolicy::batch: return 3;
    case LinuxPolicy::idle: return 5;
    case LinuxPolicy::deadline: return 6;
    }
    return 0;
}

bool is_real_time(LinuxPolicy policy) { return policy == LinuxPolicy::fifo || policy == LinuxPolicy::rr; }

// The kernel takes only what it knows a policy to have.
KernelAttributes attributes_of(const PlanScheduling& planned) {
    KernelAttributes attributes{};
    attributes.size = sizeof attributes;
    attributes.policy = number_of(planned.policy);
    if (is_real_time(planned.policy)) {
        attributes.priority = static_cast<std::uint32_t>(planned.priority);
    } else if (planned.policy == LinuxPolicy::deadline) {
        attributes.flags = reset_on_fork;
        attributes.runtime = static_cast<std::uint64_t>(planned.runtime);
        attributes.deadline = static_cast<std::uint64_t>(planned.deadline);
        attributes.period = static_cast<std::uint64_t>(planned.period);
    } else {
        attributes.nice = planned.nice;
        attributes.runtime = static_cast<std::uint64_t>(planned.slice);
    }
    return attributes;
}

void unpin() {
    cpu_set_t all;
    std::memset(&all, 0xff, sizeof all);
    sched_setaffinity(0, sizeof all, &all); // the kernel takes off those that do not exist
}

int write_number(const std::string& path, int number) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return errno;
    const std::string text = std::to_string(number);
    const int error = write(file, text.data(), text.size()) == std::ssize(text) ? 0 : errno;
    close(file);
    return error;
}

std::string directory_of(const Run& run, std::uint32_t group) {
    if (group == no_index) return run.state.header->group_directory.data();
    return directory_of(run, run.plan.groups[group].parent) + '/' + std::to_string(group);
}

} // namespace

bool has_real_time(const PlanView& plan) {
    return std::any_of(plan.threads.begin(), plan.threads.end(), [](const PlanThread& thread) {
        return is_real_time(thread.scheduling.policy) || thread.scheduling.policy == LinuxPolicy::deadline;
    });
}

void apply_scheduling(const Run& run, const PlanThread& planned, ThreadRecord& record) {
    const PlanScheduling& scheduling = planned.scheduling;
    if (scheduling.group != no_index && run.state.header->group_directory[0] != '\0')
        record.group_error = write_number(directory_of(run, scheduling.group) + "/cgroup.threads", gettid());
    if (scheduling.timer_slack >= 0) // 0 would be what it began with
        prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(std::max<std::int64_t>(scheduling.timer_slack, 1)), 0, 0,
              0);
    const KernelAttributes attributes = attributes_of(scheduling);
    const bool is_default = attributes.policy == 0 && attributes.nice == 0 && attributes.runtime == 0;
    if (is_default) return;
    if (scheduling.policy == LinuxPolicy::deadline) unpin();
    if (syscall(SYS_sched_setattr, 0, &attributes, 0) != 0) record.scheduling_error = errno;
}

int join_groups_of_run(const Run& run) {
    if (run.state.header->group_directory[0] == '\0') return 0;
    return write_number(directory_of(run, no_index) + "/cgroup.procs", getpid());
}

void join_memory_group(const Run& run, std::uint32_t process) {
    if (run.plan.processes[process].memory_limit == 0) return;
    const std::string group = std::string(run.state.header->memory_directory.data()) + '/' + std::to_string(process);
    if (const int error = write_number(group + "/cgroup.procs", getpid()); error != 0)
        fail(run, "limiting the memory of a process", error);
}

std::vector<int> cpus_of(const PlanView& plan, const PlanThread& thread) {
    if (thread.cores == 0) return {plan.cpus.begin(), plan.cpus.end()};
    std::vector<int> cpus;
    for (const std::uint32_t core : plan.cores.subspan(thread.first_core, thread.cores))
        cpus.push_back(plan.cpus[core]);
    return cpus;
}

void bind_to(const Run& run, pid_t thread, std::span<const int> cpus) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
    if (sched_setaffinity(thread, sizeof set, &set) != 0 && errno != ESRCH)
        fail(run, "binding a thread to its cores", errno);
}

int take_precedence(const PlanView& plan) {
    const sched_param priority{has_real_time(plan) ? sched_get_priority_max(SCHED_FIFO) : 1};
    return sched_setscheduler(0, SCHED_FIFO, &priority) == 0 ? 0 : errno;
}

} // namespace switchyard::native
