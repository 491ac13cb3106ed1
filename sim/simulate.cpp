#include "sim/simulate.hpp"

#include "sim/kernel/account.hpp"
#include "sim/kernel/boot.hpp"
#include "sim/kernel/diagnosis.hpp"
#include "sim/kernel/execute.hpp"
#include "sim/kernel/instant.hpp"
#include "sim/kernel/synchronisation.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace switchyard::sim {

namespace {

// The profile with what the scenario says of its machine.
CostProfile costs_of(const Machine& machine, CostProfile profile) {
    for (const MachineCost& own : machine.costs) {
        Law law = Law::constant(own.value);
        law.origin.probe = "scenario";
        profile[own.cost] = std::move(law);
    }
    return profile;
}

} // namespace

Report simulate(const Scenario& scenario, const CostProfile& profile, const SimulationOptions& options) {
    constexpr std::uint64_t events_between_looks = 1 << 16;
    validate(scenario);
    EventOrder order;
    order.shuffle_seed = options.shuffle_ties;
    const CostProfile charged = costs_of(scenario.machine, profile);
    const std::unique_ptr<Kernel> owned = boot(scenario, charged, order, options.trace);
    Kernel& kernel = *owned;
    Outcome outcome = Outcome::completed;
    std::string diagnosis;
    try {
        const std::uint64_t most_events = options.most_events.value_or(std::numeric_limits<std::uint64_t>::max());
        std::uint64_t look_at = std::min(events_between_looks, most_events);
        for (std::uint64_t events = 0; kernel.live_tasks > 0;) {
            const std::uint64_t happened = next_instant(kernel);
            events += happened;
            const bool is_stuck = kernel.synchronisation && kernel.synchronisation->is_stuck;
            if (happened == 0 || is_stuck) {
                outcome = Outcome::deadlocked;
                kernel.counters.stranded = kernel.live_tasks;
                diagnosis = diagnose_deadlock(kernel);
                break;
            }
            if (events < look_at) continue;
            if (events > most_events) {
                outcome = Outcome::interrupted;
                diagnosis = fmt::format("more than {} events", most_events);
                break;
            }
            look_at = std::min((events / events_between_looks + 1) * events_between_looks, most_events);
            if (options.progress) options.progress(kernel.now(), events);
            if (options.stop.stop_requested()) {
                outcome = Outcome::interrupted;
                diagnosis = "stopped before its end";
                break;
            }
        }
    } catch (const Livelock& livelock) {
        outcome = Outcome::livelocked;
        diagnosis = fmt::format(
            "no time passes any more: task '{}' and others at {} ps execute operations that cost nothing; "
            "more than {} of them at one instant",
            kernel.tasks[livelock.task].row == nothing ? "carrier" : kernel.rows[kernel.tasks[livelock.task].row].name,
            kernel.now().time_since_epoch().count(), most_operations_an_instant);
    }
    if (outcome != Outcome::completed) kernel.last_end = kernel.now();
    close_accounts(kernel, kernel.last_end);
    return report_of(kernel, outcome, std::move(diagnosis));
}

void check(const Scenario& scenario, const CostProfile& profile) {
    validate(scenario);
    const CostProfile charged = costs_of(scenario.machine, profile);
    static_cast<void>(boot(scenario, charged, EventOrder{}, nullptr));
}

} // namespace switchyard::sim
