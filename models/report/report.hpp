// What any run of a scenario yields, simulated or real. What an executor cannot know is absent, never zero.
#pragma once

#include "models/machine/law.hpp"
#include "models/report/histogram.hpp"
#include "models/report/observation.hpp"
#include "models/report/task_memory.hpp"
#include "models/scenario/program.hpp"
#include "models/units/size.hpp"
#include "models/units/time.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// What a core's time goes into. Over all cores the categories add up to cores x makespan exactly (simulator).
enum class TimeCategory : std::uint8_t {
    work,            // what the programs ask for
    switching,       // one task after another: context, address space, coroutine, fiber
    kernel,          // system calls, wake-ups, creation and end of tasks, ticks
    faults,          // page faults
    refill,          // caches and TLB becoming warm again
    synchronisation, // in user space: atomic operations on what tasks share, and trying again and again in vain
    idle,
};
inline constexpr int time_categories = static_cast<int>(TimeCategory::idle) + 1;
[[nodiscard]] std::string_view name_of(TimeCategory category);

using TimeByCategory = std::array<Duration, time_categories>;

// Many durations, none of them negative, in short; integers, so that the sum is exact. It is `laps` x 2^63 ps + `sum`:
// 100,000 tasks that wait two minutes each wait 139 days together, more than a Duration holds.
struct DurationSummary {
    std::uint64_t count = 0;
    Duration sum{};
    std::uint64_t laps = 0;
    Duration least = Duration::max();
    Duration most = Duration::min();

    void add(Duration value);
    [[nodiscard]] Duration mean() const; // rounded down; 0 for none
    friend bool operator==(const DurationSummary&, const DurationSummary&) = default;
};

// How often things happened.
struct Counters {
    std::uint64_t dispatches = 0;             // a thread got a core
    std::uint64_t context_switches = 0;       // a core went from one thread to another (idle in between or not)
    std::uint64_t address_space_switches = 0; // those of them between processes
    std::uint64_t coroutine_switches = 0;     // a thread went from one coroutine to another
    std::uint64_t fiber_switches = 0;
    std::uint64_t voluntary_switches = 0;   // the thread blocked or ended (Linux: nvcsw)
    std::uint64_t involuntary_switches = 0; // the thread could have gone on: preempted or yielded (Linux: nivcsw)
    std::uint64_t wake_ups = 0;
    std::uint64_t system_calls = 0;
    std::uint64_t ticks = 0; // timer interrupts on busy cores
    std::uint64_t migrations = 0;
    std::uint64_t forks = 0; // fork, vfork and clone without shared memory
    std::uint64_t threads_created = 0;
    std::uint64_t crashes = 0;
    std::uint64_t zombies = 0;        // children that ended before they were waited for, for however short a time
    std::uint64_t orphans = 0;        // children whose parent ended first
    std::uint64_t minor_faults = 0;   // of memory operations: without waiting for a device
    std::uint64_t major_faults = 0;   // with
    std::uint64_t tlb_misses = 0;     // of the first level, by memory operations
    std::uint64_t page_walks = 0;     // those of them that no second level knew, either
    std::uint64_t tlb_flushes = 0;    // by loading another address space
    std::uint64_t tlb_shootdowns = 0; // other cores told that translations are out of date
    std::uint64_t pages_swapped_in = 0;
    std::uint64_t pages_swapped_out = 0;
    std::uint64_t pages_written_back = 0; // to files
    std::uint64_t out_of_memory_kills = 0;
    std::uint64_t refills = 0;        // a working set was not all in the core's own caches
    std::uint64_t bytes_refilled = 0; // what of them was not
    std::uint64_t contentions = 0;    // a lock or semaphore was found taken
    std::uint64_t deadlocks = 0;      // tasks that wait for each other in a circle
    std::uint64_t stranded = 0;       // tasks that would have waited for ever when nothing could happen any more
    std::uint64_t messages = 0;       // sent through a channel; into a stream: sends
    std::uint64_t bytes_sent = 0;     // through channels
    std::uint64_t broken_pipes = 0;   // sends that found nobody left to receive (EPIPE)
    std::uint64_t device_operations = 0;
    std::uint64_t polls = 0;      // questions whether a device is done, in vain
    std::uint64_t callbacks = 0;  // an event loop went on with a task because what it waited for had come
    std::uint64_t data_races = 0; // pairs of places in programs where a variable was touched without order
    std::uint64_t steals = 0;     // a carrier without work took some of another one's
    friend bool operator==(const Counters&, const Counters&) = default;
};

