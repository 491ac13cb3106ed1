// The simulated kernel's state: tasks, processes, cores and what tasks wait for. Plain data; what happens to it stands
// in the functions of its neighbours:
//
//     life.hpp      tasks and processes come to be, end, are waited for
//     dispatch.hpp  cores: who runs, switches, time slices, the account of time
//     change_scheduling.hpp  a task's attributes change
//     stealing.hpp  carriers of one name: who takes what from whom
//     channels.hpp, operations_of_devices.hpp, synchronisation.hpp, interpreter_lock.hpp  what tasks wait for
//     requests.hpp  what a server answers, and when
//     execute.hpp   programs: a thread's way through its operations, which stand in operations.hpp
//     boot.hpp      a Scenario becomes a Kernel, and a Kernel a Report
//
// Ids are indices into tables and are never used again; times are virtual.
#pragma once

#include "models/errors.hpp"
#include "models/machine/profile.hpp"
#include "models/machine/topology.hpp"
#include "models/report/report.hpp"
#include "models/scenario/scenario.hpp"
#include "models/scenario/sharing.hpp"
#include "models/trace/event.hpp"
#include "sim/engine/alarm_set.hpp"
#include "sim/engine/event_queue.hpp"
#include "sim/ipc/channel_state.hpp"
#include "sim/kernel/life_cycle.hpp"
#include "sim/kernel/record_table.hpp"
#include "sim/kernel/registers.hpp"
#include "sim/sched/dispatch_queue.hpp"
#include "sim/sched/scheduling_class.hpp"

#include <bitset>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchyard::sim {

using ProcessId = std::uint32_t;
using LoopId = std::uint32_t;
using CarrierGroupId = std::uint32_t;
using RowId = std::uint32_t;
using AddressSpaceId = std::uint32_t;
using EndId = std::uint32_t; // of a channel, see channels.hpp
inline constexpr std::uint32_t nothing = ~std::uint32_t{0};

// What a blocked task waits for.
enum class WaitFor : std::uint8_t {
    no_one,
    time,        // a timer
    semaphore,   // object: index into Kernel::semaphores
    data,        // object: index into Scenario::channels
    space,       // likewise
    device,      // object: index into Scenario::devices
    lock,        // object: index into Synchronisation::locks
    condition,   // object: index into Scenario::conditions
    barrier,     // object: index into Scenario::barriers
    interpreter, // object: index into Scenario::locks
    task,        // object: the TaskId joined
    child,       // object: the ProcessId, or `nothing` for any child
    vfork,       // object: the ProcessId of the child that has the memory
    event_loop,  // a carrier with nothing to carry on with at the moment
    disk,        // pages to be read
    carrier,     // a carried task whose blocking call has put its whole carrier to sleep
};

// A thread the scheduler knows, or a task carried by one.
struct Task {
    const Program* program = nullptr;
    // [0, repeat depth) iterations left; then the ids of named children; then, where the program draws, how often each
    // operation has been executed. Given back when the task ends; where they are none: nullptr.
    std::int64_t* registers = nullptr;
    std::int64_t remaining = 0; // of the operation in progress: ps of compute, bytes of send or receive
    Time admitted{};            // ready for the first time
    Time since{};               // in this state
    Time release{};             // of the job, the first one's being the task's start
    Time deadline = never;      // of the job
    EventHandle abortion{};     // of the job, at its deadline
    EventHandle timer{};
    Duration waiting{};
    Duration blocked{};
    Duration cpu{};
    Duration stalled{};                 // of a carried task: see stalled_on
    std::uint32_t counter = 0;          // index of the next operation
    std::uint32_t drawing_task = 0;     // key of its random draws
    std::uint32_t drawing_instance = 0; // likewise
    std::uint32_t depth = 0;            // repeats it is inside of
    ProcessId process = nothing;
    RowId row = nothing;            // of the report; none for a carrier
    TaskId carrier = no_task;       // a carried task's thread
    LoopId loop = nothing;          // a carrier's event loop
    TaskId joiner = no_task;        // who waits for its end
    std::uint32_t object = nothing; // what `wait` is about
    std::uint32_t in_job = nothing; // where the job began that it is at
    RequestId request = no_request; // in hand
    TaskKind kind = TaskKind::thread;
    State state = State::fresh;
    WaitFor wait = WaitFor::no_one;
    std::uint8_t phase = 0; // how far the operation in progress has come
    bool has_run = false;
    bool had_job = false;   // it has been told of its first job
    bool was_woken = false; // and has not run since
    CoreId last_core = 0;   // where it ran last, once it has run
    bool ended = false;     // its program is over; a thread may still be busy ending
};

