#include "native/execute/memory_outcome.hpp"

#include "models/report/violation.hpp"
#include "models/scenario/memory_validation.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace switchyard::native {

namespace {

bool has_ended(const TaskRecord& task) { return task.state.load(std::memory_order_acquire) == TaskState::ended; }

// Fault counters are those of memory operations, which are counted where somebody observes.
void report_observations(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state) {
    if (plan.header.observations == 0) return;
    report.counters.minor_faults = state.header->minor_faults.load();
    report.counters.major_faults = state.header->major_faults.load();
    report.counters_known.insert(report.counters_known.end(), {"minor_faults", "major_faults"});
    const std::vector<std::string> names = observation_names(scenario);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const ObservationState& row = state.observations[i];
        ObservedFigures sums;
        for (std::size_t figure = 0; figure < observed_figures.size(); ++figure)
            if (row.count.load() > 0 && (row.unknown.load() >> figure & 1U) == 0)
                sums.*observed_figures[figure].member = row.sums[figure].load();
        const auto owner = std::ranges::find_if(scenario.tasks, [&](const TaskTemplate& task) {
            const std::vector<Observation>& own = task.program.memory.observations;
            return std::ranges::find(own, names[i], &Observation::name) != own.end();
        });
        report.observations.push_back(ObservationSum(row.count.load(), sums).report(names[i], owner->name));
    }
}

MemoryFigures figures_of(const PlanView& plan, const PlanInstance& instance, const TaskRecord& record,
                         std::int64_t resident) {
    MemoryFigures figures;
    if (plan.header.observations > 0) {
        figures[MemoryFigure::minor_faults] = record.minor_faults;
        figures[MemoryFigure::major_faults] = record.major_faults;
    } else if (!is_carried(instance.kind)) {
        figures[MemoryFigure::minor_faults] = record.used.minor_faults;
        figures[MemoryFigure::major_faults] = record.used.major_faults;
    }
    if (instance.kind == TaskKind::process) figures[MemoryFigure::peak_resident] = record.used.peak_resident + resident;
    if (record.sizes.known != 0 && resident == 0) { // what was touched beforehand lies elsewhere
        figures[MemoryFigure::resident] = record.sizes.resident;
        figures[MemoryFigure::proportional] = record.sizes.proportional;
        figures[MemoryFigure::shared] = record.sizes.shared;
        figures[MemoryFigure::swapped] = record.sizes.swapped;
    }
    return figures;
}

void report_figures(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state) {
    std::vector<MemoryFigureSum> sums(scenario.tasks.size());
    for (std::size_t i = 0; i < plan.instances.size(); ++i) {
        const PlanInstance& instance = plan.instances[i];
        // One that was killed takes what the kernel knew along.
        const bool ended = has_ended(state.tasks[i]);
        sums[instance.program].add(
            ended ? figures_of(plan, instance, state.tasks[i], scenario.tasks[instance.program].resident.count)
                  : MemoryFigures{});
    }
    for (std::size_t program = 0; program < sums.size(); ++program)
        report.tasks[program].memory = sums[program].together();
    if (plan.header.observations == 0)
        report.notes.emplace_back(
            "nobody observes: faults are those of whole threads, the runner's own few among them");
}

// As the simulator's reports call it: of a child "server/worker".
std::string name_of_task(const Scenario& scenario, const PlanView& plan, const SharedState& state,
                         const TaskRecord& record) {
    const TaskTemplate& task = scenario.tasks[plan.instances[record.instance].program];
    const auto index = static_cast<std::size_t>(&record - state.tasks.data());
    if (index < plan.instances.size()) return task.name;
    const std::string& own = task.program.slots[record.slot];
    return fmt::format("{}/{}", name_of_task(scenario, plan, state, state.tasks[record.parent]), own);
}

void report_forbidden_references(Report& report, const Scenario& scenario, const PlanView& plan,
                                 const SharedState& state) {
    const RegionNumbering numbering = number_regions(scenario);
    for (const TaskRecord& record : recorded_tasks(plan, state)) {
        const ForbiddenReference& forbidden = record.forbidden;
        if (!has_ended(record) || forbidden.kind == ForbiddenReference::Kind::none) continue;
        const std::string name = name_of_task(scenario, plan, state, record);
        const std::string& region = numbering.names[forbidden.region];
        report.notes.push_back(forbidden.kind == ForbiddenReference::Kind::unmapped
                                   ? describe_unmapped(name, region)
                                   : describe_violation(name, forbidden.reason, forbidden.address, region));
    }
}

} // namespace

void report_memory(Report& report, const Scenario& scenario, const PlanView& plan, const SharedState& state,
                   std::optional<std::uint64_t> kills) {
    report_observations(report, scenario, plan, state);
    if (kills) {
        report.counters.out_of_memory_kills = *kills;
        report.counters_known.emplace_back("out_of_memory_kills");
    }
    if (plan.header.regions == 0) return;
    report_figures(report, scenario, plan, state);
    report_forbidden_references(report, scenario, plan, state);
}

} // namespace switchyard::native
