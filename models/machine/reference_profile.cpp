// The reference machine: what `switchyard calibrate` measured on an otherwise idle 2-CPU virtual machine (nested
// paging, no hardware counters), so that predictions can be made without calibrating first. A calibration of the
// machine one asks about is always better: kernel costs differ by a factor of three between machines that look alike.
#include "models/machine/profile.hpp"

#include <cmath>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

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

// A law that is a table: nanoseconds at so many bytes, or whatever it is over.
struct Point {
    std::int64_t amount;
    double value;
};
struct TableRow {
    Cost cost;
    std::initializer_list<Point> points;
    Interval interval; // of the last
    const char* probe;
    std::uint64_t samples;
    Quantity over = Quantity::bytes;
};

constexpr std::uint32_t rounds = 7;

// Those of faults, references, walks and what a shootdown interrupts are of a later run on the same machine (`--only
// fault,visit,protect_interrupted`, 2026-11-21T19:23:05Z, foreign load 0.5 %), brought to the same nominal speed; so
// are those of locks and cache lines (`--only lock,cache_line`, 20:37Z), and those of messages, epoll, io_uring, copies
// and wake-ups on another core (22:03 to 22:05Z; foreign load 1 %, but of messages other than pipes', whose rounds
// agree all the same, 36 %).
// What forks and ends take, reaping, shared futexes, the waker's interrupt, a busy core's wake-up, pipes' pages,
// sleeps, slack and what several others displace are of a full run of the next day (02:21 to 02:26Z, foreign load 0.4
// %), the processors' part at the same nominal speed. What a futex call, a wake-up, a preemption and an acknowledgement
// take is of 2026-11-22T04:25Z (`--only futex,switch.preempted,tcp`, foreign load 0 %), brought to that speed by what a
// system call took; TCP's transfers are less the acknowledgement.
constexpr Row rows[] = {
    {Cost::system_call, 104.8194, {104.5854, 104.9046}, "system_call", 2843},
    {Cost::switch_context, 366.5507, {363.475, 625.048}, "yield_thread", 1198},
    {Cost::switch_preempted, 221.5, {209.9, 231.3}, "futex_preempting", 2005},
    {Cost::switch_address_space, 121.3843, {0, 126.6967}, "yield_process", 3375},
    {Cost::switch_coroutine, 2.5008, {2.4496, 2.5446}, "coroutine_switch", 6021},
    {Cost::switch_fiber, 9.2885, {9.2072, 11.2305}, "fiber_switch", 4199},
    {Cost::wake_up, 367.0, {362.1, 378.4}, "futex_thread", 1611},
    {Cost::wake_up_remote_busy, 3018.0788, {2699.5047, 3402.5663}, "wake_up_remote_busy", 27133},
    {Cost::wake_up_interrupt, 743.8807, {572.0020, 1162.4279}, "wake_up_interrupt", 47132},
    {Cost::futex, 55.4, {54.2, 55.6}, "futex_alone", 2745},
    {Cost::futex_shared, 102.5128, {81.6883, 106.4954}, "futex_thread_shared", 1125},
    {Cost::timer_wake_up_idle, 6251.9043, {5685.7139, 6919.9995}, "timer_wake_up_idle", 1600},
    {Cost::timer_wake_up_busy, 1950.592, {1454.7126, 3363.0661}, "timer_wake_up_busy", 1620},
    {Cost::yield, 106.0097, {105.5219, 106.3139}, "yield_alone", 3878},
    {Cost::tick, 5455.595, {5059.9255, 6231.2893}, "tick", 2315},
    {Cost::interruptions, 33816.4318, {32400.5521, 41455.058}, "busy_tick_period", 7},
    {Cost::sleep_overshoot, 10252.6093, {9795.5130, 10859.3139}, "sleep_overshoot_precise", 1610},
    {Cost::timer_slack, 51411.9009, {50423.8057, 53876.1864}, "sleep_overshoot", 4592},
    {Cost::tcp_acknowledgement, 530.3, {506.0, 608.0}, "tcp_one_way", 1200},
    {Cost::pipe_page, 254.5844, {112.9288, 272.2142}, "pipe_filled", 2009},
    {Cost::eventfd_transfer, 100.2652, {99.5955, 100.8514}, "eventfd_alone", 2726},
    {Cost::signal_delivery, 242.8913, {241.8252, 244.5327}, "signal_alone", 1960},
    {Cost::epoll_wait, 113.2056, {113.1327, 113.4413}, "epoll_wait", 3434},
    {Cost::epoll_control, 84.9603, {84.8342, 85.1881}, "epoll_rearm", 3982},
    {Cost::io_uring_submit, 77.1508, {76.508, 77.3485}, "io_uring_submit", 5814},
    {Cost::io_uring_completion, 1.2912, {1.2814, 1.3228}, "io_uring_completion", 9476},
    {Cost::thread_create, 3243.4158, {3156.8926, 3344.7269}, "thread_create", 30219},
    {Cost::thread_exit, 4362.353, {4074.9506, 6355.4904}, "thread_life", 3038},
    {Cost::coroutine_create, 13.1966, {12.6847, 17.2072}, "coroutine_create", 8848},
    {Cost::fiber_create, 39.6756, {37.6604, 40.4292}, "fiber_create", 18541},
    {Cost::fork, 35772.7793, {35154.9250, 36950.7044}, "fork_call", 27945, PerUnit{Quantity::pages, 23.4712}},
    {Cost::fork_table, 2008.1724, {1999.1205, 2044.1825}, "fork_tables", 210},
    {Cost::fork_huge_page, 639.2282, {593.8152, 700.2666}, "fork_huge_pages", 318},
    {Cost::fork_region, 314.9265, {310.5367, 512.1289}, "fork_regions", 262},
    {Cost::fork_descriptor, 3.5411, {3.3771, 3.7345}, "fork_descriptors", 297},
    {Cost::vfork, 8471.2609, {8283.6963, 8515.3771}, "vfork_life", 30319},
    {Cost::exec, 211451.6688, {209907.3246, 256262.2521}, "spawn_life", 5761},
    {Cost::process_exit, 82064.6557, {81098.2067, 82375.1997}, "fork_life", 27946, PerUnit{Quantity::pages, 36.4418}},
    {Cost::process_exit_table, 233.7513, {221.1810, 311.2914}, "fork_life_tables", 216},
    {Cost::process_exit_huge_page, 121.5840, {24.3623, 210.3590}, "fork_life_huge_pages", 308},
    {Cost::process_exit_region, 265.6089, {68.4066, 278.9275}, "fork_life_regions", 277},
    {Cost::process_exit_descriptor, 13.4731, {12.0983, 14.7265}, "fork_life_descriptors", 278},
    {Cost::process_reap, 952.0322, {944.7562, 1176.5258}, "process_reap", 3316},
    {Cost::atomic_operation, 8.5389, {8.4856, 8.5751}, "lock_uncontended", 2519},
    {Cost::cache_line_transfer, 58.7836, {54.8356, 63.4908}, "cache_line_hand_over", 2545},
    {Cost::migration, 2020.1242, {1758.5248, 2072.0962}, "call_after_moving", 4104},
    {Cost::fault_anonymous, 962.9224, {951.1114, 985.089}, "fault_anonymous", 835},
    {Cost::fault_zero_page, 583.9395, {581.447, 587.837}, "fault_zero_page", 1426},
    {Cost::fault_after_zero_page, 1812.6688, {1802.9572, 1834.1578}, "fault_after_zero_page", 351},
    {Cost::fault_copy, 2111.0012, {2108.9985, 2114.9352}, "fault_copy", 338},
    {Cost::fault_reuse, 642.5864, {632.4765, 736.2319}, "fault_reuse", 1036},
    {Cost::fault_shared, 1216.4169, {1208.2205, 1223.0618}, "fault_shared", 576},
    {Cost::fault_page_cache,
     735.1707,
     {729.397, 754.3693},
     "fault_page_cache",
     9903,
     PerUnit{Quantity::pages, 11.8245}},
    {Cost::fault_huge, 83778.2548, {82342.1987, 86947.2306}, "fault_huge", 2592},
    {Cost::memory_reference, 6.6046, {5.7387, 16.642}, "visit_few_pages", 10282},
    {Cost::memory_map, 746.067, {744.4494, 758.2012}, "memory_map", 4379},
    {Cost::memory_unmap, 426.4371, {420.0244, 455.2624}, "memory_unmap", 15116, PerUnit{Quantity::pages, 93.0802}},
    {Cost::memory_protect, 189.8704, {177.9985, 191.3245}, "memory_protect", 11761, PerUnit{Quantity::pages, 26.7895}},
    {Cost::tlb_invalidate,
     734.3068,
     {720.7342, 788.3731},
     "memory_protect_few",
     3731,
     PerUnit{Quantity::pages, 121.5809}},
    {Cost::tlb_shootdown, 1895.5432, {1830.267, 1981.7167}, "memory_protect_seen", 432},
    {Cost::tlb_shootdown_interrupted,
     1489.5458,
     {1431.4978, 1531.0108},
     "protect_interrupted",
     379410,
     PerUnit{Quantity::pages, 124.6541}},
    {Cost::walk_level, 36.9246, {20.7419, 58.4173}, "visit_many_pages", 3348},
    {Cost::disk_read, 15889.8434, {15715.5193, 16522.3164}, "disk_read", 2455, PerUnit{Quantity::pages, 2168.7566}},
    {Cost::disk_write, 15072.8715, {14413.8479, 15941.0703}, "disk_write", 2812, PerUnit{Quantity::pages, 1391.8298}},
    {Cost::process_resident, 36864, {36864, 36864}, "process_resident", 7},
    {Cost::process_kernel, 81940.48, {81940.48, 81940.48}, "process_kernel", 7},
    {Cost::thread_reserved, 8392663.04, {8392663.04, 8392663.04}, "thread_reserved", 7},
    {Cost::thread_resident, 8826.88, {8683.52, 8867.84}, "thread_resident", 7},
    {Cost::thread_kernel, 20336.64, {20336.64, 20520.96}, "thread_kernel", 7},
    {Cost::coroutine_resident, 63.9632, {63.9616, 63.9648}, "coroutine_resident", 7},
    {Cost::fiber_reserved, 135147.52, {135147.52, 135147.52}, "fiber_reserved", 7},
    {Cost::fiber_resident, 8212.48, {8212.48, 8232.96}, "fiber_resident", 7},
    {Cost::cache_private, 2097152, {2097152, 2097152}, "cache_private", 7},
    {Cost::cache_private_way, 131072, {131072, 131072}, "cache_private_way", 5},
    {Cost::cache_shared, 314572800, {314572800, 314572800}, "cache_shared", 7},
};

