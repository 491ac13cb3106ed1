#include "native/execute/scheduling_notes.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>
#include <system_error>
#include <unistd.h>

namespace switchyard::native {

namespace {

std::string_view kernel_name(LinuxPolicy policy) {
    static constexpr std::array<std::string_view, linux_policies> names{"SCHED_OTHER", "SCHED_BATCH", "SCHED_IDLE",
                                                                        "SCHED_FIFO",  "SCHED_RR",    "SCHED_DEADLINE"};
    return names[static_cast<std::size_t>(policy)];
}

bool is_whole_machine(std::span<const std::int32_t> cpus) { return std::ssize(cpus) == sysconf(_SC_NPROCESSORS_ONLN); }

// The policies of models of Linux: what they are about is what the machine does.
bool is_linux(std::string_view policy) {
    static constexpr std::array<std::string_view, 3> names{"linux", "eevdf", "cfs"};
    return std::ranges::find(names, policy) != names.end();
}

void note_scenario(Report& report, const Scenario& scenario) {
    if (!is_linux(scenario.scheduler.policy))
        report.notes.push_back(
            fmt::format("policy '{}' is the simulator's: the machine schedules the tasks its own way "
                        "({})",
                        scenario.scheduler.policy, kernel_policies(scenario)));
    std::set<std::string_view> sessions;
    for (const TaskTemplate& task : scenario.tasks) sessions.insert(task.session);
    if (sessions.size() > 1)
        report.notes.emplace_back("sessions are not told apart: the run is one, so autogroup does not divide it");
}

void note_carriers(Report& report, const Scenario& scenario, const PlanView& plan) {
    std::set<std::uint32_t> different;
    for (const PlanThread& thread : plan.threads) {
        if (!thread.carries) continue;
        const Scheduling& first = scenario.tasks[thread.program].scheduling;
        for (const PlanInstance& instance : plan.instances.subspan(thread.first_instance, thread.instances))
            if (scenario.tasks[instance.program].scheduling != first) different.insert(instance.program);
    }
    for (const std::uint32_t program : different)
        report.notes.push_back(fmt::format("task '{}' is carried by a thread that is scheduled as another task asks",
                                           scenario.tasks[program].name));
}

// One note for each template and kind of refusal, however many instances it has.
void note_refusals(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state) {
    std::set<std::string> notes;
    for (std::size_t i = 0; i < plan.threads.size(); ++i) {
        const PlanThread& thread = plan.threads[i];
        const TaskTemplate& task = scenario.tasks[thread.program];
        const auto reason = [](int error) { return std::generic_category().message(error); };
        const ThreadRecord& record = state.threads[i];
        if (record.scheduling_error != 0)
            notes.insert(
                fmt::format("task '{}': {} and its attributes were refused, it is scheduled as SCHED_OTHER: {}",
                            task.name, kernel_name(task.scheduling.policy), reason(record.scheduling_error)));
        else if (task.scheduling.policy == LinuxPolicy::deadline && !is_whole_machine(plan.cpus))
            notes.insert(fmt::format("task '{}': a reservation cannot be bound to processors (sched(7)): it may run on "
                                     "any of this machine's, also on those that are not the scenario's",
                                     task.name));
        if (record.group_error != 0)
            notes.insert(fmt::format("task '{}' could not join its group: {}", task.name, reason(record.group_error)));
    }
    report.notes.insert(report.notes.end(), notes.begin(), notes.end());
}

} // namespace

std::string kernel_policies(const Scenario& scenario) {
    std::set<std::string_view> names;
    for (const TaskTemplate& task : scenario.tasks) names.insert(kernel_name(task.scheduling.policy));
    return fmt::format("{}", fmt::join(names, ", "));
}

void note_scheduling(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state) {
    note_scenario(report, scenario);
    note_carriers(report, scenario, plan);
    note_refusals(report, scenario, plan, state);
}

} // namespace switchyard::native
