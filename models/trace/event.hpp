// The trace both executors record: 32 bytes an event.
#pragma once

#include "models/trace/fault_kind.hpp"
#include "models/units/time.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

// A task of a run: its index in the table of tasks.
using TaskId = std::uint32_t;
inline constexpr TaskId no_task = std::numeric_limits<TaskId>::max();
inline constexpr std::uint16_t no_core = std::numeric_limits<std::uint16_t>::max();

enum class EventKind : std::uint8_t {
    created,       // task; other: its creator
    ready,         // task may run; other: who woke it (no_task: a timer or the beginning)
    running,       // task has the core from now on
    stopped,       // task gives the core up; detail: Stop
    resumed,       // carried task runs on its thread (other) from now on
    suspended,     // carried task hands over to its thread (other); detail: Stop
    overhead,      // the core does something other than work for `value` ps; detail: Overhead, see there
    ended,         // task; detail: Ending
    job_begun,     // task, at its next job; value: ps since that one's release
    job_finished,  // task; value: ps since its job's release; detail: 1 after its deadline
    job_aborted,   // task, whose job is given up at its deadline; value likewise
    faulted,       // task, `count` times of one kind; detail: FaultKind; value: address of the first, see there
    transferred,   // for task, between memory and disk; value: pages; detail: Transfer
    out_of_memory, // task is one of the process that is killed; other: who needed memory; value: pages it had
    shootdown,     // task changed translations and has told `count` other cores; value: pages, 0 for the address space
};

// Why a task gave its core up.
// A task stops for a new job where it begins one that has been released already, and has to compete for the core anew.
enum class Stop : std::uint8_t { preempted, yielded, blocked, ended, new_job };

// What a core does other than the work of a task. It begins at the event's time, after what the core was told to do
// besides at that same instant, and may reach beyond the end of the trace. Ticks are told when the stretch they fell
// into is over: `value` ps of the running time before the event's.
enum class Overhead : std::uint8_t { switching, kernel, tick };

// Faults, and pages moved because of them, are told together: those of one operation on regions, or of one step of a
// `touch` (at most some 20 us of debt), at the instant it begins and one event a kind. The address is that of the
// first fault in the run of neighbouring pages, 64 at most, in which the kind came up first.
enum class Transfer : std::uint8_t { swapped_in, swapped_out, written_back };

// How a task ended.
enum class Ending : std::uint8_t { returned, exited, crashed, killed, replaced };

struct TraceEvent {
    Time time;
    std::int64_t value = 0;
    TaskId task = no_task;
    TaskId other = no_task;
    std::uint16_t core = no_core;
    EventKind kind = EventKind::created;
    std::uint8_t detail = 0;
    std::uint32_t count = 0; // of faulted, shootdown; 0 of others

    friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};
static_assert(sizeof(TraceEvent) == 32);

// Who the tasks of a trace are.
struct TraceTask {
    std::string name;
    std::uint32_t process = 0; // tasks of one process have one number
    bool carried = false;      // a coroutine or fiber: not known to the kernel
};

struct Trace {
    std::vector<TraceTask> tasks;
    std::vector<TraceEvent> events; // in order of time; in order of cause at one instant
    std::uint32_t cores = 0;
};

[[nodiscard]] std::string_view name_of(EventKind kind);
[[nodiscard]] std::string_view name_of(Stop stop);
[[nodiscard]] std::string_view name_of(Overhead overhead);
[[nodiscard]] std::string_view name_of(Ending ending);
[[nodiscard]] std::string_view name_of(Transfer transfer);

} // namespace switchyard
