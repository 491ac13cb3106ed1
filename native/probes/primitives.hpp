// The sequences the probes time, one file each. Each runs in a process of its own, pinned to one processor.
#pragma once

#include "native/probes/probe.hpp"

namespace switchyard::native {

using Measure = std::vector<Sample>(const ProbeRun& run);

Measure measure_system_call; // system_call.cpp
Measure measure_yield_alone; // yield.cpp
Measure measure_yield_between_threads;
Measure measure_yield_between_processes;
Measure measure_yield_ring_of_threads; // ring.cpp
Measure measure_yield_ring_of_processes;
Measure measure_futex_alone; // futex.cpp
Measure measure_futex_between_threads;
Measure measure_preempting_futex;
Measure measure_shared_futex_between_threads;
Measure measure_futex_between_processes;
Measure measure_pipe_alone; // pipe.cpp
Measure measure_filled_pipe;
Measure measure_pipe_between_threads;
Measure measure_pipe_between_processes;
Measure measure_coroutine_switch; // coroutine.cpp
Measure measure_coroutine_ring;
Measure measure_coroutine_creation;
Measure measure_coroutine_resident;
Measure measure_fiber_switch; // fiber.cpp
Measure measure_fiber_creation;
Measure measure_fiber_reserved;
Measure measure_fiber_resident;
Measure measure_thread_creation; // thread.cpp
Measure measure_thread_life;
Measure measure_fork_call; // fork.cpp
Measure measure_fork_life;
Measure measure_fork_of_tables; // fork_contents.cpp
Measure measure_fork_life_of_tables;
Measure measure_fork_of_huge_pages;
Measure measure_fork_life_of_huge_pages;
Measure measure_fork_of_regions;
Measure measure_fork_life_of_regions;
Measure measure_fork_of_descriptors;
Measure measure_fork_life_of_descriptors;
Measure measure_reaping;          // reap.cpp
Measure measure_vfork_life;       // vfork.cpp
Measure measure_posix_spawn_life; // posix_spawn.cpp
Measure measure_sleep_overshoot;  // sleep.cpp
Measure measure_sleep_overshoot_without_slack;
Measure measure_timer_wake_up_idle; // timer_wake_up.cpp
Measure measure_timer_wake_up_busy;
Measure measure_tick; // tick.cpp
Measure measure_busy_tick_period;
Measure measure_process_resident; // process_memory.cpp
Measure measure_process_kernel;
Measure measure_thread_reserved; // thread_memory.cpp
Measure measure_thread_resident;
Measure measure_thread_kernel;
Measure measure_uncontended_lock; // lock.cpp
Measure measure_cache_line_hand_over;
Measure measure_call_after_moving; // migration.cpp
Measure measure_call_after_staying;
Measure measure_fault_anonymous; // page_fault.cpp
Measure measure_fault_zero_page;
Measure measure_fault_after_zero_page;
Measure measure_fault_shared;
Measure measure_fault_huge;
Measure measure_fault_copy; // copy_on_write.cpp
Measure measure_fault_reuse;
Measure measure_fault_page_cache; // page_cache.cpp
Measure measure_disk_read;        // disk.cpp
Measure measure_disk_write;
Measure measure_memory_map; // mapping.cpp
Measure measure_memory_unmap;
Measure measure_memory_protect;
Measure measure_memory_protect_seen_by_another;
Measure measure_interrupted_by_protecting;
Measure measure_visits_to_many_pages; // page_walk.cpp
Measure measure_visits_to_few_pages;
Measure measure_refill_from_shared_cache; // cache_refill.cpp
Measure measure_refill_from_other_core;
Measure measure_refill_from_memory;
Measure measure_private_cache;
Measure measure_private_cache_way;
Measure measure_shared_cache;
Measure measure_fifo_alone; // fifo.cpp
Measure measure_fifo_between_threads;
Measure measure_message_queue_alone; // message_queue.cpp
Measure measure_message_queue_between_threads;
Measure measure_system_v_queue_alone; // system_v_queue.cpp
Measure measure_system_v_queue_between_threads;
Measure measure_unix_stream_alone; // socket.cpp
Measure measure_unix_stream_between_threads;
Measure measure_unix_datagram_alone;
Measure measure_unix_datagram_between_threads;
Measure measure_unix_packets_alone;
Measure measure_tcp_alone;
Measure measure_tcp_one_way;
Measure measure_tcp_between_threads;
Measure measure_eventfd_alone; // eventfd.cpp
Measure measure_eventfd_between_threads;
Measure measure_signal_alone; // signal.cpp
Measure measure_signal_between_threads;
Measure measure_signal_handler;
Measure measure_semaphore_alone; // semaphore.cpp
Measure measure_semaphore_between_threads;
Measure measure_condition_between_threads; // condition_variable.cpp
Measure measure_memory_copy;               // memory_copy.cpp
Measure measure_shared_memory_between_threads;
Measure measure_epoll_wait; // epoll.cpp
Measure measure_epoll_rearm;
Measure measure_epoll_add_and_remove;
Measure measure_io_uring_submit; // io_uring.cpp
Measure measure_io_uring_completion;
Measure measure_remote_wake_up; // remote_wake_up.cpp
Measure measure_remote_wake_up_of_busy;
Measure measure_interrupting_waker;

} // namespace switchyard::native
