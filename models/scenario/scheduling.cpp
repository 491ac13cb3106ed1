#include "models/scenario/scheduling.hpp"

#include "models/errors.hpp"

#include <array>
#include <fmt/format.h>

namespace switchyard {

std::string_view name_of(LinuxPolicy policy) {
    static constexpr std::array<std::string_view, linux_policies> names{"normal", "batch", "idle",
                                                                        "fifo",   "rr",    "deadline"};
    return names[static_cast<std::size_t>(policy)];
}

std::int64_t shares_of_weight(std::int64_t cpu_weight) { return (cpu_weight * 1024 + 50) / 100; }

void validate(const Scheduling& scheduling) {
    const Duration nothing{};
    if (scheduling.nice < highest_nice || scheduling.nice > lowest_nice)
        throw InputError(fmt::format("a nice value of {} does not exist: write {} (much processor time) to {} (little)",
                                     scheduling.nice, highest_nice, lowest_nice));
    const bool real_time = scheduling.policy == LinuxPolicy::fifo || scheduling.policy == LinuxPolicy::rr;
    if (real_time && (scheduling.priority < 1 || scheduling.priority > most_real_time_priority))
        throw InputError(fmt::format("policy '{}' needs a priority of 1 (least) to {} (most), not {}",
                                     name_of(scheduling.policy), most_real_time_priority, scheduling.priority));
    if (scheduling.tickets < 1) throw InputError("a task without tickets never runs: give it 1 or more");
    if (scheduling.working_set < Bytes{}) throw InputError("a working set cannot be negative");
    for (const Duration time : {scheduling.slice, scheduling.runtime, scheduling.deadline, scheduling.period})
        if (time < nothing) throw InputError("a slice, runtime, deadline or period cannot be negative");
    if (scheduling.timer_slack && *scheduling.timer_slack < nothing)
        throw InputError("a timer slack cannot be negative: write 0s for none");
    if (scheduling.aborts_on_miss && scheduling.relative_deadline() == nothing)
        throw InputError("a job without a deadline cannot miss it: give a 'deadline' or a 'period'");
    if (scheduling.policy != LinuxPolicy::deadline) return;
    if (scheduling.runtime == nothing || scheduling.relative_deadline() == nothing)
        throw InputError("policy 'deadline' needs a 'runtime' and a 'deadline' or 'period', see sched(7)");
    if (scheduling.runtime > scheduling.relative_deadline() ||
        (scheduling.period > nothing && scheduling.relative_deadline() > scheduling.period))
        throw InputError("policy 'deadline' wants runtime <= deadline <= period, see sched(7)");
}

void validate(const Group& group) {
    if (group.shares < least_shares || group.shares > most_shares)
        throw InputError(fmt::format("group '{}': {} shares are out of range: write {} to {} (1024: as much as a task "
                                     "of nice 0), or a 'weight' of 1 to {}",
                                     group.name, group.shares, least_shares, most_shares, highest_cpu_weight));
    const Duration nothing{};
    if (group.quota < nothing || group.burst < nothing)
        throw InputError(fmt::format("group '{}': a quota or burst cannot be negative", group.name));
    if (group.period < std::chrono::milliseconds{1} || group.period > std::chrono::seconds{1})
        throw InputError(fmt::format("group '{}': a bandwidth period is 1 ms to 1 s long", group.name));
    if (group.quota > nothing && group.quota < std::chrono::milliseconds{1})
        throw InputError(fmt::format("group '{}': a quota is 1 ms at least", group.name));
    if (group.burst > group.quota)
        throw InputError(fmt::format("group '{}': a burst cannot exceed the quota", group.name));
}

} // namespace switchyard
