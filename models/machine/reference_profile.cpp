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
    // Measured on another machine than the others: see the warnings.
    {Cost::migration, 1782.7952, {654.3428, 2075.343}, "call_after_moving", 1127},
    {Cost::fault_anonymous, 996.7646, {987.3632, 1007.2936}, "fault_anonymous", 213},
    {Cost::fault_zero_page, 641.595, {631.9637, 649.132}, "fault_zero_page", 370},
    {Cost::fault_after_zero_page, 1911.3318, {1884.1504, 1963.6259}, "fault_after_zero_page", 78},
    {Cost::fault_copy, 2204.9119, {2175.9287, 2230.976}, "fault_copy", 82},
    {Cost::fault_reuse, 676.4742, {665.0826, 679.6004}, "fault_reuse", 289},
    {Cost::fault_shared, 1276.4948, {1256.8861, 1294.0448}, "fault_shared", 150},
    {Cost::fault_page_cache,
     785.9471,
     {779.0119, 941.1185},
     "fault_page_cache",
     2530,
     PerUnit{Quantity::pages, 12.2822}},
    {Cost::fault_huge, 91837.0721, {82050.5928, 99547.9882}, "fault_huge", 662},
    {Cost::memory_map, 763.2768, {754.7577, 1314.5515}, "memory_map", 1116},
    {Cost::memory_unmap, 483.7338, {479.9717, 942.2768}, "memory_unmap", 3780, PerUnit{Quantity::pages, 88.9718}},
    {Cost::memory_protect, 190.7078, {189.4331, 402.5593}, "memory_protect", 3054, PerUnit{Quantity::pages, 30.6638}},
    {Cost::tlb_invalidate,
     773.9285,
     {715.4537, 895.2075},
     "memory_protect_few",
     1100,
     PerUnit{Quantity::pages, 121.3097}},
    {Cost::tlb_shootdown, 2214.7113, {1947.6323, 2263.3144}, "memory_protect_seen", 144},
    {Cost::walk_level, 15.7857, {12.3784, 48.5872}, "visit_many_pages", 1119},
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
    profile.warnings = {
        "switch.address_space: 3 readings of it range from -19 to 68 ns",
        "interruptions: probe busy_tick_period: rounds disagree by 24 %",
        "migration, fault.*, memory.*, tlb.*, walk.level: measured on another 2-CPU virtual machine (Intel "
        "Xeon, Linux 6.18.44), busier than this one",
        "migration: probe call_after_moving: rounds disagree by 38 %",
        "walk.level: 3 readings of it range from 12 to 33 ns"};
    return profile;
}

} // namespace switchyard
