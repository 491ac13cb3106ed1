#include "native/probes/primitives.hpp"

#include <array>

namespace switchyard::native {

namespace {

using enum Bracketing;

// 0, 1, 4, 16, 64, 256 and 512 MiB in pages of 4 KiB.
constexpr std::array<std::int64_t, 7> resident_pages{0, 256, 1024, 4096, 16384, 65536, 131072};
constexpr std::array<std::int64_t, 7> stream_bytes{1, 512, 4096, 16384, bytes_at_once, 262144, 1048576};
constexpr std::array<std::int64_t, 3> parts_of_segment{1, 512, 4096};  // of those that are in stream_bytes
constexpr std::array<std::int64_t, 4> queue_bytes{1, 512, 2048, 8192}; // msgsize_max, msgmax
constexpr std::array<std::int64_t, 6> datagram_bytes{1, 512, 4096, 16384, 65536, 131072};
constexpr std::array<std::int64_t, 3> handed_over_bytes{1, 4096, bytes_at_once};
constexpr std::array<std::int64_t, 2> handed_over_messages{1, 8192};
constexpr std::array<std::int64_t, 6> idle_microseconds{10, 100, 200, 500, 1000, 4000};
constexpr std::array<std::int64_t, 3> busy_or_idle_microseconds{0, 10, 1000};
constexpr std::array<std::int64_t, 1> one_byte{1};
// Frames that a core's own caches still have, that a virtual machine's share of the last-level cache has, that none
// has.
constexpr std::array<std::int64_t, 5> pages_since_cleared{64, 512, 1024, 4096, 16384};
constexpr std::array<std::int64_t, 5> pages_since_copied{128, 1024, 2048, 8192, 16384};
// In a ring: 3, 5, 7, 10, 30, 100, 200, 400 and 1000 threads; of these up to 200 processes.
constexpr std::array<std::int64_t, 9> other_threads{2, 4, 6, 9, 29, 99, 199, 399, 999};
constexpr std::array<std::int64_t, 7> other_processes{2, 4, 6, 9, 29, 99, 199};
constexpr std::array<std::int64_t, 4> other_coroutines{9, 999, 9'999, 99'999};
constexpr std::array<std::int64_t, 5> pages_around{1, 2, 4, 8, 16};
constexpr std::array<std::int64_t, 1> one_page{1};
constexpr std::array<std::int64_t, 1> bytes_of_page{4096};
constexpr std::array<std::int64_t, 3> visited_pages{8192, 16384, 32768};
// None, and so many that the TLB is cleared as a whole; then so few that it is cleared page by page.
constexpr std::array<std::int64_t, 5> present_pages{0, 64, 256, 2048, 16384};
constexpr std::array<std::int64_t, 2> pages_of_disk{1, 32}; // one, and what is read ahead at once
constexpr std::array<std::int64_t, 4> few_pages{1, 4, 16, 32};
// Working sets that a core's own caches hold; and some that a virtual machine's share of the last-level cache does.
constexpr std::array<std::int64_t, 5> bytes_of_core{4096, 32768, 131072, 524288, 1048576};
constexpr std::array<std::int64_t, 5> bytes_of_memory{4096, 32768, 262144, 1048576, 4194304};

constexpr Probe time_probe(std::string_view name, std::string_view about, Measure* measure, double weight = 1,
                           Bracketing bracketing = gated, std::size_t least_of = 1) {
    return {name, about, CostUnit::picoseconds, bracketing, least_of, weight, std::nullopt, {}, measure};
}

constexpr Probe time_probe_over(Quantity over, std::span<const std::int64_t> amounts, std::string_view name,
                                std::string_view about, Measure* measure, double weight = 1,
                                Bracketing bracketing = gated, std::size_t least_of = 1) {
    return {name, about, CostUnit::picoseconds, bracketing, least_of, weight, over, amounts, measure};
}

constexpr Probe on_two_processors(Probe probe) {
    probe.needs_two_processors = true;
    return probe;
}

constexpr Probe in_runner(Probe probe) {
    probe.in_runner = true;
    return probe;
}

constexpr Probe memory_probe(std::string_view name, std::string_view about, Measure* measure) {
    return {name, about, CostUnit::bytes, none, 1, 0, std::nullopt, {}, measure};
}

constexpr std::array all_probes{
    time_probe("system_call", "getppid", measure_system_call),
    time_probe("yield_alone", "sched_yield with nobody else to run", measure_yield_alone),
    time_probe("yield_thread", "sched_yield to another thread", measure_yield_between_threads),
    time_probe("yield_process", "sched_yield to another process", measure_yield_between_processes),
    time_probe_over(Quantity::others_since, other_threads, "yield_ring_thread",
                    "sched_yield in a ring of threads, so many others before it is one's turn again",
                    measure_yield_ring_of_threads, 0.1),
    time_probe_over(Quantity::others_since, other_processes, "yield_ring_process", "the same in a ring of processes",
                    measure_yield_ring_of_processes, 0.1),
    time_probe("futex_alone", "futex wake and wait with nobody to wake and nothing to wait for", measure_futex_alone,
               0.5),
    time_probe("futex_thread", "futex wake and wait, to another thread", measure_futex_between_threads),
    time_probe("futex_preempting", "futex wake of a thread that takes the processor at once and waits again",
               measure_preempting_futex),
    time_probe("futex_thread_shared", "the same with a futex processes could share",
               measure_shared_futex_between_threads),
    time_probe("futex_process", "futex wake and wait, to another process", measure_futex_between_processes),
    time_probe_over(Quantity::bytes, stream_bytes, "pipe_alone",
                    "sending through a pipe and receiving, without waiting", measure_pipe_alone, 0.15),
    time_probe_over(Quantity::bytes, bytes_of_page, "pipe_filled",
                    "as many messages of a page through a pipe as it holds, then all of them received",
                    measure_filled_pipe, 0.3),
    time_probe_over(Quantity::bytes, handed_over_bytes, "pipe_thread",
                    "a message through a pipe to another thread that awaits it", measure_pipe_between_threads, 0.3),
    time_probe_over(Quantity::bytes, one_byte, "pipe_process", "the same to another process",
                    measure_pipe_between_processes),
    time_probe_over(Quantity::bytes, stream_bytes, "fifo_alone",
                    "sending through a FIFO and receiving, without waiting", measure_fifo_alone, 0.15),
    time_probe_over(Quantity::bytes, handed_over_bytes, "fifo_thread",
                    "a message through a FIFO to another thread that awaits it", measure_fifo_between_threads, 0.15),
    time_probe_over(Quantity::bytes, queue_bytes, "message_queue_alone",
                    "sending through a POSIX message queue and receiving, without waiting", measure_message_queue_alone,
                    0.15),
    time_probe_over(Quantity::bytes, handed_over_messages, "message_queue_thread",
                    "a message through a POSIX message queue to another thread that awaits it",
                    measure_message_queue_between_threads, 0.15),
    time_probe_over(Quantity::bytes, queue_bytes, "system_v_queue_alone",
                    "sending through a System V message queue and receiving, without waiting",
                    measure_system_v_queue_alone, 0.15),
    time_probe_over(Quantity::bytes, handed_over_messages, "system_v_queue_thread",
                    "a message through a System V message queue to another thread that awaits it",
                    measure_system_v_queue_between_threads, 0.15),
    time_probe_over(Quantity::bytes, stream_bytes, "unix_stream_alone",
                    "sending through a pair of Unix stream sockets and receiving, without waiting",
                    measure_unix_stream_alone, 0.15),
    time_probe_over(Quantity::bytes, handed_over_bytes, "unix_stream_thread",
                    "a message through a pair of Unix stream sockets to another thread that awaits it",
                    measure_unix_stream_between_threads, 0.15),
    time_probe_over(Quantity::bytes, datagram_bytes, "unix_datagram_alone",
                    "sending through a pair of Unix datagram sockets and receiving, without waiting",
                    measure_unix_datagram_alone, 0.15),
    time_probe_over(Quantity::bytes, handed_over_bytes, "unix_datagram_thread",
                    "a message through a pair of Unix datagram sockets to another thread that awaits it",
                    measure_unix_datagram_between_threads, 0.15),
    time_probe_over(Quantity::bytes, stream_bytes, "tcp_alone",
                    "sending through TCP over the loopback device and receiving, without waiting, to and fro in turns",
                    measure_tcp_alone, 0.15),
    time_probe_over(Quantity::bytes, parts_of_segment, "tcp_one_way", "the same one way only", measure_tcp_one_way,
                    0.15),
    time_probe_over(Quantity::bytes, handed_over_bytes, "tcp_thread",
                    "a message through TCP over the loopback device to another thread that awaits it",
                    measure_tcp_between_threads, 0.15),
    time_probe_over(Quantity::bytes, datagram_bytes, "unix_packets_alone",
                    "sending through a pair of Unix sequenced-packet sockets and receiving, without waiting",
                    measure_unix_packets_alone, 0.1),
    time_probe("eventfd_alone", "writing and reading an eventfd", measure_eventfd_alone, 0.3),
    time_probe("eventfd_thread", "an eventfd written, to another thread that reads it", measure_eventfd_between_threads,
               0.3),
    time_probe("signal_alone", "kill and sigwaitinfo by the same thread", measure_signal_alone, 0.3),
    time_probe("signal_handler", "kill to oneself, an empty handler", measure_signal_handler, 0.3),
    time_probe("signal_thread", "kill, to another thread in sigwaitinfo", measure_signal_between_threads, 0.3),
    time_probe("semaphore_alone", "sem_post, and sem_wait, nobody waiting", measure_semaphore_alone, 0.3),
    time_probe("semaphore_thread", "sem_post, to another thread in sem_wait", measure_semaphore_between_threads, 0.3),
    time_probe("condition_thread", "pthread_cond_signal, to another thread in pthread_cond_wait",
               measure_condition_between_threads, 0.3),
    time_probe_over(Quantity::bytes, stream_bytes, "memory_copy", "memcpy", measure_memory_copy, 0.1),
    time_probe_over(Quantity::bytes, handed_over_bytes, "shared_memory_thread",
                    "copied into shared memory, futex wake and wait to another thread, copied out",
                    measure_shared_memory_between_threads, 0.1),
    time_probe("epoll_wait", "epoll_wait with one descriptor, which is ready", measure_epoll_wait, 0.3),
    time_probe("epoll_rearm", "epoll_ctl: the descriptor is to be awaited again", measure_epoll_rearm, 0.3),
    time_probe("epoll_add", "epoll_ctl twice: a descriptor is to be awaited, and no longer",
               measure_epoll_add_and_remove, 0.3),
    time_probe("io_uring_submit", "io_uring_enter with one request that does nothing", measure_io_uring_submit, 0.3),
    time_probe("io_uring_completion", "taking one completed request out of the ring", measure_io_uring_completion, 0.3),
    on_two_processors(time_probe_over(Quantity::idle_microseconds, idle_microseconds, "wake_up_remote",
                                      "from waking a thread whose processor has been idle for so long until it runs",
                                      measure_remote_wake_up, 0.5, none)),
    on_two_processors(time_probe("wake_up_remote_busy",
                                 "the same where the processor is busy with a task that gives way at once",
                                 measure_remote_wake_up_of_busy, 0.3, none)),
    on_two_processors(time_probe_over(Quantity::idle_microseconds, busy_or_idle_microseconds, "wake_up_interrupt",
                                      "futex wake of a thread whose processor has been idle for so long, or (0) is "
                                      "busy with a task that gives way at once",
                                      measure_interrupting_waker, 0.2, normalised)),
    time_probe("coroutine_switch", "resume and suspend", measure_coroutine_switch),
    time_probe_over(Quantity::others_since, other_coroutines, "coroutine_ring",
                    "resume and suspend, so many others before it is one's turn again", measure_coroutine_ring, 0.05),
    time_probe("coroutine_create", "create, resume once, destroy", measure_coroutine_creation),
    time_probe("fiber_switch", "resume and suspend", measure_fiber_switch),
    time_probe("fiber_create", "create, run to the end", measure_fiber_creation),
    time_probe("thread_create", "pthread_create", measure_thread_creation, 1, gated, 5),
    time_probe("thread_life", "pthread_create and pthread_join", measure_thread_life),
    in_runner(time_probe_over(Quantity::pages, resident_pages, "fork_call", "fork, in the parent", measure_fork_call,
                              0.7, normalised, 5)),
    in_runner(time_probe_over(Quantity::pages, resident_pages, "fork_life", "fork, exit in the child, wait",
                              measure_fork_life, 0.7, normalised, 5)),
    time_probe("fork_tables", "what fork takes longer for each page table of the same pages", measure_fork_of_tables,
               0.2, normalised),
    time_probe("fork_life_tables", "what fork, exit in the child and wait take longer for each",
               measure_fork_life_of_tables, 0.2, normalised),
    time_probe("fork_huge_pages", "what fork takes longer for each huge page", measure_fork_of_huge_pages, 0.2,
               normalised),
    time_probe("fork_life_huge_pages", "what fork, exit in the child and wait take longer for each",
               measure_fork_life_of_huge_pages, 0.2, normalised),
    time_probe("fork_regions", "what fork takes longer for each region that the same pages are in",
               measure_fork_of_regions, 0.2, normalised),
    time_probe("fork_life_regions", "what fork, exit in the child and wait take longer for each",
               measure_fork_life_of_regions, 0.2, normalised),
    time_probe("fork_descriptors", "what fork takes longer for each open descriptor", measure_fork_of_descriptors, 0.2,
               normalised),
    time_probe("fork_life_descriptors", "what fork, exit in the child and wait take longer for each",
               measure_fork_life_of_descriptors, 0.2, normalised),
    time_probe("process_reap", "wait for a child that has ended", measure_reaping, 0.3, normalised, 5),
    time_probe("vfork_life", "vfork, exit in the child, wait", measure_vfork_life, 1, normalised, 5),
    time_probe("spawn_life", "posix_spawn of /bin/true, wait", measure_posix_spawn_life, 1, normalised, 5),
    time_probe("sleep_overshoot", "clock_nanosleep of 1 ms, less 1 ms", measure_sleep_overshoot, 3, none),
    time_probe("sleep_overshoot_precise", "the same without timer slack", measure_sleep_overshoot_without_slack, 1,
               none),
    time_probe("timer_wake_up_idle", "from the wake-up by a timer until the task runs, on an idle processor",
               measure_timer_wake_up_idle, 1, none),
    time_probe("timer_wake_up_busy", "the same beside a task that gives way at once", measure_timer_wake_up_busy, 1,
               none),
    time_probe("tick", "the timer interrupt on a busy processor", measure_tick, 3, normalised),
    time_probe("busy_tick_period", "all that is taken from a busy processor between two timer interrupts, and by one",
               measure_busy_tick_period, 8, normalised),
    time_probe("lock_uncontended", "pthread_mutex_lock, and pthread_mutex_unlock", measure_uncontended_lock, 0.5),
    on_two_processors(time_probe("cache_line_hand_over",
                                 "a word counted up by two processors in turns, each waiting for the other",
                                 measure_cache_line_hand_over)),
    on_two_processors(time_probe("call_after_moving",
                                 "futex wake and wait, and back, with a thread that ran on the other processor last",
                                 measure_call_after_moving)),
    on_two_processors(time_probe("call_after_staying", "the same with a thread that ran on this one last",
                                 measure_call_after_staying)),
    time_probe_over(Quantity::pages_since, pages_since_cleared, "fault_anonymous",
                    "first write to a page of private memory, in frames so many pages after they were used last",
                    measure_fault_anonymous, 0.3),
    time_probe("fault_zero_page", "first read of a page of private memory", measure_fault_zero_page, 0.5),
    time_probe("fault_after_zero_page", "first write to a page that has been read", measure_fault_after_zero_page, 0.5),
    time_probe_over(
        Quantity::pages_since, pages_since_copied, "fault_copy",
        "a forked child's write to a page of its parent's, so many pages after either's frame was used last",
        measure_fault_copy, 0.3),
    time_probe("fault_reuse", "the parent's write to a page after the child is gone", measure_fault_reuse, 0.5),
    time_probe("fault_shared", "first write to a page of shared memory", measure_fault_shared, 0.5),
    time_probe_over(Quantity::pages, pages_around, "fault_page_cache", "first read of a file's page that is cached",
                    measure_fault_page_cache, 0.3),
    time_probe("fault_huge", "first write to a huge page of private memory", measure_fault_huge, 0.5, normalised),
    time_probe("memory_map", "mmap", measure_memory_map, 0.5),
    time_probe_over(Quantity::pages, present_pages, "memory_unmap", "munmap", measure_memory_unmap, 0.5),
    time_probe_over(Quantity::pages, present_pages, "memory_protect", "mprotect", measure_memory_protect, 0.3),
    time_probe_over(Quantity::pages, few_pages, "memory_protect_few", "mprotect of few pages", measure_memory_protect,
                    0.2),
    on_two_processors(time_probe_over(Quantity::pages, one_page, "memory_protect_seen",
                                      "mprotect while a thread of the process runs on another processor",
                                      measure_memory_protect_seen_by_another)),
    on_two_processors(time_probe_over(Quantity::pages, few_pages, "protect_interrupted",
                                      "what another processor loses by an mprotect of few pages",
                                      measure_interrupted_by_protecting, 0.2, normalised)),
    time_probe_over(Quantity::pages, visited_pages, "visit_many_pages",
                    "one of so many cache lines, each in a page of its own", measure_visits_to_many_pages, 0.3),
    time_probe_over(Quantity::pages, visited_pages, "visit_few_pages", "one of as many cache lines side by side",
                    measure_visits_to_few_pages, 0.3),
    time_probe_over(Quantity::pages, pages_of_disk, "disk_read", "reading neighbouring pages past the page cache",
                    measure_disk_read, 0.3, none),
    time_probe_over(Quantity::pages, pages_of_disk, "disk_write", "writing neighbouring pages past the page cache",
                    measure_disk_write, 0.3, none),
    time_probe_over(Quantity::bytes, bytes_of_core, "refill_shared",
                    "a walk over so many bytes that another walk has displaced, less one when they are there",
                    measure_refill_from_shared_cache, 0.3),
    on_two_processors(time_probe_over(Quantity::bytes, bytes_of_core, "refill_core",
                                      "the same when the other processor has just gone over them",
                                      measure_refill_from_other_core, 0.3)),
    time_probe_over(Quantity::bytes, bytes_of_memory, "refill_memory", "the same when they are in no cache",
                    measure_refill_from_memory, 0.3),
    memory_probe("cache_private", "the largest cache of a core's own", measure_private_cache),
    memory_probe("cache_private_way", "one way of that cache: its size by its associativity",
                 measure_private_cache_way),
    memory_probe("cache_shared", "the last-level cache", measure_shared_cache),
    in_runner(memory_probe("process_resident", "private memory of a forked process", measure_process_resident)),
    in_runner(
        memory_probe("process_kernel", "page tables and kernel stack of a forked process", measure_process_kernel)),
    memory_probe("thread_reserved", "address space of a thread", measure_thread_reserved),
    memory_probe("thread_resident", "touched memory of a thread", measure_thread_resident),
    memory_probe("thread_kernel", "kernel stack and page tables of a thread", measure_thread_kernel),
    memory_probe("coroutine_resident", "heap of a coroutine", measure_coroutine_resident),
    memory_probe("fiber_reserved", "address space of a fiber", measure_fiber_reserved),
    memory_probe("fiber_resident", "touched memory of a fiber", measure_fiber_resident),
};

} // namespace

std::span<const Probe> probes() { return all_probes; }

const Probe* probe_named(std::string_view name) {
    for (const Probe& probe : all_probes)
        if (probe.name == name) return &probe;
    return nullptr;
}

} // namespace switchyard::native
