// Recordings of scheduling events as text: what `perf script`, tracefs' `trace` file and trace-cmd print.
//
//     hog 9960/9960 [001]  4689.175636206: sched:sched_switch: prev_comm=hog prev_pid=9960 prev_prio=120 prev_state=R
//     ==>
//                                          next_comm=hog next_pid=9959 next_prio=120
//     hog  9960 [001]  4689.175636:        sched:sched_switch: hog:9960 [120] R ==> hog:9959 [120]
//     hog-9960  ( 9960) [001] d.h2.  4689.175636: sched_waking: comm=sh pid=7 prio=120 target_cpu=001
//
// Process and thread, or the thread alone; microseconds or nanoseconds; with a count ("1 sched:...") or without; fields
// by name, in any order, or in the short form of libtraceevent's plugins. Names may contain anything, blanks too.
// Formats: events/sched/*/format in tracefs, perf-script(1), Documentation/trace/ftrace.rst.
#pragma once

#include "formats/perf_script/scheduling_event.hpp"

#include <string>
#include <string_view>

namespace switchyard::formats {

// The events of that text, sorted by time where the printer did not. Comments and events of other kinds are passed
// over. Throws InputError, with the line, for a line that is no event at all or lacks a field, for a file that ends
// within a line, and for one without any event. Some 100 MB a second.
[[nodiscard]] SchedulingRecording parse_perf_script(std::string_view text, const std::string& file_name);

// The same for a file, "-" being standard input.
[[nodiscard]] SchedulingRecording read_perf_script(const std::string& path);

} // namespace switchyard::formats
