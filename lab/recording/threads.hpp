// Who is in a recording of scheduling events: its threads, numbered.
#pragma once

#include "formats/perf_script/scheduling_event.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::lab {

// A thread of a recording: an index into NumberedRecording::threads. The kernel gives a dead thread's number to a later
// one; these are never given twice.
using ThreadId = std::uint32_t;
inline constexpr ThreadId idle_thread = 0; // of all processors
inline constexpr ThreadId no_thread = std::numeric_limits<ThreadId>::max();

struct RecordedThread {
    std::int32_t kernel_id = 0;
    std::int32_t process = formats::unknown_process;
    std::string first_name;      // it had when it was first seen
    std::string name;            // it had last: what it executed
    std::int16_t priority = 120; // likewise, the kernel's: 0 to 99 real time, 120 + nice
    ThreadId parent = no_thread; // where its creation was seen
    bool is_kernel = false;      // a thread of the kernel's own, by its name or because it slept idly (state I)
};

struct NumberedRecording {
    std::string file;
    std::vector<formats::SchedulingEvent> events; // actor, task and next are ThreadIds
    std::vector<RecordedThread> threads;          // the first one is the idle thread
    std::map<std::string, std::string> notes;
    std::uint32_t cpus = 0;  // the highest number seen, and one
    bool has_waking = false; // it has sched_waking, which says who wakes; else sched_wakeup has to do
};

// Throws InputError for more processors than a simulated machine may have.
[[nodiscard]] NumberedRecording number_threads(formats::SchedulingRecording recording);

} // namespace switchyard::lab
