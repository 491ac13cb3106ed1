// A scenario compiled for the native runner: flat arrays in one piece of memory, which the runner maps and executes.
//
// Operands are drawn already, those of children too: the runner only looks them up, so that no random number is made
// while time is taken. What a task executes follows from its own draws alone (native/plan/family.hpp), so its amounts
// lie in the order in which it comes to them, and it takes one after another.
// There are no pointers, so that any process can map it anywhere. It lives as long as one run on one machine: whoever
// wrote it and whoever reads it are built together (`plan_version`), so it is the structs below, byte for byte.
#pragma once

#include "models/scenario/communication.hpp"
#include "models/scenario/memory.hpp"
#include "models/scenario/program.hpp"
#include "models/scenario/scheduling.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace switchyard::native {

inline constexpr std::uint64_t plan_magic = 0x6e616c702d797773; // "swy-plan"
inline constexpr std::uint32_t plan_version = 8;
inline constexpr std::uint32_t no_index = std::numeric_limits<std::uint32_t>::max();

// Where an operation's amount comes from.
enum class Operand : std::uint8_t {
    none,
    constant,   // `value` is it
    drawn,      // it is the next of the task's amounts in `values`
    sampled,    // it is drawn when the task comes to it, from distribution `value`: nobody knows beforehand how often
    of_request, // it is that of the request in hand: amount `value` of the requests' (PlanHeader::requests)
};

// An operation of models/scenario/program.hpp, at the same index in its program's code, its amount in the runner's
// units: compute in iterations of the work loop, sleep and io in ns, send and receive in bytes. An operation that
// creates a child has an amount where its program draws anything: the index of the first of the child's amounts. A
// touch that is drawn has one: the index of its first page in `pages`. `object` of a memory operation is an index into
// `memory_operations`, that of a compute into `working_sets`. A write or an add has its variable as `object` and its
// value as amount; a branch's `object` is an index into `predicates`, an await's one into `awaits`. A clone is a fork
// or the spawn of a thread here, which is what the C library makes of it too.
struct PlanOperation {
    OperationKind kind = OperationKind::end;
    TaskKind task_kind = TaskKind::thread;
    Operand operand = Operand::none;
    bool asynchronous = false;
    WaitStyle style = WaitStyle::blocking; // io
    bool ignores_break = false;            // send
    ChannelEnd end = ChannelEnd::sending;  // close
    std::uint32_t target = 0;
    std::uint32_t slot = no_slot;
    std::uint32_t object = no_object;
    std::int64_t value = 0;
};

// What a memory operation has as operands (models/scenario/memory.hpp); each kind looks at its own. Sizes in bytes.
struct PlanMemoryOperation {
    std::uint32_t region = no_index;      // under the numbering of models/scenario/memory_validation.hpp
    std::uint32_t file = no_index;        // map: in `files`
    std::uint32_t observation = no_index; // observe: which row of the report
    std::uint32_t start_page = 0;
    std::int64_t size = 0; // map, remap: of the region; brk: by which the heap changes
    std::int64_t offset = 0;
    std::int64_t length = 0; // 0: to the region's end
    std::int64_t stride = 0;
    std::uint64_t count = 0;      // touch: references, 0 where that follows from the region's size
    std::uint32_t first_page = 0; // touch of a trace: in `pages`
    std::uint32_t pages = 0;      // likewise: how many the trace has
    Permissions permissions;
    RegionKind kind = RegionKind::anonymous;
    Advice advice = Advice::normal;
    Access access = Access::read;
    AccessPattern pattern = AccessPattern::sequential;
    std::int64_t page_size = 0; // map: of explicit huge pages, else 0
    bool reserve = true;
    bool huge = false;
    bool populate = false;
    bool cold = false;
    bool writes_to_file = false;
};

// What a compute goes over (models/scenario/memory.hpp).
struct PlanWorkingSet {
    std::uint32_t region = no_index; // under the same numbering; none: the task's own memory
    std::int64_t size = 0;           // bytes
    friend bool operator==(const PlanWorkingSet&, const PlanWorkingSet&) = default;
};

// A file that is mapped: one for every `map` of a file, and for every template's segment of one.
struct PlanFile {
    std::int64_t size = 0;
};

// The program of one task template.
struct PlanProgram {
    std::uint32_t first_operation = 0;
    std::uint32_t operations = 0;
    std::uint32_t slots = 0;
    std::uint32_t repeat_depth = 0;
    bool samples = false; // some amount of it is drawn on the way
};

