// The reference machine: what `switchyard calibrate` measured on an otherwise idle 2-CPU virtual machine (nested
// paging, no hardware counters), so that predictions can be made without calibrating first. A calibration of the
// machine one asks about is always better: kernel costs differ by a factor of three between machines that look alike.
#include "models/machine/profile.hpp"

#include <cmath>
#include <optional>

namespace switchyard {

namespace {

struct PerUnit {
    Quantity quantity;
    double value;
};

// One law as calibrate printed it: times in nanoseconds, sizes in bytes.
struct Row {
    Cost cost;
    double base;
    Interval interval; // 95 %
    const char* probe;
    std::uint64_t samples;
    std::optional<PerUnit> per_unit = {};
};

constexpr std::uint32_t rounds = 7;

constexpr Row rows[] = {
    {Cost::system_call, 120.1823, {119.0369, 123.0606}, "system_call", 3458},
    {Cost::switch_context, 738.688, {724.0055, 743.6268}, "yield_thread", 892},
    {Cost::switch_address_space, 64.0129, {0, 74.8677}, "yield_process", 2902},
    {Cost::switch_coroutine, 1.2228, {1.2215, 1.2233}, "coroutine_switch", 13645},
    {Cost::switch_fiber, 9.524, {9.5214, 9.5303}, "fiber_switch", 5510},
    {Cost::wake_up, 826.7384, {807.5611, 842.9343}, "futex_thread", 1210},
    // Not from probes, which are younger than this profile: the median from sched_wakeup to sched_switch, in whole us.
    {Cost::timer_wake_up_idle, 7000, {6000, 8000}, "sched_switch", 270},
    {Cost::timer_wake_up_busy, 7000, {6000, 8000}, "sched_switch", 270},
    {Cost::yield, 270.323, {264.9289, 280.7579}, "yield_alone", 2748},
    {Cost::tick, 15326.9982, {15205.4385, 15710.1842}, "tick", 1981},
    {Cost::interruptions, 14580.6894, {13632.589, 20556.8534}, "busy_tick_period", 7},
    {Cost::sleep_overshoot, 78682.4865, {78624.526, 79955.5273}, "sleep_overshoot", 4652},
    {Cost::pipe_transfer, 369.8562, {352.6339, 387.4766}, "pipe_thread", 4919, PerUnit{Quantity::bytes, 0.011}},
    {Cost::thread_create, 5583.2281, {5531.9605, 5643.5574}, "thread_create", 35188},
    {Cost::thread_exit, 8904.3641, {8742.9641, 9052.6422}, "thread_life", 2354},
    {Cost::coroutine_create, 7.1068, {6.8616, 7.5891}, "coroutine_create", 17808},
    {Cost::fiber_create, 29.4446, {27.9052, 29.57}, "fiber_create", 27038},
    {Cost::fork, 65297.2617, {63913.3032, 66391.5139}, "fork_call", 19793, PerUnit{Quantity::pages, 65.8909}},
    {Cost::vfork, 20282.1436, {20210.5998, 20497.6374}, "vfork_life", 32624},
    {Cost::exec, 337453.6401, {331078.2698, 344111.2473}, "spawn_life", 4320},
    {Cost::process_exit,
     127127.8298,
     {123331.2425, 132310.8922},
     "fork_life",
     19468,
     PerUnit{Quantity::pages, 72.6818}},
    {Cost::process_resident, 32768, {32768, 32768}, "process_resident", 7},
    {Cost::process_kernel, 73728, {73728, 73728}, "process_kernel", 7},
    {Cost::thread_reserved, 8392663.04, {8392663.04, 8393379.84}, "thread_reserved", 7},
    {Cost::thread_resident, 8704, {8663.04, 8765.44}, "thread_resident", 7},
    {Cost::thread_kernel, 20316.16, {20316.16, 20316.16}, "thread_kernel", 7},
    {Cost::coroutine_resident, 63.9632, {63.9584, 63.9632}, "coroutine_resident", 7},
    {Cost::fiber_reserved, 135168, {135147.52, 135168}, "fiber_reserved", 7},
    {Cost::fiber_resident, 8253.44, {8212.48, 8273.92}, "fiber_resident", 7},
};

Law law_of(const Row& row) {
    const double scale =
        describe(row.cost).unit == CostUnit::picoseconds ? 1000 : 1; // laws are in picoseconds or bytes
    Law law = row.per_unit ? Law::affine(row.base * scale, {{row.per_unit->quantity, row.per_unit->value * scale}})
                           : Law::constant_of(row.base * scale);
    law.interval = Interval{std::round(row.interval.low * scale), std::round(row.interval.high * scale)};
    law.origin = {row.probe, row.samples, rounds, {}};
    return law;
}

} // namespace

CostProfile reference_profile() {
    CostProfile profile;
    profile.name = "reference";
    profile.origin = {"AMD EPYC", "Linux 6.18.44", "2026-11-21T05:35:25Z", "switchyard 0.1.0 calibrate", 2, 0.0};
    profile.hz = 250;
    profile.iteration_picoseconds = 977.1030852083516;
    for (const Row& row : rows) profile[row.cost] = law_of(row);
    profile.warnings = {"switch.address_space: 3 readings of it range from -19 to 68 ns",
                        "interruptions: probe busy_tick_period: rounds disagree by 24 %"};
    return profile;
}

} // namespace switchyard