struct Process {
    ProcessId parent = nothing; // nothing: init, which reaps at once
    AddressSpaceId address_space = 0;
    std::int64_t pages = 0;  // resident, of its own address space
    bool owns_memory = true; // false: a vfork child before exec
    bool dying = false;
    bool zombie = false; // ended, not yet waited for
    bool reaped = false;
    bool ignores_children = false; // none of them becomes a zombie
    std::uint32_t live_threads = 0;
    TaskId vfork_parent = no_task;   // the thread that waits for our exec or exit
    std::vector<TaskId> members{};   // threads and carried tasks, also those that have ended
    ProcessId first_child = nothing; // in the order in which it got them, linked by their siblings
    ProcessId last_child = nothing;
    ProcessId next_sibling = nothing;
    ProcessId previous_sibling = nothing;
    std::vector<TaskId> waiters{}; // threads in wait()
    std::vector<EndId> ends{};     // of channels, that it holds
};

// Who gets the children of a process that ends.
enum class Reparenting : std::uint8_t {
    to_init,   // POSIX: init, which reaps at once
    to_parent, // the parent of the one that ends, as if each process were a subreaper (prctl(2)); init, if it has none
    all_to_root, // all its descendants, not only its children, become children of its topmost ancestor (OSTEP's
                 // fork.py)
};

// What a core is doing.
enum class Activity : std::uint8_t {
    idle,
    switching, // towards `current`
    ready,     // `current` is on the core, its next operation is due at this very instant
    busy,      // a stretch of time of `current`
};

struct Core {
    CoreId id = 0;
    TaskId current = no_task;
    TaskId previous = no_task;        // the last thread that ran here: what a switch goes away from
    AddressSpaceId address_space = 0; // the one that is loaded
    Time start{};                     // of the stretch
    Time end{};                       // of the stretch, ticks included
    Action action;                    // when the scheduling class wants to act
    Duration kernel_time_due{};       // to be spent before the next switch (the interrupt that led to it)
    Duration refill_due{};            // to be spent by the thread that is being switched to, before anything else
    Duration interrupts_due{};        // served within the stretch in progress, or with the next one
    std::size_t told_overhead = 0;    // in the trace: the stretch in progress, where it is no work
    TimeCategory category = TimeCategory::idle;
    Activity activity = Activity::idle;
    bool preemptible = false;
    bool gave_up = false;               // the previous task could have gone on
    bool preempted = false;             // and had not asked for another to run
    bool queued = false;                // among Kernel::cores_to_run
    bool left_address_space = false;    // no longer loaded though nobody has run since (see shootdown.hpp)
    bool reschedule = false;            // its thread is to be taken off as soon as that is possible
    std::int64_t speed = nominal_speed; // of its work, in 1/1000 of nominal
    TaskId runs = no_task;              // whose run is not yet in the report: it may go on at once
    Time run_start{};
    Time stopped{};   // when `current` last gave the core up
    Time accounted{}; // until when `time` is complete
    TimeByCategory time{};
};

struct Semaphore {
    std::int64_t count = 0;
    CoreId last_core = no_core; // where it was touched last, see touch_word
};

// What carries coroutines or fibers on a thread: one runs, the others wait their turn, first in, first out.
struct EventLoop {
    TaskId thread = no_task;
    TaskId current = no_task;
    TaskId previous = no_task; // what a switch goes away from
    TaskId chosen = no_task;   // who is being switched to: nobody takes it away any more
    QueueId turns = 0;         // in Kernel::waiting
    CarrierGroupId group = 0;
    Duration blocked{};          // so far, by blocking calls of whom it carries,
    Time blocked_since = never;  // and since then by one of now
    bool rouses = false;         // it is paying for waking another carrier of its group
    bool looks_for_work = false; // it was woken to
};

// Threads that share what they carry.
struct CarrierGroup {
    LoopId first = 0; // their loops lie one behind another
    std::uint32_t loops = 1;
    std::uint32_t alive = 0;      // carried tasks that have not ended
    std::uint32_t looking = 0;    // loops that look for work
    std::vector<LoopId> asleep{}; // with nothing to do, the latest last
};

struct VirtualMemory;   // virtual_memory.hpp
struct CacheWarmth;     // cache_warmth.hpp
struct Displacement;    // displacement.hpp
struct Synchronisation; // synchronisation.hpp
struct Channels;        // channels.hpp
struct Requests;        // requests.hpp
struct Interpreters;    // interpreter_lock.hpp
struct Devices;         // operations_of_devices.hpp

struct KernelEvent {
    // In the order in which events of one instant happen, after those of cores: the scheduler's own time comes, tasks
    // arrive, tasks are woken.
    enum class Kind : std::uint32_t { scheduler, arrival, timer, device, abortion, arrival_over_link, room_over_link };
    Kind kind;
    std::uint32_t subject; // number of the class's timer; task; task; place in Devices::in_service; task; channel;
                           // channel
};

struct Kernel {
    const Scenario* scenario = nullptr;
    const CostProfile* profile = nullptr;
    Trace* trace = nullptr; // recorded where given

