#include "lab/calibrate/laws.hpp"

#include "native/probes/probe.hpp"

namespace switchyard::lab {

namespace {

// One send and one receive without waiting; for each piece of what is sent through a stream.
MarginalLaw transfer(Cost cost, std::string_view probe, std::int64_t piece = 0) {
    return {cost, {{probe}}, {{Cost::system_call, 2, piece}}, Quantity::bytes, Shape::table};
}

// A pipe keeps two pages when it is empty and needs others for what is more (sim/ipc/channel_state.hpp).
constexpr std::int64_t page = 4096;
constexpr int kept_pages = 2;
constexpr double got_pages = 1 - kept_pages / (native::bytes_at_once / static_cast<double>(page)); // of a filled pipe's

MarginalLaw transfer_in_pages(Cost cost, std::string_view probe) {
    MarginalLaw law = transfer(cost, probe, native::bytes_at_once);
    law.excludes.push_back({Cost::pipe_page, 1, page, kept_pages, native::bytes_at_once});
    return law;
}

} // namespace

const std::vector<MarginalLaw>& marginal_laws() {
    using enum Cost;
    constexpr std::int64_t piece = native::bytes_at_once;
    static const std::vector<MarginalLaw> table{
        {system_call, {{"system_call"}}, {}, {}},
        {yield, {{"yield_alone"}}, {{system_call}}, {}},
        {switch_context, {{"yield_thread"}}, {{system_call}, {yield}}, {}},
        {switch_address_space,
         {{"yield_process", "yield_thread"}, {"futex_process", "futex_thread_shared"}, {"pipe_process", "pipe_thread"}},
         {},
         {}},
        {switch_displaced,
         {{"yield_ring_thread"}},
         {{system_call}, {yield}, {switch_context}},
         Quantity::others_since,
         Shape::table_from_one},
        {switch_address_space_displaced,
         {{"yield_ring_process", "yield_ring_thread"}},
         {{switch_address_space}},
         Quantity::others_since,
         Shape::table_from_one},
        {atomic_operation, {{"lock_uncontended"}}, {}, {}},
        {futex, {{"futex_alone", {}, 2}}, {{system_call, 2}}, {}},
        // A hop gives the turn away and looks whether it is back: two words touched, as by a semaphore's two ends.
        {wake_up, {{"futex_thread"}}, {{system_call, 2}, {futex, 2}, {switch_context}, {atomic_operation, 2}}, {}},
        // A turn given to one who takes the processor at once, and is not waited for.
        {switch_preempted,
         {{"futex_preempting"}},
         {{system_call, 2}, {futex, 2}, {wake_up}, {switch_context, 2}, {atomic_operation, 2}},
         {}},
        {timer_wake_up_idle, {{"timer_wake_up_idle"}}, {}, {}},
        {timer_wake_up_busy, {{"timer_wake_up_busy"}}, {{switch_context}, {switch_preempted}}, {}},
        {wake_up_remote,
         {{"wake_up_remote"}},
         {{system_call}, {futex}, {wake_up}},
         Quantity::idle_microseconds,
         Shape::table},
        {wake_up_remote_busy,
         {{"wake_up_remote_busy"}},
         {{system_call}, {futex}, {wake_up}, {switch_context}, {switch_preempted}},
         {}},
        // However long that core has been idle.
        {wake_up_interrupt, {{"wake_up_interrupt"}}, {{system_call}, {futex}, {wake_up}}, {}},
        {futex_shared, {{"futex_thread_shared", "futex_thread"}}, {}, {}},
        {pipe_page, {{"pipe_filled", "pipe_alone", got_pages}}, {}, {}},
        transfer_in_pages(pipe_transfer, "pipe_alone"),
        transfer_in_pages(fifo_transfer, "fifo_alone"),
        transfer(message_queue_transfer, "message_queue_alone"),
        transfer(system_v_queue_transfer, "system_v_queue_alone"),
        transfer(unix_stream_transfer, "unix_stream_alone", piece),
        transfer(unix_datagram_transfer, "unix_datagram_alone"),
        transfer(tcp_transfer, "tcp_alone", piece),
        {tcp_acknowledgement, {{"tcp_one_way", "tcp_alone"}}, {}, {}},
        {eventfd_transfer, {{"eventfd_alone"}}, {{system_call, 2}}, {}},
        {signal_delivery, {{"signal_alone"}}, {{system_call, 2}}, {}},
        {epoll_wait, {{"epoll_wait"}}, {{system_call}}, {}},
        {epoll_control, {{"epoll_rearm"}}, {{system_call}}, {}},
        {io_uring_submit, {{"io_uring_submit"}}, {{system_call}}, {}},
        {io_uring_completion, {{"io_uring_completion"}}, {}, {}},
        {memory_copy, {{"memory_copy"}}, {}, Quantity::bytes, Shape::table},
        {switch_coroutine, {{"coroutine_switch"}}, {}, {}},
        {switch_coroutine_displaced,
         {{"coroutine_ring"}},
         {{switch_coroutine}},
         Quantity::others_since,
         Shape::table_from_one},
        {switch_fiber, {{"fiber_switch"}}, {}, {}},
        {coroutine_create, {{"coroutine_create"}}, {{switch_coroutine}}, {}},
        {fiber_create, {{"fiber_create"}}, {{switch_fiber}}, {}},
        {thread_create, {{"thread_create"}}, {}, {}},
        {thread_exit, {{"thread_life"}}, {{thread_create}, {system_call}, {switch_context, 2}, {wake_up}}, {}},
        {fork_table, {{"fork_tables"}}, {}, {}},
        {fork_huge_page, {{"fork_huge_pages"}}, {}, {}},
        {fork_region, {{"fork_regions"}}, {}, {}},
        {fork_descriptor, {{"fork_descriptors"}}, {}, {}},
        {process_exit_table, {{"fork_life_tables"}}, {{fork_table}}, {}},
        {process_exit_huge_page, {{"fork_life_huge_pages"}}, {{fork_huge_page}}, {}},
        {process_exit_region, {{"fork_life_regions"}}, {{fork_region}}, {}},
        {process_exit_descriptor, {{"fork_life_descriptors"}}, {{fork_descriptor}}, {}},
        {process_reap, {{"process_reap"}}, {{system_call}}, {}},
        // No straight lines: entries and the kernel's records of their frames leave the caches one after another.
        {fork, {{"fork_call"}}, {{fork_table, 1, pages_of_page_table}}, Quantity::pages, Shape::table},
        {process_exit,
         {{"fork_life"}},
         {{fork},
          {fork_table, 1, pages_of_page_table},
          {process_exit_table, 1, pages_of_page_table},
          {process_reap},
          {system_call},
          {switch_context, 2},
          {switch_address_space, 2},
          {wake_up}},
         Quantity::pages,
         Shape::table},
        {vfork, {{"vfork_life"}}, {{process_reap}, {system_call}, {switch_context, 2}, {wake_up}}, {}},
        // The child leaves in the parent's address space and comes back from one of its own.
        {exec,
         {{"spawn_life"}},
         {{vfork},
          {process_exit},
          {process_reap},
          {system_call},
          {switch_context, 2},
          {switch_address_space},
          {wake_up}},
         {}},
        {sleep_overshoot, {{"sleep_overshoot_precise"}}, {{system_call}}, {}},
        {timer_slack, {{"sleep_overshoot", "sleep_overshoot_precise"}}, {}, {}},
        {tick, {{"tick"}}, {}, {}},
        {interruptions, {{"busy_tick_period"}}, {{tick}}, {}},
        {cache_line_transfer, {{"cache_line_hand_over"}}, {{atomic_operation}}, {}},
        {migration, {{"call_after_moving", "call_after_staying"}}, {}, {}},
        {cache_refill, {{"refill_shared"}}, {}, Quantity::bytes, Shape::table_from_nothing},
        {cache_refill_core, {{"refill_core"}}, {}, Quantity::bytes, Shape::table_from_nothing},
        {cache_refill_memory, {{"refill_memory"}}, {}, Quantity::bytes, Shape::table_from_nothing},
        // A fault is what the reference takes longer than if the page had been there, its translation being unknown.
        {memory_reference, {{"visit_few_pages"}}, {}, {}},
        {walk_level, {{"visit_many_pages", "visit_few_pages"}}, {}, {}},
        {fault_anonymous,
         {{"fault_anonymous"}},
         {{memory_reference}, {walk_level}},
         Quantity::pages_since,
         Shape::table},
        {fault_zero_page, {{"fault_zero_page"}}, {{memory_reference}, {walk_level}}, {}},
        {fault_after_zero_page, {{"fault_after_zero_page"}}, {{memory_reference}, {walk_level}}, {}},
        {fault_copy, {{"fault_copy"}}, {{memory_reference}, {walk_level}}, Quantity::pages_since, Shape::table},
        {fault_reuse, {{"fault_reuse"}}, {{memory_reference}, {walk_level}}, {}},
        {fault_shared, {{"fault_shared"}}, {{memory_reference}, {walk_level}}, {}},
        {fault_page_cache, {{"fault_page_cache"}}, {{memory_reference}, {walk_level}}, Quantity::pages},
        {fault_huge, {{"fault_huge"}}, {{memory_reference}, {walk_level}}, {}},
        {memory_map, {{"memory_map"}}, {{system_call}}, {}},
        {memory_unmap, {{"memory_unmap"}}, {{system_call}}, Quantity::pages, Shape::table},
        {memory_protect, {{"memory_protect"}}, {{system_call}}, Quantity::pages},
        {tlb_invalidate, {{"memory_protect_few"}}, {{system_call}, {memory_protect}}, Quantity::pages},
        {tlb_shootdown, {{"memory_protect_seen", "memory_protect_few"}}, {}, {}},
        {tlb_shootdown_interrupted, {{"protect_interrupted"}}, {}, Quantity::pages},
        {disk_read, {{"disk_read"}}, {}, Quantity::pages},
        {disk_write, {{"disk_write"}}, {}, Quantity::pages},
        {process_resident, {{"process_resident"}}, {}, {}},
        {process_kernel, {{"process_kernel"}}, {}, {}},
        {thread_reserved, {{"thread_reserved"}}, {}, {}},
        {thread_resident, {{"thread_resident"}}, {}, {}},
        {thread_kernel, {{"thread_kernel"}}, {}, {}},
        {coroutine_resident, {{"coroutine_resident"}}, {}, {}},
        {fiber_reserved, {{"fiber_reserved"}}, {}, {}},
        {fiber_resident, {{"fiber_resident"}}, {}, {}},
        {cache_private, {{"cache_private"}}, {}, {}},
        {cache_private_way, {{"cache_private_way"}}, {}, {}},
        {cache_shared, {{"cache_shared"}}, {}, {}},
    };
    return table;
}

} // namespace switchyard::lab
