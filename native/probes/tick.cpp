// The timer interrupt, seen from a busy processor: a loop that reads the time stamp finds gaps that recur every 1/HZ.
#include "native/machine/machine.hpp"
#include "native/probes/gaps.hpp"
#include "native/probes/primitives.hpp"

#include <algorithm>
#include <cmath>

namespace switchyard::native {

namespace {

// A gap longer than this share of a tick period is no interrupt: another task ran.
constexpr double another_task = 0.1;

} // namespace

std::vector<Sample> measure_busy_tick_period(const ProbeRun& run) {
    const std::uint32_t hz = describe_machine().hz;
    if (hz == 0) return {};
    const double period = 1e9 / hz;
    const double watch = std::max(run.budget_nanoseconds, 20 * period);
    const double iteration = iteration_picoseconds_now(run.scale);
    double lost = 0;
    for (const Gap& gap : find_gaps(run, watch))
        if (gap.length <= another_task * period) lost += gap.length;
    // One sample: the mean. A median over shorter stretches would miss what comes seldom and takes long.
    return {{lost / (watch / period), iteration, 0}};
}

std::vector<Sample> measure_tick(const ProbeRun& run) {
    const std::uint32_t hz = describe_machine().hz;
    if (hz == 0) return {};
    const double period = 1e9 / hz;
    const double watch = std::max(run.budget_nanoseconds, 20 * period);
    const double iteration = iteration_picoseconds_now(run.scale);
    std::vector<Gap> gaps = find_gaps(run, watch);

    // The phase at which most gaps begin is the tick's; other interrupts and tasks come at any phase.
    constexpr int phases = 80;
    std::vector<int> gaps_at(phases, 0);
    const auto phase_of = [&](const Gap& gap) {
        return static_cast<int>(std::fmod(gap.at, period) / period * phases) % phases;
    };
    std::erase_if(gaps, [&](const Gap& gap) { return gap.length > another_task * period; });
    for (const Gap& gap : gaps) ++gaps_at[static_cast<std::size_t>(phase_of(gap))];
    const int tick_phase = static_cast<int>(std::max_element(gaps_at.begin(), gaps_at.end()) - gaps_at.begin());

    std::vector<Sample> samples;
    for (const Gap& gap : gaps) {
        const int distance = std::abs(phase_of(gap) - tick_phase);
        if (distance <= 1 || distance == phases - 1) samples.push_back({gap.length, iteration, 0});
    }
    // Fewer than half of the ticks there must have been: this is not the tick.
    if (static_cast<double>(samples.size()) < watch / period / 2) samples.clear();
    return samples;
}

} // namespace switchyard::native
