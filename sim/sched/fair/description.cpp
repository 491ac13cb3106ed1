#include "sim/sched/fair/description.hpp"

#include <array>

namespace switchyard::sim {

std::span<const ParameterDescription> fair_parameters() {
    using enum ParameterType;
    static constexpr std::array<ParameterDescription, 20> all{{
        {"version", word, "6.17", "which Linux: 6.5 (CFS), 6.12 or 6.17 (EEVDF)", "6.5 6.12 6.17"},
        {"tunable_scaling", word, "log", "how slices grow with the number of cores", "none log linear"},
        {"base_slice", time, "0.7ms", "EEVDF: what a task asks for at once, before scaling"},
        {"run_to_parity", flag, "yes", "EEVDF: a task is not replaced before it has had what it asked for"},
        {"preempt_short", flag, "yes", "EEVDF: but by one that asks for less"},
        {"delay_dequeue", flag, "yes", "EEVDF: who blocks ahead of the others stays queued until it no longer is"},
        {"delay_zero", flag, "yes", "EEVDF: and gains nothing by that"},
        {"place_lag", flag, "yes", "EEVDF: who wakes keeps the lag it left with"},
        {"place_deadline_initial", flag, "yes", "EEVDF: a new task's first request is half as long"},
        {"place_rel_deadline", flag, "yes", "EEVDF: who moves keeps what was left until its deadline"},
        {"next_buddy", flag, "no", "who wakes is picked next if that is fair enough"},
        {"latency", time, "6ms", "CFS: the period in which everybody runs once, before scaling"},
        {"min_granularity", time, "0.75ms", "CFS: the shortest slice, before scaling"},
        {"wakeup_granularity", time, "1ms", "CFS: how far ahead a wakee must be to preempt, before scaling"},
        {"gentle_fair_sleepers", flag, "yes", "CFS: a sleeper is put half a latency ahead, not a whole one"},
        {"start_debit", flag, "yes", "CFS: a new task waits for a slice"},
        {"hrtick", flag, "no", "slices end at a timer of their own, not at the next tick"},
        {"autogroup", flag, "yes", "each session is a group"},
        {"wakeup_preemption", flag, "yes", "who wakes may preempt"},
        {"migration_cost", time, "0.5ms", "how long a task that has run is left where its data is"},
    }};
    return all;
}

FairParameters read_fair_parameters(const Parameters& given) {
    FairParameters read;
    read.version = static_cast<FairVersion>(given.word("version"));
    read.tunable_scaling = static_cast<TunableScaling>(given.word("tunable_scaling"));
    read.base_slice = given.positive_time("base_slice");
    read.run_to_parity = given.flag("run_to_parity");
    read.preempt_short = given.flag("preempt_short");
    read.delay_dequeue = given.flag("delay_dequeue");
    read.delay_zero = given.flag("delay_zero");
    read.place_lag = given.flag("place_lag");
    read.place_deadline_initial = given.flag("place_deadline_initial");
    read.place_rel_deadline = given.flag("place_rel_deadline");
    read.next_buddy = given.flag("next_buddy");
    read.latency = given.positive_time("latency");
    read.min_granularity = given.positive_time("min_granularity");
    read.wakeup_granularity = given.time("wakeup_granularity");
    read.gentle_fair_sleepers = given.flag("gentle_fair_sleepers");
    read.start_debit = given.flag("start_debit");
    read.hrtick = given.flag("hrtick");
    read.autogroup = given.flag("autogroup");
    read.wakeup_preemption = given.flag("wakeup_preemption");
    read.migration_cost = given.time("migration_cost");
    // The kernel's own bounds (min_sched_granularity_ns and max_sched_granularity_ns until 6.5).
    for (const auto& [name, value] : {std::pair{"base_slice", read.base_slice}, std::pair{"latency", read.latency},
                                      std::pair{"min_granularity", read.min_granularity}})
        if (value < std::chrono::microseconds{100} || value > std::chrono::seconds{1})
            given.refuse(name, "is 0.1 ms to 1 s long");
    return read;
}

} // namespace switchyard::sim