// Measured on the same machine at another time.
const TableRow tables[] = {
    {Cost::wake_up_remote,
     {{10, 3734.7639}, {100, 4302.859}, {200, 10407.1435}, {500, 12469.0478}, {1000, 18162.8561}, {4000, 31097.6153}},
     {26714.2873, 42772.1215},
     "wake_up_remote",
     100895,
     Quantity::idle_microseconds},
    // Five rounds (2026-11-22T01:24Z) with others at work beside it, brought to the same nominal speed.
    {Cost::switch_displaced,
     {{1, 0.0000},
      {2, 8.5918},
      {4, 29.6522},
      {6, 47.4939},
      {9, 47.8999},
      {29, 79.7851},
      {99, 119.0757},
      {199, 210.5996},
      {399, 605.4308},
      {999, 827.6504}},
     {788.0667, 839.4391},
     "yield_ring_thread",
     1927,
     Quantity::others_since},
    {Cost::switch_address_space_displaced,
     {{1, 0.0000},
      {2, 32.7897},
      {4, 230.2588},
      {6, 330.9096},
      {9, 357.9526},
      {29, 357.9526},
      {99, 399.4182},
      {199, 742.7211}},
     {669.9741, 777.2096},
     "yield_ring_process",
     827,
     Quantity::others_since},
    {Cost::switch_coroutine_displaced,
     {{1, 0.0000}, {9, 0.0000}, {999, 0.0000}, {9999, 0.0000}, {99999, 0.2533}},
     {0.1692, 0.3803},
     "coroutine_ring",
     1435,
     Quantity::others_since},
    {Cost::pipe_transfer,
     {{1, 148.9841},
      {512, 164.7371},
      {4096, 196.1891},
      {16384, 603.4607},
      {65536, 3311.9915},
      {262144, 13568.2989},
      {1048576, 72555.5368}},
     {71273.7229, 118688.2823},
     "pipe_alone",
     5088},
    {Cost::fifo_transfer,
     {{1, 168.9351},
      {512, 182.8379},
      {4096, 214.6581},
      {16384, 640.1538},
      {65536, 3334.1458},
      {262144, 13508.6383},
      {1048576, 72187.7089}},
     {71694.0897, 73770.9945},
     "fifo_alone",
     5401},
    {Cost::message_queue_transfer,
     {{1, 250.9687}, {512, 315.8885}, {2048, 382.4278}, {8192, 820.5291}},
     {811.9676, 844.6488},
     "message_queue_alone",
     3075},
    {Cost::system_v_queue_transfer,
     {{1, 230.4592}, {512, 261.1913}, {2048, 359.9743}, {8192, 805.8127}},
     {796.7042, 813.2065},
     "system_v_queue_alone",
     3102},
    {Cost::unix_stream_transfer,
     {{1, 435.6847},
      {512, 495.7042},
      {4096, 763.2379},
      {16384, 1226.5254},
      {65536, 5506.4641},
      {262144, 22027.6008},
      {1048576, 105198.1106}},
     {104661.3845, 109104.4776},
     "unix_stream_alone",
     4126},
    {Cost::unix_datagram_transfer,
     {{1, 511.9101}, {512, 542.49}, {4096, 642.6502}, {16384, 1455.2031}, {65536, 4842.8299}, {131072, 8305.749}},
     {8215.4096, 8360.8928},
     "unix_datagram_alone",
     3791},
    {Cost::tcp_transfer,
     {{1, 1428.8632},
      {512, 1456.8382},
      {4096, 1466.7419},
      {16384, 2146.5371},
      {65536, 6424.7636},
      {262144, 25692.4254},
      {1048576, 123516.9743}},
     {119335.658, 128818.4022},
     "tcp_alone",
     2326},
    {Cost::memory_copy,
     {{1, 3.562},
      {512, 3.562},
      {4096, 24.263},
      {16384, 85.3963},
      {65536, 1537.6541},
      {262144, 6110.8049},
      {1048576, 36716.1452}},
     {36590.3079, 37631.3046},
     "memory_copy",
     10461},
    {Cost::cache_refill,
     {{0, 0},
      {4096, 1135.9177},
      {32768, 9280.602},
      {131072, 31063.3674},
      {524288, 218501.3725},
      {1048576, 470794.1479}},
     {424873.6287, 1093871.594},
     "refill_shared",
     425},
    {Cost::cache_refill_core,
     {{0, 0}, {4096, 1246.6127}, {32768, 9637.3958}, {131072, 33429.37}, {524288, 236049.8057}, {1048576, 539902.2778}},
     {522089.2164, 608365.2232},
     "refill_core",
     434},
    {Cost::cache_refill_memory,
     {{0, 0},
      {4096, 7019.1239},
      {32768, 54535.6485},
      {262144, 235754.5473},
      {1048576, 1798195.71},
      {4194304, 5381167.2811}},
     {5357495.8048, 5426087.2932},
     "refill_memory",
     12724},
};

