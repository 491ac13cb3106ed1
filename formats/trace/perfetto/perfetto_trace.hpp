// Traces in Perfetto's own format (protobuf), for ui.perfetto.dev and trace_processor.
// Source of message and field numbers: Perfetto's protos/perfetto/trace (trace_packet, ftrace_event_bundle, sched,
// track_event, track_descriptor, process_tree), as its documentation describes them.
//
// What Linux would have recorded is written as that, so that cores, states of threads and wakers appear by themselves:
//   sched_switch, sched_waking    see formats/trace/kernel_events.hpp
//   process tree                  processes and their threads
// Besides, as tracks:
//   a core          what it does other than work: switching, kernel, tick
//   a thread        marks: faults by kind, pages moved, kills for want of memory, shootdowns, jobs; with how many
//   a carried task  running, from its being resumed to its handing over; an arrow from who woke it
//   counters        threads that are ready and have no core; faults so far; pages swapped in and out so far
// Times are in whole nanoseconds, rounded down; the clock is the trace's own.
#pragma once

#include "models/trace/event.hpp"

#include <iosfwd>

namespace switchyard::formats {

// Writes the trace as it goes through it: memory grows with the number of tasks and cores, not with that of events.
void write_perfetto_trace(const Trace& trace, std::ostream& stream);

} // namespace switchyard::formats