    EventQueue<KernelEvent> events;
    AlarmSet core_events; // by core: the end of its stretch, or the class's next action
    RecordTable<Task> tasks{{.state = State::terminated, .ended = true}};
    RecordTable<Process> processes{{.reaped = true}};
    Reparenting reparenting = Reparenting::to_init;
    Topology topology{1};
    std::vector<Core> cores;
    std::vector<Semaphore> semaphores;
    SharingOfProcesses shared; // what more than one process synchronises by
    std::vector<EventLoop> loops;
    std::vector<CarrierGroup> carrier_groups;
    RegisterPool registers;
    // Semaphores, channels' receivers, their senders, locks, conditions, barriers; then those of each event loop who
    // wait for their turns. Who waits with its thread is there as that thread.
    DispatchQueues waiting{0};

    std::shared_ptr<SchedulerHost> host; // what the scheduler sees of this kernel
    std::unique_ptr<SchedulingClass> scheduler;
    std::vector<EventHandle> scheduler_timers; // by number
    SchedulerView view;
    std::vector<SchedulerView::TaskView> task_views; // as far as there are threads: carried tasks have none
    std::vector<TaskId> running;                     // view.current
    std::vector<std::vector<CoreId>> affinities;     // by task template
    std::vector<Group> groups;                       // the scenario's, then one for each session
    std::vector<std::uint32_t> session_groups;       // by task template: its session's
    std::unordered_map<TaskId, Scheduling>
        changed_scheduling;           // of threads whose attributes are no longer their template's
    std::vector<CoreId> cores_to_run; // at this instant: their `current` is to be advanced, or they are to pick
    std::vector<CoreId> idle_cores;   // of these, those that are to pick
    std::vector<CoreId> due_cores;    // the events of this instant: cores,
    std::vector<KernelEvent> due;     // and all the others
    bool order_changed = false;       // a task has joined a queue at this instant
    bool priorities_differ = false;   // of some templates: who is woken first depends on it

    std::array<Duration, costs> cost{}; // at no quantity: the constant part
    std::bitset<costs> charged;         // costs that came up
    Duration tick_period{};             // 0: no ticks
    Time next_tick{};                   // now or later, where there are ticks
    Duration tick_cost{}; // what one takes, with what else interrupts a busy core between two of them on average

    std::vector<TaskReport> rows;
    std::vector<std::vector<std::pair<std::uint32_t, RowId>>> child_rows; // by row: operation -> row of its children
    Counters counters;
    std::array<std::int64_t, 3> memory{}; // reserved, resident, kernel at this instant
    std::array<std::int64_t, 3> memory_peak{};
    std::uint64_t live_tasks = 0; // carriers not counted
    AddressSpaceId address_spaces = 0;
    std::shared_ptr<VirtualMemory> virtual_memory;    // where the scenario speaks of memory
    std::shared_ptr<CacheWarmth> caches;              // where it speaks of working sets
    std::shared_ptr<Displacement> displacement;       // where the profile knows what it costs
    std::shared_ptr<Synchronisation> synchronisation; // where the scenario has locks, conditions, barriers, variables
    std::shared_ptr<Channels> channels;               // where it has any
    std::shared_ptr<Requests> requests;               // likewise, once there is one
    std::vector<std::string> notes;                   // for the report: see note()
    std::shared_ptr<Interpreters> interpreters;       // where tasks are interpreted
    std::shared_ptr<Devices> devices;                 // where it has any
    Time last_end{};
    std::uint64_t operations_this_instant = 0; // so far: a livelock has no end of them
    Time limit = never;                        // no time is to pass beyond it
    std::uint32_t passed_at_once = 0;          // stretches since the latest event: see pass_or_spend

    [[nodiscard]] Time now() const { return events.now(); }
    [[nodiscard]] Task& thread_on(const Core& core) { return tasks[core.current]; }
    [[nodiscard]] EventLoop& loop_of(const Task& carried) { return loops[tasks[carried.carrier].loop]; }
    [[nodiscard]] CarrierGroup& group_of(const Task& carried) { return carrier_groups[loop_of(carried).group]; }
};

// What a cost comes to, and that it came up.
[[nodiscard]] Duration charge(Kernel& kernel, Cost cost);
[[nodiscard]] Duration charge(Kernel& kernel, Cost cost, Quantity quantity, std::int64_t amount);

// Something a reader of the report should know; of very many such notes the first are enough.
inline void note(Kernel& kernel, std::string text) {
    constexpr std::size_t most_notes = 20;
    if (kernel.notes.size() < most_notes) kernel.notes.push_back(std::move(text));
}

// How long the loop's thread has been blocked by calls of those it carries. A carried task that becomes ready takes it
// off `stalled`, and adds it when it gets its turn, or when another loop takes it.
[[nodiscard]] inline Duration stalled_on(const Kernel& kernel, const EventLoop& loop) {
    return loop.blocked_since == never ? loop.blocked : loop.blocked + (kernel.now() - loop.blocked_since);
}

inline void record(Kernel& kernel, const TraceEvent& event) {
    if (kernel.trace) [[unlikely]]
        kernel.trace->events.push_back(event);
}

} // namespace switchyard::sim