// The jobs of a task template's instances: what is released, has a deadline and ends (OperationKind::job).
struct JobReport {
    std::uint64_t released = 0;
    std::uint64_t finished = 0;
    std::uint64_t missed = 0;   // not done by their deadline
    std::uint64_t aborted = 0;  // of these, given up
    DurationHistogram response; // release until done, of those that finished
    friend bool operator==(const JobReport&, const JobReport&) = default;
};

// The requests of a run: from their arrival until they are answered (OperationKind::begin_request, end_request).
struct RequestReport {
    std::uint64_t begun = 0;
    std::uint64_t completed = 0;
    std::optional<std::uint64_t> in_flight_peak; // begun and not yet answered, at most
    std::optional<double> in_flight_mean;        // arrived and not yet answered, over `span`
    Duration span{}; // from the first arrival to the last answer: what throughput is counted over
    DurationSummary latency;
    DurationHistogram latencies;
    friend bool operator==(const RequestReport&, const RequestReport&) = default;
};

// One task template's instances together.
struct TaskReport {
    std::string name; // of the template; of the children it starts as "worker": "server/worker"
    TaskKind kind = TaskKind::thread;
    std::uint64_t instances = 0;
    std::uint64_t finished = 0; // ended by themselves; the others crashed or were killed
    DurationSummary turnaround; // ready for the first time until its end
    DurationSummary response;   // ready for the first time until it first runs
    DurationSummary waiting;    // ready but not running
    DurationSummary blocked;
    DurationSummary cpu; // on a core, whatever for
    // Of that, in the kernel. Native runs: as getrusage(2) has it, where the kernel counts by ticks no finer than
    // these.
    DurationSummary system;
    // Of coroutines and fibers: ready, while another's blocking call blocked the thread in whose turn-taking it was.
    DurationSummary stalled;
    // Of the threads the kernel schedules. Native runs know these from kernel traces; none: not known.
    DurationHistogram run_length;      // on a core without leaving it, the time being its own or the kernel's
    DurationHistogram wake_up_latency; // woken until it runs
    std::optional<std::uint64_t> voluntary_switches; // as in Counters
    std::optional<std::uint64_t> involuntary_switches;
    // On a core while all instances of all templates were there: since the last had become ready, until the first had
    // ended. What a share is a share of when everybody does a fixed amount of work; known where a trace was recorded.
    std::optional<Duration> window_cpu;
    // Asking devices again and again, of `cpu`; none: it did not, or that is not known.
    std::optional<Duration> polling;
    JobReport jobs;
    MemoryFigures memory; // in scenarios that speak of memory
    friend bool operator==(const TaskReport&, const TaskReport&) = default;
};

// Memory of all tasks at its highest.
struct MemoryReport {
    std::optional<Bytes> reserved; // address space set aside
    std::optional<Bytes> resident; // in memory
    std::optional<Bytes> kernel;   // page tables, kernel stacks
    friend bool operator==(const MemoryReport&, const MemoryReport&) = default;
};

// Tasks that wait for each other in a circle: none of them goes on any more.
struct DeadlockReport {
    Duration at{};     // when the circle was closed
    std::string text;  // "thread 'A' waits for lock 'right', which thread 'B' has; ...": once around
    std::string graph; // all who wait for each other at that instant, in Graphviz's language; the circle in red

    friend bool operator==(const DeadlockReport&, const DeadlockReport&) = default;
};

// Two tasks touched one variable, one of them to change it, and nothing ordered the two (sim/sync/races.hpp).
struct DataRaceReport {
    std::string variable;
    std::string first; // "thread 'A' adds to it (two.yaml:7:12)"
    std::string second;
    Duration at{};           // of the second touch, the first time
    std::uint64_t times = 0; // it happened between these two places

    friend bool operator==(const DataRaceReport&, const DataRaceReport&) = default;
};

// How a run ended.
enum class Outcome : std::uint8_t {
    completed,
    deadlocked,  // somebody waits for what nobody will do
    livelocked,  // operations without end and no time passing
    interrupted, // asked to stop
};
[[nodiscard]] std::string_view name_of(Outcome outcome);

struct Report {
    static constexpr int schema_version = 1;