// One instance of a task template. Instances of one kernel thread lie together, threads of one process too.
struct PlanInstance {
    std::uint32_t program = 0; // which is also the index of its template
    std::uint32_t number = 0;  // among the template's instances
    TaskKind kind = TaskKind::thread;
    std::uint32_t first_amount = 0;       // in `values`
    std::int64_t start = 0;               // ns after the beginning
    std::uint32_t first_job = 0;          // in the records of jobs
    std::uint32_t jobs = 0;               // it executes itself, its children's not counted
    std::uint32_t interpreter = no_index; // in `locks`: whose code it executes
};

// What the kernel is told of a thread before the start: models/scenario/scheduling.hpp, times in ns.
struct PlanScheduling {
    LinuxPolicy policy = LinuxPolicy::normal;
    std::int32_t nice = 0;
    std::int32_t priority = 0;
    std::uint32_t group = no_index; // in `groups`
    std::int64_t slice = 0;
    std::int64_t timer_slack = -1; // as the runner has it
    std::int64_t runtime = 0;
    std::int64_t deadline = 0;
    std::int64_t period = 0;
};

// A control group: its directory is that of its parent and its own number below.
struct PlanGroup {
    std::uint32_t parent = no_index; // before it; none: below the run's
};

// A thread the kernel knows: that of a process or thread task, or one that carries coroutines or fibers.
struct PlanThread {
    std::uint32_t process = 0;
    std::uint32_t program = 0; // the template it is scheduled as
    bool is_main = false;      // the process's first thread
    bool carries = false;
    TaskKind carried_kind = TaskKind::coroutine;
    std::uint32_t carriers = 1;      // so many threads, one behind the other, share what they carry,
    std::uint32_t first_carrier = 0; // of which this is the first
    std::uint32_t first_instance = 0;
    std::uint32_t instances = 0;          // none, where there are fewer of them than carriers
    std::uint32_t interpreter = no_index; // in `locks`: whose code it executes
    std::uint32_t first_core = 0;         // affinity: indices into `cpus`, from `cores`
    std::uint32_t cores = 0;              // 0: all
    std::uint32_t home = no_index;        // index into `cpus`: where it begins; none: where the kernel chooses
    std::uint32_t sample_stride = 1;      // every so many-th piece of work is timed
    std::uint32_t samples = 0;            // so many have room
    std::uint64_t first_sample = 0;
    PlanScheduling scheduling;
};

struct PlanProcess {
    std::uint32_t first_thread = 0;
    std::uint32_t threads = 0;
    std::int64_t resident = 0; // bytes touched before the start
    std::array<std::int64_t, segments> segment_sizes{};
    std::int64_t memory_limit = 0;      // bytes; 0: none
    std::uint32_t text_file = no_index; // in `files`, where the segment is there
    std::uint32_t data_file = no_index;
    std::uint32_t first_holding = 0; // in `holdings`: the ends of channels it has
    std::uint32_t holdings = 0;
    bool ignores_children = false; // SIGCHLD is ignored
};

struct PlanSemaphore {
    std::int32_t initial = 0;
    bool within_process = false; // used by the threads of one process only: the kernel finds its futex faster
};

struct PlanLock {
    LockKind kind = LockKind::mutex;
    LockProtocol protocol = LockProtocol::none;
    Preference prefers = Preference::readers;
    bool robust = false;
    bool within_process = false; // as above
    bool owned_by_tasks = false; // carried ones use it: a thread takes it for one of them, and another may give it back
    std::int32_t ceiling = 0;
    std::int64_t spin = 0;            // ns
    std::int64_t switch_interval = 0; // ns
};

struct PlanCondition {
    bool within_process = false;
};

struct PlanBarrier {
    std::uint32_t parties = 0;
    bool within_process = false;
};

struct PlanVariable {
    std::int64_t initial = 0;
    bool atomic = false;
};

struct PlanPredicate {
    std::uint32_t variable = 0;
    Comparison comparison = Comparison::equal;
    std::int64_t value = 0;
};

// Of an await, by its operation's `object`.
struct PlanAwait {
    std::uint32_t condition = 0;
    std::uint32_t lock = 0;
    std::uint32_t predicate = no_index; // in `predicates`
};

// models/scenario/distribution.hpp, in ps, bytes, counts.
struct PlanDistribution {
    Distribution::Kind kind = Distribution::Kind::constant;
    double first = 0;
    double second = 0;
    std::uint32_t first_value = 0; // empirical, sequence: in `distribution_values`
    std::uint32_t values = 0;
};

