// A machine whose every cost is known, as its probes would see it.
#pragma once

#include "lab/calibrate/laws.hpp"

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace switchyard::lab {

// In picoseconds, round numbers of different sizes, so that no two sums coincide.
struct KnownMachine {
    double system_call = 80'000;
    double yield = 150'000;
    double context = 380'000;
    double preempted = 240'000;
    double futex = 60'000;
    double address_space = 110'000;
    double wake_up = 290'000;
    double wake_up_remote = 3'700'000, wake_up_remote_busy = 1'300'000, wake_up_interrupt = 820'000;
    double futex_shared = 200'000;
    double transfer_base = 50'000, transfer_byte = 30; // of a pipe; of other kinds:
    double pipe_page = 90'000;                         // each but the two that it keeps
    double fifo_base = 55'000, fifo_byte = 31;
    double message_queue_base = 160'000, message_queue_byte = 33;
    double system_v_queue_base = 170'000, system_v_queue_byte = 34;
    double unix_stream_base = 410'000, unix_stream_byte = 35;
    double unix_datagram_base = 420'000, unix_datagram_byte = 36;
    double tcp_base = 1'900'000, tcp_byte = 37;
    double acknowledgement = 700'000;
    double eventfd = 130'000, signal = 240'000;
    double epoll_wait = 115'000, epoll_control = 85'000;
    double io_uring_submit = 75'000, io_uring_completion = 2'000;
    double copy_base = 1'000, copy_byte = 20;
    double coroutine = 1'500, fiber = 7'000;
    double coroutine_create = 20'000, fiber_create = 300'000;
    double thread_create = 3'000'000, thread_exit = 2'500'000;
    double fork_base = 25'000'000, fork_page = 20'000, fork_table = 330'000, fork_huge_page = 270'000,
           fork_region = 410'000, fork_descriptor = 7'000;
    double exit_base = 30'000'000, exit_page = 35'000, exit_table = 230'000, exit_huge_page = 190'000,
           exit_region = 310'000, exit_descriptor = 29'000, reap = 4'600'000;
    double vfork = 8'000'000;
    double exec = 400'000'000;
    double overshoot = 20'000'000, timer_slack = 50'000'000;
    double displaced = 3'000, space_displaced = 1'700, coroutine_displaced = 40; // for each other beyond the first
    double timer_idle = 4'100'000, timer_busy = 2'300'000;
    double tick = 2'000'000;
    double interruptions = 700'000;
    double migration = 900'000;
    double atomic_operation = 9'000, cache_line_transfer = 60'000;
    double fault_since = 20; // what a frame takes more for each page since it was used last
    double fault_anonymous = 600'000, fault_zero_page = 250'000, fault_after_zero_page = 750'000;
    double fault_copy = 1'100'000, fault_reuse = 350'000, fault_shared = 850'000;
    double fault_file_base = 420'000, fault_file_page = 45'000;
    double disk_read_base = 80'000'000, disk_read_page = 2'000'000;
    double disk_write_base = 20'000'000, disk_write_page = 1'500'000;
    double fault_huge = 95'000'000;
    double map = 550'000;
    double unmap_base = 1'300'000, unmap_page = 105'000;
    double protect_base = 650'000, protect_page = 25'000;
    double invalidate_base = 230'000, invalidate_page = 140'000;
    double shootdown = 1'700'000;
    double interrupted_base = 900'000, interrupted_page = 130'000;
    double reference = 6'000, walk_level = 16'000;
    double refill = 200, refill_core = 300, refill_memory = 900; // of a byte, in the smallest working set
    double refill_rise = 1.7;                                    // that a byte takes in larger ones, as a factor
    double cache_private = 2 << 20, cache_private_way = 128 << 10, cache_shared = 32 << 20;
};

// `rounds` figures of each probe: the true one times a factor of the round, the same for all probes of it.
inline std::vector<ProbeSummary> probes_of(const KnownMachine& known, const std::vector<double>& factors = {1, 1, 1}) {
    std::vector<ProbeSummary> probes;
    const auto add = [&](std::string name, std::int64_t amount, double value, CostUnit unit = CostUnit::picoseconds) {
        ProbeSummary probe;
        probe.probe = std::move(name);
        probe.amount = amount;
        probe.unit = unit;
        probe.median = value;
        probe.interval = {value, value};
        probe.samples = 100;
        for (const double factor : factors) probe.rounds.emplace_back(value * factor);
        probes.push_back(std::move(probe));
    };
    const KnownMachine& k = known;
    const double hop = 2 * k.system_call + k.wake_up + k.context;
    const auto transfer = [&](std::int64_t bytes) {
        return k.transfer_base + k.transfer_byte * static_cast<double>(bytes);
    };
    add("system_call", 0, k.system_call);
    add("yield_alone", 0, k.system_call + k.yield);
    add("yield_thread", 0, k.system_call + k.yield + k.context);
    add("yield_process", 0, k.system_call + k.yield + k.context + k.address_space);
    for (const std::int64_t others : {2, 9, 99}) {
        const auto more = static_cast<double>(others - 1);
        add("yield_ring_thread", others, k.system_call + k.yield + k.context + k.displaced * more);
        add("yield_ring_process", others,
            k.system_call + k.yield + k.context + k.address_space + (k.displaced + k.space_displaced) * more);
        add("coroutine_ring", others, k.coroutine + k.coroutine_displaced * more);
    }
    const double turn = hop + 2 * (k.futex + k.atomic_operation);
    add("futex_alone", 0, 2 * (k.system_call + k.futex));
    add("futex_preempting", 0, turn + k.context + k.preempted);
    add("futex_thread", 0, turn);
    add("futex_thread_shared", 0, turn + k.futex_shared);
    add("futex_process", 0, turn + k.futex_shared + k.address_space);
    for (const std::int64_t bytes : {1, 4096}) add("pipe_thread", bytes, hop + transfer(bytes));
    add("pipe_process", 1, hop + transfer(1) + k.address_space);
    // Of streams, 64 KiB at a time.
    const auto add_alone = [&](const char* name, bool is_stream, double base, double byte, bool in_pages = false) {
        for (const std::int64_t bytes : {1, 4096, 65536, 262144}) {
            const double pieces = is_stream && bytes > 65536 ? static_cast<double>(bytes) / 65536 : 1;
            const double pages = in_pages && bytes >= 65536 ? 14 * pieces : 0; // of each piece's sixteen
            add(name, bytes,
                2 * pieces * k.system_call + base + byte * static_cast<double>(bytes) + pages * k.pipe_page);
        }
    };
    add_alone("pipe_alone", true, k.transfer_base, k.transfer_byte, true);
    add("pipe_filled", 4096, 2 * k.system_call + transfer(4096) + k.pipe_page * 14 / 16);
    add_alone("fifo_alone", true, k.fifo_base, k.fifo_byte, true);
    add_alone("message_queue_alone", false, k.message_queue_base, k.message_queue_byte);
    add_alone("system_v_queue_alone", false, k.system_v_queue_base, k.system_v_queue_byte);
    add_alone("unix_stream_alone", true, k.unix_stream_base, k.unix_stream_byte);
    add_alone("unix_datagram_alone", false, k.unix_datagram_base, k.unix_datagram_byte);
    add_alone("tcp_alone", true, k.tcp_base, k.tcp_byte);
    for (const std::int64_t bytes : {1, 4096})
        add("tcp_one_way", bytes,
            2 * k.system_call + k.tcp_base + k.tcp_byte * static_cast<double>(bytes) + k.acknowledgement);
    add("eventfd_alone", 0, 2 * k.system_call + k.eventfd);
    add("signal_alone", 0, 2 * k.system_call + k.signal);
    add("epoll_wait", 0, k.system_call + k.epoll_wait);
    add("epoll_rearm", 0, k.system_call + k.epoll_control);
    add("io_uring_submit", 0, k.system_call + k.io_uring_submit);
    add("io_uring_completion", 0, k.io_uring_completion);
    for (const std::int64_t bytes : {1, 65536})
        add("memory_copy", bytes, k.copy_base + k.copy_byte * static_cast<double>(bytes));
    for (const std::int64_t idle : {10, 4000})
        add("wake_up_remote", idle, k.system_call + k.futex + k.wake_up + k.wake_up_remote);
    add("wake_up_remote_busy", 0,
        k.system_call + k.futex + k.wake_up + k.wake_up_remote_busy + k.context + k.preempted);
    for (const std::int64_t idle : {0, 10, 1000})
        add("wake_up_interrupt", idle, k.system_call + k.futex + k.wake_up + k.wake_up_interrupt);
    add("semaphore_thread", 0, turn);
    add("condition_thread", 0, hop + 2 * k.futex + 7 * k.atomic_operation);
    add("coroutine_switch", 0, k.coroutine);
    add("coroutine_create", 0, k.coroutine_create + k.coroutine);
    add("fiber_switch", 0, k.fiber);
    add("fiber_create", 0, k.fiber_create + k.fiber);
    add("thread_create", 0, k.thread_create);
    add("thread_life", 0, k.thread_create + k.thread_exit + k.system_call + 2 * k.context + k.wake_up);
    for (const std::int64_t pages : {0, 256, 4096, 131072}) {
        const auto count = static_cast<double>(pages);
        const double tables = std::ceil(count / 512);
        const double fork = k.fork_base + k.fork_page * count + k.fork_table * tables;
        const double exit = k.exit_base + k.exit_page * count + k.exit_table * tables;
        add("fork_call", pages, fork);
        add("fork_life", pages, fork + exit + k.reap + k.system_call + 2 * (k.context + k.address_space) + k.wake_up);
    }
    add("fork_tables", 0, k.fork_table);
    add("fork_life_tables", 0, k.fork_table + k.exit_table);
    add("fork_huge_pages", 0, k.fork_huge_page);
    add("fork_life_huge_pages", 0, k.fork_huge_page + k.exit_huge_page);
    add("fork_regions", 0, k.fork_region);
    add("fork_life_regions", 0, k.fork_region + k.exit_region);
    add("fork_descriptors", 0, k.fork_descriptor);
    add("fork_life_descriptors", 0, k.fork_descriptor + k.exit_descriptor);
    add("process_reap", 0, k.system_call + k.reap);
    add("vfork_life", 0, k.vfork + k.reap + k.system_call + 2 * k.context + k.wake_up);
    add("spawn_life", 0,
        k.vfork + k.exec + k.exit_base + k.reap + k.system_call + 2 * k.context + k.address_space + k.wake_up);
    add("sleep_overshoot", 0, k.overshoot + k.timer_slack + k.system_call);
    add("sleep_overshoot_precise", 0, k.overshoot + k.system_call);
    add("timer_wake_up_idle", 0, k.timer_idle);
    add("timer_wake_up_busy", 0, k.timer_busy + k.context + k.preempted);
    add("tick", 0, k.tick);
    add("busy_tick_period", 0, k.tick + k.interruptions);
    add("lock_uncontended", 0, k.atomic_operation);
    add("cache_line_hand_over", 0, k.atomic_operation + k.cache_line_transfer);
    add("call_after_moving", 0, 2 * hop + k.migration);
    add("call_after_staying", 0, 2 * hop);
    const double unknown = k.reference + k.walk_level; // a reference to a page the TLB does not know
    for (const std::int64_t since : {64, 16384}) {
        const double colder = k.fault_since * static_cast<double>(since);
        add("fault_anonymous", since, unknown + k.fault_anonymous + colder);
        add("fault_copy", since, unknown + k.fault_copy + colder);
    }
    add("fault_zero_page", 0, unknown + k.fault_zero_page);
    add("fault_after_zero_page", 0, unknown + k.fault_after_zero_page);
    add("fault_reuse", 0, unknown + k.fault_reuse);
    add("fault_shared", 0, unknown + k.fault_shared);
    for (const std::int64_t pages : {1, 4, 16})
        add("fault_page_cache", pages, unknown + k.fault_file_base + k.fault_file_page * static_cast<double>(pages));
    for (const std::int64_t pages : {1, 32}) {
        add("disk_read", pages, k.disk_read_base + k.disk_read_page * static_cast<double>(pages));
        add("disk_write", pages, k.disk_write_base + k.disk_write_page * static_cast<double>(pages));
    }
    add("fault_huge", 0, unknown + k.fault_huge);
    add("memory_map", 0, k.system_call + k.map);
    const auto protect = [&](std::int64_t pages) {
        return k.system_call + k.protect_base + k.protect_page * static_cast<double>(pages);
    };
    const auto invalidate = [&](std::int64_t pages) {
        return k.invalidate_base + k.invalidate_page * static_cast<double>(pages);
    };
    for (const std::int64_t pages : {0, 64, 16384}) {
        add("memory_unmap", pages, k.system_call + k.unmap_base + k.unmap_page * static_cast<double>(pages));
        add("memory_protect", pages, protect(pages));
    }
    for (const std::int64_t pages : {1, 16, 32}) add("memory_protect_few", pages, protect(pages) + invalidate(pages));
    for (const std::int64_t pages : {1, 16, 32})
        add("protect_interrupted", pages, k.interrupted_base + k.interrupted_page * static_cast<double>(pages));
    add("memory_protect_seen", 1, protect(1) + invalidate(1) + k.shootdown);
    for (const std::int64_t pages : {8192, 16384}) {
        add("visit_many_pages", pages, k.reference + k.walk_level);
        add("visit_few_pages", pages, k.reference);
    }
    for (const std::int64_t bytes : {4096, 131072, 1048576}) {
        const double factor = static_cast<double>(bytes) * (bytes > 4096 ? k.refill_rise : 1);
        add("refill_shared", bytes, k.refill * factor);
        add("refill_core", bytes, k.refill_core * factor);
        add("refill_memory", bytes, k.refill_memory * factor);
    }
    add("cache_private", 0, k.cache_private, CostUnit::bytes);
    add("cache_private_way", 0, k.cache_private_way, CostUnit::bytes);
    add("cache_shared", 0, k.cache_shared, CostUnit::bytes);
    for (const char* const memory : {"process_resident", "process_kernel", "thread_reserved", "thread_resident",
                                     "thread_kernel", "coroutine_resident", "fiber_reserved", "fiber_resident"}) {
        add(memory, 0, 4096, CostUnit::bytes);
    }
    return probes;
}

} // namespace switchyard::lab