    std::string scenario;
    std::string executor;   // "simulation" or "native"
    std::string profile;    // its name
    std::string scheduling; // "rr, slice 1 s"; native: "SCHED_OTHER"
    std::uint64_t seed = 0;
    std::uint32_t cores = 0;

    Outcome outcome = Outcome::completed;
    std::string diagnosis; // who waits for whom, where it did not complete
    Duration makespan{};
    std::optional<Duration> pure_work;  // the makespan if everything but the work were free
    std::optional<TimeByCategory> time; // all cores together
    std::optional<std::vector<TimeByCategory>> core_time;
    Counters counters;                       // native: those of getrusage; the others stay 0 and are not printed
    std::vector<std::string> counters_known; // names of the counters this executor fills; empty: all
    MemoryReport memory;
    std::vector<TaskReport> tasks;
    std::optional<RequestReport> requests;       // where there are any
    std::vector<ObservationReport> observations; // in the order of the programs
    std::vector<DeadlockReport> deadlocks;       // in the order in which they came to be
    std::vector<DataRaceReport> data_races;      // likewise

    // Native runs only.
    std::optional<Duration> work;       // of all tasks together, at the speed the machine had: time.work without `time`
    std::optional<double> foreign_load; // share of the used CPUs that other tasks had
    std::optional<std::uint64_t> foreign_preemptions; // of the involuntary switches: to other tasks than the run's,
                                                      // where the kernel's events were recorded
    std::optional<double> speed;                      // of the work loop, as a multiple of the nominal speed
    std::vector<std::string> notes;                   // what was not available, what was assumed

    // makespan - pure work: what the design costs. Makespan alone hides any error.
    [[nodiscard]] std::optional<Duration> overhead() const;

    friend bool operator==(const Report&, const Report&) = default;
};

// A figure of all tasks together, where it is a sum and all of them know it.
[[nodiscard]] std::optional<std::int64_t> total(const Report& report, MemoryFigure figure);

// The figures of a report by name, for expectations, targets and sweeps:
// makespan, pure_work, overhead, time.<category>, <counter>, switches (voluntary and involuntary ones together),
// memory.reserved|resident|kernel,
// task.<name>.turnaround|response|waiting|blocked|cpu|system|stalled (means, rounded down), task.<name>.polling,
// requests.begun|completed|in_flight_peak|in_flight_mean (rounded), requests.throughput (a second, rounded),
// requests.latency.p50|p90|p99|p999|most|mean, stall (of all tasks together), foreign_load,
// task.<name>.run_length.p50|p99|most, .wake_up_latency.p50|p99|most, .jobs.response.p50|p99|most,
// faults.<kind> (of all tasks), task.<name>.memory.<figure> (models/report/task_memory.hpp),
// task.<name>.jobs.released|finished|missed|aborted, task.<name>.voluntary_switches|involuntary_switches,
// task.<name>.run_length|wake_up_latency|jobs.response.distance (Kolmogorov-Smirnov, of a comparison's two: targets
// only), memory.<observation>.<figure> (models/report/observation.hpp), task.<name>.share (of all CPU time of all
// tasks), task.<name>.window_share (of TaskReport::window_cpu likewise).
enum class MetricUnit : std::uint8_t { time, count, bytes, share };

struct Metric {
    MetricUnit unit = MetricUnit::count;
    std::int64_t value = 0; // ps, count, bytes; share: parts in 10^12
    friend bool operator==(const Metric&, const Metric&) = default;
};

// The metric, or nothing where this report does not know it. Throws InputError for a name that means nothing.
[[nodiscard]] std::optional<Metric> metric(const Report& report, std::string_view name);

// The unit of the metric of that name in a scenario with these tasks (and whatever children they start) and these
// observations. Throws InputError for a name that means nothing.
[[nodiscard]] MetricUnit unit_of_metric(std::string_view name, std::span<const std::string> tasks,
                                        std::span<const std::string> observations = {});

// A metric's value as people write it: "21.9s", "19", "64KiB", "2%"; sizes may be negative ("-8KiB": given back).
// Throws InputError for anything else.
[[nodiscard]] Metric parse_metric(MetricUnit unit, std::string_view text);

// The value of a metric as a number in its base unit: seconds, count, bytes, share.
[[nodiscard]] double number(const Metric& metric);

// "21.9 s", "19", "8.4 KiB", "2 %": times and counts exactly, sizes and shares to four significant digits.
[[nodiscard]] std::string text_of(const Metric& metric);

} // namespace switchyard
