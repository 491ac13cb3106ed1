// Every cost the simulator charges, by name. There is no other number in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace switchyard {

// Costs are marginal: a stopwatch around a futex hand-over sees two system calls, a wake-up and a switch; each of those
// is a cost of its own and is subtracted from the sample before the rest becomes a law. `excludes` says what was taken
// out.
enum class Cost : std::uint8_t {
    // time
    system_call,
    switch_context,
    switch_preempted,
    switch_address_space,
    switch_displaced,               // over others since
    switch_address_space_displaced, // over others since
    switch_coroutine,
    switch_coroutine_displaced, // over others since
    switch_fiber,
    wake_up,
    wake_up_remote, // over how long the core has been idle
    wake_up_remote_busy,
    wake_up_interrupt,
    futex,
    futex_shared,
    timer_wake_up_idle,
    timer_wake_up_busy,
    yield,
    tick,
    interruptions,
    sleep_overshoot,
    timer_slack,
    pipe_transfer, // over bytes, as all transfers
    pipe_page,
    fifo_transfer,
    message_queue_transfer,
    system_v_queue_transfer,
    unix_stream_transfer,
    unix_datagram_transfer,
    tcp_transfer,
    tcp_acknowledgement,
    eventfd_transfer,
    signal_delivery,
    epoll_wait,
    epoll_control,
    io_uring_submit,
    io_uring_completion,
    memory_copy, // over bytes
    thread_create,
    thread_exit,
    coroutine_create,
    fiber_create,
    fork, // over pages
    fork_table,
    fork_huge_page,
    fork_region,
    fork_descriptor,
    vfork,
    exec,
    process_exit, // over pages
    process_exit_table,
    process_exit_huge_page,
    process_exit_region,
    process_exit_descriptor,
    process_reap,
    migration,
    cache_refill,        // over bytes
    cache_refill_core,   // over bytes
    cache_refill_memory, // over bytes
    fault_anonymous,     // over pages since
    fault_zero_page,
    fault_after_zero_page,
    fault_copy, // over pages since
    fault_reuse,
    fault_shared,
    fault_page_cache, // over pages mapped
    fault_huge,
    memory_reference,
    memory_map,
    memory_unmap,   // over present pages of the range
    memory_protect, // over present pages of the range
    tlb_invalidate, // over the pages invalidated
    tlb_shootdown,
    tlb_shootdown_interrupted, // over the pages invalidated; 0: the whole TLB
    walk_level,
    disk_read,  // over pages
    disk_write, // over pages
    atomic_operation,
    cache_line_transfer,
    // memory, in bytes
    process_resident,
    process_kernel,
    thread_reserved,
    thread_resident,
    thread_kernel,
    coroutine_resident,
    fiber_reserved,
    fiber_resident,
    cache_private,
    cache_private_way,
    cache_shared,
};
inline constexpr int costs = static_cast<int>(Cost::cache_shared) + 1;

// What a page table maps where pages lie side by side: what costs for each table are counted by where nothing but the
// number of pages is known (x86-64).
inline constexpr std::int64_t pages_of_page_table = 512;

enum class CostUnit : std::uint8_t { picoseconds, bytes };

struct CostDescription {
    std::string_view name; // "switch.context": the key in a profile
    CostUnit unit;
    std::string_view about;    // what is charged, and when
    std::string_view excludes; // what a stopwatch around it would see besides
};

[[nodiscard]] const CostDescription& describe(Cost cost);

// The cost of that name.
[[nodiscard]] std::optional<Cost> cost_named(std::string_view name);

} // namespace switchyard
