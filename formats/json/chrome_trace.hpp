// Traces in Chrome's trace-event format, for chrome://tracing, Perfetto (ui.perfetto.dev) and others.
// Source: "Trace Event Format", Google, 2016.
//
// Two groups of tracks (processes in the format's words):
//   1  cores   one track a core: who runs there, carried tasks inside their threads, and overhead by kind
//   2  tasks   one track a task: running, ready, blocked, suspended (a carried task that has handed over); an arrow
//              leads from whoever woke a task to where it runs next; marks where jobs are released, finished, given up,
//              and of memory: faults by kind, pages moved, kills for want of memory, shootdowns, with how many of each
// A carried task whose thread loses its core is in its thread's state meanwhile. Times are in microseconds with six
// decimals: picoseconds.
#pragma once

#include "models/trace/event.hpp"

#include <iosfwd>

namespace switchyard::formats {

// Writes the trace as it goes through it: memory grows with the number of tasks and cores, not with that of events.
// Intervals that have not ended end with the trace.
void write_chrome_trace(const Trace& trace, std::ostream& stream);

} // namespace switchyard::formats