Law law_of(const TableRow& row) {
    std::vector<std::pair<std::int64_t, double>> points;
    for (const Point& point : row.points) points.emplace_back(point.amount, point.value * 1000);
    Law law = Law::table(row.over, points);
    law.interval = Interval{std::round(row.interval.low * 1000), std::round(row.interval.high * 1000)};
    law.origin = {row.probe, row.samples, rounds, {}};
    return law;
}

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
    profile.origin = {"Intel Xeon", "Linux 6.18.44", "2026-11-21T17:18:57Z", "switchyard 0.1.0 calibrate", 2, 0.004};
    profile.hz = 250;
    profile.iteration_picoseconds = 1294.7590252933596;
    for (const Row& row : rows) profile[row.cost] = law_of(row);
    for (const TableRow& row : tables) profile[row.cost] = law_of(row);
    profile.warnings = {"switch.context: probe yield_thread: rounds disagree by 45 %",
                        "switch.address_space: 3 readings of it range from 53 to 127 ns",
                        "timer_wake_up.idle: probe timer_wake_up_idle: rounds disagree by 20 %",
                        "timer_wake_up.busy: probe timer_wake_up_busy: rounds disagree by 71 %",
                        "wake_up.remote: probe wake_up_remote at 10: rounds disagree by 23 %",
                        "pipe.transfer: probe pipe_alone at 16384: rounds disagree by 53 %",
                        "fifo.transfer: probe fifo_alone at 1: rounds disagree by 35 %",
                        "message_queue.transfer: probe message_queue_alone at 512: rounds disagree by 18 %",
                        "unix_stream.transfer: probe unix_stream_alone at 512: rounds disagree by 10 %",
                        "tcp.transfer: probe tcp_alone at 1: rounds disagree by 18 %",
                        "memory.copy: probe memory_copy at 512: rounds disagree by 20 %",
                        "switch.fiber: probe fiber_switch: rounds disagree by 22 %",
                        "coroutine.create: probe coroutine_create: rounds disagree by 28 %",
                        "thread.exit: probe thread_life: rounds disagree by 24 %",
                        "tick: probe tick: rounds disagree by 21 %",
                        "interruptions: probe busy_tick_period: rounds disagree by 23 %",
                        "memory.unmap: no straight line: the fit misses a measured value by 28 %",
                        "memory.protect: probe memory_protect at 64: rounds disagree by 48 %",
                        "memory.reference: 3 readings of it range from 6 to 17 ns",
                        "cache_line.transfer: probe cache_line_hand_over: rounds disagree by 13 %",
                        "walk.level: 3 readings of it range from 21 to 58 ns",
                        "fault.reuse: probe fault_reuse: rounds disagree by 15 %",
                        "tlb.shootdown.interrupted: probe protect_interrupted at 32: rounds disagree by 12 %",
                        "disk.write: probe disk_write at 32: rounds disagree by 12 %",
                        "cache.refill: probe refill_shared at 1048576: rounds disagree by 142 %",
                        "cache.refill.core: probe refill_core at 1048576: rounds disagree by 16 %",
                        "cache.shared: what the virtual machine is told is its host's, shared with others",
                        "switch.displaced: probe yield_ring_thread at 399: rounds disagree by 14 %",
                        "wake_up.remote.busy: probe wake_up_remote_busy: rounds disagree by 18 %",
                        "wake_up.interrupt: 3 readings of it range from 583 to 1161 ns",
                        "switch.coroutine.displaced: part of the fit came out negative and was held at 0",
                        "fork.huge_page: probe fork_huge_pages: rounds disagree by 17 %",
                        "fork.region: probe fork_regions: rounds disagree by 64 %",
                        "fork.descriptor: probe fork_descriptors: rounds disagree by 10 %",
                        "process.exit.huge_page: probe fork_life_huge_pages: rounds disagree by 11 %",
                        "process.exit.descriptor: probe fork_life_descriptors: rounds disagree by 16 %",
                        "process.reap: probe process_reap: rounds disagree by 22 %",
                        "fork: no straight line: the fit misses a measured value by 17 %",
                        "process.exit: no straight line: the fit misses a measured value by 12 %",
                        "exec: probe spawn_life: rounds disagree by 15 %",
                        "sleep.overshoot: probe sleep_overshoot_precise: rounds disagree by 10 %"};
    return profile;
}

} // namespace switchyard
