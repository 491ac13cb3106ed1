// The registry's Linux: `linux`, and `eevdf` and `cfs` for the same stack of classes with that fair class. Parameters
// are called what the kernel calls them (sysctl kernel.sched_*, kernel/sched/features.h), in lower case.
#include "sim/sched/fair/fair_class.hpp"
#include "sim/sched/linux/class_stack.hpp"
#include "sim/sched/policies.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace switchyard::sim {

namespace {

using enum ParameterType;

constexpr std::array which_fair{
    ParameterDescription{"fair", word, "eevdf-6.17", "which Linux's fair class", "eevdf-6.17 eevdf-6.12 cfs"},
};
constexpr std::array in_all_classes{
    ParameterDescription{"rr_slice", time, "100ms", "of SCHED_RR tasks: sched_rr_timeslice_ms, rounded up to ticks"},
    ParameterDescription{"rt_runtime", time, "950ms",
                         "sched_rt_runtime_us: most of rt_period on each core for deadline tasks, and, without a fair "
                         "server, for real-time tasks (RT throttling)"},
    ParameterDescription{"rt_period", time, "1s", "sched_rt_period_us"},
    ParameterDescription{"fair_server", flag, "yes",
                         "since 6.12: fair tasks that starve have a reservation; no: RT "
                         "throttling, as before"},
    ParameterDescription{"fair_server_runtime", time, "50ms", "debug/sched/fair_server/cpuN/runtime"},
    ParameterDescription{"fair_server_period", time, "1s", "debug/sched/fair_server/cpuN/period"},
    ParameterDescription{"hrtick", flag, "no",
                         "HRTICK: slices of fair tasks end at a timer of their own, not at ticks"},
    ParameterDescription{"hrtick_dl", flag, "no", "HRTICK_DL: the runtimes of deadline tasks likewise"},
    ParameterDescription{"autogroup", flag, "yes", "sched_autogroup_enabled: each session is a group"},
    ParameterDescription{"tunable_scaling", word, "log", "tunable_scaling: how slices grow with the number of cores",
                         "log none linear"},
    ParameterDescription{"processors", count, "0",
                         "that the kernel has, where the scenario's cores are only some of them: slices grow with "
                         "these; 0: the cores"},
    ParameterDescription{"wakeup_preemption", flag, "yes", "WAKEUP_PREEMPTION"},
    ParameterDescription{"migration_cost", time, "500us", "migration_cost_ns: a task that ran that recently stays"},
    ParameterDescription{"nr_migrate", count, "32", "nr_migrate: most tasks one balancing pass moves"},
    ParameterDescription{"bandwidth_slice", time, "5ms", "sched_cfs_bandwidth_slice_us"},
};
constexpr std::array in_eevdf{
    ParameterDescription{"base_slice", time, "700us",
                         "base_slice_ns before scaling: how much a task asks for at a time"},
    ParameterDescription{"run_to_parity", flag, "yes", "RUN_TO_PARITY: who runs has what it asked for before others"},
    ParameterDescription{"preempt_short", flag, "yes", "PREEMPT_SHORT: unless the other asks for less"},
    ParameterDescription{"place_lag", flag, "yes", "PLACE_LAG: who wakes has the lag it left with"},
    ParameterDescription{"place_deadline_initial", flag, "yes",
                         "PLACE_DEADLINE_INITIAL: new tasks begin with half a "
                         "slice"},
    ParameterDescription{"delay_dequeue", flag, "yes",
                         "DELAY_DEQUEUE: who blocks with negative lag stays queued for it"},
    ParameterDescription{"delay_zero", flag, "yes", "DELAY_ZERO: and gains nothing by it"},
    ParameterDescription{"next_buddy", flag, "no", "NEXT_BUDDY: who wakes goes next if eligible"},
};
constexpr std::array in_cfs{
    ParameterDescription{"latency", time, "6ms", "sched_latency_ns before scaling: in which everybody runs once"},
    ParameterDescription{"min_granularity", time, "750us", "sched_min_granularity_ns before scaling"},
    ParameterDescription{"wakeup_granularity", time, "1ms", "sched_wakeup_granularity_ns before scaling"},
    ParameterDescription{"gentle_fair_sleepers", flag, "yes", "GENTLE_FAIR_SLEEPERS: a sleeper's bonus is halved"},
    ParameterDescription{"start_debit", flag, "yes", "START_DEBIT: a new task waits for a slice"},
};

template <std::size_t... sizes>
constexpr auto joined(const std::array<ParameterDescription, sizes>&... parts) {
    std::array<ParameterDescription, (sizes + ...)> all{};
    auto end = all.begin();
    ((end = std::ranges::copy(parts, end).out), ...);
    return all;
}

constexpr auto of_linux = joined(which_fair, in_all_classes, in_eevdf, in_cfs);
constexpr auto of_eevdf = joined(in_all_classes, in_eevdf);
constexpr auto of_cfs = joined(in_all_classes, in_cfs);

void read_eevdf(const Parameters& given, FairParameters& fair) {
    fair.base_slice = given.positive_time("base_slice");
    fair.run_to_parity = given.flag("run_to_parity");
    fair.preempt_short = given.flag("preempt_short");
    fair.place_lag = given.flag("place_lag");
    fair.place_deadline_initial = given.flag("place_deadline_initial");
    fair.delay_dequeue = given.flag("delay_dequeue");
    fair.delay_zero = given.flag("delay_zero");
    fair.next_buddy = given.flag("next_buddy");
}

void read_cfs(const Parameters& given, FairParameters& fair) {
    fair.latency = given.positive_time("latency");
    fair.min_granularity = given.positive_time("min_granularity");
    fair.wakeup_granularity = given.time("wakeup_granularity");
    fair.gentle_fair_sleepers = given.flag("gentle_fair_sleepers");
    fair.start_debit = given.flag("start_debit");
}

// A fair class knows nothing of the other one's parameters: whoever gives one means something that would not happen.
void refuse_parameters_of(std::string_view other, std::span<const ParameterDescription> its, const Parameters& given) {
    for (const ParameterDescription& parameter : its)
        if (given.is_given(parameter.name))
            given.refuse(parameter.name, fmt::format("belongs to {}; the fair class here is {}", other,
                                                     other == "cfs" ? "eevdf (fair: cfs for the other)"
                                                                    : "cfs (fair: eevdf-6.17 for the other)"));
}

FairParameters read_fair(const Parameters& given, FairVersion version) {
    constexpr std::array scalings{TunableScaling::log, TunableScaling::none, TunableScaling::linear};
    FairParameters fair;
    fair.version = version;
    fair.hrtick = given.flag("hrtick");
    fair.autogroup = given.flag("autogroup");
    fair.tunable_scaling = scalings[given.word("tunable_scaling")];
    fair.processors = static_cast<CoreId>(given.count("processors", 0, most_cores));
    fair.wakeup_preemption = given.flag("wakeup_preemption");
    fair.migration_cost = given.time("migration_cost");
    fair.nr_migrate = static_cast<std::uint32_t>(given.count("nr_migrate", 1, 1'000'000));
    fair.bandwidth_slice = given.positive_time("bandwidth_slice");
    return fair;
}

StackParameters read_stack(const Parameters& given) {
    StackParameters stack;
    const Duration runtime = given.time("rt_runtime");
    const Duration period = given.positive_time("rt_period");
    if (runtime > period) given.refuse("rt_runtime", "there is no more in a period than 'rt_period'");
    stack.real_time.slice = given.positive_time("rr_slice");
    stack.deadline.hrtick = given.flag("hrtick_dl");
    stack.deadline.runtime = stack.real_time.runtime = runtime;
    stack.deadline.period = stack.real_time.period = period;
    const bool has_server = given.flag("fair_server");
    stack.real_time.throttles = !has_server && runtime < period;
    if (stack.real_time.throttles && runtime == Duration::zero())
        given.refuse("rt_runtime", "without a fair server, real-time tasks would never run");
    stack.deadline.server_period = given.positive_time("fair_server_period");
    if (has_server) stack.deadline.server_runtime = given.positive_time("fair_server_runtime");
    if (stack.deadline.server_runtime > stack.deadline.server_period)
        given.refuse("fair_server_runtime", "there is no more in a period than 'fair_server_period'");
    return stack;
}

std::unique_ptr<SchedulingClass> make_stack(const Parameters& given, SchedulerHost& host,
                                            const SchedulerMachine& machine, const FairParameters& fair) {
    return std::make_unique<ClassStack>(read_stack(given), host, machine, [&](SchedulerHost& of_fair) {
        return make_fair_class(fair, of_fair, *machine.topology, machine.hz);
    });
}

constexpr std::string_view source = "Linux, kernel/sched/: core.c, deadline.c, rt.c, fair.c, features.h; sched(7)";

} // namespace

