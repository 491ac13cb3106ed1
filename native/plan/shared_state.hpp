// The memory all processes of a native run share with whoever started it: what they wait at, and what they record.
//
// It is mapped and its pages are present before the run begins, so that recording is a store. It begins as zeros; a
// zero means "nothing yet" everywhere. Sizes follow from the plan, so both sides find everything at the same place.
#pragma once

#include "models/report/observation.hpp"
#include "models/report/violation.hpp"
#include "models/trace/event.hpp"
#include "native/plan/plan.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pthread.h>
#include <span>
#include <string>

namespace switchyard::native {

// What a task is doing, as far as it says: it says so where it may have to wait.
enum class TaskState : std::uint32_t {
    absent,
    created,
    running,
    blocked,   // until another task does something; its thread with it
    suspended, // a coroutine or fiber likewise, while its thread goes on with others
    sleeping,
    ended,
};

// What getrusage(2) says of a thread the kernel knows; where the plan asks for it, what /proc/PID/schedstat and
// /proc/PID/sched say of it, too (Documentation/scheduler/sched-stats.rst; kernel/sched/debug.c, proc_sched_show_task).
struct KernelFigures {
    std::int64_t cpu_nanoseconds; // in whole microseconds
    std::int64_t
        system_nanoseconds; // of that, in the kernel: as often as ticks found it there, where it counts by ticks
    std::uint64_t voluntary_switches;
    std::uint64_t involuntary_switches;
    std::int64_t minor_faults;
    std::int64_t major_faults;
    std::int64_t peak_resident;       // bytes, of its process
    std::int64_t waiting_nanoseconds; // ready but not running
    std::uint64_t migrations;
    std::uint32_t waiting_known; // 1: the kernel tells
    std::uint32_t migrations_known;
};

// What a task did that nobody permits, and died of.
struct ForbiddenReference {
    enum class Kind : std::uint32_t { none, violation, unmapped };
    Kind kind;
    ViolationReason reason;
    std::uint32_t region;  // under the plan's numbering
    std::uint64_t address; // of the page's first byte
};

// The sizes a process had when a task of it ended: its regions, as /proc/self/smaps has them. Bytes.
struct ProcessSizes {
    std::uint32_t known; // 1: they were looked at
    std::int64_t resident;
    std::int64_t proportional;
    std::int64_t shared;
    std::int64_t swapped;
};

// One task: the plan's instances first, in its order, then their children in the order they were created.
struct TaskRecord {
    std::atomic<TaskState> state;
    std::uint32_t instance;           // of the plan; a child has that of its oldest ancestor
    std::uint32_t operation;          // where it is, while it waits
    std::atomic<std::uint32_t> waits; // how often it has begun to wait
    TaskKind kind;
    Ending ending;
    std::uint64_t first_run; // time stamps
    std::uint64_t end;
    std::uint64_t work;        // iterations it was asked for, once it has ended
    KernelFigures used;        // by a task the kernel knows, its end included
    std::int32_t thread_id;    // gettid(2), where the plan asks for it and the kernel knows the task
    std::uint32_t jobs;        // released so far
    std::uint32_t parent;      // of a child: the record of who created it
    std::uint32_t slot;        // likewise: the name it was given, in its program
    std::int64_t minor_faults; // of its memory operations, where somebody observes
    std::int64_t major_faults;
    ProcessSizes sizes; // of an instance of the plan, where somebody observes
    ForbiddenReference forbidden;
    // Where counters are read: the CPU time of an instance the kernel knows, when it began and when the first of them
    // ended; 0: not known.
    std::int64_t cpu_at_start;
    std::int64_t cpu_at_first_end;
    std::uint64_t device_operations;  // done
    std::uint64_t polls;              // of devices, in vain
    std::int64_t polling_nanoseconds; // CPU time
    std::uint64_t contentions;        // locks and semaphores it found taken
    std::int64_t stalled_nanoseconds; // of a carried one that has ended: ready while its carrier was in a blocking call
};

// One job of an instance. CLOCK_MONOTONIC, ns.
struct JobRecord {
    std::int64_t release;
    std::int64_t end; // 0: not done
};

// One thread of the plan.
struct ThreadRecord {
    std::atomic<std::uint32_t> samples; // taken so far, its children's too; there may be room for fewer
    std::uint64_t carried_switches;     // from one coroutine or fiber to another
    std::uint64_t callbacks;            // to one because what it waited for had come
    std::uint64_t steals;               // of what another carrier had in its queue
    KernelFigures used;                 // by one that carries
    std::int32_t thread_id;             // gettid(2) likewise
    std::int32_t scheduling_error;      // why the kernel did not take its attributes; 0: it did
    std::int32_t group_error;           // likewise for its group
};

// A piece of work, timed.
struct WorkSample {
    std::uint64_t start;  // time stamp
    std::uint64_t stamps; // it took, the reading of one stamp included
    std::uint64_t iterations;
};

// Carried tasks of one process that wait without their threads (native/runner/waiting_tasks.hpp).
struct WaitingTasks {
    std::atomic<std::uint32_t> guard; // 1: somebody is changing it
    std::atomic<std::uint32_t> count;
    void* first; // Task, in the process's memory
    void* last;
};

// A counting semaphore on a futex, one to a cache line. In user space while nobody has to wait.
struct alignas(64) SemaphoreState {
    std::atomic<std::int32_t> tokens;
    std::atomic<std::int32_t> waiters;
    WaitingTasks suspended;
};

// A read-write lock that a task may take on one thread and give back on another (native/runner/task_lock.hpp).
struct TaskReadWriteLock {
    std::atomic<std::int32_t> holders;         // readers; -1: a writer
    std::atomic<std::int32_t> waiting_writers; // with their threads
    std::atomic<std::int32_t> waiters;         // likewise, all
    std::atomic<std::uint32_t> changes;        // the futex of those
};

// A lock of the C library's, and who has it.
struct alignas(64) LockState {
    pthread_mutex_t mutex;
    pthread_rwlock_t read_write;
    pthread_spinlock_t spin;
    std::atomic<std::uint32_t> owner; // its record's number + 1, of one that has it alone; 0: nobody
    std::uint32_t depth;              // how often its owner has taken it
    TaskReadWriteLock of_tasks;       // instead of `read_write`, where tasks own it
    WaitingTasks suspended;
};

struct alignas(64) ConditionState {
    pthread_cond_t condition;
};

struct alignas(64) BarrierState {
    pthread_barrier_t barrier;
};

struct alignas(64) VariableState {
    std::atomic<std::int64_t> value;
};

// A channel: descriptors (-1: it has none), and what has been sent.
struct alignas(64) ChannelState {
    int sending;
    int receiving;
    bool sending_waits_not;      // its descriptor is O_NONBLOCK, because somebody uses it asynchronously
    bool receiving_waits_not;    // likewise
    std::int32_t system_v_queue; // its id
    std::atomic<std::uint32_t> system_v_queue_made; // 1: there is one to be removed
    std::atomic<std::int32_t> receiving_process;    // signals: who waits for them, or will; 0: nobody yet
    std::atomic<std::int32_t> receiving_thread;
    alignas(64) std::atomic<std::uint64_t> messages; // Counters
    std::atomic<std::uint64_t> bytes;
    std::atomic<std::uint64_t> breaks;
    std::atomic<std::uint64_t> refusals; // signals: too many were pending, and it was tried again
    std::atomic<std::uint32_t> noted;    // eventfds: requests noted in its slots so far, and taken out
    std::atomic<std::uint32_t> taken;
};

struct Task;

// A queue within one process: a ring of the channel's slots.
struct alignas(64) QueueState {
    pthread_mutex_t mutex;
    pthread_cond_t not_empty;
    pthread_cond_t not_full;
    std::uint32_t first;
    std::uint32_t count;
    std::uint32_t blocked_receivers; // at `not_empty`
    std::uint32_t blocked_senders;
    std::uint32_t closed;      // 1: nobody sends any more
    Task* suspended_receivers; // of event loops, in order of arrival
    Task* suspended_senders;
};

// What is in a queue, or noted beside what is in an eventfd.
struct MessageSlot {
    std::uint32_t request; // its number + 1; 0: none
};

// CLOCK_MONOTONIC, ns.
struct RequestRecord {
    std::int64_t arrival;          // 0: not begun
    std::atomic<std::int64_t> end; // 0: not answered
};

// When its operations will be done is in SharedState::device_instants, two heaps of CLOCK_MONOTONIC in ns: when each of
// its servers is free; when what has been asked for and is not done will be.
struct alignas(64) DeviceState {
    pthread_mutex_t mutex;
    std::uint32_t not_done;
};

// A file of the plan's, open in every process of the run.
struct FileState {
    int descriptor;
};

// All observations of one row of the report, added up.
struct ObservationState {
    std::atomic<std::uint64_t> count;
    std::array<std::atomic<std::int64_t>, observed_figures.size()> sums;
    std::atomic<std::uint32_t> unknown; // bits: the figures some observation did not know
};

// What measuring itself costs: found by the runner on this processor just before the run.
struct WorkCosts {
    double nanoseconds_per_stamp;
    std::uint64_t plain_iterations;      // what one piece of work costs besides its iterations, in iterations
    std::uint64_t sampled_iterations;    // the same where it is timed
    std::uint64_t stamps_of_sample;      // what a sample of no iterations at all would show
    double iteration_picoseconds_before; // of the work loop, just before and just after the run
    double iteration_picoseconds_after;
};

struct StateHeader {
    std::uint64_t magic;
    std::atomic<std::uint32_t> arrived;  // kernel threads at the barrier
    std::atomic<std::uint32_t> open;     // the barrier: 1 when the run has begun
    std::atomic<std::uint32_t> complete; // 1 when all is over and recorded
    std::atomic<std::uint32_t> children; // created so far: records used behind the instances
    std::atomic<std::uint32_t> forks;
    std::atomic<std::uint32_t> threads_created;
    std::atomic<std::uint32_t> crashes;
    std::atomic<std::uint32_t> first_end;    // 1 once an instance has ended
    std::atomic<std::uint32_t> requests;     // begun so far
    std::uint32_t own_ipc;                   // 1: the run has an IPC namespace, with which its queues go
    std::atomic<std::uint64_t> minor_faults; // of memory operations, where somebody observes
    std::atomic<std::uint64_t> major_faults;
    std::uint32_t has_completion_ring;                 // 1: the kernel has io_uring and lets us use it
    std::uint32_t huge_pages_everywhere;               // 1: transparent huge pages are `always` on
    std::atomic<std::uint32_t> failed;                 // 1 once `failure` is being written
    std::uint64_t start;                               // time stamp of the opening
    std::int64_t start_nanoseconds;                    // CLOCK_MONOTONIC of it
    std::atomic<std::int64_t> preparation_nanoseconds; // CPU time the processes used before the barrier
    double foreign_load;                               // of the processors used, from the start to the end
    WorkCosts costs;
    std::array<char, 256> group_directory;  // of the run's control groups; empty: there are none
    std::array<char, 256> memory_directory; // likewise of the groups that limit memory, by number of the process
    std::array<char, 400> failure;          // what did not work, for the starter to throw
    std::array<char, 1600> notes;           // what was not available; one a line
};

inline constexpr std::uint64_t state_magic = 0x6574617473797773; // "swystate"

// Places in the shared memory.
struct SharedState {
    StateHeader* header = nullptr;
    std::span<TaskRecord> tasks;
    std::span<ThreadRecord> threads;
    std::span<SemaphoreState> semaphores;
    std::span<DeviceState> devices;
    std::span<std::int64_t> device_instants;
    std::span<ChannelState> channels;
    std::span<QueueState> queues; // by channel, where one is in a process's own memory
    std::span<MessageSlot> slots;
    std::span<RequestRecord> requests;
    std::span<LockState> locks;
    std::span<ConditionState> conditions;
    std::span<BarrierState> barriers;
    std::span<VariableState> variables;
    std::span<JobRecord> jobs;
    std::span<FileState> files;
    std::span<ObservationState> observations;
    std::span<std::uint64_t> walks; // iterations that a warm walk over each of the plan's working sets takes
    std::span<WorkSample> samples;
};

[[nodiscard]] std::size_t size_of_state(const PlanView& plan);

// Finds everything in `memory`, which is `size_of_state(plan)` bytes, aligned to a page.
[[nodiscard]] SharedState view_state(std::byte* memory, const PlanView& plan);

// All records in use: the plan's instances and the children created so far.
[[nodiscard]] std::span<TaskRecord> recorded_tasks(const PlanView& plan, const SharedState& state);

// Copies a line of text into one of the header's, cutting it where it does not fit.
void write_text(std::span<char> place, const char* text);

} // namespace switchyard::native