// models/scenario/communication.hpp, sizes in bytes.
struct PlanChannel {
    ChannelKind kind = ChannelKind::pipe;
    bool is_usual = true;              // as Linux makes it where nobody asks for anything else (default_channel)
    bool sends_asynchronously = false; // somebody does
    bool receives_asynchronously = false;
    std::uint32_t messages = 0;        // it holds; 0: as many as fit
    std::uint32_t peer = no_channel;   // the socket's other direction; the client's comes first
    std::uint32_t signal = 0;          // signals: which real-time signal, from SIGRTMIN
    std::uint32_t receiver = no_index; // signals: the instance that waits for it; none: a child of it
    std::uint32_t slots = 0;           // queues, eventfds: places for what is in it
    std::uint32_t first_slot = 0;      // in the shared state's
    std::int64_t capacity = 0;
    std::int64_t message_size = 0; // the largest there can be, or that is sent where there is no bound
};

// A process has descriptors of a channel.
struct PlanHolding {
    std::uint32_t channel = 0;
    bool sends = false;
    bool receives = false;
};

struct PlanDevice {
    std::uint32_t servers = 0;       // operations it serves at once, no more than there are tasks that could ask
    std::uint32_t depth = 0;         // 0: no bound
    std::uint32_t asking = 0;        // tasks that could have asked for something, where there is a bound
    std::uint64_t first_instant = 0; // in SharedState::device_instants: one for each server, then one for each of these
};

// What is no array.
struct PlanHeader {
    std::uint64_t magic = plan_magic;
    std::uint32_t version = plan_version;
    std::uint32_t dynamic_tasks = 0;          // children that will be forked and spawned, all together
    std::uint64_t longest_piece = 0;          // iterations: longer work is cut into pieces, so that it can be timed
    std::uint64_t shortest_sampled_piece = 0; // iterations: timing a shorter one says little
    std::int64_t start_delay = 0;      // ns the beginning is put off by, for another phase against the timer tick
    std::uint32_t records_threads = 0; // 1: every task records which thread of the kernel's it is
    std::uint32_t reads_counters = 0;  // 1: and what the kernel's counters say of it (KernelFigures)
    std::uint32_t jobs = 0;            // all together
    std::uint32_t regions = 0;         // 0: no operation is about memory
    std::uint64_t seed = 0;            // of what is drawn on the way
    double iteration_picoseconds = 0;  // of the work loop at nominal speed
    std::uint32_t observations = 0;    // rows of the report; 0: nobody observes, and no fault is counted
    std::uint32_t requests = 0;        // there can be at most
};

// The plan, its arrays held in whatever is asked for: `Plan` owns them, `PlanView` looks into mapped memory.
template <template <class> class Array>
struct BasicPlan {
    PlanHeader header;
    Array<PlanOperation> operations;
    Array<PlanProgram> programs;
    Array<PlanInstance> instances;
    Array<PlanThread> threads;
    Array<PlanProcess> processes;
    Array<std::int64_t> values; // the amounts of one task after another
    Array<PlanSemaphore> semaphores;
    Array<PlanDevice> devices;
    Array<PlanChannel> channels;
    Array<PlanHolding> holdings;         // of one process after another
    Array<std::int64_t> request_amounts; // in ps, bytes, counts: those of all requests, then of the next amount
    Array<PlanLock> locks;
    Array<PlanCondition> conditions;
    Array<PlanBarrier> barriers;
    Array<PlanVariable> variables;
    Array<PlanPredicate> predicates;
    Array<PlanAwait> awaits;
    Array<PlanDistribution> distributions;
    Array<std::int64_t> distribution_values;
    Array<PlanGroup> groups;
    Array<std::uint32_t> cores;
    Array<PlanMemoryOperation> memory_operations;
    Array<PlanWorkingSet> working_sets;
    Array<PlanFile> files;
    Array<std::uint32_t> pages; // reference strings that are drawn or listed, one after another
    Array<std::int32_t> cpus;   // the processors used: the scenario's cores in order
};
template <class T>
using PlanVector = std::vector<T>;
template <class T>
using PlanSpan = std::span<const T>;
using Plan = BasicPlan<PlanVector>;
using PlanView = BasicPlan<PlanSpan>;

[[nodiscard]] std::vector<std::byte> encode(const Plan& plan);

// The plan in `bytes`, which must outlive it and be aligned to 8 bytes. Throws SystemError where it is damaged or made
// by another version.
[[nodiscard]] PlanView view_plan(std::span<const std::byte> bytes);

// The same view of a plan that has not been encoded.
[[nodiscard]] PlanView view_plan(const Plan& plan);

} // namespace switchyard::native
