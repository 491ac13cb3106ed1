#include "models/analytic/makespan.hpp"

#include "models/errors.hpp"
#include "models/units/text.hpp"
#include "models/units/wide_integer.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace switchyard {

namespace {

void require_not_negative(std::span<const Duration> works, Duration switch_cost) {
    if (switch_cost < Duration::zero())
        throw InputError(fmt::format("a switch cannot cost {}: write 0 or more", exact_text(switch_cost)));
    for (const Duration work : works)
        if (work < Duration::zero())
            throw InputError(fmt::format("a task cannot work for {}: write 0 or more", exact_text(work)));
}

// A total too long for a Duration is only found out at its end: halves of it may be added in any order.
Duration checked(WideInteger picoseconds) {
    const std::optional<std::int64_t> value = narrow(picoseconds);
    if (!value) detail::throw_time_overflow("adding up a schedule");
    return Duration{*value};
}

// The longest task, the first of them where there are several, and how the others compare with it, in slices.
struct Longest {
    std::size_t task;
    std::int64_t slices;
    std::int64_t slices_of_next; // the most that any other task needs
    bool is_last;                // it comes after all others that need as many as those
};

Longest longest_of(std::span<const std::int64_t> slices) {
    const auto task = static_cast<std::size_t>(std::ranges::max_element(slices) - slices.begin());
    Longest longest{task, slices[task], 0, true};
    for (std::size_t other = 0; other < slices.size(); ++other) {
        if (other == task || slices[other] < longest.slices_of_next) continue;
        longest.slices_of_next = slices[other];
        longest.is_last = other < task;
    }
    return longest;
}

// How often a slice of the longest task follows another of its own. In every round with at least one other task they
// are apart; after the last such round it has the core to itself.
std::int64_t dispatches_without_switch(const Longest& longest, std::size_t tasks) {
    const std::int64_t rounds_alone = longest.slices - longest.slices_of_next;
    if (rounds_alone == 0) return 0;
    const bool goes_on = tasks > 1 && longest.is_last; // from the last round with another into the first without
    return rounds_alone - 1 + (goes_on ? 1 : 0);
}

} // namespace

Duration Schedule::mean_turnaround() const {
    if (turnarounds.empty()) return Duration::zero();
    WideInteger sum = 0;
    for (const Duration turnaround : turnarounds) sum += turnaround.count();
    return checked(sum / static_cast<WideInteger>(turnarounds.size()));
}

Schedule round_robin(std::span<const Duration> works, Duration slice, Duration switch_cost) {
    require_not_negative(works, switch_cost);
    if (slice <= Duration::zero())
        throw InputError(
            fmt::format("a time slice of {} never ends or never begins: write more than 0", exact_text(slice)));
    Schedule schedule;
    if (works.empty()) return schedule;

    std::vector<std::int64_t> slices;
    for (const Duration work : works)
        slices.push_back(std::max<std::int64_t>(1, work / slice + (work % slice > Duration::zero() ? 1 : 0)));
    const Longest longest = longest_of(slices);

    for (std::size_t task = 0; task < works.size(); ++task) {
        // Until a task ends, in round number slices[task], the others have been in all rounds so far, those behind it
        // but for that last one.
        WideInteger worked = works[task].count();
        WideInteger dispatches = slices[task];
        for (std::size_t other = 0; other < works.size(); ++other) {
            if (other == task) continue;
            const std::int64_t rounds = other < task ? slices[task] : slices[task] - 1;
            const bool has_ended = slices[other] <= rounds;
            worked += has_ended ? WideInteger{works[other].count()} : WideInteger{rounds} * slice.count();
            dispatches += std::min(slices[other], rounds);
        }
        const std::int64_t alone = task == longest.task ? dispatches_without_switch(longest, works.size()) : 0;
        const WideInteger switches = dispatches - 1 - alone;
        schedule.turnarounds.push_back(checked(worked + checked(switches * switch_cost.count()).count()));
        if (schedule.turnarounds.back() < schedule.makespan) continue;
        schedule.makespan = schedule.turnarounds.back();
        schedule.switches = static_cast<std::uint64_t>(switches);
    }
    return schedule;
}

Schedule run_to_completion(std::span<const Duration> works, Duration switch_cost) {
    require_not_negative(works, switch_cost);
    Schedule schedule;
    if (works.empty()) return schedule;
    for (const Duration work : works) {
        if (!schedule.turnarounds.empty()) schedule.makespan = checked_add(schedule.makespan, switch_cost);
        schedule.makespan = checked_add(schedule.makespan, work);
        schedule.turnarounds.push_back(schedule.makespan);
    }
    schedule.switches = works.size() - 1;
    return schedule;
}

Schedule one_core_each(std::span<const Duration> works, std::uint32_t cores) {
    require_not_negative(works, Duration::zero());
    if (works.size() > cores)
        throw InputError(
            fmt::format("{} tasks do not have a core each on {}: use at least as many cores", works.size(), cores));
    Schedule schedule;
    schedule.turnarounds.assign(works.begin(), works.end());
    for (const Duration work : works) schedule.makespan = std::max(schedule.makespan, work);
    return schedule;
}

} // namespace switchyard