const SchedulerDescription linux_stack{
    .name = "linux",
    .about = "Linux's classes: deadline, real time, fair (EEVDF or CFS), by each task's policy",
    .source = source,
    .parameters = of_linux,
    .takes_kernel_parameters = true,
    .make_class =
        [](const Parameters& given, SchedulerHost& host, const SchedulerMachine& machine) {
            constexpr std::array versions{FairVersion::v6_17, FairVersion::v6_12, FairVersion::v6_5};
            FairParameters fair = read_fair(given, versions[given.word("fair")]);
            if (fair.version == FairVersion::v6_5) {
                refuse_parameters_of("eevdf", in_eevdf, given);
                read_cfs(given, fair);
            } else {
                refuse_parameters_of("cfs", in_cfs, given);
                read_eevdf(given, fair);
            }
            return make_stack(given, host, machine, fair);
        },
};

const SchedulerDescription eevdf_stack{
    .name = "eevdf",
    .about = "Linux's classes, the fair one by earliest eligible virtual deadline first as since 6.17",
    .source = source,
    .parameters = of_eevdf,
    .takes_kernel_parameters = true,
    .make_class =
        [](const Parameters& given, SchedulerHost& host, const SchedulerMachine& machine) {
            FairParameters fair = read_fair(given, FairVersion::v6_17);
            read_eevdf(given, fair);
            return make_stack(given, host, machine, fair);
        },
};

const SchedulerDescription cfs_stack{
    .name = "cfs",
    .about = "Linux's classes, the fair one completely fair as up to 6.5",
    .source = source,
    .parameters = of_cfs,
    .takes_kernel_parameters = true,
    .make_class =
        [](const Parameters& given, SchedulerHost& host, const SchedulerMachine& machine) {
            FairParameters fair = read_fair(given, FairVersion::v6_5);
            read_cfs(given, fair);
            return make_stack(given, host, machine, fair);
        },
};

} // namespace switchyard::sim
