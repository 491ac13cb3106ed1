// What a recording of the kernel's scheduling events says, whoever printed it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace switchyard::formats {

// A name of a recording: an index into SchedulingRecording::names.
using NameId = std::uint32_t;

inline constexpr std::int32_t unknown_process = -1;
inline constexpr std::int32_t unknown_thread = -1; // perf prints so of one that has ended

// One event of include/trace/events/sched.h.
struct SchedulingEvent {
    enum class Kind : std::uint8_t {
        switches,  // task gives the processor to next; state says why
        waking,    // actor makes task runnable (sched_waking: where the waker is)
        wakes,     // task is on a run queue (sched_wakeup: where it is to run)
        wakes_new, // likewise, for the first time
        migrates,  // task is moved to another processor
        forks,     // task makes next
        ends,      // task is about to end
    };
    // Where the actor was when it happened, which tracefs tells and perf does not.
    enum class Context : std::uint8_t { unknown, task, interrupt };

    std::int64_t nanoseconds = 0;           // of the recording's clock
    std::int32_t actor = 0;                 // the thread that had the processor; 0: nobody
    std::int32_t process = unknown_process; // the actor's, where the text says it
    std::int32_t task = 0;
    std::int32_t next = 0;
    NameId name = 0;             // of the task
    NameId next_name = 0;        // switches, forks
    std::int16_t priority = 120; // the kernel's: 0 to 99 real time, 120 + nice, -1 deadline
    std::int16_t next_priority = 120;
    std::uint16_t cpu = 0;
    std::uint16_t target = 0; // waking, wakes, wakes_new, migrates: where it is to run
    Kind kind = Kind::switches;
    char state = 'R'; // switches: R could have gone on; S, D, I sleeps; Z, X ended
    Context context = Context::unknown;
    std::uint32_t line = 0;

    friend bool operator==(const SchedulingEvent&, const SchedulingEvent&) = default;
};

struct SchedulingRecording {
    std::string file;                    // what errors call it
    std::vector<SchedulingEvent> events; // in order of time
    std::vector<std::string> names;
    std::map<std::string, std::string> notes; // "# switchyard: KEY VALUE" lines: what `switchyard record` knew
    std::uint64_t lost = 0;                   // events that the text says are missing
    std::uint32_t lost_line = 0;              // where it says so first
};

} // namespace switchyard::formats
