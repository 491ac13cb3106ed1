#include "models/machine/cost.hpp"

#include <array>

namespace switchyard {

static constexpr std::array<CostDescription, costs> descriptions{{
    {"system_call", CostUnit::picoseconds, "entering and leaving the kernel, doing nothing there", ""},
    {"switch.context", CostUnit::picoseconds,
     "one thread of a process after another on a core: choosing it, kernel stack and hardware context",
     "the system call that led to it, the wake-up"},
    {"switch.address_space", CostUnit::picoseconds,
     "what a switch costs more when the next thread belongs to another process: page directory, TLB", "switch.context"},
    {"switch.displaced", CostUnit::picoseconds,
     "what a switch costs more when several others have had the core since the next thread had it last: its stacks and "
     "the kernel's records of it are no longer in the nearest caches",
     "switch.context"},
    {"switch.address_space.displaced", CostUnit::picoseconds,
     "what loading an address space costs more when several others have been loaded since: the TLB has nothing of it "
     "any more, nor the nearest caches of its page tables",
     "switch.address_space, switch.displaced"},
    {"switch.coroutine", CostUnit::picoseconds, "suspending one C++20 coroutine and resuming the next of its thread",
     ""},
    {"switch.coroutine.displaced", CostUnit::picoseconds,
     "what resuming a coroutine costs more when several others of its thread have run since: its frame is no longer in "
     "the nearest caches",
     "switch.coroutine"},
    {"switch.fiber", CostUnit::picoseconds, "switching from one fiber (Boost.Context) to the next of its thread", ""},
    {"wake_up", CostUnit::picoseconds, "what the waker pays to make a blocked task ready on its own core",
     "the system call, the switch to the woken task"},
    {"wake_up.remote", CostUnit::picoseconds,
     "from the instant a task wakes one whose core is another and idle until that core switches to it: the "
     "inter-processor interrupt and leaving idle, which takes the longer the longer it has been idle",
     "the waker's system call, wake_up"},
    {"timer_wake_up.idle", CostUnit::picoseconds,
     "from the instant a timer wakes a task until its idle core switches to it: the rest of the interrupt, leaving "
     "idle; part of sleep.overshoot",
     ""},
    {"timer_wake_up.busy", CostUnit::picoseconds,
     "from the instant a timer wakes a task until its busy core switches to it, where that gives way at once: the rest "
     "of the interrupt",
     "switch.context"},
    {"yield", CostUnit::picoseconds, "sched_yield's own work, whether or not somebody else is there to run",
     "the system call, the switch"},
    {"tick", CostUnit::picoseconds, "one timer interrupt on a busy core", ""},
    {"interruptions", CostUnit::picoseconds,
     "what other interrupts, kernel threads and the hypervisor take from a busy core in each tick period, on average",
     "tick"},
    {"sleep.overshoot", CostUnit::picoseconds,
     "how much later than asked a sleeper is ready again on an idle core: timer slack, interrupt, leaving idle",
     "the system call, switch.context"},
    {"pipe.transfer", CostUnit::picoseconds,
     "moving data into a pipe and out again: the kernel's work, half at each end",
     "both system calls, the wake-up, the switch"},
    {"pipe.page", CostUnit::picoseconds,
     "a page more than the two that a pipe or FIFO keeps: got for what is sent, given back when it is received", ""},
    {"fifo.transfer", CostUnit::picoseconds, "the same through a FIFO", "both system calls, the wake-up, the switch"},
    {"message_queue.transfer", CostUnit::picoseconds, "the same, a message through a POSIX message queue",
     "both system calls, the wake-up, the switch"},
    {"system_v_queue.transfer", CostUnit::picoseconds, "the same, a message through a System V message queue",
     "both system calls, the wake-up, the switch"},
    {"unix_stream.transfer", CostUnit::picoseconds, "the same through a pair of Unix stream sockets",
     "both system calls, the wake-up, the switch"},
    {"unix_datagram.transfer", CostUnit::picoseconds, "the same, a message through a pair of Unix datagram sockets",
     "both system calls, the wake-up, the switch"},
    {"tcp.transfer", CostUnit::picoseconds,
     "the same through a TCP connection over the loopback device, its protocol's work with it",
     "both system calls, the wake-up, the switch"},
    {"eventfd.transfer", CostUnit::picoseconds,
     "writing an eventfd and reading it: the kernel's work, half at each end",
     "both system calls, the wake-up, the switch"},
    {"signal.delivery", CostUnit::picoseconds,
     "sending a signal that is blocked and asking for it (sigwaitinfo): the kernel's work, half at each end",
     "both system calls, the wake-up, the switch"},
    {"epoll.wait", CostUnit::picoseconds, "asking for what is ready (epoll_wait) where one descriptor is",
     "the system call"},
    {"epoll.control", CostUnit::picoseconds, "changing what is awaited of a descriptor (epoll_ctl)", "the system call"},
    {"io_uring.submit", CostUnit::picoseconds,
     "writing one request into the ring and handing it to the kernel (io_uring_enter), which takes it and completes "
     "what it can at once",
     "the system call, what is asked for"},
    {"io_uring.completion", CostUnit::picoseconds, "taking one completed request out of the ring, in user space", ""},
    {"memory.copy", CostUnit::picoseconds, "copying bytes from one place to another in user space", ""},
    {"thread.create", CostUnit::picoseconds, "pthread_create as its caller sees it", ""},
    {"thread.exit", CostUnit::picoseconds, "the end of a thread and the join of it",
     "thread.create, the switches there and back, the wake-up of the joiner"},
    {"coroutine.create", CostUnit::picoseconds, "allocating a coroutine's frame, starting it and freeing it",
     "switch.coroutine"},
    {"fiber.create", CostUnit::picoseconds, "allocating a fiber's stack, starting it and freeing it", "switch.fiber"},
    {"fork", CostUnit::picoseconds, "fork as the parent sees it: copying the page tables of what is resident", ""},
    {"vfork", CostUnit::picoseconds,
     "vfork and wait as the parent sees them, the child (which has no memory of its own to free) only exiting",
     "the switches there and back, the wake-up of the parent, the system call that waits"},
    {"exec", CostUnit::picoseconds, "replacing the process's image: loading and linking a small program",
     "vfork, process.exit of an empty process, the switches, the wake-up, the system call that waits"},
    {"process.exit", CostUnit::picoseconds, "the end of a process, its page tables freed, and the wait that reaps it",
     "fork, the switches there and back, the wake-up of the parent"},
    {"migration", CostUnit::picoseconds,
     "what a thread takes longer when it goes on on another core than it ran on last: caches and TLB are cold",
     "the switch; the wake-up of the other core; cache.refill and what it has beside it"},
    {"cache.refill", CostUnit::picoseconds,
     "what going over a working set takes longer while so many bytes of it, which somebody has displaced from the "
     "core's own caches, come back from the cache that cores share; the TLB's entries for them, too",
     "what it takes warm, the switch"},
    {"cache.refill.core", CostUnit::picoseconds,
     "the same where the bytes come out of another core's own caches, the thread having been there before",
     "migration"},
    {"cache.refill.memory", CostUnit::picoseconds, "the same where they come from memory", ""},
    {"fault.anonymous", CostUnit::picoseconds,
     "the page fault of the first write to a page of private memory: exception, a frame from the allocator, zeroing "
     "it, "
     "its page-table entry",
     "memory.reference, walk.level"},
    {"fault.zero_page", CostUnit::picoseconds,
     "the page fault of the first read of a page of private memory: exception, an entry for the one page of zeroes",
     "memory.reference, walk.level"},
    {"fault.after_zero_page", CostUnit::picoseconds,
     "the page fault of the first write to a page of private memory that has been read: exception, a frame, zeroing "
     "it, "
     "its entry instead of the page of zeroes', in the TLB too",
     "memory.reference, walk.level"},
    {"fault.copy", CostUnit::picoseconds,
     "the page fault of a write to a page that is shared until written: exception, a frame, copying the page, its "
     "entry",
     "memory.reference, walk.level"},
    {"fault.reuse", CostUnit::picoseconds,
     "the page fault of a write to a page that was shared until written, by whoever has it last: the frame stays, the "
     "entry becomes writable",
     "memory.reference, walk.level"},
    {"fault.shared", CostUnit::picoseconds,
     "the page fault of the first access to a page of shared anonymous memory that nobody has touched: exception, a "
     "zeroed frame in the page cache, its entry",
     "memory.reference, walk.level"},
    {"fault.page_cache", CostUnit::picoseconds,
     "the page fault that maps what the page cache holds of a file: exception, and for each page mapped around it an "
     "entry",
     "memory.reference, walk.level; what a device takes to fill the page cache"},
    {"fault.huge", CostUnit::picoseconds,
     "the page fault of the first write to a huge page (2 MiB): exception, 512 frames in one block, zeroing them, one "
     "entry",
     "memory.reference, walk.level"},
    {"memory.reference", CostUnit::picoseconds,
     "one reference to a page that is present and whose translation is known: a cache line out of one of the caches",
     ""},
    {"memory.map", CostUnit::picoseconds, "mapping a region of which no page is present yet", "the system call"},
    {"memory.unmap", CostUnit::picoseconds,
     "unmapping a region: clearing the entries of its present pages and the whole TLB, freeing frames and page tables",
     "the system call, tlb.invalidate, tlb.shootdown"},
    {"memory.protect", CostUnit::picoseconds,
     "changing a region's permissions: rewriting the entries of its present pages, clearing the whole TLB",
     "the system call, tlb.invalidate, tlb.shootdown"},
    {"tlb.invalidate", CostUnit::picoseconds,
     "invalidating the TLB's entries page by page instead of the whole TLB at once, which the kernel does for up to 33 "
     "pages (tlb_single_page_flush_ceiling)",
     "memory.protect"},
    {"tlb.shootdown", CostUnit::picoseconds,
     "what that takes longer for each other core that has the address space loaded: one inter-processor interrupt and "
     "the wait for its answer",
     "memory.protect, tlb.invalidate"},
    {"tlb.shootdown.interrupted", CostUnit::picoseconds,
     "what each such core loses: the inter-processor interrupt, and invalidating entries page by page (or the whole "
     "TLB)",
     ""},
    {"walk.level", CostUnit::picoseconds,
     "reading one level of the page table in a walk after a TLB miss, where no page-walk cache saves it", ""},
    {"disk.read", CostUnit::picoseconds,
     "reading neighbouring pages from the disk of files and swapped pages: how long the disk is busy with it", ""},
    {"disk.write", CostUnit::picoseconds,
     "writing pages to the disk of files and swapped pages: how long the disk is busy with it; nobody waits", ""},
    {"atomic.operation", CostUnit::picoseconds,
     "one atomic read-modify-write of a word that this core touched last: taking or giving back a lock or a semaphore "
     "that nobody waits for, changing an atomic variable",
     ""},
    {"cache_line.transfer", CostUnit::picoseconds,
     "what touching a word costs more when another core touched it last: its cache line has to come from there",
     "atomic.operation"},
    {"process.resident", CostUnit::bytes, "memory a forked process has of its own in user space", ""},
    {"process.kernel", CostUnit::bytes, "kernel memory of a forked process: page tables, kernel stack", ""},
    {"thread.reserved", CostUnit::bytes, "address space reserved for a thread's stack", ""},
    {"thread.resident", CostUnit::bytes, "memory a thread has touched: its stack's first pages", ""},
    {"thread.kernel", CostUnit::bytes, "kernel memory of a thread: its kernel stack", ""},
    {"coroutine.resident", CostUnit::bytes, "a coroutine's frame", ""},
    {"fiber.reserved", CostUnit::bytes, "address space reserved for a fiber's stack", ""},
    {"fiber.resident", CostUnit::bytes, "memory a fiber has touched", ""},
    {"cache.private", CostUnit::bytes, "what the largest cache of a core's own holds", ""},
    {"cache.private.way", CostUnit::bytes,
     "one way of that cache: pages whose addresses agree modulo this compete for as many places as there are ways", ""},
    {"cache.shared", CostUnit::bytes, "what the last-level cache holds", ""},
}};

const CostDescription& describe(Cost cost) { return descriptions[static_cast<std::size_t>(cost)]; }

std::optional<Cost> cost_named(std::string_view name) {
    for (std::size_t i = 0; i < descriptions.size(); ++i)
        if (descriptions[i].name == name) return static_cast<Cost>(i);
    return std::nullopt;
}

} // namespace switchyard
